import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { FetchLike } from "../../src/api/fetch.js";
import { createPrivateFiles } from "../../src/files/private-files.js";
import { addAutomation, enabledNames } from "../incident/fleet.js";
import { ledgerAt, ledgerOf } from "../incident/interruption.js";
import { fetchFrom, type HermOptions, herm, startServer, temporaryFolder } from "../support/harness.js";
import { impatient } from "../support/waiting.js";

const now = new Date("2026-01-05T03:15:02Z");
const first = "20260105-031502";
const second = "20260105-031502-2";

/** Two automations, and pauses that all start within one second. */
async function start() {
  const server = await startServer();
  for (const name of ["a", "b"]) await addAutomation(server, { name });
  const home = temporaryFolder();
  const pause = (words: string, options: HermOptions = {}) =>
    herm(["automations", "pause", ...words.split(" "), "--yes"], {
      server,
      home,
      now,
      env: { HERM_DEPLOYMENT: "dep_local" },
      ...options,
    });
  /** Acts once, at the first request: after a name is made, but before its ledger is opened. */
  const fetchAfter = (act: () => Promise<unknown>): FetchLike => {
    let isDone = false;
    return async (url, init) => {
      if (!isDone) {
        isDone = true;
        await act();
      }
      return fetchFrom(server)(url, init);
    };
  };
  return { server, home, pause, fetchAfter };
}

const namesOf = (home: string, incident: string) =>
  [...(ledgerOf(home, incident)?.items.values() ?? [])].map(({ line }) => line.name);

it("simultaneous pauses create one incident each", async () => {
  const { server, home, pause } = await start();
  const results = await Promise.all([pause("--match a"), pause("--match b")]);
  expect(results.map(({ code }) => code)).toEqual([0, 0]);
  expect([...namesOf(home, first), ...namesOf(home, second)].sort()).toEqual(["a", "b"]);
  expect([namesOf(home, first).length, namesOf(home, second).length]).toEqual([1, 1]);
  expect(await enabledNames(server)).toEqual([]);
});

it("a pause whose generated name is taken creates another incident, and prints its name", async () => {
  const { home, pause, fetchAfter } = await start();
  const joined = await pause("--match b", { fetch: fetchAfter(() => pause("--match a --reason other")) });
  expect(joined.code).toBe(0);
  expect(joined.stderr).toContain(`to resume them: herm automations resume --incident ${second}\n`);
  expect([namesOf(home, first), namesOf(home, second)]).toEqual([["a"], ["b"]]);
});

it("a generated name never matches that of an incident whose ledger is stored elsewhere", async () => {
  const { server, home, pause, fetchAfter } = await start();
  const path = (file: string) => join(home, file);
  const elsewhere = await pause(`--match b --ledger ${path("two.jsonl")}`, {
    fetch: fetchAfter(() => pause(`--match a --ledger ${path("one.jsonl")}`)),
  });
  expect(elsewhere.code).toBe(0);
  expect(
    [ledgerAt(path("one.jsonl")), ledgerAt(path("two.jsonl"))].map((each) => each?.head.incident),
  ).toEqual([first, second]);
  const results = await Promise.all([pause("--match c*"), pause(`--all --ledger ${path("three.jsonl")}`)]);
  expect(results.map(({ code }) => code)).toEqual([4, 0]);
  await addAutomation(server, { name: "c" });
  await addAutomation(server, { name: "d" });
  const both = await Promise.all([
    pause("--match c"),
    pause(`--match d --ledger ${path("four.jsonl")}`),
    pause(`--match d --ledger ${path("five.jsonl")} --reason late`),
  ]);
  expect(both.map(({ code }) => code)).toEqual([0, 0, 0]);
  const listed = await herm(["incidents", "list", "-o", "name"], { home, now });
  const names = listed.stdout.trim().split("\n");
  expect(new Set(names).size).toBe(5);
  expect(listed.stderr).toBe("");
  expect(readdirSync(home).filter((file) => file.endsWith(".jsonl"))).toHaveLength(4);
});

it("a pause is refused if another herm uses the ledger, even without saved names", async () => {
  const { server, home, pause } = await start();
  const path = join(home, "one.jsonl");
  const files = createPrivateFiles({ uid: undefined, pid: process.pid, isRunning: () => true });
  const env = { HERM_DEPLOYMENT: "dep_local", HERM_DATA_DIR: "/proc/self/herm" };
  const { code, stderr } = await files.withLockBeside(path, () =>
    pause(`--all --max-wait 5s --ledger ${path}`, { env, ...impatient() }),
  );
  expect({ code, stderr }).toMatchObject({ code: 6, stderr: expect.stringContaining("another herm") });
  expect(await enabledNames(server)).toEqual(["a", "b"]);
});

it("a pause with a named incident and ledger fails if the name is taken", async () => {
  const { server, home, pause, fetchAfter } = await start();
  await addAutomation(server, { name: "c" });
  const held = await pause("--match c --incident INC-1", {
    fetch: fetchAfter(async () => undefined),
  });
  expect(held.code).toBe(0);
  const results = await Promise.all([
    pause("--match a --incident INC-2"),
    pause(`--match b --incident INC-2 --ledger ${join(home, "two.jsonl")}`),
  ]);
  expect(results.map(({ code }) => code).sort()).toEqual([0, 6]);
  expect(ledgerOf(home, "INC-2") ?? ledgerAt(join(home, "two.jsonl"))).toBeDefined();
  expect(await enabledNames(server)).toHaveLength(1);
});
