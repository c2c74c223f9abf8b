import { describe, expect, it } from "vitest";
import { addFault } from "../incident/fleet.js";
import { herm, temporaryFolder } from "../support/harness.js";
import { type ManifestServer, startAt, startOnMonday } from "./manifest-server.js";

const now = new Date(startAt);
const weekly = { name: "Weekly", schedule: "0 9 * * 1", instructions: "Report the week." };

interface World extends ManifestServer {
  targets: string[];
  /** Copies, and gives the rows in short. */
  rows(words: readonly string[]): Promise<string[]>;
}

/** A deployment with `Weekly`, and others. */
async function start(others: number): Promise<World> {
  const server = await startOnMonday();
  await server.create(weekly);
  const targets: string[] = [];
  for (let at = 1; at <= others; at += 1) {
    targets.push(await server.deploy(`Site ${at}`, { customer: at % 2 === 1 ? "cus_odd" : "cus_even" }));
  }
  const rows = async (words: readonly string[]) => {
    const { stdout } = await server.run(["copy", ...words, "--yes", "--json"], { now });
    const found: Record<string, string>[] = JSON.parse(stdout);
    return found.map(({ name, result, reason, error }) =>
      [name, result, reason && `(${reason})`, error].filter((part) => part !== undefined).join(" "),
    );
  };
  return { ...server, targets, rows };
}

const from = ["-d", "dep_local"];

