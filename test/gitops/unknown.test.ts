import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  type Answers,
  all,
  failing,
  fleet,
  lacking,
  manifest,
  recordOf,
  runOdd,
  type Status,
  startWorld,
  unlisted,
  unseen,
  type World,
} from "./odd-answers.js";

const apply = ["apply", ...fleet, "--yes"];
const prune = [...apply, "--prune"];

const namesIn = async (world: World, deployment: string) =>
  (await world.state(deployment)).map(({ name }) => name);

/** B is missing from Beta's list, and this is the response to a GET of anything missing there. */
const withoutB = ({ beta }: World, status: Status): Answers => {
  let idOfB = "";
  return async (asked) => {
    if (asked.path.startsWith(`/${beta}/automations?`)) {
      const { data } = (await (await asked.next()).clone().json()) as {
        data: { automation_id: string; name: string }[];
      };
      idOfB = data.find(({ name }) => name === "B")?.automation_id ?? "";
    }
    const items = failing(`/${beta}/automations/${idOfB}`, status);
    return all(
      lacking(beta, (name) => name === "B"),
      items,
    )(asked);
  };
};

describe("an unknown automation", () => {
  it("is neither pruned nor replaced until it is visible", async () => {
    const world = await startWorld();
    world.write({ "herm.yaml": manifest("A", "C", "Weekly B") });
    const { rows, ...left } = await runOdd(world, prune, withoutB(world, 500));
    expect(rows).toEqual([
      "create Weekly B failed",
      "unknown B unknown",
      "create Weekly B done",
      "delete B (prune, enabled) done",
    ]);
    expect(left.code).toBe(8);
    expect(await namesIn(world, world.beta)).toEqual(["A", "B", "C"]);
    expect(recordOf(world)).toMatch(new RegExp(`${world.beta}/auto_\\w+: "B"`));
    const again = await runOdd(world, prune, () => undefined);
    expect(again).toMatchObject({
      code: 0,
      rows: ["create Weekly B done", "delete B (prune, enabled) done"],
    });
    expect(await namesIn(world, world.beta)).toEqual(["A", "C", "Weekly B"]);
  });

  it("is neither recreated by --recreate nor deleted by `removed`", async () => {
    const world = await startWorld();
    const recreated = await runOdd(world, [...apply, "--recreate"], withoutB(world, 403));
    expect(recreated).toMatchObject({ code: 8, rows: ["unknown B unknown"], sent: [] });
    world.write({ "herm.yaml": `${manifest("A", "C")}removed: [B]\n` });
    const removed = await runOdd(world, apply, withoutB(world, "html"));
    expect(removed).toMatchObject({
      code: 8,
      rows: ["unknown B unknown", "delete B (removed, enabled) done"],
    });
    expect(await namesIn(world, world.beta)).toEqual(["A", "B", "C"]);
  });

  it("is skipped if --except contains its id", async () => {
    const world = await startWorld();
    const [, id = ""] = new RegExp(`${world.beta}/(auto_\\w+): "B"`).exec(recordOf(world)) ?? [];
    for (const words of [prune, ["diff", ...fleet]]) {
      const skipped = await runOdd(world, [...words, "--except", id], withoutB(world, 500));
      expect(skipped).toMatchObject({ code: 0, rows: [], isRecordAsBefore: true });
    }
  });

  it("counts as deleted once a GET returns 404", async () => {
    const world = await startWorld();
    const answers = withoutB(world, 404);
    const seen = { code: 0, rows: ["skipped B (deleted since)"], isRecordAsBefore: true };
    expect(await runOdd(world, prune, answers)).toMatchObject(seen);
  });

  it("may be an automation whose name is missing in the response", async () => {
    const world = await startWorld();
    const nameless: Answers = async ({ path, next }) => {
      if (!path.startsWith(`/${world.beta}/automations`)) return undefined;
      const body = (await (await next()).text()).replaceAll('"name":"B"', '"name":null');
      return new Response(body, { headers: { server: "herm-dev" } });
    };
    const { message, ...left } = await runOdd(world, prune, nameless);
    expect(left).toMatchObject({ code: 8, rows: ["unknown B unknown"], isRecordAsBefore: true });
    expect(message).toContain("it has no name");
  });

  it("counts as a failure in a report", async () => {
    const world = await startWorld();
    await runOdd(world, [...apply, "--report", "junit=r.xml"], withoutB(world, 500));
    const report = readFileSync(join(world.cwd, "r.xml"), "utf8");
    expect(report).toContain('failures="1"');
    expect(report).toMatch(
      /<failure message="not in the list; lookup failed: server_error[^>]* type="unknown">/,
    );
  });

  it("is grouped on a terminal, and its reason shown once", async () => {
    const world = await startWorld();
    const { server, beta } = world;
    const answers = unseen(beta);
    const json = await runOdd(world, ["diff", ...fleet], answers);
    expect(json.stderr).toContain(
      `  ? A and 2 more  in ${beta}\n      ${beta} can't be seen with key …${server.apiKey.slice(-4)}\n\nPlan: 3 unchanged, 3 unknown in 2 deployments\n`,
    );
  });

  it("keeps its line if adopt finds another automation with the same name", async () => {
    const world = await startWorld();
    const { beta } = world;
    const other = await world.create({ name: "B", instructions: "their own" }, beta);
    const adopted = await runOdd(world, ["adopt", ...fleet, "--yes"], hiding(world, other.automation_id));
    expect(adopted).toMatchObject({ isRecordAsBefore: true, code: 8 });
  });
});

