import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import type { FetchLike } from "../../src/api/fetch.js";
import { InterruptedError } from "../../src/errors/cli-errors.js";
import { addFault, call, enabledNames, requestCounts } from "../incident/fleet.js";
import { addMany, differences, interrupted, ledgerAt, ledgerOf } from "../incident/interruption.js";
import { interruptedIncident, randomTrial } from "../incident/trial.js";
import { fetchFrom, herm, startServer, temporaryFolder } from "../support/harness.js";
import { drawOf } from "../support/seed.js";
import { spawnHerm } from "../support/spawn.js";

const pause = ["automations", "pause", "--all", "--incident", "INC-1", "--yes", "-d", "dep_local"];

describe("Ctrl-C during an incident", () => {
  it("leaves a ledger that matches the server, at any moment", async () => {
    const draw = drawOf("an incident interrupted");
    for (let trial = 0; trial < 8; trial += 1) {
      const given = randomTrial(draw, await startServer(), temporaryFolder());
      expect([given, await interruptedIncident(given)]).toEqual([given, []]);
    }
  });

  it("finishes requests in progress, reports them, and exits with 130", async () => {
    const server = await startServer();
    const home = temporaryFolder();
    await addMany(server, 30);
    const stopped = await interrupted({ server, home, words: pause, atRequest: 15, isAfter: true });
    expect(stopped.code).toBe(130);
    const paused = 30 - (await enabledNames(server)).length;
    expect(paused).toBeGreaterThan(8);
    expect(paused).toBeLessThan(30);
    expect(stopped.stderr).toContain(
      `error: interrupted: ${paused} of 30 paused, ${30 - paused} not started\nhint: to finish it: herm automations pause -d dep_local --all --incident INC-1 --yes\n`,
    );
    expect(stopped.stderr).toContain("stopping: finishing requests in flight, starting nothing new\n");
    expect(stopped.stdout.split("\n").filter((line) => line.includes("\tnot started\t"))).toHaveLength(
      30 - paused,
    );
    const offline = await herm(["incidents", "show", "INC-1", "--offline", "--json"], { server, home });
    const states = JSON.parse(offline.stdout).items.map((item: { state: string }) => item.state);
    expect(states.filter((state: string) => state === "enabled")).toHaveLength(30 - paused);
  });

  it("prevents new requests after another herm has taken the lock", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    onTestFinished(() => void vi.useRealTimers());
    const server = await startServer();
    const home = temporaryFolder();
    const path = join(home, "shared.jsonl");
    await addMany(server, 30);
    const controller = new AbortController();
    let count = 0;
    const sleeping: FetchLike = async (url, init) => {
      count += 1;
      if (count === 15) {
        const [pid, , place] = readFileSync(`${path}.lock`, "utf8").split("\n");
        writeFileSync(`${path}.lock`, `${pid}\n\n${place}\n0123456789abcdef\n`);
        vi.advanceTimersByTime(1_000);
      }
      return fetchFrom(server)(url, init);
    };
    const stopped = await herm([...pause, "--ledger", path], {
      ...{ server, home, fetch: sleeping, signal: controller.signal },
      interrupt: (reason) => controller.abort(reason),
    });
    const paused = 30 - (await enabledNames(server)).length;
    expect(paused).toBeLessThan(30);
    expect(stopped.code).toBe(143);
    expect(stopped.stderr).toContain(
      `error: another herm process took over the lock on incident INC-1 (${path}.lock): ${paused} of 30 paused, ${30 - paused} not started\n`,
    );
    expect(readFileSync(`${path}.lock`, "utf8")).toContain("0123456789abcdef");
  });

  it("changes no automation during the question or the first read", async () => {
    const server = await startServer();
    const home = temporaryFolder();
    await addMany(server, 2);
    for (const atRequest of [1, 2, 3]) {
      const stopped = await interrupted({ server, home, words: pause, atRequest, isAfter: false });
      expect(stopped.code).toBe(130);
    }
    expect(await enabledNames(server)).toHaveLength(2);
    expect(ledgerOf(home, "INC-1")).toBeUndefined();
  });

  it("reports all automations as paused during the final check", async () => {
    const server = await startServer();
    await addMany(server, 2);
    const home = temporaryFolder();
    const stopped = await interrupted({ server, home, words: pause, atRequest: 6, isAfter: false });
    expect(stopped.code).toBe(130);
    expect(stopped.stderr).toContain("error: interrupted: 2 of 2 paused\nhint: ");
    expect(await enabledNames(server)).toEqual([]);
  });

  it("leaves work that a second machine can finish with the same ledger", async () => {
    const server = await startServer();
    const homes = [temporaryFolder(), temporaryFolder()];
    const path = join(temporaryFolder(), "shared.jsonl");
    await addMany(server, 60);
    let count = 0;
    const controller = new AbortController();
    const failing: FetchLike = async (url, init) => {
      count += 1;
      if (count === 40) controller.abort(new InterruptedError());
      if (init.method === "PATCH" && count % 10 === 0) {
        const kind = count % 20 === 0 ? "commit_then_fail" : "fail";
        await addFault(server, { method: "PATCH", action: { type: kind, status: 500 } });
      }
      return fetchFrom(server)(url, init);
    };
    const words = [...pause, "--ledger", path];
    const first = await herm(words, {
      server,
      home: homes[0] ?? "",
      fetch: failing,
      signal: controller.signal,
    });
    expect(first.code).toBe(130);
    expect(await differences(ledgerAt(path), server)).toEqual([]);
    await call(server, "DELETE", "/_dev/faults");
    const second = await herm(words, { server, home: homes[1] ?? "" });
    expect(second.code).toBe(0);
    expect(await enabledNames(server)).toEqual([]);
    expect(await differences(ledgerAt(path), server)).toEqual([]);
    const resumed = await herm(["automations", "resume", "--ledger", path, "--yes"], {
      server,
      home: homes[1] ?? "",
    });
    expect(resumed.code).toBe(0);
    expect(await enabledNames(server)).toHaveLength(60);
  });

  it("ends a pause for 429s at once", async () => {
    const server = await startServer();
    const home = temporaryFolder();
    await addMany(server, 10);
    await addFault(server, {
      method: "PATCH",
      skip: 2,
      count: 1,
      action: { type: "fail", status: 429, headers: { "retry-after": "50" } },
    });
    const controller = new AbortController();
    const sleep = (_ms: number, signal?: AbortSignal) =>
      new Promise<void>((_, reject) => {
        controller.abort(new InterruptedError());
        if (signal?.aborted === true) reject(signal.reason);
      });
    const stopped = await herm(pause, { server, home, sleep, signal: controller.signal });
    expect(stopped.code).toBe(130);
    expect(await differences(ledgerOf(home, "INC-1"), server)).toEqual([]);
    expect((await enabledNames(server)).length).toBeGreaterThan(0);
  });
});

