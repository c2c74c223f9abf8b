import { expect, it } from "vitest";
import { InterruptedError } from "../../src/errors.js";
import { addFault } from "../incident/fleet.js";
import { temporaryFolder } from "../support/harness.js";
import { AuditWorld } from "./audit-world.js";
import { type RunServer, startRunServer } from "./run-server.js";

const names = ["One", "Two", "Three"];
const lost = { method: "POST", path: "/v1/**", count: null, action: { type: "commit_then_cut" } };

const atOnce = { sleep: async () => undefined };

/** Three whose runs ask. */
async function asking(): Promise<RunServer> {
  const world = await startRunServer();
  for (const name of names) await world.trigger(await world.create(name, "Go.\n@dev ask Publish?"));
  return world;
}

function tellsOnce(stderr: string): void {
  expect(stderr.match(/checking whether it took\s+effect…/g)).toHaveLength(1);
  expect(stderr).toMatch(/[\n\r]3 answers were lost: all took effect, as a check shows\n/);
  expect(stderr).not.toContain("confirmed by checking");
}

it("of many messages are told once, with how many it were", async () => {
  const world = await asking();
  await addFault(world.server, lost);
  const words = ["runs", "answer", "--text", "y", "--all-deployments", "--yes"];
  const answered = await world.run(words, atOnce);
  expect(answered.code).toBe(0);
  tellsOnce(answered.stderr);
});

it("of what a pause tells runs are told once", async () => {
  const world = await asking();
  await addFault(world.server, lost);
  const words = ["automations", "pause", "--all", "--incident", "INC-1", "--tell", "Stop.", "--yes"];
  const paused = await world.run(words, atOnce);
  expect(paused.code).toBe(0);
  tellsOnce(paused.stderr);
});

it.each([
  ["in a pipe", {}],
  ["on a terminal", { tty: true, columns: 80 }],
])("of an undo are told once: %s", async (_, options) => {
  const world = await startRunServer();
  const home = temporaryFolder();
  for (const name of names) await world.create(name, "Go.");
  await world.run(["automations", "delete", ...names, "--yes"], { home });
  await addFault(world.server, lost);
  const undone = await world.run(["undo", "last", "--yes"], { home, ...atOnce, ...options });
  expect(undone.code).toBe(0);
  tellsOnce(undone.stderr);
});

it("of a catch-up are told once, and of how many it isn't known", async () => {
  const world = await AuditWorld.open("2026-03-02T00:30:00Z");
  for (const name of names) await world.create(name, "0 18 * * *");
  await world.rest(24 * 60, { isLost: true });
  await addFault(world.server, { ...lost, count: 1, action: { type: "fail", status: 500 } });
  await addFault(world.server, lost);
  const started = await world.run(["catch-up", "--since", "36h", "--yes", "--concurrency", "3"]);
  expect(started.code).toBe(12);
  expect(started.stderr.match(/checking whether it took effect…/g)).toHaveLength(1);
  expect(started.stderr).toContain("\n3 answers were lost: 2 took effect, as a check shows; 1 unknown\n");
});

/** Loses the answer of every POST, and is interrupted while they are looked for; gives what became of each. */
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

it("of many messages are unknown where Ctrl-C came while they were looked for", async () => {
  const words = ["runs", "answer", "--text", "y", "--all-deployments"];
  const { code, results } = await resultsInterrupted(await asking(), words);
  expect({ code, results }).toEqual({ code: 130, results: ["unknown", "not started", "not started"] });
});

it("of what an undo creates again are unknown where Ctrl-C came while they were looked for", async () => {
  const world = await startRunServer();
  const home = temporaryFolder();
  await world.create("One", "Go.");
  await world.run(["automations", "delete", "One", "--yes"], { home });
  const { code, results } = await resultsInterrupted(world, ["undo", "last"], home);
  expect({ code, results }).toEqual({ code: 130, results: ["unknown"] });
});
