import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FetchLike } from "../../src/api/fetch.js";
import { readShellLine } from "../support/shell-line.js";
import { type Platform, startPlatform, wanted } from "./platform.js";
import {
  type Default,
  firstDefaults,
  pipeline,
  type Repository,
  type Wish,
  wishesFor,
} from "./repository.js";

let platform: Platform;
/** The customers' own automations. */
const own: Record<string, Record<string, Wish>> = {};
beforeAll(async () => {
  platform = await startPlatform();
});
afterAll(() => platform.close());

const recordFile = "automations/herm.lock.yaml";
const tenantOf = (name: string) => platform.tenants.find((tenant) => tenant.name === name);
const everywhere = (...rows: string[]) =>
  platform.tenants.flatMap(({ name }) => rows.map((row) => `${name}: ${row}`)).toSorted();

/** The current commit of main. */
let head: Repository = { defaults: firstDefaults };
const merge = (repository: Repository) => {
  head = repository;
  platform.checkOut(repository);
};
/** The same with one default changed. */
const changed = (
  repository: Repository,
  name: string,
  to: (before: Default) => Partial<Default>,
): Repository => {
  expect(repository.defaults.map((each) => each.name)).toContain(name);
  return {
    defaults: repository.defaults.map((each) => (each.name === name ? { ...each, ...to(each) } : each)),
  };
};
const withLine =
  (line: string) =>
  ({ yaml }: Default) => ({ yaml: `${yaml}\n${line}` });
/** With another name and another text. */
const fixed =
  (name: string) =>
  ({ yaml, wish }: Default): Partial<Default> => {
    const fix = (text: string) => text.replace("Write", "Draft").replace("Do what", "Check what");
    return {
      name,
      yaml: fix(yaml),
      wish: (tenant, called) => {
        const before = wish(tenant, called);
        return { ...before, instructions: fix(before.instructions) };
      },
    };
  };

/** Exactly the automations that the files and the customers want exist, and the record has those from the files. */
async function expectTruth(paused: readonly string[] = []): Promise<void> {
  const truth = wanted(platform, head, own);
  for (const [name, wish] of Object.values(truth).flat()) if (paused.includes(name)) wish.enabled = false;
  expect(await platform.truth()).toEqual(truth);
  const all = await Promise.all(
    platform.tenants.map(async ({ id, name }) =>
      (await platform.list(id)).filter((each) => !Object.hasOwn(own[name] ?? {}, each.name ?? "")),
    ),
  );
  const made = all.flat().map(({ automation_id }) => automation_id);
  expect(platform.record().ids.toSorted()).toEqual(made.toSorted());
}

/** By deployment and name. */
async function idsOf(name: string): Promise<(string | undefined)[]> {
  const all = await Promise.all(platform.tenants.map(({ id }) => platform.list(id)));
  return all.map((each) => each.find((automation) => automation.name === name)?.automation_id);
}

