import { describe, expect, it } from "vitest";
import type { HermClient } from "../../../src/api/client.js";
import { createTransport } from "../../../src/api/transport/http.js";
import {
  type Answerer,
  closedUrl,
  json,
  manualLimits,
  outcomeOf,
  reset,
  scriptedServer,
  testClient,
  text,
} from "../scripted-server.js";

const found = {
  automation_id: "auto_1",
  deployment_id: "dep_1",
  run_id: "run_1",
  thread_id: "thr_1",
  name: "Weekly",
  schedule: "0 9 * * 1",
  enabled: false,
};
const ok = json(200, found);

const get = (herm: HermClient) => herm.automations.get("dep_1", "auto_1");
const update = (herm: HermClient) => herm.automations.update("dep_1", "auto_1", { enabled: false });
const remove = (herm: HermClient) => herm.automations.delete("dep_1", "auto_1");
const fields = { name: "Weekly", schedule: "0 9 * * 1", instructions: "I" };
const create = (herm: HermClient) => herm.automations.create("dep_1", fields);
const trigger = (herm: HermClient) => herm.automations.trigger("dep_1", "auto_1");
const send = (herm: HermClient) => herm.deployments.messages.send("dep_1", { content: "yes" });

const cutBody: Answerer = (response) => {
  response.writeHead(200, { "content-length": "100" });
  response.write('{"automation_id":"auto_1",', () => response.socket?.resetAndDestroy());
};
const cutChunk: Answerer = (response) => {
  response.writeHead(200);
  response.write('{"automation_id":"auto_1",', () => response.socket?.destroy());
};
const cutHeaders: Answerer = (response) => {
  response.socket?.write("HTTP/1.1 200 OK\r\ncontent-le", () => response.socket?.resetAndDestroy());
};
const closeDelimited: Answerer = (response) => {
  response.socket?.end('HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{"automation_id":"auto_1",');
};
const fin: Answerer = (response) => response.socket?.end();
const garbage: Answerer = (response) => response.socket?.end("\0\x01garbage\r\n\r\n");

