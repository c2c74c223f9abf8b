import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import Herm, { type AttemptInfo, type FetchLike, type HermOptions } from "../../src/api/index.js";

const automation = { automation_id: "auto_1", name: "Weekly" };

/** A client that gets these responses in order, repeating the last, and the requests that it sent. */
function client(answers: Response[], options: HermOptions = {}) {
  const asked: string[] = [];
  const fetch: FetchLike = async (url, { method }) => {
    asked.push(`${method} ${new URL(url).pathname}${new URL(url).search}`);
    const answer = answers[Math.min(asked.length, answers.length) - 1];
    if (answer === undefined) throw new Error("nothing answers");
    return answer.clone();
  };
  return { herm: new Herm({ apiKey: "k", fetch, ...options }), asked };
}

const json = (body: object, headers: Record<string, string> = {}, status = 200) =>
  new Response(JSON.stringify(body), { status, headers });

/** Every call, with the options last. */
const calls: [string, (herm: Herm, options: object) => PromiseLike<unknown>][] = [
  ["automations.create", ({ automations }, given) => automations.create("dep_1", fields, given)],
  ["automations.list", ({ automations }, given) => automations.list("dep_1", {}, given)],
  ["automations.get", ({ automations }, given) => automations.get("dep_1", "auto_1", given)],
  ["automations.update", ({ automations }, given) => automations.update("dep_1", "auto_1", {}, given)],
  ["automations.trigger", ({ automations }, given) => automations.trigger("dep_1", "auto_1", given)],
  ["automations.run", ({ automations }, given) => automations.run("dep_1", "auto_1", given)],
  ["automations.delete", ({ automations }, given) => automations.delete("dep_1", "auto_1", given)],
  ["deployments.list", ({ deployments }, given) => deployments.list({}, given)],
  ["deployments.get", ({ deployments }, given) => deployments.get("dep_1", given)],
  ["deployments.create", ({ deployments }, given) => deployments.create(deployment, given)],
  ["messages.send", ({ deployments }, given) => deployments.messages.send("dep_1", message, given)],
  ["events.stream", ({ deployments }, given) => deployments.events.stream("dep_1", {}, given)],
  ["threads.list", ({ threads }, given) => threads.list("dep_1", {}, given)],
  ["threads.get", ({ threads }, given) => threads.get("dep_1", "thr_1", given)],
];
const fields = { name: "W", schedule: "0 9 * * 1", instructions: "I" };
const deployment = { customer_id: "cus_1", name: "D", system_prompt: "S" };
const message = { content: "yes" };

const wrong: [name: string, value: unknown, type: string][] = [
  ["timeoutMs", Number.NaN, "a number of 0 or more"],
  ["timeoutMs", "5000", "a number of 0 or more"],
  ["maxWaitMs", -1, "a number of 0 or more"],
  ["maxRetries", null, "a number of 0 or more"],
  ["headers", new Headers({ a: "b" }), "a plain object of strings"],
  ["headers", { a: 1 }, "a plain object of strings"],
  ["headers", "a: b", "a plain object of strings"],
];
const wrongOfCalls: typeof wrong = [
  ...wrong,
  ["signal", new AbortController(), "an AbortSignal object"],
  ["signal", null, "an AbortSignal object"],
];
const wrongOfClient: typeof wrong = [
  ...wrong,
  ["apiKey", 5, "a string or a function"],
  ["baseUrl", new URL("https://127.0.0.1"), "a string"],
  ["fetch", {}, "a function"],
  ["onAttempt", true, "a function"],
];

