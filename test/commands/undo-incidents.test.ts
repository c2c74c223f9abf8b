import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import type { FetchLike } from "../../src/api/fetch.js";
import {
  addAutomation,
  addDeployment,
  addFault,
  call,
  enabledNames,
  withoutDeployment,
} from "../incident/fleet.js";
import { fetchFrom, type HermOptions, herm, startServer, temporaryFolder } from "../support/harness.js";

let server: Awaited<ReturnType<typeof startServer>>;
let home: string;
const ids = new Map<string, string>();

const run = (words: string, options: HermOptions = {}) =>
  herm(words.split(" "), { server, home, env: { HERM_DEPLOYMENT: "dep_local" }, ...options });

/** Runs it, and returns the id in its `undo:` line. */
async function changed(words: string, options: HermOptions = {}): Promise<string> {
  const { code, stderr } = await run(words, options);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  return /^undo: herm undo (c_\w+)$/m.exec(stderr)?.[1] ?? `no undo in ${stderr}`;
}

const pathOf = (name: string) => `/v1/deployments/dep_local/automations/${ids.get(name)}`;
const resume = "automations resume --incident INC-77 --yes";
let pauseId: string;

beforeEach(async () => {
  server = await startServer();
  home = temporaryFolder();
  for (const name of ["a", "b", "refund"]) ids.set(name, await addAutomation(server, { name }));
  await run("automations pause refund");
  await run("automations resume refund");
  pauseId = await changed("automations pause --all --incident INC-77 --yes");
});

describe("the undo of an incident's pause", () => {
  it("resumes the automations that the command paused, under the same rules as any resume", async () => {
    ids.set("new", await addAutomation(server, { name: "new" }));
    const newId = await changed("automations pause new --incident INC-77");
    await call(server, "PATCH", pathOf("b"), { schedule: "0 5 * * *" });
    const { code, stdout, stderr } = await run(`undo ${pauseId} --yes`);
    expect(code).toBe(8);
    expect(stdout).toMatch(/b\tskipped\tauto_\w+\tits schedule is "0 5 \* \* \*" now/);
    expect(stderr).toContain(`undoing pause ${pauseId}\nincident INC-77\n`);
    expect(await enabledNames(server)).toEqual(["a", "refund"]);
    expect(await run(`undo ${newId} --yes`)).toMatchObject({ code: 0 });
    expect(await enabledNames(server)).toEqual(["a", "new", "refund"]);
  });

  it("asks, supports --dry-run and selectors, and finishes when rerun", async () => {
    expect(await run(`undo ${pauseId}`)).toMatchObject({ code: 2 });
    expect(await run(`undo ${pauseId} --dry-run`)).toMatchObject({ code: 0 });
    expect(await enabledNames(server)).toEqual([]);
    expect((await run(`undo ${pauseId} --match refun --yes`)).code).toBe(4);
    const asked = await run(`undo ${pauseId} --except refund`, { tty: true, answers: [true] });
    expect(asked.code).toBe(0);
    expect(await enabledNames(server)).toEqual(["a", "b"]);
    expect(await run(`undo ${pauseId} --yes`)).toMatchObject({ code: 0 });
    expect(await enabledNames(server)).toEqual(["a", "b", "refund"]);
    expect(await run("incidents list")).toMatchObject({
      stdout: expect.stringMatching(/^INC-77\tclosed\t0/),
    });
  });

  it("works with the same id on a machine that imported the incident", async () => {
    const there = { home: temporaryFolder() };
    const ledger = join(home, ".local/share/herm/history/incidents/inc-77.jsonl");
    expect(await run(`incidents import ${ledger}`, there)).toMatchObject({ code: 0 });
    const back = await changed(`undo ${pauseId} --yes`, there);
    expect(await enabledNames(server)).toEqual(["a", "b", "refund"]);
    await changed(`undo ${back} --yes`, there);
    expect(await enabledNames(server)).toEqual([]);
    expect(await run("incidents show INC-77", there)).toMatchObject({ code: 0 });
    // After it is handed back, work continues here, and commands that are already here aren't imported again.
    const theirs = ledger.replace(home, there.home);
    for (const said of ["imported", "unchanged"])
      expect(await run(`incidents import ${theirs}`)).toMatchObject({ code: 0, stdout: `INC-77\t${said}\n` });
    const ofIncident = async (how?: HermOptions) =>
      (JSON.parse((await run("history --json", how)).stdout) as { id: string; incident?: string }[])
        .filter(({ incident }) => incident === "INC-77")
        .map(({ id }) => id);
    expect(await ofIncident()).toEqual(await ofIncident(there));
    expect(await ofIncident()).toHaveLength(3);
  });
});