describe("a GET", () => {
  it.each<[string, Answerer]>([
    ["408", text(408, "")],
    ["429", text(429, "")],
    ["500", text(500, "")],
    ["502", text(502, "<html>")],
    ["503", text(503, "")],
    ["504", text(504, "")],
    ["a reset connection", reset],
    ["a closed connection", fin],
    ["truncated headers", cutHeaders],
    ["a truncated body", cutBody],
    ["truncated chunks", cutChunk],
    ["garbage", garbage],
  ])("is retried after %s", async (_name, fault) => {
    const server = await scriptedServer(fault, fault, ok);
    const { herm, sleptMs } = testClient(server.url);
    expect(await get(herm)).toMatchObject(found);
    expect({ requests: server.seen.length, sleptMs }).toEqual({ requests: 3, sleptMs: [250, 500] });
  });

  it("gives up after four attempts, and reports their errors and duration", async () => {
    const server = await scriptedServer(text(503, ""));
    const { herm, attempts } = testClient(server.url);
    expect(await outcomeOf(get(herm))).toMatchObject({
      name: "ServerError",
      status: 503,
      tried: { attempts: 4, elapsedMs: 1750 },
    });
    expect(server.seen).toHaveLength(4);
    expect(attempts).toEqual([
      "GET 1 503 ServerError +250",
      "GET 2 503 ServerError +500",
      "GET 3 503 ServerError +1000",
      "GET 4 503 ServerError",
    ]);
  });

  it.each([400, 401, 403, 404, 409, 422, 501])("is not retried after %i", async (status) => {
    const server = await scriptedServer(text(status, ""), ok);
    expect(await outcomeOf(get(testClient(server.url).herm))).toMatchObject({ status });
    expect(server.seen).toHaveLength(1);
  });

  it("gives up if the server isn't listening", async () => {
    const { herm, attempts } = testClient(closedUrl);
    expect(await outcomeOf(get(herm))).toMatchObject({
      name: "ConnectionError",
      code: "ECONNREFUSED",
      neverArrived: true,
      message: expect.stringMatching(/^127\.0\.0\.1:\d+: connection refused \(ECONNREFUSED\)$/),
    });
    expect(attempts).toHaveLength(4);
  });

  it("times out without a response, and is retried", async () => {
    const limits = manualLimits();
    const server = await scriptedServer(() => limits.pass(), ok);
    const { herm, attempts } = testClient(server.url, { timer: limits.timer });
    expect(await get(herm)).toMatchObject(found);
    expect(attempts).toEqual(["GET 1 - TimeoutError +250", "GET 2 200"]);
  });

  it.each<[string, object, string]>([
    ["one attempt", {}, "the rest of the response never arrived in 0.05 s"],
    ["all attempts", { maxWaitMs: 20 }, "the rest of the response never arrived in 0.02 s"],
  ])("times out if the body stalls, at the limit for %s", async (_name, limit, message) => {
    const server = await scriptedServer((response) => response.write('{"automation_id"'));
    let limits = 0;
    const { herm } = testClient(server.url, {
      timeoutMs: 50,
      ...limit,
      maxRetries: 0,
      // The first limit is for the headers, the second for bytes that arrive, the third for bytes that don't.
      timer: (_ms, fire) => {
        limits += 1;
        if (limits === 3) setImmediate(fire);
        return () => {};
      },
    });
    expect(await outcomeOf(get(herm))).toMatchObject({
      name: "TimeoutError",
      neverArrived: false,
      message: `${new URL(server.url).host}: ${message}`,
    });
  });

  it("stops at the overall limit, which shortens the last attempt", async () => {
    const limits: number[] = [];
    let nowMs = 0;
    const server = await scriptedServer(() => {});
    const { herm } = testClient(server.url, {
      timeoutMs: 30_000,
      maxWaitMs: 50_000,
      monotonic: () => nowMs,
      sleep: async (ms) => {
        nowMs += ms;
      },
      timer: (ms, fire) => {
        limits.push(ms);
        nowMs += ms;
        const immediate = setImmediate(fire);
        return () => clearImmediate(immediate);
      },
    });
    expect(await outcomeOf(get(herm))).toMatchObject({
      name: "TimeoutError",
      message: `${new URL(server.url).host}: no answer in 50 s`,
      timeoutMs: 50_000,
      tried: { attempts: 2, elapsedMs: 50_000 },
    });
    expect(limits).toEqual([30_000, 19_750]);
  });

  it("reports the earlier failure if its last attempt is cut short", async () => {
    const limits = manualLimits();
    const refusal = json(503, { error: "server_error", message: "closed for today" });
    const server = await scriptedServer(refusal, () => limits.pass());
    const { herm } = testClient(server.url, {
      timer: limits.timer,
      timeoutMs: 30_000,
      maxWaitMs: 20_000,
      maxRetries: 1,
    });
    const limit = "no answer in 20 s";
    expect(await outcomeOf(get(herm))).toMatchObject({
      name: "TimeoutError",
      message: `${new URL(server.url).host}: ${limit}; before that: closed for today`,
      tried: { attempts: 2 },
    });
  });
});

describe("a deletion", () => {
  it("succeeds if a retry finds the automation gone", async () => {
    const server = await scriptedServer(reset, text(404, ""));
    expect(await outcomeOf(remove(testClient(server.url).herm))).toBe("ok");
    expect(server.seen).toHaveLength(2);
  });

  it("reports a 404 if the first attempt finds no automation", async () => {
    const server = await scriptedServer(text(404, ""));
    expect(await outcomeOf(remove(testClient(server.url).herm))).toMatchObject({ status: 404 });
  });

  it("reports a 404 if only rate limits preceded it", async () => {
    const server = await scriptedServer(text(429, ""), text(404, ""));
    expect(await outcomeOf(remove(testClient(server.url).herm))).toMatchObject({ status: 404 });
  });

  it("may still take effect after its last attempt", async () => {
    const server = await scriptedServer(text(500, ""));
    const outcome = await outcomeOf(remove(testClient(server.url).herm));
    expect(outcome).toMatchObject({ name: "AmbiguousError", sent: { kind: "delete" } });
    expect(server.seen.map(({ method }) => method)).toEqual(["DELETE", "DELETE", "DELETE", "DELETE"]);
  });
});

