import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { addAutomation, enabledNames, requestCounts } from "../incident/fleet.js";
import { ledgerOf } from "../incident/interruption.js";
import { type HermOptions, herm, startServer, temporaryFolder } from "../support/harness.js";
import { gate, impatient } from "../support/waiting.js";

const pause = (name: string) => `automations pause ${name} --incident INC-1 -d dep_local`;

/** A pause of `a` in INC-1, which has already paused `b`, waits at its request. */
async function start(holder: HermOptions = {}) {
  const server = await startServer();
  for (const name of ["a", "b", "c"]) await addAutomation(server, { name });
  const home = temporaryFolder();
  const run = (line: string, options: HermOptions = {}) =>
    herm(line.split(" "), { server, home, ...options });
  await run(pause("b"));
  const held = gate(server, "PATCH");
  const first = run(pause("a"), { ...holder, fetch: held.fetch });
  await held.arrived;
  return { server, home, run, first, release: held.release };
}

it("a pause reports that it waits for another herm's incident", async () => {
  const { server, home, run, first, release } = await start();
  const options = impatient({ stepMs: 100, onLook: (looks) => looks > 80 && release() });
  const [second, { code }] = await Promise.all([run(pause("c"), options), first]);
  expect([code, second.code]).toEqual([0, 0]);
  expect(second.stderr).toMatch(
    /^incident INC-1 is locked by another herm process \(.+\) since \d\d:\d\d: waiting$/m,
  );
  expect(await enabledNames(server)).toEqual([]);
  const paused = [...(ledgerOf(home, "INC-1")?.items.values() ?? [])].map(({ line }) => line.name);
  expect(paused.sort()).toEqual(["a", "b", "c"]);
});

it("a pause waits silently for an incident that is busy for less than a second", async () => {
  const { run, first, release } = await start();
  const options = impatient({ stepMs: 1, onLook: (looks) => looks > 80 && release() });
  const [{ code, stderr }] = await Promise.all([run(pause("c"), options), first]);
  expect({ code, isTold: /locked|waiting/.test(stderr) }).toEqual({ code: 0, isTold: false });
});

it.each([
  pause("c"),
  "automations resume --incident INC-1 --yes",
  "undo last --yes",
  "incidents close INC-1 --yes",
  "incidents reopen INC-1",
  "incidents import <copy>",
])("a busy incident makes commands wait up to --max-wait: %s", async (line) => {
  const { server, home, run, first, release } = await start();
  const copy = join(home, "copy.jsonl");
  copyFileSync(join(home, ".local", "share", "herm", "history", "incidents", "inc-1.jsonl"), copy);
  const before = await requestCounts(server);
  const { code, stdout, stderr } = await run(`${line.replace("<copy>", copy)} --max-wait 5s`, impatient());
  const { PATCH } = await requestCounts(server);
  expect({ code, stdout, PATCH }).toEqual({ code: 6, stdout: "", PATCH: before.PATCH });
  expect(stderr).toMatch(
    /: waiting\nerror: incident INC-1 is locked by another herm process \(.+\) since \d\d:\d\d\nhint: run it again when that process ends; to wait longer, raise --max-wait\n$/,
  );
  release();
  expect((await first).code).toBe(0);
});

it("an incident is free again as soon as its herm is killed", async () => {
  const { run } = await start({ pid: process.pid + 1 });
  const { code, stderr } = await run(`${pause("c")} --max-wait 1s`, impatient({ stepMs: 300 }));
  expect({ code, isTold: /locked|waiting/.test(stderr) }).toEqual({ code: 0, isTold: false });
});