/** Only this automation named B is in Beta's list, and a GET of another fails. */
function hiding({ beta }: World, shown: string): Answers {
  return async (asked) => {
    if (!asked.path.startsWith(`/${beta}/automations`)) return undefined;
    const answered = await asked.next();
    const body = (await answered.clone().json()) as {
      data?: { automation_id: string; name: string }[];
      name?: string;
      automation_id?: string;
    };
    if (body.name === "B" && body.automation_id !== shown) return failing("", 500)(asked);
    if (body.data === undefined) return answered;
    const data = body.data.filter(({ name, automation_id }) => name !== "B" || automation_id === shown);
    return Response.json({ data, next_cursor: null }, { headers: { server: "herm-dev" } });
  };
}

describe("a deployment in the record", () => {
  it("is looked up, then only skipped, if the files name other deployments", async () => {
    const world = await startWorld();
    world.write({ "one.yaml": `deployments: [${world.acme}]\n${manifest("A", "B", "C")}` });
    const record = "--record=herm.lock.yaml";
    const one = (verb: string, ...more: string[]) => [verb, "-f", "one.yaml", record, ...more];
    const lines = ["--prune", "--strict"].flatMap((flag) => [one("apply", flag, "--yes"), one("diff", flag)]);
    for (const words of [...lines, one("diff"), one("apply", "--yes")]) {
      const seen = await runOdd(world, words, () => undefined);
      expect(seen).toMatchObject({ code: 0, isRecordAsBefore: true });
      const isPruning = words.includes("--prune");
      expect(seen.stderr.includes(`in ${world.beta}, which this run doesn't cover`)).toBe(isPruning);
      expect(await runOdd(world, words, unlisted(world.beta))).toMatchObject({ code: 0 });
      const message = expect.stringContaining(`${world.beta} can't be seen with key`);
      const { stderr, ...not } = await runOdd(world, words, unseen(world.beta));
      expect(not).toMatchObject({ code: 8, message, isRecordAsBefore: true });
      expect(stderr).not.toContain("doesn't reach");
    }
  });

  it("causes no failure if the command excludes it", async () => {
    const world = await startWorld();
    const { acme, beta } = world;
    const id = new RegExp(`${beta}/(auto_\\w+): "B"`).exec(recordOf(world))?.[1] ?? "";
    world.write({ "one.yaml": `deployments: [${acme}]\n${manifest("A", "B", "C")}` });
    for (const verb of [["apply", "--yes", "--strict"], ["diff"]]) {
      const chosen = [...verb, "-f", "herm.yaml", "-d", acme];
      for (const words of [
        [...verb, ...fleet, "--except", beta],
        [...verb, "-f", "one.yaml", "--except", beta],
        chosen,
        [...chosen, "--except", beta],
        [...chosen, "--except", id],
      ]) {
        const left = await runOdd(world, words, unseen(beta));
        expect(left).toMatchObject({ code: 0, rows: [], isRecordAsBefore: true });
        expect(left.stderr).not.toContain("matches nothing");
      }
      const some = await runOdd(world, [...verb, ...fleet, "--except", id], unseen(beta));
      expect(some).toMatchObject({ code: 8, rows: ["unknown A unknown", "unknown C unknown"] });
    }
  });

  it("counts as invisible if it is the only one named and returns 404", async () => {
    const world = await startWorld();
    const { beta } = world;
    for (const verb of [["apply", "--yes"], ["diff"]]) {
      const words = [...verb, "-f", "herm.yaml", "-d", beta];
      const message = expect.stringContaining(`${beta} can't be seen with key`);
      const seen = await runOdd(world, words, unseen(beta));
      expect(seen).toMatchObject({ code: 8, message, isRecordAsBefore: true, sent: [] });
      expect(await runOdd(world, words, unseen(beta, "html"))).toMatchObject({
        isRecordAsBefore: true,
        sent: [],
      });
    }
  });
});

describe("a 404 to a change", () => {
  const methods = ["DELETE", "PATCH"];

  it("doesn't prove a deletion: an automation found by GET stays in the record", async () => {
    const world = await startWorld();
    const { beta } = world;
    world.write({ "herm.yaml": manifest("A", "B") });
    const deleted = await runOdd(world, prune, failing(`/${beta}/automations/`, 404, methods));
    expect(deleted).toMatchObject({
      code: 8,
      rows: ["delete C (prune, enabled) failed", "delete C (prune, enabled) done"],
    });
    expect(recordOf(world)).toMatch(new RegExp(`${beta}/auto_\\w+: "C"`));
    expect(await runOdd(world, prune, () => undefined)).toMatchObject({
      code: 0,
      rows: ["delete C (prune, enabled) done"],
    });
  });

  it("is checked with a GET", async () => {
    const world = await startWorld();
    const { beta } = world;
    world.write({ "herm.yaml": manifest("A", "B") });
    const isDeleting: Answers = async ({ method, path, next }) => {
      if (method !== "DELETE" || !path.startsWith(`/${beta}/`)) return undefined;
      await world.call("DELETE", `/v1/deployments${path}`);
      return next();
    };
    expect(await runOdd(world, prune, isDeleting)).toMatchObject({
      code: 0,
      rows: ["delete C (prune, enabled) unchanged", "delete C (prune, enabled) done"],
    });
    expect(recordOf(world)).not.toContain('"C"');
  });

  it("doesn't count as a deletion if a GET finds the updated automation", async () => {
    const world = await startWorld();
    const { beta } = world;
    world.write({ "herm.yaml": manifest("A", "B", "C").replace("do C", "do more") });
    const updated = await runOdd(world, apply, failing(`/${beta}/automations/`, 404, methods));
    expect(updated).toMatchObject({ code: 8, rows: ["update C failed", "update C done"] });
    expect(updated.stderr).not.toContain("is gone");
  });
});
