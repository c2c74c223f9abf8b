import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { isExecutable } from "../support/command-file.js";
import { readBlocks } from "./blocks.js";
import { type Caller, field, monday, openCaller, type Transport, transports } from "./caller.js";

const base = "/v1/deployments/dep_local";
const weekly = { name: "Weekly", schedule: "0 9 * * 1", instructions: "Make five." };

/** The text of a stream up to the point where it is cut off. */
async function openUntilCut(caller: Caller, transport: Transport): Promise<{ text: Promise<string> }> {
  if (transport === "in process") {
    const { body } = await caller.send("GET", `${base}/events`);
    return { text: readUntilCut(body ?? new ReadableStream()) };
  }
  const { url } = await caller.server.listen();
  const headers = { authorization: `Bearer ${caller.server.apiKey}` };
  const asked = get(`${url}${base}/events`, { headers, agent: false });
  const [answer] = (await once(asked, "response")) as [IncomingMessage];
  // Uses events, because once a `fetch` body fails, it drops data that hasn't been read yet.
  let text = "";
  answer.on("data", (bytes) => {
    text += bytes;
  });
  const failed = once(answer, "error");
  return { text: failed.then(() => text) };
}

async function readUntilCut(body: ReadableStream<Uint8Array>): Promise<string> {
  let text = "";
  const read = async () => {
    for await (const chunk of body) text += new TextDecoder().decode(chunk);
  };
  await expect(read()).rejects.toThrow();
  return text;
}