describe("automations copy", () => {
  it("copies over 12 deployments after one question, and changes nothing the second time", async () => {
    const { run, targets, state, writes, create } = await start(12);
    const [differing = "", same = ""] = targets;
    const theirs = await create({ ...weekly, instructions: "My own." }, differing);
    await create({ ...weekly, schedule: "every monday at 9am" }, same);
    await writes();
    const words = ["copy", "Local/Weekly", "--to-all-deployments"];
    const first = await run(words, { now, answers: [true] });
    expect(first.code).toBe(0);
    expect(first.stderr).toMatch(
      /default · 127\.0\.0\.1 · key …\S{4} · 12 of 13 deployments\n10 automations to copy in 10 deployments · 1 unchanged · 1 skipped\n {2}runs a day: 0 → 1\.4\n\+ create: Weekly ×10\n {4}schedule {2}every Monday at 09:00 UTC \(0 9 \* \* 1\)\n {4}instructions\n {6}Report the week\.\n {2}skipped: Site 1\/Weekly: differs in instructions; --update changes it\n/,
    );
    expect(first.stdout).toMatch(/^10 copied · 1 unchanged · 1 skipped\n$/);
    expect(first.stderr).toMatch(/undo: herm undo c_\w{6}\n$/);
    for (const deployment of targets.slice(2)) {
      const all = await state(deployment);
      expect(all).toMatchObject([{ ...weekly, enabled: true }]);
    }
    expect(await state(differing)).toMatchObject([{ ...theirs, instructions: "My own." }]);
    await writes();
    const again = await run([...words, "--except", "Site 1", "--yes"], { now, answers: [] });
    expect(again).toMatchObject({ code: 0, stdout: "" });
    expect(again.stderr).toMatch(
      /^[^\n]*only 11 of 12 deployments: 1 other deployment not changed\nnothing to copy · 11 unchanged\n$/,
    );
    expect(await writes()).toEqual([]);
  });

  it("changes with --update what differs, keeps what was there, and says how that is taken back", async () => {
    const { run, targets, state, create } = await start(2);
    const [one = "", two = ""] = targets;
    const theirs = await create({ ...weekly, schedule: "0 7 * * *", enabled: false }, one);
    const words = ["copy", "Weekly", ...from, "--to", "Site 1", "--to", two];
    const { code, stdout, stderr } = await run([...words, "--update", "--yes"], { now });
    expect(code).toBe(0);
    const rows = stdout.split("\n").map((row) => row.split("\t").filter((_, at) => at !== 0 && at !== 3));
    expect(rows).toEqual([["Weekly", "copied", ""], ["Weekly", "copied", "schedule"], []]);
    expect(stderr).toMatch(/\nundo: herm undo c_\w{6}\n/);
    // Whether it is paused is its deployment's own.
    expect(await state(one)).toMatchObject([
      { ...weekly, automation_id: theirs.automation_id, enabled: false },
    ]);
  });

  it("copies nothing where something that was listed isn't there any more", async () => {
    const { server, run, targets, state, create } = await start(1);
    const { automation_id } = await create({ ...weekly, name: "Daily" });
    const action = { type: "fail", status: 404, body: { error: "not_found", message: "no such automation" } };
    const path = `/v1/deployments/dep_local/automations/${automation_id}`;
    await addFault(server, { method: "GET", path, action });
    const words = ["copy", ...from, "--to", "Site 1", "--yes"];
    expect(await run(words, { now })).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('error: "Daily" isn\'t in Local any more; nothing was changed\n'),
    });
    expect(await state(targets[0])).toEqual([]);
    expect((await run(words, { now })).code).toBe(0);
    expect(await state(targets[0])).toHaveLength(2);
  });

  it("is one change of the history, which herm undo takes back whole", async () => {
    const { server, run, targets, state, create } = await start(3);
    const [one = "", two = ""] = targets;
    const theirs = await create({ ...weekly, instructions: "My own." }, one);
    const home = temporaryFolder();
    const words = ["copy", "Weekly", ...from, "--to-all-deployments", "--update", "--reason", "rollout"];
    const { stderr } = await run([...words, "--yes"], { now, home });
    const id = /undo: herm undo (c_\w+)/.exec(stderr)?.[1] ?? "";
    const shown = await herm(["history", id, "--json"], { server, now, home });
    const { reason, items } = JSON.parse(shown.stdout);
    expect({ reason, acts: items.map(({ act }: { act: string }) => act).toSorted() }).toEqual({
      reason: "rollout",
      acts: ["create", "create", "update"],
    });
    expect((await herm(["undo", id, "--yes"], { server, now, home })).code).toBe(0);
    expect(await state(two)).toEqual([]);
    expect(await state(one)).toMatchObject([
      { automation_id: theirs.automation_id, instructions: "My own." },
    ]);
  });

  it("keeps a paused one paused in its copy, and pauses all with --paused", async () => {
    const { run, targets, state, create } = await start(3);
    const [one = "", two = "", three = ""] = targets;
    await create({ name: "Asleep", enabled: false });
    await run(["copy", ...from, "--to", one, "--yes"], { now });
    expect(await state(one)).toMatchObject([{ name: "Asleep", enabled: false }, { enabled: true }]);
    await run(["copy", ...from, "--to", two, "--paused", "--yes"], { now });
    expect(await state(two)).toMatchObject([{ enabled: false }, { enabled: false }]);
    await create(weekly, three);
    expect(
      (await run(["copy", "Weekly", ...from, "--to", three, "--paused", "--yes"], { now })).stdout,
    ).toContain("Weekly\tunchanged\t");
    await run(["copy", "Weekly", ...from, "--to", three, "--paused", "--update", "--yes"], { now });
    expect(await state(three)).toMatchObject([{ name: "Weekly", enabled: false }]);
  });

  it("chooses by selections where from and where to, and leaves out what --except names on both sides", async () => {
    const { rows, targets, state, create } = await start(4);
    await create({ name: "Daily" });
    await create({ name: "Notes" });
    const words = [
      ...from,
      "--match",
      "*y",
      "--to-customer",
      "cus_odd",
      "--except",
      "Site 3",
      "--except",
      "Da*",
    ];
    expect(await rows(words)).toEqual(["Weekly copied"]);
    expect((await state(targets[0])).map(({ name }) => name)).toEqual(["Weekly"]);
    // From every deployment that has it: they are one.
    expect(await rows(["--all-deployments", "--match", "Weekly", "--to-all-deployments"])).toEqual([
      "Weekly copied",
      "Weekly copied",
      "Weekly copied",
    ]);
  });

  it("copies a schedule exactly: words stay words", async () => {
    const { rows, targets, state, create } = await start(1);
    const odd = await create({ name: "Odd", schedule: "every monday at 9am" });
    expect(await rows(["Odd", ...from, "--to", "Site 1"])).toEqual(["Odd copied"]);
    expect(await state(targets[0])).toMatchObject([{ schedule: odd.schedule }]);
  });

  it("shows with --dry-run what it would do, and does it under no freeze", async () => {
    const { run, writes } = await start(2);
    await writes();
    const words = ["copy", "Weekly", ...from, "--to-customer", "cus_odd"];
    const env = { HERM_FREEZE: "INC-1" };
    const shown = await run([...words, "--dry-run"], { now, env });
    expect(shown).toMatchObject({ code: 0, stderr: expect.stringMatching(/\n1 to copy\n$/) });
    expect(shown.stdout).toBe("Weekly\tplanned\t\t\n");
    const frozen = await run([...words, "--yes"], { now, env });
    expect(frozen.code).toBe(6);
    expect(frozen.stderr).toContain("frozen: INC-1");
    expect((await run(words, { now, answers: [false] })).code).toBe(1);
    expect(await writes()).toEqual([]);
  });

  it.each([
    ["no target", ["Weekly"], 2, "no target given"],
    [
      "two ways to choose targets",
      ["Weekly", "--to", "Site 1", "--to-all-deployments"],
      2,
      "can't be used together",
    ],
    [
      "itself as the target",
      ["Weekly", "--to", "dep_local"],
      2,
      `"Weekly" can't be copied onto itself in Local`,
    ],
    ["a target that isn't there", ["Weekly", "--to", "Site 7"], 4, `no deployment named "Site 7"`],
    [
      "a customer that isn't there",
      ["Weekly", "--to-customer", "cus_7"],
      4,
      "no deployment of customer cus_7",
    ],
    ["a ref that fits nothing", ["Weekli", "--to", "Site 1"], 4, `did you mean "Weekly"?`],
    ["a match that fits nothing", ["--match", "X*", "--to", "Site 1"], 4, "matches no automation"],
    [
      "an except that fits nothing",
      ["Weekly", "--to", "Site 1", "--except", "X"],
      4,
      '--except "X" matches nothing',
    ],
    ["no target left", ["Weekly", "--to-customer", "cus_odd", "--except", "cus_odd"], 4, "no deployment"],
  ])("refuses %s, and sends nothing", async (_, words, code, text) => {
    const { run, writes } = await start(1);
    await writes();
    const refused = await run(["copy", ...words, ...from, "--yes"], { now });
    expect(refused.stderr).toContain(text);
    expect(refused.code).toBe(code);
    expect(await writes()).toEqual([]);
  });

  it("needs --yes where nobody can be asked, and a ref or a selection", async () => {
    const { run } = await start(1);
    const unasked = await run(["copy", "Weekly", ...from, "--to", "Site 1"], { now });
    expect(unasked).toMatchObject({ code: 2, stderr: expect.stringContaining("copy needs --yes") });
    const unnamed = await run(["copy", "--to", "Site 1", "--yes"], {
      now,
      env: { HERM_DEPLOYMENT: "dep_local" },
    });
    expect(unnamed).toMatchObject({ code: 2, stderr: expect.stringContaining("no automation given") });
  });

  it("refuses names that stand for what differs, all of them at once", async () => {
    const { run, create, targets, writes } = await start(3);
    const [one = ""] = targets;
    await create({ ...weekly, instructions: "Other." }, one);
    await create({ name: "Daily", schedule: "0 7 * * *" });
    await create({ name: "Daily", schedule: "0 8 * * *", enabled: false }, one);
    await writes();
    const words = ["copy", "--all-deployments", "--to", "Site 2"];
    const { code, stderr } = await run([...words, "--yes"], { now });
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /^error: 2 names have differing automations; nothing was changed\n {2}"Daily" differs in schedule and enabled: Site 1 \(auto_\w+\), Local \(auto_\w+\)\n {2}"Weekly" differs in instructions: Site 1 \(auto_\w+\), Local \(auto_\w+\)\n/,
    );
    expect(await writes()).toEqual([]);
  });

  it("stops a target alone where two have the name", async () => {
    const { run, create, targets, state } = await start(2);
    const [one = "", two = ""] = targets;
    await create(weekly, one);
    await create(weekly, one);
    const words = ["copy", "Weekly", ...from, "--to-all-deployments", "--yes"];
    const { code, stderr } = await run(words, { now });
    expect(code).toBe(8);
    expect(stderr).toMatch(
      /can't be copied: Site 1\/Weekly: 2 automations have this name: auto_\w+, auto_\w+/,
    );
    expect(stderr).toContain(`herm automations copy Weekly -d dep_local --to-all-deployments --yes`);
    expect(await state(two)).toHaveLength(1);
    const alone = await run(["copy", "Weekly", ...from, "--to", one, "--yes"], { now });
    expect(alone).toMatchObject({ code: 6, stderr: expect.stringContaining("rename or delete all but one") });
  });

  it("makes nothing beside what an incident holds paused there under another name", async () => {
    const { run, create, targets, rows } = await start(1);
    await create({ ...weekly, name: "Held" }, targets[0]);
    await run(["pause", "--all", "-d", "Site 1", "--incident", "INC-1", "--yes"], { now });
    expect(await rows(["Weekly", ...from, "--to", "Site 1"])).toEqual([
      expect.stringMatching(/^Weekly failed "Held" \(auto_\w+\), held by INC-1, is the same/),
    ]);
  });

  it("copies where it can, each at most once, and names how to copy the rest", async () => {
    const { server, run, targets, state } = await start(3);
    const [one = "", two = ""] = targets;
    const path = (id: string) => `/v1/deployments/${id}/automations`;
    await addFault(server, { method: "POST", path: path(one), action: { type: "fail", status: 400 } });
    await addFault(server, {
      method: "POST",
      path: path(two),
      action: { type: "commit_then_fail" },
    });
    const to = targets.flatMap((id) => ["--to", id]);
    const { code, stderr, stdout } = await run(["copy", "Weekly", ...from, ...to, "--yes", "--reason", "x"], {
      now,
    });
    expect(code).toBe(8);
    expect(stdout.split("\n").map((row) => row.split("\t")[2])).toEqual([
      "copied",
      "copied",
      "failed",
      undefined,
    ]);
    expect(stderr).toContain(
      `hint: herm automations copy Weekly -d dep_local ${to.join(" ")} --yes --reason x finishes it\n`,
    );
    for (const id of [two, targets[2]]) expect(await state(id)).toHaveLength(1);
  });

  it("copies nothing where what is to be copied can't be read", async () => {
    const { run, failLists, writes } = await start(2);
    await failLists("dep_local");
    await writes();
    const words = ["copy", "--all-deployments", "--to", "Site 1", "--yes"];
    expect((await run(words, { now })).code).toBe(7);
    expect(await writes()).toEqual([]);
  });

  it("waits until a named target is ready, and leaves out others that aren't", async () => {
    const { run, deploy, server } = await start(1);
    const late = await deploy("Late", { customer: "cus_late", isReady: false });
    const skipped = await run(["copy", "Weekly", ...from, "--to-customer", "cus_late", "--yes"], { now });
    expect(skipped).toMatchObject({ code: 0, stderr: expect.stringContaining(`Late (${late}) isn't ready`) });
    const sleep = async () => void (await server.advance(5));
    const waited = await run(["copy", "Weekly", ...from, "--to", "Late", "--yes"], { now, sleep });
    expect(waited).toMatchObject({ code: 0, stdout: expect.stringContaining("\tcopied\t") });
  });
});
