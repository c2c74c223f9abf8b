import { expect, it } from "vitest";
import { InterruptedError } from "../../src/errors/cli-errors.js";
import { addFault } from "../incident/fleet.js";
import { temporaryFolder } from "../support/harness.js";
import { AuditWorld } from "./audit-world.js";
import { type RunServer, startRunServer } from "./run-server.js";

const names = ["One", "Two", "Three"];
const lost = { method: "POST", path: "/v1/**", count: null, action: { type: "commit_then_cut" } };

const atOnce = { sleep: async () => undefined };

/** Three automations whose runs ask a question. */
async function asking(): Promise<RunServer> {
  const world = await startRunServer();
  for (const name of names) await world.trigger(await world.create(name, "Go.\n@dev ask Publish?"));
  return world;
}

it.each([
  ["lost responses to many messages", "runs answer --text y --all-deployments --yes", {}],
  [
    "lost responses to a pause's messages to runs",
    "automations pause --all --incident INC-1 --tell Stop. --yes",
    {},
  ],
  ["lost responses to an undo", "undo last --yes", {}],
  ["lost responses to an undo on a terminal", "undo last --yes", { tty: true, columns: 80 }],
])("%s are reported once, and checked at the end", async (_, words, options) => {
  const world = await asking();
  const home = temporaryFolder();
  if (words.startsWith("undo")) await world.run(["automations", "delete", ...names, "--yes"], { home });
  await addFault(world.server, lost);
  const { code, stderr } = await world.run(words.split(" "), { home, ...atOnce, ...options });
  expect(code).toBe(0);
  expect(stderr.match(/no answer/g)).toHaveLength(1);
  expect(stderr).toMatch(/no answer to 3 changes: checking\s+until \S+ whether they\s+were\s+done\n/);
  expect(stderr).not.toContain("confirmed by a check");
});

it("lost responses in catch-up are reported once, with a count of missing runs", async () => {
  const world = await AuditWorld.open("2026-03-02T00:30:00Z");
  for (const name of names) await world.create(name, "0 18 * * *");
  await world.rest(24 * 60, { isLost: true });
  await addFault(world.server, { ...lost, count: 1, action: { type: "fail", status: 500 } });
  await addFault(world.server, lost);
  const started = await world.run(["catch-up", "--since", "36h", "--yes", "--concurrency", "3"]);
  expect(started.code).toBe(12);
  expect(started.stderr.match(/no answer/g)).toHaveLength(1);
  expect(started.stderr).toContain("no answer to 3 changes: checking until");
  expect(started.stderr).toContain("2 started · 1 unknown");
});

/** Loses the response to every POST, and interrupts the search for them; returns the result for each. */
async function resultsInterrupted(world: RunServer, words: readonly string[], home?: string) {
  const interrupt = new AbortController();
  await addFault(world.server, lost);
  const { code, stdout } = await world.run([...words, "--yes", "--json"], {
    home,
    signal: interrupt.signal,
    sleep: async (_ms, signal) => {
      interrupt.abort(new InterruptedError());
      signal?.throwIfAborted();
    },
  });
  const rows: { result: string }[] = JSON.parse(stdout);
  return { code, results: rows.map(({ result }) => result) };
}

it("lost responses to many messages stay unknown if Ctrl-C ends the check", async () => {
  const words = ["runs", "answer", "--text", "y", "--all-deployments"];
  const { code, results } = await resultsInterrupted(await asking(), words);
  expect({ code, results }).toEqual({ code: 130, results: ["unknown", "unknown", "unknown"] });
});

it("a lost response to undo's create stays unknown if Ctrl-C ends the check", async () => {
  const world = await startRunServer();
  const home = temporaryFolder();
  await world.create("One", "Go.");
  await world.run(["automations", "delete", "One", "--yes"], { home });
  const { code, results } = await resultsInterrupted(world, ["undo", "last"], home);
  expect({ code, results }).toEqual({ code: 130, results: ["unknown"] });
});

it("a create with a lost response doesn't delay the next create of its command", async () => {
  const world = await startRunServer();
  const home = temporaryFolder();
  const ids = [await world.create("One", "Go."), await world.create("One", "Go.")];
  await world.run(["automations", "delete", ...ids, "--yes"], { home });
  await addFault(world.server, { ...lost, count: 1, action: { type: "fail", status: 500 } });
  const waits: number[] = [];
  const { code, stderr } = await world.run(["undo", "last", "--yes", "--concurrency", "1"], {
    home,
    sleep: async (ms) => void waits.push(ms),
  });
  expect(code).toBe(12);
  expect(stderr).toContain("1 undone · 1 unknown");
  // Otherwise it would wait 16 s for another command's open request.
  expect(Math.max(...waits)).toBeLessThan(10_000);
});