describe("an update", () => {
  it("may still take effect after its last attempt", async () => {
    const server = await scriptedServer(text(503, ""));
    const outcome = await outcomeOf(update(testClient(server.url, { fetch: createTransport() }).herm));
    expect(outcome).toMatchObject({
      name: "AmbiguousError",
      sent: { kind: "update", fields: { enabled: false } },
    });
    expect(server.seen.map(({ method }) => method)).toEqual(["PATCH", "PATCH", "PATCH", "PATCH"]);
  });

  it("is checked with a GET at once after an HTML page", async () => {
    const server = await scriptedServer(text(200, "<html>"), ok);
    expect(await update(testClient(server.url).herm)).toEqual(found);
    expect(server.seen.map(({ method }) => method)).toEqual(["PATCH", "GET"]);
  });

  it("is reported as unreachable, without a GET, if it never arrived", async () => {
    const { herm, attempts } = testClient(closedUrl);
    expect(await outcomeOf(update(herm))).toMatchObject({ name: "ConnectionError", neverArrived: true });
    expect(attempts.map((line) => line.split(" ")[0])).toEqual(["PATCH", "PATCH", "PATCH", "PATCH"]);
  });

  it.each([
    ["a different cron expression means unchanged", "0 9 * * 1", "0 10 * * 1", { name: "UnchangedError" }],
    ["words stored as cron leave it unknown", "every Monday at 9am", "0 9 * * 1", { name: "AmbiguousError" }],
  ])("after lost responses and a GET: %s", async (_name, schedule, stored, outcome) => {
    const server = await scriptedServer(text(200, "<html>"), json(200, { ...found, schedule: stored }));
    const { herm } = testClient(server.url, { maxRetries: 0 });
    expect(await outcomeOf(herm.automations.update("dep_1", "auto_1", { schedule }))).toMatchObject(outcome);
  });

  it("uses a given function to compare schedules", async () => {
    const server = await scriptedServer(text(200, "<html>"), ok);
    const { herm } = testClient(server.url, { maxRetries: 0, sameSchedule: () => true });
    const updated = await herm.automations.update("dep_1", "auto_1", { schedule: "every Monday at 9am" });
    expect(updated).toEqual(found);
  });
});

const onceCalls: [string, (herm: HermClient) => PromiseLike<unknown>, string][] = [
  ["create", create, "create"],
  ["trigger", trigger, "trigger"],
  ["message", send, "message"],
];
const ambiguousFaults: [string, Answerer][] = [
  ["reset after it was read", reset],
  ["FIN after it was read", fin],
  ["reset inside the headers", cutHeaders],
  ["a body cut by length", cutBody],
  ["a body cut between chunks", cutChunk],
  ["a body cut where closing ends it", closeDelimited],
  ["500", text(500, "")],
  ["502", text(502, "<html>")],
  ["503", text(503, "")],
  ["504", text(504, "")],
  ["408", text(408, "")],
  ["HTML with 200", text(200, "<html>")],
  ["nothing with 200", text(200, "")],
  ["garbage", garbage],
];