describe("repeated 429s with Retry-After", () => {
  it("make all workers wait, but every item is completed", async () => {
    const server = await startServer();
    const home = temporaryFolder();
    await addMany(server, 20);
    await addFault(server, {
      method: "PATCH",
      skip: 4,
      count: 3,
      action: { type: "fail", status: 429, headers: { "retry-after": "7" } },
    });
    let sent = 0;
    let refused = 0;
    let sentWhileHeld = 0;
    let isOver = false;
    const fetch: FetchLike = async (url, init) => {
      if (init.method === "PATCH") {
        sent += 1;
        if (refused === 3 && !isOver) sentWhileHeld += 1;
      }
      const answer = await fetchFrom(server)(url, init);
      if (answer.status === 429) refused += 1;
      return answer;
    };
    const waits: number[] = [];
    const sleep = async (ms: number) => {
      waits.push(ms);
      for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
      isOver = refused === 3;
    };
    const paused = await herm(pause, { server, home, sleep, fetch });
    expect(paused.code).toBe(0);
    expect(Math.max(...waits)).toBeGreaterThanOrEqual(6_000);
    expect(sent).toBe(23);
    expect(sentWhileHeld).toBe(0);
    expect(await enabledNames(server)).toEqual([]);
  });
});

describe("an API that always fails", () => {
  it("is abandoned after a few changes, and reported in one line", async () => {
    const server = await startServer();
    await addMany(server, 60);
    const { url } = await server.listen();
    await addFault(server, { method: "PATCH", count: null, action: { type: "fail", status: 503 } });
    const before = (await requestCounts(server)).PATCH ?? 0;
    const env = { HERM_API_URL: url, HERM_API_KEY: server.apiKey };
    const paused = await spawnHerm([...pause, "--max-wait", "2s"], { env });
    expect(paused.code).toBe(12);
    expect(paused.stderr).toMatch(
      /\nerror: .*; no request succeeded for 2 s; some may have been paused: run the same command again\n/,
    );
    expect(paused.stderr).not.toContain("not started");
    const patches = ((await requestCounts(server)).PATCH ?? 0) - before;
    expect(patches).toBeGreaterThanOrEqual(8);
    expect(patches).toBeLessThanOrEqual(8 + 10 + 2);
    expect(await enabledNames(server)).toHaveLength(60);
  });
});