describe("an option", () => {
  it.each(wrongOfClient)("is rejected by name when the client is created: %s %j", (name, value, type) => {
    const refused = new TypeError(`the option ${name} must be ${type}`);
    expect(() => new Herm({ apiKey: "k", [name]: value })).toThrow(refused);
  });

  it.each(calls)("is rejected before %s sends a request, if its type or name is wrong", async (_, call) => {
    const { herm, asked } = client([]);
    for (const [name, value, type] of wrongOfCalls) {
      const refused = new TypeError(`the option ${name} must be ${type}`);
      await expect(async () => call(herm, { [name]: value })).rejects.toThrow(refused);
    }
    for (const name of ["timeout", "maxretries", "sleep", "constructor", "onAnswer", "beforeResend"]) {
      const refused = new TypeError(`there is no option ${name}, only timeoutMs, maxWaitMs, maxRetries,`);
      await expect(async () => call(herm, { [name]: 1 })).rejects.toThrow(refused.message);
    }
    await expect(async () => call(herm, [] as never)).rejects.toThrow("the options must be an object");
    expect(asked).toEqual([]);
  });

  it("is rejected by the client if unknown", () => {
    const refused = "there is no option retries, only timeoutMs, maxWaitMs, maxRetries, headers, apiKey";
    expect(() => new Herm({ apiKey: "k", retries: 1 } as HermOptions)).toThrow(refused);
  });

  it("is rejected in calls that don't support it", async () => {
    const { herm } = client([]);
    const onEvent = () => undefined;
    await expect(herm.automations.get("d", "a", { onEvent } as object)).rejects.toThrow("no option onEvent");
    await expect(herm.automations.run("d", "a", { onEvent: 1 } as never)).rejects.toThrow("a function");
    const given = { lastEventId: 5 } as never;
    await expect(herm.deployments.events.stream("d", {}, given)).rejects.toThrow("a string");
  });

  it("counts as absent if it is undefined", async () => {
    const { herm, asked } = client([json(automation)], { timeoutMs: undefined, onAttempt: undefined });
    const given = { timeoutMs: undefined, signal: undefined, odd: undefined } as object;
    expect(await herm.automations.get("dep_1", "auto_1", given)).toMatchObject(automation);
    expect(asked).toHaveLength(1);
  });

  it("may be infinite, for no limit", async () => {
    // Node treats a timer of more than 24 days as one of a millisecond.
    const slowly = () => new Promise<Response>((resolve) => setTimeout(resolve, 30, json(automation)));
    const { herm } = client([], { timeoutMs: Number.POSITIVE_INFINITY, fetch: slowly });
    expect(await herm.automations.get("d", "a", { maxWaitMs: Number.POSITIVE_INFINITY })).toMatchObject(
      automation,
    );
  });
});

describe("withResponse()", () => {
  it("returns the last response's id and headers with the value", async () => {
    const headers = { "x-request-id": "req_2", "x-limit": "9" };
    const busy = json({ error: "rate_limited" }, { "x-request-id": "req_1", "retry-after-ms": "1" }, 429);
    const { herm, asked } = client([busy, json(automation, headers)]);
    const came = await herm.automations.get("dep_1", "auto_1").withResponse();
    expect(came).toMatchObject({ data: automation, requestId: "req_2" });
    expect(came.headers.get("x-limit")).toBe("9");
    expect(asked).toHaveLength(2);
  });

  it("sends no second request, and returns the same value", async () => {
    const { herm, asked } = client([json(automation)]);
    const call = herm.automations.create("dep_1", fields);
    expect(await call).toEqual((await call.withResponse()).data);
    expect(asked).toEqual(["POST /v1/deployments/dep_1/automations"]);
  });

  it("returns the first page of a list", async () => {
    const first = json({ data: [automation], next_cursor: "c" }, { "x-page": "1" });
    const { herm, asked } = client([first]);
    const { data, headers } = await herm.automations.list("dep_1", { limit: 1 }).withResponse();
    expect(data).toMatchObject({ data: [automation], next_cursor: "c" });
    expect(data.hasNextPage()).toBe(true);
    expect(headers.get("x-page")).toBe("1");
    expect(asked).toEqual(["GET /v1/deployments/dep_1/automations?limit=1"]);
  });

  it("rejects with the same error as the plain call", async () => {
    const { herm } = client([json({ error: "not_found" }, {}, 404)]);
    const refused = { name: "NotFoundError" };
    await expect(herm.automations.get("dep_1", "auto_1").withResponse()).rejects.toMatchObject(refused);
  });

  it("doesn't exist on runs, streams or the command's own calls", () => {
    const { herm } = client([json({ error: "not_found" }, {}, 404)]);
    const running = herm.automations.run("dep_1", "auto_1");
    running.catch(() => undefined);
    expect(running).not.toHaveProperty("withResponse");
    expect(Object.keys(herm.deployments.events)).toEqual(["stream"]);
  });
});

