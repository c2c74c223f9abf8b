import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { agentText, summarize } from "../../src/runs/closing-line.js";
import {
  entriesSince,
  finishRun,
  type RunState,
  readEvent,
  reduce,
  startRun,
} from "../../src/runs/reduce.js";
import { question, result, status, token, tool } from "./events.js";

const runOf = (...events: ReturnType<typeof token>[]): RunState =>
  events.map(readEvent).reduce(reduce, startRun("run_1"));

const kinds = (state: RunState) => entriesSince(state, undefined).map((entry) => entry.kind);

describe("a run's state", () => {
  it("separates complete lines from the growing line", () => {
    const state = runOf(token("One\nTw"), token("o\nThr"), token("ee"));

    expect(entriesSince(state, undefined)).toEqual([
      { kind: "text", text: "One\n" },
      { kind: "text", text: "Two\n" },
    ]);
    expect(state.tail).toBe("Three");
    expect(state.thread_id).toBe("thr_1");
  });

  it("ends the line at a tool call, and matches results to calls", () => {
    const state = runOf(token("Looking"), tool("search", { q: "x" }), result("search", [1]), token("Done"));

    expect(kinds(state)).toEqual(["text", "call", "result"]);
    expect(state.open).toEqual([]);
    expect(summarize(state)).toEqual({
      status: "running",
      text: "LookingDone",
      tool_calls: [{ tool: "search", arguments: { q: "x" }, result: [1] }],
      steering_requests: [],
    });
  });

  it("matches a result with the oldest open call of its tool", () => {
    const state = runOf(tool("a", 1), tool("b", 2), tool("a", 3), result("a", "first"));

    expect(state.open.map((call) => call.data.arguments)).toEqual([2, 3]);
    expect(summarize(state).tool_calls).toEqual([
      { tool: "a", arguments: 1, result: "first" },
      { tool: "b", arguments: 2 },
      { tool: "a", arguments: 3 },
    ]);
  });

  it("keeps a result without a call", () => {
    expect(summarize(runOf(result("a", 1), result("a", 2))).tool_calls).toEqual([
      { tool: "a", result: 1 },
      { tool: "a", result: 2 },
    ]);
  });

  it("drops the oldest calls if very many have no result", () => {
    const state = runOf(...Array.from({ length: 60 }, (_, at) => tool("a", at)));

    expect(state.open).toHaveLength(50);
    expect(kinds(state).filter((kind) => kind === "unfinished")).toHaveLength(10);
    expect(summarize(state).tool_calls).toHaveLength(60);
    expect(state.toolCalls).toBe(60);
  });

  it.each([
    ["text", token("on")],
    ["a tool call", tool("a", {})],
    ["a status", status("running")],
  ])("continues from a question with %s", (_, next) => {
    const asked = runOf(question("Send it?"));
    expect(asked).toMatchObject({ status: "waiting_on_human", question: "Send it?" });

    expect(reduce(asked, readEvent(next))).toMatchObject({ status: "running", question: undefined });
    expect(summarize(asked).steering_requests).toEqual([{ summary: "Send it?" }]);
  });

  it("waits without a question if none arrived", () => {
    expect(runOf(status("waiting_on_human"))).toMatchObject({
      status: "waiting_on_human",
      question: undefined,
    });
  });

  it("keeps the question if the waiting status follows it", () => {
    expect(runOf(question("Send it?"), status("waiting_on_human")).question).toBe("Send it?");
  });

  it.each([
    ["error", { error: "no credits" }, "no credits"],
    ["message", { message: "no credits" }, "no credits"],
    ["an error object", { error: { code: "x", message: "no credits" } }, "no credits"],
    ["nothing", {}, undefined],
    ["null", { error: null, message: null }, undefined],
  ])("reads an error's reason from %s", (_, fields, reason) => {
    expect(runOf(status("error", fields))).toMatchObject({ status: "error", error: reason });
  });

  it("closes the open line and open calls at the end", () => {
    expect(kinds(runOf(tool("a", {}), token("end"), status("completed")))).toEqual([
      "call",
      "text",
      "unfinished",
    ]);
    expect(kinds(finishRun(runOf(tool("a", {}), token("cut"))))).toEqual(["call", "text", "unfinished"]);
  });

  it.each([
    ["another run's event", token("x", { run_id: "run_2" })],
    ["an event without a run", { event: "filesystem", id: "evt_1", data: '{"change":"add","path":"a"}' }],
    ["an unknown event", { event: "new_thing", id: "evt_1", data: '{"run_id":"run_1"}' }],
    ["data that isn't JSON", { event: "token", id: "evt_1", data: "hello" }],
    ["broken JSON", { event: "token", id: "evt_1", data: '{"run_id":"run_1","delta":' }],
    ["a list", { event: "token", id: "evt_1", data: "[1]" }],
    ["a delta that isn't text", token(7)],
    ["an unknown status", status("paused")],
    ["a status that isn't text", status(null)],
  ])("ignores %s", (_, event) => {
    const before = runOf(token("x"));

    expect(reduce(before, readEvent(event))).toEqual(before);
  });

  it("ignores events after the end", () => {
    const ended = runOf(status("completed"));

    expect(reduce(ended, readEvent(token("x")))).toBe(ended);
  });

  it("never changes an earlier state", () => {
    const before = runOf(token("a\nb"), tool("t", {}));
    const copy = structuredClone(before);
    runOf(token("a\nb"));
    reduce(before, readEvent(result("t", 1)));
    reduce(before, readEvent(token("more\n")));

    expect(before).toEqual(copy);
  });

  it("contains the same text, however it was cut", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "binary" })), (deltas) => {
        const state = runOf(...deltas.map((delta) => token(delta)));

        expect(agentText(state)).toBe(deltas.join(""));
        expect(agentText(finishRun(state))).toBe(deltas.join(""));
      }),
    );
  });

  it("handles 100,000 calls with their results", () => {
    let state = startRun("run_1");
    const call = readEvent(tool("a", {}));
    const answer = readEvent(result("a", 1));
    for (let at = 0; at < 100_000; at += 1) state = reduce(reduce(state, call), answer);

    expect(state.toolCalls).toBe(100_000);
  });
});