describe.each(onceCalls)("a %s that may be sent only once", (_name, call, kind) => {
  it.each(ambiguousFaults)("has an unknown outcome after %s", async (_fault, fault) => {
    const server = await scriptedServer(fault, ok);
    const { herm } = testClient(server.url);
    const error = await outcomeOf(call(herm));
    expect(error).toMatchObject({ name: "AmbiguousError", sent: { kind, deployment_id: "dep_1" } });
    expect(error).toHaveProperty("cause", expect.any(Error));
    expect(server.seen).toHaveLength(1);
  });

  it("has an unknown outcome if headers never arrive", async () => {
    const limits = manualLimits();
    const server = await scriptedServer(() => limits.pass(), ok);
    const { herm } = testClient(server.url, { timer: limits.timer });
    expect(await outcomeOf(call(herm))).toMatchObject({ name: "AmbiguousError", sent: { kind } });
    expect(server.seen).toHaveLength(1);
  });

  it("has an unknown outcome if a reused connection breaks", async () => {
    const server = await scriptedServer(ok, reset, ok);
    const { herm } = testClient(server.url, { fetch: createTransport() });
    await get(herm);
    expect(await outcomeOf(call(herm))).toMatchObject({ name: "AmbiguousError" });
    expect({ requests: server.seen.length, connections: server.connections }).toEqual({
      requests: 2,
      connections: 1,
    });
  });

  it("is retried after a 429", async () => {
    const server = await scriptedServer(text(429, ""), text(429, "", { "retry-after": "2" }), ok);
    const { herm, sleptMs } = testClient(server.url);
    expect(await outcomeOf(call(herm))).toBe("ok");
    expect({ requests: server.seen.length, sleptMs }).toEqual({ requests: 3, sleptMs: [250, 2000] });
  });

  it("is sent once after two refused connections", async () => {
    const server = await scriptedServer(ok);
    let sends = 0;
    const transport = createTransport();
    const { herm } = testClient(server.url, {
      fetch: (url, init) => {
        sends += 1;
        return transport(sends <= 2 ? url.replace(server.url, closedUrl) : url, init);
      },
    });
    expect(await outcomeOf(call(herm))).toBe("ok");
    expect({ sends, requests: server.seen.length }).toEqual({ sends: 3, requests: 1 });
  });

  it("is reported as unreachable if all connections are refused", async () => {
    const { herm, attempts } = testClient(closedUrl);
    expect(await outcomeOf(call(herm))).toMatchObject({ name: "ConnectionError", neverArrived: true });
    expect(attempts).toHaveLength(4);
  });

  it.each([400, 401, 402, 403, 404, 409, 422])("fails at once after a %i", async (status) => {
    const server = await scriptedServer(text(status, ""), ok);
    expect(await outcomeOf(call(testClient(server.url).herm))).toMatchObject({ status });
    expect(server.seen).toHaveLength(1);
  });
});