describe.each(transports)("/_dev, %s", (transport) => {
  let caller: Caller;
  beforeEach(async () => {
    caller = await openCaller(transport);
  });
  afterEach(() => caller.close());

  const names = async () => {
    const { body } = await caller.call("GET", `${base}/automations`);
    return (body as { data: { name: string }[] }).data.map(({ name }) => name);
  };
  const create = (name: string) => caller.call("POST", `${base}/automations`, { ...weekly, name });
  const fault = (body: object) => caller.call("POST", "/_dev/faults", body);

  describe("clock", () => {
    it("moves by seconds or to a time, and Date and all timestamps follow", async () => {
      expect((await caller.call("GET", "/_dev/clock")).body).toEqual({ now: "2026-03-02T10:00:00.000Z" });
      const moved = await caller.call("POST", "/_dev/clock", { advance_s: 90.5 });
      expect(moved).toMatchObject({ status: 200, body: { now: "2026-03-02T10:01:30.500Z", fired: 0 } });
      const set = await caller.call("POST", "/_dev/clock", { set: "2026-03-05T12:00:00+02:00" });
      expect(set.body).toEqual({ now: "2026-03-05T10:00:00.000Z", fired: 0 });
      expect(set.headers.get("date")).toBe("Thu, 05 Mar 2026 10:00:00 GMT");
      expect((await create("now")).body).toMatchObject({ created_at: "2026-03-05T10:00:00.000Z" });
    });

    it("runs the automations that become due in between", async () => {
      await create("Weekly");
      expect((await caller.call("POST", "/_dev/clock", { set: "2026-03-23T09:00:00Z" })).body).toEqual({
        now: "2026-03-23T09:00:00.000Z",
        fired: 3,
      });
    });

    it.each([
      ["backwards", { set: "2026-03-02T09:59:59Z" }, "the clock can't go back"],
      ["beyond the calendar", { advance_s: 252_000_000_000 }, "the clock can't go past the year 9999"],
      [
        "past too many due times",
        { advance_s: 1001 * 60 },
        "more than 1000 scheduled runs would start until then",
      ],
    ])("doesn't move %s", async (_, body, message) => {
      await caller.call("POST", `${base}/automations`, { ...weekly, schedule: "* * * * *" });
      expect(await caller.call("POST", "/_dev/clock", body)).toMatchObject({
        status: 400,
        body: { error: "validation_error", message },
      });
      expect((await caller.call("GET", "/_dev/clock")).body).toEqual({ now: "2026-03-02T10:00:00.000Z" });
      expect((await caller.call("GET", `${base}/automations`)).body).toMatchObject({
        data: [{ last_run_at: null }],
      });
    });

    it.each([
      {},
      { advance_s: -1 },
      { advance_s: "1" },
      { set: "tomorrow" },
      { set: "2026-03-05" },
      { set: "2026-02-30T25:00:00Z" },
      { set: "2026-03-05T10:00:00Z", advance_s: 1 },
    ])("rejects %j", async (body) => {
      expect(await caller.call("POST", "/_dev/clock", body)).toMatchObject({
        status: 400,
        body: {
          message: 'the body must be {"set": "<RFC 3339 time>"} or {"advance_s": <seconds, 0 or more>}',
        },
      });
    });
  });

  describe("faults", () => {
    it("make requests fail without an effect, by count, method and path", async () => {
      await fault({
        method: "POST",
        path: "/v1/deployments/*/automations",
        count: 2,
        action: { type: "fail", status: 503 },
      });
      expect(await create("a")).toMatchObject({
        status: 503,
        body: { error: "server_error", message: "a simulated fault" },
      });
      expect(await names()).toEqual([]);
      expect((await create("b")).status).toBe(503);
      expect((await create("c")).status).toBe(201);
      expect(await names()).toEqual(["c"]);
    });

    it("return the given response, including headers", async () => {
      const html = "<html>502</html>";
      await fault({ action: { type: "fail", status: 502, body: html } });
      const page = await caller.send("GET", base);
      expect([page.status, page.headers.get("content-type"), await page.text()]).toEqual([
        502,
        "text/html; charset=utf-8",
        html,
      ]);
      await fault({
        action: {
          type: "fail",
          status: 429,
          body: { error: "rate_limited" },
          headers: { "Retry-After": "2" },
        },
      });
      const limited = await caller.call("GET", base);
      expect([limited.status, limited.headers.get("retry-after"), limited.body]).toEqual([
        429,
        "2",
        { error: "rate_limited" },
      ]);
      await fault({ action: { type: "fail", status: 204 } });
      expect(await caller.call("GET", base)).toMatchObject({ status: 204, body: undefined });
    });

    it("carry out the request, and then make it fail", async () => {
      await fault({ method: "POST", action: { type: "commit_then_fail" } });
      expect((await create("a")).status).toBe(500);
      expect(await names()).toEqual(["a"]);
    });

    it("break the connection before or after the effect", async () => {
      await fault({ method: "POST", action: { type: "cut" } });
      await expect(create("a")).rejects.toThrow();
      expect(await names()).toEqual([]);
      await fault({ method: "POST", action: { type: "commit_then_cut" } });
      await expect(create("b")).rejects.toThrow();
      expect(await names()).toEqual(["b"]);
      await fault({ method: "POST", action: { type: "cut", after_bytes: 10 } });
      await expect(create("c")).rejects.toThrow();
      expect(await names()).toEqual(["c", "b"]);
    });

    it("break a stream after a given number of bytes, which all arrive", async () => {
      await fault({ path: "/v1/deployments/*/events", action: { type: "cut", after_bytes: 100 } });
      const cut = await openUntilCut(caller, transport);
      await caller.call("POST", `${base}/messages`, { content: "Hello there" });
      const text = await cut.text;
      expect(text).toHaveLength(100);
      const next = readBlocks(
        await caller.send("GET", `${base}/events`, { headers: { "last-event-id": "evt_1" } }),
      );
      expect(await next.take(1)).toMatchObject([{ id: "evt_2", event: "token" }]);
    });

    it.each(["delay", "commit_then_delay"])("%s", async (type) => {
      // The server closes before it ends.
      await fault({ method: "POST", action: { type, ms: 600_000 } });
      let isAnswered = false;
      const answered = () => {
        isAnswered = true;
      };
      create("a").then(answered, answered);
      await expect.poll(async () => (await caller.call("GET", "/_dev/faults")).body).toEqual([]);
      await expect.poll(names).toEqual(type === "delay" ? [] : ["a"]);
      expect(isAnswered).toBe(false);
      await fault({ method: "POST", action: { type, ms: 20 } });
      expect((await create("b")).status).toBe(201);
      expect(await names()).toEqual(type === "delay" ? ["b"] : ["b", "a"]);
    });

    it("end delayed responses when the server closes", async () => {
      await fault({ action: { type: "delay", ms: 60_000 } });
      const delayed = caller.call("GET", base).catch((error: unknown) => error);
      await expect.poll(async () => (await caller.call("GET", "/_dev/faults")).body).toEqual([]);
      await caller.close();
      expect(await delayed).toBeInstanceOf(Error);
    });

    it("can skip requests or last forever, and can be listed and cleared", async () => {
      const added = await fault({
        path: "/v1/**",
        skip: 1,
        count: null,
        action: { type: "fail", status: 500 },
      });
      expect(added.status).toBe(201);
      const statuses: number[] = [];
      for (let index = 0; index < 4; index += 1) statuses.push((await caller.call("GET", base)).status);
      expect(statuses).toEqual([200, 500, 500, 500]);
      expect((await caller.call("GET", "/_dev/faults")).body).toEqual([
        {
          fault_id: field(added, "fault_id"),
          path: "/v1/**",
          skip: 0,
          count: null,
          action: { type: "fail", status: 500 },
        },
      ]);
      expect((await caller.call("DELETE", "/_dev/faults")).status).toBe(204);
      expect((await caller.call("GET", base)).status).toBe(200);
    });

    it.each([
      {},
      { action: { type: "explode" } },
      { action: { type: "fail" } },
      { action: { type: "fail", status: 99 } },
      { action: { type: "delay", ms: -1 } },
      { action: { type: "cut", after_bytes: 1.5 } },
      { action: { type: "cut" }, count: 0 },
      { action: { type: "cut" }, methods: ["GET"] },
      { action: { type: "fail", status: 500, headers: { "X-Evil\r\n": "x" } } },
    ])("can't be set with %j", async (body) => {
      expect(await fault(body)).toMatchObject({ status: 400, body: { error: "validation_error" } });
      expect((await caller.call("GET", "/_dev/faults")).body).toEqual([]);
    });
  });

  it("counts requests, including rejected requests, but not requests to /_dev", async () => {
    await create("a");
    await create("");
    await caller.call("GET", base, undefined, { authorization: null });
    await caller.call("GET", "/_dev/store");
    expect((await caller.call("GET", "/_dev/requests")).body).toEqual([
      { method: "POST", path: `${base}/automations`, count: 2 },
      { method: "GET", path: base, count: 1 },
    ]);
  });

  // `herm dev` waits for it.
  it.skipIf(isExecutable)("names the data store, and stops the server only if that is allowed", async () => {
    expect((await caller.call("GET", "/_dev/store")).body).toEqual({
      store_id: expect.stringMatching(/^store_\w{12}$/),
      pid: process.pid,
    });
    expect((await caller.call("POST", "/_dev/stop")).status).toBe(404);
  });

  it.each(["/_dev/clock", "/_dev/faults", "/_dev/requests", "/_dev/store"])(
    "requires the key at %s",
    async (path) => {
      expect((await caller.call("GET", path, undefined, { authorization: "Bearer wrong" })).status).toBe(401);
    },
  );
});

it("the clock doesn't move by itself, however much real time passes", async () => {
  let time = monday;
  const now = () => {
    time += 1;
    return time;
  };
  const caller = await openCaller("in process", { now });
  onTestFinished(() => caller.close());
  expect(await caller.call("POST", "/_dev/clock", { advance_s: 0 })).toMatchObject({ status: 200 });
});
