import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { HermClient } from "../../src/api/client.js";
import { Herm as EnvironmentHerm } from "../../src/api/index.js";
import { OutageRetry } from "../../src/api/retry/outage-retry.js";
import { json, scriptedServer, testClient, text } from "./scripted-server.js";

const automation = {
  automation_id: "auto_1",
  deployment_id: "dep_1",
  name: "Weekly",
  schedule: "0 9 * * 1",
  enabled: true,
  next_run_at: "2026-01-12T09:00:00Z",
  created_at: "2026-01-05T12:00:00Z",
  something_new: { kept: [1, 2] },
};

const calls: [string, (herm: HermClient) => PromiseLike<unknown>, string, object | undefined][] = [
  [
    "create",
    (herm) => herm.automations.create("dep_1", { name: "W", schedule: "0 9 * * 1", instructions: "I" }),
    "POST /v1/deployments/dep_1/automations",
    { name: "W", schedule: "0 9 * * 1", instructions: "I" },
  ],
  [
    "get",
    (herm) => herm.automations.get("dep_1", "auto_1"),
    "GET /v1/deployments/dep_1/automations/auto_1",
    undefined,
  ],
  [
    "update",
    (herm) => herm.automations.update("dep_1", "auto_1", { enabled: false }),
    "PATCH /v1/deployments/dep_1/automations/auto_1",
    { enabled: false },
  ],
  [
    "trigger",
    (herm) => herm.automations.trigger("dep_1", "auto_1"),
    "POST /v1/deployments/dep_1/automations/auto_1/trigger",
    undefined,
  ],
  [
    "delete",
    (herm) => herm.automations.delete("dep_1", "auto_1"),
    "DELETE /v1/deployments/dep_1/automations/auto_1",
    undefined,
  ],
  ["deployments.get", (herm) => herm.deployments.get("dep_1"), "GET /v1/deployments/dep_1", undefined],
  [
    "deployments.create",
    (herm) => herm.deployments.create({ customer_id: "cus_1", name: "D", system_prompt: "S" }),
    "POST /v1/deployments",
    { customer_id: "cus_1", name: "D", system_prompt: "S" },
  ],
  [
    "deployments.list",
    (herm) => herm.deployments.list({ customer_id: "cus 1&", status: "ready", limit: 5, cursor: "c/1" }),
    "GET /v1/deployments?customer_id=cus+1%26&status=ready&limit=5&cursor=c%2F1",
    undefined,
  ],
  [
    "automations.list",
    (herm) => herm.automations.list("dep_1"),
    "GET /v1/deployments/dep_1/automations",
    undefined,
  ],
  [
    "messages.send",
    (herm) => herm.deployments.messages.send("dep_1", { content: "yes", thread_id: "thr_1" }),
    "POST /v1/deployments/dep_1/messages",
    { content: "yes", thread_id: "thr_1" },
  ],
  [
    "threads.get",
    (herm) => herm.threads.get("dep_1", "thr_1"),
    "GET /v1/deployments/dep_1/threads/thr_1",
    undefined,
  ],
  [
    "threads.list",
    (herm) => herm.threads.list("dep_1", { limit: 2 }),
    "GET /v1/deployments/dep_1/threads?limit=2",
    undefined,
  ],
];

