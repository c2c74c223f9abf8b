import { once } from "node:events";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { addAutomation, addFault, call, type Server } from "../incident/fleet.js";
import { holdAnswers } from "../support/door.js";
import { dailyInDowntime, serverAfterDowntime } from "../support/downtime.js";
import { temporaryFolder } from "../support/harness.js";
import { spawnHerm, startHerm } from "../support/spawn.js";

const words = "automations catch-up --since 30h -d dep_local --concurrency 4 --yes --json".split(" ");
const names = ["a", "b", "c", "d", "e", "f"];
const path = "/v1/deployments/dep_local/automations";

/** A server on a real socket, after a day of downtime in which each automation missed its runs. */
async function start() {
  const home = temporaryFolder();
  const kept = { dataFile: join(home, "server.db"), apiKey: "hk_test_0000" };
  const { server, nowMs } = await serverAfterDowntime(kept, async (before) => {
    for (const name of names) await addAutomation(before, { name, schedule: dailyInDowntime() });
  });
  onTestFinished(() => server.close());
  const { url } = await server.listen();
  const env = { HOME: home, HERM_API_URL: url, HERM_API_KEY: server.apiKey, TEST_NOW: String(nowMs) };
  /** Requests that another process may have left open are too old to matter. */
  const later = { ...env, TEST_NOW: String(nowMs + 20_000) };
  const started = async () => {
    const { body } = await call(server, "GET", path);
    const list: { data?: { automation_id: string; name: string }[] } = body;
    const counts: Record<string, number> = {};
    for (const { automation_id, name } of list.data ?? []) {
      const one: { recent_runs?: { trigger: string }[] } = (
        await call(server, "GET", `${path}/${automation_id}`)
      ).body;
      counts[name] = one.recent_runs?.filter(({ trigger }) => trigger === "manual").length ?? 0;
    }
    return counts;
  };
  const sent = async () => Object.values(await started()).reduce((sum, count) => sum + count, 0);
  return { server, env, later, started, sent };
}

const onceEach = { a: 1, b: 1, c: 1, d: 1, e: 1, f: 1 };
const resultsOf = (stdout: string): string[] =>
  JSON.parse(stdout).map(({ result }: { result: string }) => result);

describe("a catch-up process", () => {
  it("starts no run twice after a kill during requests", async () => {
    const { server, env, later, started, sent } = await start();
    await answerLate({ server, skip: 1, ms: 60_000 });
    const child = startHerm(words, { env, preload: "fixed-clock" });
    child.stderr.resume();
    await expect.poll(sent).toBe(5);
    child.kill("SIGKILL");
    await once(child, "exit");
    await call(server, "DELETE", "/_dev/faults");
    const again = await spawnHerm(words, { env: later, preload: "fixed-clock" });
    expect(again.code).toBe(0);
    expect(resultsOf(again.stdout).toSorted()).toEqual([...Array(5).fill("skipped"), "started"]);
    expect(await started()).toEqual(onceEach);
    const history = await spawnHerm(["history", "--json"], { env: later });
    const items = JSON.parse(history.stdout).flatMap(({ items: of }: { items: { result: string }[] }) =>
      of.map(({ result }) => result),
    );
    expect(items.toSorted()).toEqual(["done", "done", "unknown", "unknown", "unknown", "unknown"]);
  });

  it("finishes requests in progress on Ctrl-C, reports them, and can continue later", async () => {
    const { server, env, later, started, sent } = await start();
    const door = await holdAnswers(server, { method: "POST", skip: 1 });
    const through = { HERM_API_URL: door.url };
    const child = startHerm(words, { env: { ...env, ...through }, preload: "fixed-clock" });
    const output = collect(child);
    await expect.poll(sent).toBe(5);
    child.kill("SIGINT");
    await expect.poll(() => output.stderr).toContain("stopping: finishing requests in flight");
    door.release();
    const [code] = await once(child, "close");
    expect(code).toBe(130);
    expect(output.stderr).toMatch(/interrupted: 5 of 6 started, 1 not started/);
    expect(resultsOf(output.stdout)).toEqual([...Array(5).fill("started"), "not started"]);
    const again = await spawnHerm(words, { env: { ...later, ...through }, preload: "fixed-clock" });
    expect(again.code).toBe(0);
    expect(await started()).toEqual(onceEach);
  });

  it("ends at once on a second Ctrl-C, and never starts a run twice", async () => {
    const { server, env, later, started, sent } = await start();
    await answerLate({ server, skip: 0, ms: 60_000 });
    const child = startHerm(words, { env, preload: "fixed-clock" });
    const output = collect(child);
    await expect.poll(sent).toBe(1);
    child.kill("SIGINT");
    await expect.poll(() => output.stderr).toContain("stopping: finishing requests in flight");
    child.kill("SIGINT");
    const [code, signal] = await once(child, "close");
    // A shell sees 130 in both cases.
    expect([130, "SIGINT"]).toContain(code ?? signal);
    await call(server, "DELETE", "/_dev/faults");
    const again = await spawnHerm(words, { env: later, preload: "fixed-clock" });
    expect(again.code).toBe(0);
    expect(await started()).toEqual(onceEach);
  });
});

/** Each start of a run after the first `skip` takes effect, with a response this late. */
async function answerLate({ server, skip, ms }: { server: Server; skip: number; ms: number }): Promise<void> {
  const action = { type: "commit_then_delay", ms } as const;
  await addFault(server, { method: "POST", skip, count: null, action });
}

function collect(child: ReturnType<typeof startHerm>): { stdout: string; stderr: string } {
  const output = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const)
    child[stream].on("data", (text) => {
      output[stream] += String(text);
    });
  return output;
}