describe("the undo of an incident's resume", () => {
  it("pauses all automations that it resumed, even edited ones, and no others", async () => {
    await changed(`${resume} --except refund`);
    await call(server, "PATCH", pathOf("a"), { schedule: "0 5 * * *" });
    expect(await enabledNames(server)).toEqual(["a", "b"]);
    const undone = await run("undo last --yes");
    expect(undone).toMatchObject({ code: 0, stderr: expect.stringContaining("2 automations to pause in") });
    expect(await enabledNames(server)).toEqual([]);
    expect(await run("incidents show INC-77")).toMatchObject({ code: 0 });
    // By the new reads, automations edited earlier are as this pause left them.
    expect(await run(resume)).toMatchObject({ code: 0 });
    expect(await enabledNames(server)).toEqual(["a", "b", "refund"]);
  });

  it("reopens an incident that the resume closed, and can itself be undone", async () => {
    const id = await changed(resume);
    const undone = await changed(`undo ${id} --yes`);
    expect(await enabledNames(server)).toEqual([]);
    expect(await run("incidents list")).toMatchObject({ stdout: expect.stringMatching(/^INC-77\topen\t3/) });
    await changed(`undo ${undone} --yes`);
    expect(await enabledNames(server)).toEqual(["a", "b", "refund"]);
    const { stdout } = await run("history INC-77 --json");
    const found = JSON.parse(stdout) as { incident: string; undoes?: string; items: { act: string }[] }[];
    expect(found.map(({ incident, undoes, items }) => [incident, items[0]?.act, undoes])).toEqual([
      ["INC-77", "resume", undone],
      ["INC-77", "pause", id],
      ["INC-77", "resume", undefined],
      ["INC-77", "pause", undefined],
    ]);
  });

  it("skips automations that failed to resume or were deleted", async () => {
    await addFault(server, {
      method: "PATCH",
      path: pathOf("b"),
      count: 1,
      action: { type: "fail", status: 400 },
    });
    expect(await run(resume)).toMatchObject({ code: 8 });
    expect(await enabledNames(server)).toEqual(["a", "refund"]);
    await call(server, "DELETE", pathOf("refund"));
    const { code, stdout } = await run("undo last --yes");
    expect(code).toBe(0);
    expect(stdout).toMatch(/a\tpaused/);
    expect(stdout).toMatch(/refund\tskipped\tauto_\w+\tdeleted since/);
    expect(stdout).not.toMatch(/^b\t/m);
    expect(await enabledNames(server)).toEqual([]);
  });

  it("names a deployment hidden from this key", async () => {
    const gone = await addDeployment(server, { name: "Gone" });
    await addAutomation(server, { name: "theirs", deployment: gone });
    await changed("automations pause --all --all-deployments --incident INC-78 --yes");
    await changed("automations resume --incident INC-78 --yes");
    const { code, stdout, stderr } = await run("undo last --yes", { fetch: withoutDeployment(server, gone) });
    expect(code).toBe(8);
    expect(stdout).not.toContain("deleted");
    expect(stderr).toMatch(/1 deployment can't be read: can't be seen with key …/);
  });

  it("is finished by undo last after a kill", async () => {
    const id = await changed(resume);
    await addFault(server, {
      method: "PATCH",
      path: pathOf("b"),
      count: 1,
      action: { type: "fail", status: 400 },
    });
    expect(await run(`undo ${id} --yes`)).toMatchObject({ code: 8 });
    expect(await enabledNames(server)).toEqual(["b"]);
    expect(await run("undo last --yes")).toMatchObject({ code: 0 });
    expect(await enabledNames(server)).toEqual([]);
  });

  it("is finished by undo last after an early interruption", async () => {
    const id = await changed(resume);
    await addAutomation(server, { name: "other" });
    await changed("automations pause other");
    const interrupt = new AbortController();
    const fetch: FetchLike = async (url, init) => {
      if (init.method === "PATCH") interrupt.abort(new Error("Ctrl-C"));
      return fetchFrom(server)(url, init);
    };
    await run(`undo ${id} --yes --concurrency 1`, { fetch, signal: interrupt.signal });
    expect(await enabledNames(server)).toHaveLength(2);
    const goesOn = await run("undo last --yes");
    expect(goesOn).toMatchObject({ code: 0, stderr: expect.stringContaining("this continues it\n") });
    expect(await enabledNames(server)).toEqual([]);
  });
});