describe("Retry-After", () => {
  it.each([
    ["seconds", { "retry-after": "2" }, [2000]],
    ["milliseconds", { "retry-after-ms": "1500" }, [1500]],
    ["our own delay if it is garbage", { "retry-after": "garbage" }, [250]],
    ["our own delay if it is zero", { "retry-after": "0" }, [250]],
  ])("is read as %s", async (_name, headers, expected) => {
    const server = await scriptedServer(text(429, "", headers), ok);
    const { herm, sleptMs } = testClient(server.url);
    await get(herm);
    expect(sleptMs).toEqual(expected);
  });

  it("is obeyed after a 503", async () => {
    const server = await scriptedServer(text(503, "", { "retry-after": "7" }), ok);
    const { herm, sleptMs } = testClient(server.url);
    await get(herm);
    expect(sleptMs).toEqual([7000]);
  });

  it("ends the retries at once if it exceeds their limit", async () => {
    const server = await scriptedServer(text(429, "", { "retry-after": "3600" }), ok);
    const { herm, sleptMs } = testClient(server.url);
    expect(await outcomeOf(get(herm))).toMatchObject({
      name: "RateLimitError",
      retryAfterMs: 3_600_000,
      retryAt: new Date(Date.UTC(2026, 0, 5, 13)),
      tried: { attempts: 1 },
    });
    expect({ requests: server.seen.length, sleptMs }).toEqual({ requests: 1, sleptMs: [] });
  });

  const asking = (seconds: string) => text(429, "", { "retry-after": seconds });

  it("pauses the whole client after three requests without a success", async () => {
    const server = await scriptedServer(asking("2"), asking("5"), asking("3"), ok);
    const waiting: { ms: number; pass(): void }[] = [];
    const { herm } = testClient(server.url, {
      maxRetries: 0,
      sleep: (ms) => new Promise((pass) => waiting.push({ ms, pass })),
    });
    for (let times = 0; times < 3; times += 1)
      expect(await outcomeOf(get(herm))).toMatchObject({ status: 429 });
    const held = Promise.all([get(herm), get(herm), update(herm)]);
    await new Promise(setImmediate);
    expect(waiting.map(({ ms }) => ms)).toEqual([5000, 5000, 5000]);
    expect(server.seen).toHaveLength(3);
    for (const { pass } of waiting) pass();
    await held;
    expect(server.seen).toHaveLength(6);
  });

  it.each<[string, Answerer[], number]>([
    ["two 429s", [asking("600"), asking("600")], 0],
    ["three 429s with a success between", [asking("600"), asking("600"), ok, asking("600")], 0],
    ["three 429s", [asking("600"), asking("600"), asking("600")], 1],
  ])("prevents the next request only after three 429s in a row: %s", async (_name, script, refused) => {
    const server = await scriptedServer(...script, ok);
    const { herm, sleptMs } = testClient(server.url);
    for (const _ of script) await outcomeOf(update(herm));
    const outcome = await outcomeOf(update(herm));
    expect(sleptMs).toEqual([]);
    expect(server.seen).toHaveLength(script.length + 1 - refused);
    if (refused === 0) expect(outcome).toBe("ok");
    else
      expect(outcome).toMatchObject({
        name: "RateLimitError",
        message: "not sent: the API is limiting requests",
        retryAt: expect.any(Date),
        tried: { attempts: 0 },
      });
  });

  it("doesn't replace the earlier error of a waiting retry", async () => {
    const server = await scriptedServer(json(503, { message: "mine" }), asking("600"));
    const { herm } = testClient(server.url, {
      sleep: async () => {
        for (let times = 0; times < 3; times += 1)
          await outcomeOf(herm.automations.get("dep_1", "auto_2", { maxWaitMs: 100 }));
      },
    });
    expect(await outcomeOf(get(herm))).toMatchObject({
      name: "ServerError",
      message: "mine",
      tried: { attempts: 1 },
    });
    expect(server.seen).toHaveLength(4);
  });

  it("consumes no retry budget", async () => {
    const limited = text(429, "", { "retry-after": "1" });
    const failing = text(503, "");
    const script = Array.from({ length: 20 }, () => [limited, ok]).flat();
    const server = await scriptedServer(...script, failing);
    const { herm } = testClient(server.url);
    for (let call = 0; call < 20; call += 1) await get(herm);
    for (let call = 0; call < 10; call += 1) await outcomeOf(get(herm));
    expect(server.seen).toHaveLength(40 + 10 + 14);
  });

  it("causes a beforeResend call after each pause, even a pause that has just started", async () => {
    const server = await scriptedServer(asking("5"), asking("5"), asking("5"), asking("7"), ok);
    const { herm, sleptMs } = testClient(server.url, { maxRetries: 0 });
    const refuse = () => outcomeOf(get(herm));
    for (let times = 0; times < 3; times += 1) await refuse();
    const looks: { leftMs: number; seen: number }[] = [];
    const beforeResend = async ({ leftMs }: { leftMs: number }) => {
      looks.push({ leftMs, seen: server.seen.length });
      if (looks.length === 1) await refuse();
    };
    await herm.automations.update("dep_1", "auto_1", { enabled: false }, { beforeResend });
    expect({ looks, sleptMs }).toEqual({
      looks: [
        { leftMs: 55_000, seen: 3 },
        { leftMs: 48_000, seen: 4 },
      ],
      sleptMs: [5000, 7000],
    });
    expect(server.seen.map(({ method }) => method)).toEqual(["GET", "GET", "GET", "GET", "PATCH"]);
  });

  it("causes no retry if beforeResend rejects", async () => {
    const server = await scriptedServer(text(429, ""), ok);
    const { herm } = testClient(server.url);
    const refusal = new Error("changed");
    const options = { beforeResend: () => Promise.reject(refusal) };
    const fields = { enabled: false };
    expect(await outcomeOf(herm.automations.update("dep_1", "auto_1", fields, options))).toBe(refusal);
    expect(server.seen).toHaveLength(1);
  });
});

