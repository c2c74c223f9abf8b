import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { watchIdleness } from "../../src/dev-server/idleness.js";
import { startServer } from "../support/harness.js";

const minute = 60_000;

describe("a server in the background", () => {
  const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("stops after enough idle time, which any request or work restarts", async () => {
    const idleness = watchIdleness(100);
    let isAtWork = true;
    let isStopped = false;
    void idleness.stopped.then(() => {
      isStopped = true;
    });
    idleness.watch(() => ({ isAtWork, dueInMs: undefined }));
    await pass(160);
    expect(isStopped).toBe(false);
    isAtWork = false;
    for (let request = 0; request < 4; request += 1) {
      await pass(40);
      idleness.touch();
    }
    expect(isStopped).toBe(false);
    await pass(99);
    expect(isStopped).toBe(false);
    await pass(10);
    expect(isStopped).toBe(true);
    idleness.end();
  });

  it("stops on request, even if it is never idle", async () => {
    const idleness = watchIdleness(undefined);
    idleness.watch(() => ({ isAtWork: false, dueInMs: undefined }));
    let isStopped = false;
    void idleness.stopped.then(() => {
      isStopped = true;
    });
    await pass(24 * 60 * minute);
    expect(isStopped).toBe(false);
    idleness.stop();
    await idleness.stopped;
    idleness.end();
  });
});

describe("the reason to keep a server running", () => {
  it.each([
    ["it was just used", { quiet: 0 }, { because: "use", forMs: 10 * minute }],
    ["it was used a while ago", { quiet: 9 }, { because: "use", forMs: minute }],
    ["it wasn't used for the whole idle time", { quiet: 10 }, undefined],
    ["a run is under way", { quiet: 99, isAtWork: true }, { because: "work" }],
    ["a run is under way and another due", { quiet: 99, isAtWork: true, due: 5 }, { because: "work" }],
    ["something is due in an hour", { quiet: 99, due: 60 }, { because: "due", forMs: 60 * minute }],
    ["something is due in more than an hour", { quiet: 99, due: 60.01 }, undefined],
    ["something is due after the idle time", { quiet: 3, due: 30 }, { because: "due", forMs: 30 * minute }],
    ["something is due within the idle time", { quiet: 3, due: 5 }, { because: "use", forMs: 7 * minute }],
    ["something is due now", { quiet: 99, due: 0 }, { because: "due", forMs: 0 }],
    ["something is late", { quiet: 99, due: -9 }, { because: "due", forMs: 0 }],
    ["something can't be started", { quiet: 99, due: -10 }, undefined],
  ])("is correct while %s", (_, { quiet, due, isAtWork = false }: Given, stay) => {
    const dueInMs = due === undefined ? undefined : due * minute;
    let now = 0;
    const idleness = watchIdleness(10 * minute, () => now);
    idleness.watch(() => ({ isAtWork, dueInMs }));
    now = quiet * minute;
    expect(idleness.stay()).toEqual(stay);
    idleness.end();
  });

  interface Given {
    quiet: number;
    due?: number;
    isAtWork?: boolean;
  }

  it("includes runs due by the server's clock, even after moves or changes", async () => {
    let now = Date.parse("2026-03-02T08:30:00Z");
    const server = await startServer({ now: () => now });
    const call = async (method: string, path: string, body?: unknown) => {
      const response = await server.fetch(
        new Request(`http://127.0.0.1${path}`, {
          method,
          headers: { authorization: `Bearer ${server.apiKey}`, "content-type": "application/json" },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        }),
      );
      return (await response.json()) as Record<string, unknown>;
    };
    const path = "/v1/deployments/dep_local/automations";
    const due = () => server.look().dueInMs;
    expect(due()).toBeUndefined();
    await call("POST", path, { name: "Never", schedule: "0 0 30 2 *", instructions: "x" });
    expect(due()).toBeUndefined();
    const { automation_id } = await call("POST", path, {
      name: "N",
      schedule: "0 9 * * *",
      instructions: "x",
    });
    expect(due()).toBe(30 * minute);
    now += 10 * minute;
    expect(due()).toBe(20 * minute);
    await call("POST", "/_dev/clock", { advance_s: 15 * 60 });
    expect(due()).toBe(5 * minute);
    await call("PATCH", `${path}/${automation_id}`, { schedule: "0 11 * * *" });
    expect(due()).toBe(125 * minute);
    await call("PATCH", `${path}/${automation_id}`, { enabled: false });
    expect(due()).toBeUndefined();
  });
});