describe("the client", () => {
  it.each(calls)("%s sends its method, path, body and headers", async (_name, call, line, body) => {
    const answer = { ...automation, run_id: "run_1", thread_id: "thr_1", data: [], next_cursor: null };
    const server = await scriptedServer(line.startsWith("DELETE") ? text(204, "") : json(200, answer));
    await call(testClient(server.url).herm);
    const [request] = server.seen;
    expect(server.seen).toHaveLength(1);
    expect(`${request?.method} ${request?.url}`).toBe(line);
    expect(request?.body).toBe(body === undefined ? "" : JSON.stringify(body));
    expect(request?.headers).toMatchObject({
      authorization: "Bearer key_of_the_tests",
      accept: "application/json",
      "user-agent": "herm-cli/1.2.3",
    });
    expect(request?.headers["content-type"]).toBe(body === undefined ? undefined : "application/json");
  });

  it("returns the API's response as is, unknown fields included", async () => {
    const server = await scriptedServer(json(200, automation));
    const { herm } = testClient(server.url);
    expect(await herm.automations.update("dep_1", "auto_1", { enabled: true })).toEqual(automation);
  });

  it.each([
    [
      "recent_runs",
      { recent_runs: [{ run_id: "run_2" }], runs: [{ run_id: "run_1" }] },
      [{ run_id: "run_2" }],
    ],
    ["runs", { runs: [{ run_id: "run_1" }] }, [{ run_id: "run_1" }]],
    ["neither", {}, []],
    ["null", { recent_runs: null }, []],
  ])("reads an automation's recent runs from %s", async (_name, fields, runs) => {
    const server = await scriptedServer(json(200, { ...automation, ...fields }));
    expect((await testClient(server.url).herm.automations.get("dep_1", "auto_1")).recent_runs).toEqual(runs);
  });

  it("keeps its connection open between calls", async () => {
    const server = await scriptedServer(json(200, automation));
    const { herm } = testClient(server.url);
    for (let call = 0; call < 5; call += 1) await herm.automations.get("dep_1", "auto_1");
    expect({ requests: server.seen.length, connections: server.connections }).toEqual({
      requests: 5,
      connections: 1,
    });
  });

  it("works under a path, with or without a trailing slash", async () => {
    const server = await scriptedServer(json(200, automation));
    await testClient(`${server.url}/proxy/herm/`).herm.automations.get("dep_1", "auto_1");
    expect(server.seen[0]?.url).toBe("/proxy/herm/v1/deployments/dep_1/automations/auto_1");
  });

  it("uses the fetch passed to it, such as an app in this process", async () => {
    const app = async (request: Request) =>
      Response.json({ ...automation, name: `${request.method} ${new URL(request.url).pathname}` });
    const herm = new HermClient({
      apiKey: "k",
      baseUrl: "http://localhost",
      fetch: (url, init) => app(new Request(url, init)),
    });
    const { name } = await herm.automations.get("dep_1", "auto_1");
    expect(name).toBe("GET /v1/deployments/dep_1/automations/auto_1");
  });

  it("uses the global fetch unchanged", async () => {
    const server = await scriptedServer(json(200, automation));
    const herm = new HermClient({ apiKey: "k", baseUrl: server.url, fetch });
    expect(await herm.automations.update("dep_1", "auto_1", { enabled: true })).toEqual(automation);
  });
});

describe("the options of a single call", () => {
  it("add to or replace the client's headers, and apply to retries", async () => {
    const server = await scriptedServer(text(503, ""));
    const { herm, attempts } = testClient(server.url, { headers: { "X-Team": "a", "X-Trace": "1" } });
    const call = herm.automations.get("dep_1", "auto_1", { headers: { "x-trace": "2" }, maxRetries: 1 });
    await expect(call).rejects.toMatchObject({ status: 503 });
    expect(attempts).toHaveLength(2);
    for (const { headers } of server.seen)
      expect(headers).toMatchObject({
        "x-team": "a",
        "x-trace": "2",
        authorization: "Bearer key_of_the_tests",
      });
  });

  it("apply to streams as well", async () => {
    const events = "id: evt_1\nevent: run_status\ndata: {}\n\n";
    const server = await scriptedServer(text(200, events, { "content-type": "text/event-stream" }));
    const { herm } = testClient(server.url);
    for await (const _ of await herm.deployments.events.stream("dep_1", {}, { headers: { "X-Trace": "2" } }))
      break;
    expect(server.seen[0]?.headers).toMatchObject({ "x-trace": "2", accept: "text/event-stream" });
  });
});