describe("the retry budget", () => {
  it("limits 200 requests to a dead API to 210 attempts", async () => {
    const server = await scriptedServer(text(503, ""));
    const { herm } = testClient(server.url);
    await Promise.all(Array.from({ length: 200 }, () => outcomeOf(get(herm))));
    expect(server.seen).toHaveLength(210);
  });
});

describe("the caller's signal", () => {
  const reason = new Error("interrupted");

  it("ends a request before it is sent", async () => {
    const server = await scriptedServer(ok);
    const { herm } = testClient(server.url);
    const options = { signal: AbortSignal.abort(reason) };
    expect(await outcomeOf(herm.automations.create("dep_1", fields, options))).toBe(reason);
    expect(server.seen).toHaveLength(0);
  });

  it("ends a wait between attempts", async () => {
    const server = await scriptedServer(text(503, "", { "retry-after": "30" }));
    const stop = new AbortController();
    const { herm } = testClient(server.url, { sleep: undefined, onAttempt: () => stop.abort(reason) });
    expect(await outcomeOf(herm.automations.get("dep_1", "auto_1", { signal: stop.signal }))).toBe(reason);
  });

  it.each<[string, (herm: HermClient, signal: AbortSignal) => PromiseLike<unknown>, unknown]>([
    [
      "a GET fails with the signal's reason",
      (herm, signal) => herm.automations.get("dep_1", "auto_1", { signal }),
      reason,
    ],
    [
      "a POST has an unknown outcome",
      (herm, signal) => herm.automations.create("dep_1", fields, { signal }),
      expect.objectContaining({ name: "AmbiguousError", cause: reason }),
    ],
  ])("ends a request in progress: %s", async (_name, call, expected) => {
    const stop = new AbortController();
    const server = await scriptedServer(() => stop.abort(reason));
    expect(await outcomeOf(call(testClient(server.url).herm, stop.signal))).toEqual(expected);
    expect(server.seen).toHaveLength(1);
  });
});

describe("the metadata of a response", () => {
  it("is reported for every response", async () => {
    const date = "Mon, 05 Jan 2026 12:00:00 GMT";
    const server = await scriptedServer(
      text(500, "", { date }),
      json(200, found, { date, "x-request-id": "req_2" }),
    );
    const told: unknown[] = [];
    const { herm } = testClient(server.url);
    await herm.automations.get("dep_1", "auto_1", { onAnswer: (info) => told.push(info) });
    expect(told).toEqual([
      { status: 500, date: new Date(date), requestId: undefined },
      { status: 200, date: new Date(date), requestId: "req_2" },
    ]);
  });
});

describe("many requests that share a signal", () => {
  it("cause no listener warning from Node", async () => {
    const warnings: Error[] = [];
    const onWarning = (warning: Error) => warnings.push(warning);
    process.on("warning", onWarning);
    const limited = new Set<string>();
    const server = await scriptedServer((response, request) => {
      const isFirst = limited.size !== limited.add(request.url).size;
      (isFirst ? text(429, "", { "retry-after": "0" }) : ok)(response, request);
    });
    const { herm } = testClient(server.url, { sleep: undefined, random: () => 0.01 });
    const { signal } = new AbortController();
    await Promise.all(
      Array.from({ length: 50 }, (_, index) => herm.automations.get("dep_1", `auto_${index}`, { signal })),
    );
    await new Promise(setImmediate);
    process.off("warning", onWarning);
    expect(warnings).toEqual([]);
    expect(server.seen).toHaveLength(100);
  });
});
