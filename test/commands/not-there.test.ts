import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { missing } from "../incident/missing.js";
import type { HermOptions } from "../support/harness.js";
import { fetchFrom } from "../support/harness.js";
import { type ManifestServer, startOnMonday } from "./manifest-server.js";

let world: ManifestServer;
let id: string;

const manifest = (...names: string[]) =>
  `automations:\n${names.map((name) => `  - {name: ${name}, schedule: every day at 9am, instructions: x}\n`).join("")}`;

beforeEach(async () => {
  world = await startOnMonday();
  for (const name of ["A1", "A2", "A3"]) await world.create({ name });
  id = await idOf("A2");
});

async function idOf(name: string): Promise<string> {
  return (await world.state()).find((each) => each.name === name)?.automation_id ?? "none";
}

const stateOf = async () =>
  (await world.state()).map(({ name, schedule, enabled }) => `${name} ${schedule} ${enabled}`);

const nowAfter = (seconds: number) => new Date(Date.parse("2026-03-02T08:00:00Z") + 1_000 * seconds);

const run = (words: string, options: HermOptions = {}) =>
  world.runHerm(words.split(" "), { env: { HERM_DEPLOYMENT: "dep_local" }, now: nowAfter(0), ...options });

const record = () => readFileSync(join(world.cwd, "herm.lock.yaml"), "utf8");

interface Case {
  /** Commands that come before. */
  before: string[];
  words: string;
  /** What the command sends. */
  sent: "PATCH" | "DELETE";
}

/** Commands that change A1, A2 and A3, which a list or a GET has shown before. */
const cases: Record<string, Case> = {
  "pause for an incident": {
    before: [],
    words: "automations pause --all-deployments --incident INC-1 --yes",
    sent: "PATCH",
  },
  "pause of refs": { before: [], words: "automations pause A1 A2 A3", sent: "PATCH" },
  "resume of an incident": {
    before: ["automations pause --all --incident INC-1 --yes"],
    words: "automations resume --incident INC-1 --yes",
    sent: "PATCH",
  },
  update: { before: [], words: "automations update --all --schedule @hourly --yes", sent: "PATCH" },
  delete: { before: [], words: "automations delete --all --yes", sent: "DELETE" },
  "undo of an update": {
    before: ["automations update --all --schedule @hourly --yes"],
    words: "undo last --yes",
    sent: "PATCH",
  },
  "undo of a pause for an incident": {
    before: ["automations pause --all --incident INC-1 --yes"],
    words: "undo last --yes",
    sent: "PATCH",
  },
  apply: {
    before: ["adopt -f herm.yaml --different --yes", "! manifest"],
    words: "apply -f herm.yaml --yes",
    sent: "PATCH",
  },
  "apply --prune": {
    before: ["adopt -f herm.yaml --different --yes", "! none"],
    words: "apply -f herm.yaml --prune --yes --max-deletes 9",
    sent: "DELETE",
  },
};

/** Runs a case's earlier commands, a minute before; returns what exists after them. */
async function prepare({ before }: Case): Promise<string[]> {
  world.write({ "herm.yaml": manifest("A1", "A2", "A3") });
  for (const words of before) {
    if (words === "! manifest")
      world.write({ "herm.yaml": manifest("A1", "A2", "A3").replaceAll("9am", "8am") });
    else if (words === "! none") world.write({ "herm.yaml": `automations: []\n` });
    else expect(await run(words)).toMatchObject({ code: 0 });
  }
  return stateOf();
}

const later = { now: nowAfter(60) };

describe.each(Object.entries(cases))("%s", (_, each) => {
  const twin = async () => {
    const own = world;
    world = await startOnMonday();
    for (const name of ["A1", "A2", "A3"]) await world.create({ name });
    id = await idOf("A2");
    await prepare(each);
    const plain = missing(world.server, { id, times: 0 });
    const result = await run(each.words, { ...later, fetch: plain.fetch });
    expect(result.code).toBe(0);
    const done = await stateOf();
    world = own;
    return { done, requests: plain.requests };
  };

  it.each([
    ["a GET before it", 1, undefined],
    ["its change and the next GET", 2, each.sent],
    ["its change and all later GETs but the last", 3, each.sent],
  ] as const)("succeeds if a false 404 is returned for %s", async (_case, times, from) => {
    const { done } = await twin();
    id = await idOf("A2");
    await prepare(each);
    const { fetch } = missing(world.server, { id, times, from });
    const { code, stdout, stderr } = await run(each.words, { ...later, fetch });
    expect({ code, said: `${stdout}${stderr}` }).toEqual({
      code: 0,
      said: expect.not.stringMatching(/deleted since|deleted$|gone|unchanged|failed|(?<!by )unknown/),
    });
    expect(await stateOf()).toEqual(done);
  });

  it("has an unknown outcome, and keeps its record, if lists contradict every 404", async () => {
    const before = await prepare(each);
    const { fetch } = missing(world.server, { id, times: Number.POSITIVE_INFINITY });
    const { code, stdout, stderr } = await run(each.words, { ...later, fetch });
    expect({ code, said: `${stdout}${stderr}` }).toEqual({
      code: 8,
      said: expect.not.stringMatching(/deleted since|deleted$|gone|is closed/),
    });
    expect(stdout).toMatch(/unknown|failed/);
    expect((await stateOf()).filter((row) => row.startsWith("A2"))).toEqual(
      before.filter((row) => row.startsWith("A2")),
    );
    expect(await run(each.words, later)).toMatchObject({ code: 0 });
    const { done } = await twin();
    expect(await stateOf()).toEqual(done);
  });

  it("reports a real deletion once a list confirms it", async () => {
    await prepare(each);
    const fetch: HermOptions["fetch"] = async (url, init) => {
      const isFirst = url.endsWith(id) && init.method === each.sent;
      if (isFirst) await world.call("DELETE", `/v1/deployments/dep_local/automations/${id}`).catch(() => {});
      return fetchFrom(world.server)(url, init);
    };
    const { stdout, stderr } = await run(each.words, { ...later, fetch });
    expect(`${stdout}${stderr}`).not.toMatch(/(?<!by )unknown/);
    expect((await stateOf()).filter((row) => row.startsWith("A2"))).toEqual([]);
  });
});

it("apply --prune keeps an automation in the record if lists contradict a GET's 404", async () => {
  const prune = cases["apply --prune"] as Case;
  await prepare(prune);
  const { fetch } = missing(world.server, { id, times: Number.POSITIVE_INFINITY });
  expect(await run(prune.words, { ...later, fetch })).toMatchObject({ code: 8 });
  expect(record()).toContain(id);
  expect(await run(prune.words, later)).toMatchObject({ code: 0 });
  expect(record()).not.toContain(id);
});