describe("an API key provided by a function", () => {
  it("is requested before each call, and appears in no error", async () => {
    const server = await scriptedServer(json(200, automation), json(401, { message: "no key_2 here" }));
    const keys = ["key_1", "key_2"];
    const { herm } = testClient(server.url, { apiKey: async () => keys.shift() ?? "" });
    await herm.automations.get("dep_1", "auto_1");
    await expect(herm.automations.get("dep_1", "auto_1")).rejects.toThrow("no [key] here");
    expect(server.seen.map(({ headers }) => headers.authorization)).toEqual(["Bearer key_1", "Bearer key_2"]);
  });

  it.each<[string, () => string]>([
    ["is empty", () => ""],
    ["can't be sent as a header", () => "key\nx: 1"],
    [
      "can't be obtained",
      () => {
        throw new Error("no vault");
      },
    ],
  ])("prevents the request if it %s", async (_case, apiKey) => {
    const server = await scriptedServer(json(200, automation));
    const { herm } = testClient(server.url, { apiKey });
    await expect(herm.automations.trigger("dep_1", "auto_1")).rejects.toMatchObject({ name: "ApiKeyError" });
    expect(server.seen).toEqual([]);
  });
});

describe("the client's key and URL", () => {
  it.each([
    [undefined, "there is no API key"],
    ["", "there is no API key"],
    ["key\nx-evil: 1", "the API key has characters"],
    ["schlüssel", "the API key has characters"],
  ])("reject the key %j without repeating it", (apiKey, message) => {
    const refused = () => new HermClient({ apiKey });
    expect(refused).toThrow(expect.objectContaining({ name: "ApiKeyError" }));
    expect(refused).toThrow(message);
  });

  it("default to the environment's key and URL", async () => {
    const server = await scriptedServer(json(200, automation));
    process.env.PRISM_API_KEY = "key_prism";
    process.env.HERM_API_URL = server.url;
    try {
      await new EnvironmentHerm().automations.get("dep_1", "auto_1");
      process.env.HERM_API_KEY = "key_herm";
      await new EnvironmentHerm().automations.get("dep_1", "auto_1");
      await new EnvironmentHerm({ apiKey: "key_option" }).automations.get("dep_1", "auto_1");
    } finally {
      for (const name of ["PRISM_API_KEY", "HERM_API_URL", "HERM_API_KEY"]) delete process.env[name];
    }
    expect(server.seen.map(({ headers }) => headers.authorization)).toEqual([
      "Bearer key_prism",
      "Bearer key_herm",
      "Bearer key_option",
    ]);
  });

  it("never appear when the client itself is printed", async () => {
    const herm = new HermClient({
      apiKey: "key_of_the_tests",
      maxRetries: 0,
      fetch: async (url, { method }) => {
        if (method === "POST") throw new Error("cut");
        if (url.endsWith("/threads/thr_1")) return Response.json({}, { status: 401 });
        if (!url.endsWith("/events")) return Response.json({ data: [automation], next_cursor: null });
        return new Response("id: evt_1\ndata: 1\n\n", { headers: { "content-type": "text/event-stream" } });
      },
    });
    const list = herm.automations.list("dep_1");
    const pages = herm.threads.list("dep_1")[Symbol.asyncIterator]();
    const raw = await herm.deployments.events.open("dep_1");
    const batches = raw[Symbol.asyncIterator]();
    const outageOptions: unknown[] = [];
    const shown: Record<string, unknown> = {
      herm,
      automations: herm.automations,
      deployments: herm.deployments,
      threads: herm.threads,
      unread: herm.deployments.list(),
      page: await list,
      list,
      item: await pages.next(),
      pages,
      batch: await batches.next(),
      batches,
      raw,
      stream: await herm.deployments.events.stream("dep_1"),
      refusal: await Promise.resolve(herm.threads.get("dep_1", "thr_1")).catch((error: unknown) => error),
      ambiguous: await herm.automations.trigger("dep_1", "auto_1").catch((error: unknown) => error),
      outageRetry: herm.retryOutages((options) => {
        outageOptions.push(options);
        return new OutageRetry(options);
      }),
      outageOptions,
    };
    raw.close();
    expect(shown).toMatchObject({ refusal: { status: 401 }, ambiguous: { name: "AmbiguousError" } });
    const leaks = Object.entries(shown).filter(([, value]) =>
      `${inspect(value, { depth: 10, showHidden: true })} ${JSON.stringify(value)}`.includes(
        "key_of_the_tests",
      ),
    );
    expect(leaks.map(([name]) => name)).toEqual([]);
  });
});