/** Runs the command in a hint, as a person would paste it. */
function paste(hint: string, ...more: string[]) {
  const [command] = readShellLine(/: (herm adopt [^"\n]+)/.exec(hint)?.[1] ?? "");
  return platform.runAutomations([...(command?.words.slice(1) ?? []), ...more]);
}

const adopt = (...words: string[]) => platform.runAutomations(["adopt", ...words, "--yes"]);

// The steps are one story: each starts where the previous one ended.
describe("a fleet of 18 deployments with 24 defaults", () => {
  it("is adopted where customers already use some names, without changing their automations", async () => {
    const mine = { schedule: "0 3 * * *", instructions: "Mine.", enabled: true };
    for (const [tenant, name] of [
      ["Customer 1", "Report 01"],
      ["Customer 2", "Report 02"],
      ["Customer 3", "My own"],
    ] as const) {
      await platform.create({ name, ...mine }, tenantOf(tenant)?.id);
      if (name !== "Report 02") own[tenant] = { [name]: mine };
    }
    merge(head);
    const refused = await platform.run("apply", "--prune");
    expect(refused).toMatchObject({ code: 6, rows: [] });
    const started = await paste(refused.stderr, "--different", "--except", "Report 01", "--yes");
    expect(started).toMatchObject({ code: 0, stderr: expect.stringContaining("Plan: 1 to adopt\n") });

    const first = await platform.run("apply", "--prune");
    const theirs = "Customer 1: skipped Report 01 (not in the record)";
    expect(first.code).toBe(0);
    expect(first.rows.filter((row) => !row.includes(": create "))).toEqual([
      theirs,
      "Customer 2: update Report 02 done",
    ]);
    expect(first.stderr).toContain("\n410 applied · 1 skipped\n");
    expect(await platform.run("diff", "--strict")).toMatchObject({ code: 8, rows: [theirs] });
    const before = head;
    merge(
      changed(head, "Report 01", (all) => ({
        ...withLine("not: {deployments: [Customer 1]}")(all),
        fits: ({ name }) => name !== "Customer 1",
      })),
    );
    expect(await platform.run("diff", "--prune", "--strict")).toMatchObject({ code: 0, rows: [] });
    await expectTruth();

    merge(before);
    expect((await adopt(...pipeline, "--different")).code).toBe(0);
    const taken = ["Customer 1: update Report 01 done"];
    expect(await platform.run("apply", "--prune", "--strict")).toMatchObject({ code: 0, rows: taken });
    delete own["Customer 1"];
    await expectTruth();
  });

  it("continues after a merge of two renames of one default, once one is chosen", async () => {
    const [before, { text: base }, ids] = [head, platform.record(), await idsOf("Invoices")];
    const branches: string[] = [];
    for (const name of ["Billing", "Bills"]) {
      platform.write({ [recordFile]: base });
      merge(changed(before, "Invoices", () => ({ name, formerly: "Invoices" })));
      expect((await platform.run("apply", "--prune")).code).toBe(0);
      branches.push(platform.record().text);
    }
    // As `merge=union` has it.
    const lines = [...new Set(branches.flatMap((text) => text.split("\n")).filter((line) => line !== ""))];
    platform.write({ [recordFile]: `${lines.join("\n")}\n` });
    merge(changed(before, "Invoices", () => ({ name: "Billing", formerly: "Invoices" })));
    await platform.writes();
    const stopped = await platform.run("apply", "--prune");
    expect(stopped.code).toBe(8);
    expect(stopped.stderr).toContain(`
  ! Billing  in 16 deployments: Customer 9 (cus_9), Customer 8 (cus_8), Customer 7 (cus_7) and 13 more
      the record has an automation as "Billing" and as "Bills": delete one of the two lines
`);
    expect(await platform.writes()).toEqual([]);
    const chosen = platform.record().text.replaceAll(/.*: "Bills"\n/g, "");
    platform.write({ [recordFile]: chosen });
    expect((await platform.run("apply", "--prune")).rows).toHaveLength(16);
    expect(await idsOf("Billing")).toEqual(ids);
    await expectTruth();
  });

  it("leaves initial automations to a customer, even after renames", async () => {
    merge(changed(head, "Survey", withLine("initial: true")));
    const tenant = tenantOf("Customer 5");
    await platform.call("PATCH", await platform.pathOf(tenant, "Survey"), { name: "Our survey" });
    expect(await platform.run("apply", "--prune")).toMatchObject({ code: 0, rows: [] });
    await platform.call("PATCH", await platform.pathOf(tenant, "Our survey"), { name: "Survey" });
    await expectTruth();
  });

  it("renames automations with an id even in incidents, and recreates others unless held", async () => {
    let next = changed(head, "Renewals", withLine("id: renewals"));
    next = changed(next, "Check of Monday", withLine("id: monday"));
    merge(next);
    expect(await platform.run("apply", "--prune")).toMatchObject({ code: 0, rows: [] });
    const [renewals, monday] = [await idsOf("Renewals"), await idsOf("Check of Monday")];
    const pause = ["pause", "--all-deployments", "--incident", "INC-9", "--yes"];
    for (const name of ["Renewals", "Report 05", "Report 06"])
      expect((await platform.runAutomations([...pause, "--match", name])).code).toBe(0);

    next = changed(head, "Renewals", fixed("Prolonged"));
    next = changed(next, "Check of Monday", () => ({ name: "Look on Monday" }));
    merge(changed(next, "Report 04", fixed("Report 04x")));
    const { code, rows } = await platform.run("apply", "--prune");
    expect(code).toBe(0);
    const isOf = (name: string) => (row: string) => row.includes(` ${name} `);
    expect(rows.filter(isOf("Prolonged")).map((row) => row.replace(/.*: /, ""))).toEqual(
      Array.from({ length: 16 }, () => "rename Prolonged (paused, held by INC-9) done"),
    );
    expect(rows.filter((row) => /Monday|Report 04/.test(row))).toEqual(
      everywhere(
        "rename Look on Monday done",
        "create Report 04x done",
        "delete Report 04 (prune, enabled) done",
      ),
    );
    expect([await idsOf("Prolonged"), await idsOf("Look on Monday")]).toEqual([renewals, monday]);
    await expectTruth(["Prolonged", "Report 05", "Report 06"]);
  });

  it("never resumes automations held by an incident, even after a rename", async () => {
    const before = head;
    const ids = await idsOf("Report 05");
    const fix = changed(changed(head, "Report 05", fixed("Report 05x")), "Report 06", () => ({
      name: "Report 06x",
    }));
    merge(fix);
    await platform.writes();
    for (const words of [["--prune"], [], ["--prune", "--dry-run"]]) {
      const { code, stderr } = await platform.run("apply", ...words);
      expect(code).toBe(8);
      expect(
        stderr,
      ).toContain(`  ! Report 05x  in 18 deployments: Customer 9 (cus_9), Customer 8 (cus_8), Customer 7 (cus_7) and 15 more
      "Report 05", held by INC-9, and "Report 06", held by INC-9, are no longer in any file; say whether it was renamed or removed with id:, formerly: or removed:
`);
    }
    expect(await platform.writes()).toEqual([]);
    head = before;
    await expectTruth(["Prolonged", "Report 05", "Report 06"]);

    let decided = changed(fix, "Report 05x", () => ({ formerly: "Report 05" }));
    decided = changed(decided, "Report 06x", () => ({ formerly: "Report 06" }));
    merge(decided);
    const { code, rows } = await platform.run("apply", "--prune");
    expect({ code, rows: rows.filter((row) => !row.includes(": skipped Prolonged ")) }).toEqual({
      code: 0,
      rows: everywhere(
        "rename Report 05x (paused, held by INC-9) done",
        "rename Report 06x (paused, held by INC-9) done",
      ),
    });
    expect(await idsOf("Report 05x")).toEqual(ids);
    const held = ["Prolonged", "Report 05x", "Report 06x"];
    await expectTruth(held);
    expect((await platform.runAutomations(["resume", "--incident", "INC-9", "--yes"])).code).toBe(8);
    const resume = ["resume", "--incident", "INC-9", "--include-changed", "--yes"];
    expect((await platform.runAutomations(resume)).code).toBe(0);
    await expectTruth();
  });

  it("is shared by two repositories, each with its own record", async () => {
    const itemOf = (name: string) =>
      `  - {name: ${name}, schedule: "0 7 * * *", instructions: Do what ${name} says.}\n`;
    const inOther = async (verb: "adopt" | "apply", ...names: string[]) => {
      const items = names.length === 0 ? " []" : `\n${names.map(itemOf).join("")}`;
      platform.write({ "../other/herm.yaml": `automations:${items}` });
      const words = [verb, "-f", "herm.yaml", "--all-deployments", "--yes"];
      const cwd = join(platform.cwd, "../other");
      const { code, stdout, stderr } = await platform.runAutomations(
        verb === "apply" ? [...words, "--prune"] : words,
        { cwd },
      );
      return `${code}: ${/^.*(?:\d applied|created).*$/m.exec(stdout + stderr)?.[0]}`;
    };
    expect(await inOther("adopt", "Digest")).toBe("0: created herm.lock.yaml with 0 automations");
    // The first repository has no survey for any of the tests' deployments.
    expect(await inOther("apply", "Digest", "Survey")).toBe("0: 20 applied · 16 skipped");
    expect(await platform.run("apply", "--prune")).toMatchObject({ code: 0, rows: [] });
    expect(await inOther("apply", "Survey")).toBe("0: 18 applied · 2 unchanged · 16 skipped");
    expect(await platform.run("apply", "--prune")).toMatchObject({ code: 0, rows: [] });
    expect(await inOther("apply")).toBe("0: 2 applied");
    await expectTruth();
  });

  it("continues in a customer's new deployment, and forgets the invisible old one on request", async () => {
    const old = tenantOf("Customer 9");
    const moved = { name: "Customer 9", customer: "cus_9" };
    const id = await platform.deploy(moved.name, moved);
    const gone = async (url: string, init: object) => {
      const { pathname } = new URL(url);
      if (pathname.startsWith(`/v1/deployments/${old?.id}`)) return new Response("{}", { status: 404 });
      const answer = await platform.server.fetch(new Request(url, init));
      if (pathname !== "/v1/deployments") return answer;
      const list = (await answer.json()) as { data: { deployment_id: string }[] };
      const data = list.data.filter(({ deployment_id }) => deployment_id !== old?.id);
      return new Response(JSON.stringify({ ...list, data }), { headers: answer.headers });
    };
    const apply = () => platform.run("apply", "--prune", "--strict", { fetch: gone as FetchLike });
    const made = Object.keys(wishesFor(head, { id, ...moved }));
    const first = await apply();
    const created = first.rows.filter((row) => !row.startsWith("Customer 9: unknown "));
    expect(created).toEqual(made.map((name) => `undefined: create ${name} done`).toSorted());
    expect(first).toMatchObject({ code: 8, rows: { length: 2 * made.length } });
    const unseen = `${old?.id} can't be seen with key …${platform.server.apiKey.slice(-4)}`;
    expect(first.stderr).toContain(`unknown; first: ${unseen}`);
    expect(first.stderr).toContain(`; if a deployment is gone for good: adopt --forget ${old?.id}`);
    const linesOf = (each = "") => platform.record().text.split(`  ${each}/auto_`).length - 1;
    expect([linesOf(old?.id), linesOf(id)]).toEqual([made.length, made.length]);
    const words = ["adopt", "--forget", old?.id ?? "", "-f", "automations", "--yes"];
    expect((await platform.runAutomations(words, { fetch: gone as FetchLike })).code).toBe(0);
    expect([linesOf(old?.id), linesOf(id)]).toEqual([0, made.length]);
    expect(await apply()).toMatchObject({ code: 0, stderr: expect.stringMatching(/^no changes: .*\n$/) });
  });
});