it("a list sends no request until it is awaited", async () => {
  const { herm, asked } = client([json({ data: [], next_cursor: null })]);
  herm.automations.list("dep_1");
  await new Promise(setImmediate);
  expect(asked).toEqual([]);
});

describe("an aborted call", () => {
  const stopped = new Error("enough");
  const aborted = { name: "AbortError", message: "the call was aborted", cause: stopped };

  it.each(calls)("rejects with an AbortError before sending: %s", async (_, call) => {
    const { herm, asked } = client([]);
    await expect(async () => call(herm, { signal: AbortSignal.abort(stopped) })).rejects.toMatchObject(
      aborted,
    );
    expect(asked).toEqual([]);
  });

  const reads = ["list", "get", "stream", "run"];
  const ambiguous = { name: "AmbiguousError", message: expect.stringContaining("enough"), cause: stopped };

  it.each(calls)("has an unknown outcome if its change was already sent: %s", async (name, call) => {
    const stop = new AbortController();
    const fetch: FetchLike = (_, { signal }) =>
      new Promise((_, reject) => {
        signal?.addEventListener("abort", () => reject(signal.reason));
        stop.abort(stopped);
      });
    const { herm } = client([], { fetch });
    const expected = reads.includes(name.split(".")[1] ?? "") ? aborted : ambiguous;
    await expect(async () => call(herm, { signal: stop.signal })).rejects.toMatchObject(expected);
  });

  it("leaves no listener on its signal, even if many calls share it", async () => {
    const { signal } = new AbortController();
    const { herm } = client([json({ ...automation, data: [automation], next_cursor: null })]);
    let most = 0;
    const get = async () => {
      const call = herm.automations.get("dep_1", "auto_1", { signal });
      most = Math.max(most, getEventListeners(signal, "abort").length);
      await call;
      for await (const _ of herm.automations.list("dep_1", {}, { signal }));
    };
    await Promise.all(Array.from({ length: 30 }, get));
    expect({ most, left: getEventListeners(signal, "abort").length }).toEqual({ most: 1, left: 0 });
  });

  it("stops the iteration of a list", async () => {
    const stop = new AbortController();
    const { herm } = client([json({ data: [automation], next_cursor: "c" })]);
    const list = herm.automations.list("dep_1", {}, { signal: stop.signal });
    const read = async () => {
      for await (const _ of list) stop.abort(stopped);
    };
    await expect(read()).rejects.toMatchObject(aborted);
  });
});

describe("onAttempt", () => {
  it("is called for each attempt, and may throw without effect", async () => {
    const told: AttemptInfo[] = [];
    const onAttempt = (attempt: AttemptInfo) => {
      told.push(attempt);
      throw new Error("the log is full");
    };
    const busy = json({ error: "server_error" }, { "retry-after-ms": "1" }, 503);
    const { herm } = client([busy, json(automation, { "x-request-id": "req_2" })], { onAttempt });
    expect(await herm.automations.get("dep_1", "auto_1")).toMatchObject(automation);
    const url = "https://api.prismagents.com/v1/deployments/dep_1/automations/auto_1";
    expect(told).toMatchObject([
      { method: "GET", url, attempt: 1, status: 503, failure: { name: "ServerError" } },
      { method: "GET", url, attempt: 2, status: 200, requestId: "req_2" },
    ]);
    expect(JSON.stringify(told)).not.toContain("Bearer");
  });
});
