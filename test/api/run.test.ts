import { beforeAll, describe, expect, it } from "vitest";
import { type ClientOptions, HermClient } from "../../src/api/client.js";
import type { FetchLike } from "../../src/api/fetch.js";
import type { HermEvent, Run } from "../../src/api/types.js";
import { settle, VirtualTime } from "./virtual-time.js";

// The first import takes real time, which these tests don't allow for.
beforeAll(() => import("eventsource"));

interface World {
  /** What each connection sends before it is cut; the last one remains open. */
  streams: string[];
  /** The run as each read of its automation shows it; the last is repeated. */
  runs: (Partial<Run> | 500)[];
  messages?: object[];
}

/** Follows the run `run_1` on its own clock; requests are listed as `<method> <last part of the path>`. */
function follow({ streams, runs, messages = [] }: World, options: ClientOptions = {}) {
  const time = new VirtualTime();
  const asked: string[] = [];
  const script = { streams: [...streams], runs: [...runs] };
  const answer = (body: unknown, status = 200) =>
    new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json" } });
  const fetch: FetchLike = async (url, { method, signal }) => {
    const last = url.split("/").at(-1) ?? "";
    asked.push(`${method} ${last}`);
    if (last === "trigger") return answer({ run_id: "run_1" });
    if (last === "thr_1") return answer({ thread_id: "thr_1", messages });
    if (last === "auto_1") {
      const run = script.runs.length > 1 ? script.runs.shift() : script.runs[0];
      if (run === 500) return answer({ error: "server_error" }, 500);
      const other = { run_id: "run_0", status: "completed" };
      return answer({ automation_id: "auto_1", recent_runs: [{ run_id: "run_1", ...run }, other] });
    }
    const text = script.streams.length > 0 ? script.streams.shift() : undefined;
    const body = new ReadableStream({
      start(controller) {
        if (text !== undefined) controller.enqueue(new TextEncoder().encode(text));
        if (script.streams.length > 0) controller.close();
        else signal?.addEventListener("abort", () => controller.error(signal.reason));
      },
    });
    return new Response(body, { headers: { "content-type": "text/event-stream" } });
  };
  const clock = { sleep: time.sleep, timer: time.timer, now: time.now, monotonic: time.monotonic };
  const herm = new HermClient({ apiKey: "k", random: () => 0, ...clock, fetch, ...options });
  const seen: HermEvent[] = [];
  const stop = new AbortController();
  const { signal } = stop;
  const end: { outcome?: unknown } = {};
  const followed = herm.automations.run("dep_1", "auto_1", { signal, onEvent: (event) => seen.push(event) });
  followed.then(
    (outcome) => (end.outcome = outcome),
    (error) => (end.outcome = error),
  );
  return { asked, end, seen, stop, time };
}

const event = (type: string, data: object) => `event: ${type}\ndata: ${JSON.stringify(data)}\n\n`;
const token = event("token", { run_id: "run_1", delta: "Hello" });

describe("a followed run", () => {
  it("ends according to its state if its stream is cut before any id", async () => {
    const { end, asked, time } = follow({ streams: ["", ": open\n\n"], runs: [{ status: "completed" }] });
    await time.advance(2000);
    expect(end.outcome).toEqual({ run_id: "run_1", status: "completed" });
    expect(asked).toEqual(["GET events", "POST trigger", "GET events", "GET auto_1"]);
  });

  it("is read again after each reconnect, and followed further if it's still running", async () => {
    const done = event("run_status", { run_id: "run_1", status: "completed" });
    const world = { streams: ["", "", token, token + done], runs: [{ status: "running" as const }] };
    const { end, asked, time } = follow(world);
    await time.advance(10_000);
    expect(end.outcome).toEqual({ run_id: "run_1", status: "completed" });
    expect(asked.filter((each) => each === "GET auto_1")).toHaveLength(3);
  });

  it.each([
    [
      { status: "error", error: "no credits" },
      { status: "error", error: "no credits" },
    ],
    [
      { status: "waiting_on_human", thread_id: "thr_1" },
      { status: "waiting_on_human", question: "Which one?" },
    ],
    [{ status: "waiting_on_human" }, { status: "waiting_on_human" }],
  ] as const)("ends when a GET returns %j", async (run, outcome) => {
    const messages = [
      { role: "agent", content: "Of another", run_id: "run_0" },
      { role: "agent", content: "First", run_id: "run_1" },
      { role: "agent", content: "Which one?", run_id: "run_1" },
      { role: "user", content: "Hurry", run_id: "run_1" },
    ];
    const { end, time } = follow({ streams: ["", ""], runs: [run], messages });
    await time.advance(2000);
    expect(end.outcome).toEqual({ run_id: "run_1", ...outcome });
  });

  it("shows only its own events", async () => {
    const foreign = event("token", { run_id: "run_2", delta: "Bye" }) + event("odd", { run_id: "run_1" });
    const question = event("steering_request", { run_id: "run_1", summary: "Which one?" });
    const { end, seen } = follow({ streams: [foreign + token + question], runs: [] });
    await settle();
    expect(seen.map(({ type }) => type)).toEqual(["token", "steering_request"]);
    expect(end.outcome).toMatchObject({ status: "waiting_on_human", question: "Which one?" });
  });
});

describe("a followed run whose end is unknown", () => {
  it("is reported as ambiguous, with its id, once its call is aborted", async () => {
    const { end, stop } = follow({ streams: [token], runs: [] });
    await settle();
    stop.abort(new Error("enough"));
    await settle();
    expect(end.outcome).toMatchObject({
      name: "AmbiguousError",
      message: "the run run_1 was started, but its outcome is unknown: enough",
      run_id: "run_1",
      sent: { kind: "trigger", automation_id: "auto_1" },
      cause: new Error("enough"),
    });
  });

  it("is reported as ambiguous, with its id, if it can't be read after a reconnect", async () => {
    const { end, asked, time } = follow({ streams: ["", ""], runs: [500] });
    await time.advance(90_000);
    expect(end.outcome).toMatchObject({ name: "AmbiguousError", run_id: "run_1", cause: { status: 500 } });
    expect(asked.filter((each) => each === "GET auto_1")).toHaveLength(4);
    expect(time.waiting).toBe(0);
  });

  it("sends no request after its end", async () => {
    const done = event("run_status", { run_id: "run_1", status: "completed" });
    const { end, asked, time } = follow({ streams: ["", done], runs: [500] });
    await time.advance(90_000);
    expect(end.outcome).toEqual({ run_id: "run_1", status: "completed" });
    expect(asked.filter((each) => each === "GET auto_1").length).toBeLessThan(2);
    expect(time.waiting).toBe(0);
  });
});
