import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { listen } from "../../src/dev-server/embed.js";
import { spawnHerm } from "../support/spawn.js";
import { type Caller, openCaller, transports } from "./caller.js";
import { hostileRequests, isRefused, sendRaw } from "./hostile-requests.js";

const base = "/v1/deployments/dep_local";
const automation = JSON.stringify({ name: "Evil", schedule: "* * * * *", instructions: "x" });

describe("a request from another origin", () => {
  let caller: Caller;
  let host: string;
  beforeEach(async () => {
    caller = await openCaller("over a socket");
    host = (await caller.server.listen()).url.slice("http://".length);
  });
  afterEach(() => caller.close());

  it.each(hostileRequests)("is rejected, with or without the key: $name", async (request) => {
    for (const key of ["", `Authorization: Bearer ${caller.server.apiKey}\r\n`]) {
      expect(await sendRaw(host, request.text({ host, key }))).toMatch(isRefused);
    }
    expect((await caller.call("GET", `${base}/automations`)).body).toEqual({ data: [], next_cursor: null });
    expect((await caller.call("GET", "/_dev/requests")).body).toEqual([
      { method: "GET", path: `${base}/automations`, count: 1 },
    ]);
  });

  it("gets no CORS headers in any response", async () => {
    const answers = [
      await caller.send("OPTIONS", base),
      await caller.send("GET", base, { headers: { authorization: null } }),
      await caller.send("GET", base, { headers: { origin: "http://evil.example" } }),
      await caller.send("GET", base),
    ];
    expect(answers.map(({ status }) => status)).toEqual([405, 401, 403, 200]);
    for (const { headers } of answers) {
      expect([...headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([]);
    }
  });

  it("gets a hint that doesn't contain the key, if sent to localhost", async () => {
    const port = host.split(":")[1];
    const env = { HERM_API_URL: `http://localhost:${port}`, HERM_API_KEY: caller.server.apiKey };
    const result = await spawnHerm(["deployments", "list"], { env });
    expect({ ...result, stderr: result.stderr.replace(/ \(request \w+\)/, "") }).toEqual({
      code: 3,
      stdout: "",
      stderr:
        `error: only requests to http://${host} are served\n` +
        "hint: use exactly that address in HERM_API_URL or the setting api_url: localhost is a different one\n",
    });
  });

  it.each(["TRACE", "CONNECT", "PROPFIND"])("is rejected with the method %s", async (method) => {
    const target = method === "CONNECT" ? host : base;
    expect(await sendRaw(host, `${method} ${target} HTTP/1.1\r\nHost: ${host}\r\n\r\n`)).not.toMatch(/ 200 /);
  });

  it("is accepted only on 127.0.0.1", async () => {
    const port = Number(host.split(":")[1]);
    for (const address of ["::1", "127.0.0.2"]) {
      const socket = connect(port, address);
      await expect(once(socket, "connect")).rejects.toThrow();
    }
  });
});

describe("a client that hangs up", () => {
  it("causes no server error, even if it stops in the middle of a body", async () => {
    const faults: unknown[] = [];
    const caller = await openCaller("over a socket", { onError: (error) => void faults.push(error) });
    const host = (await caller.server.listen()).url.slice("http://".length);
    const [address = "", port] = host.split(":");
    const socket = connect(Number(port), address);
    const key = `Authorization: Bearer ${caller.server.apiKey}`;
    const head = `POST ${base}/automations HTTP/1.1\r\nHost: ${host}\r\n${key}`;
    socket.write(`${head}\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{`);
    await expect
      .poll(async () => (await caller.call("GET", "/_dev/requests")).body)
      .toContainEqual({ method: "POST", path: `${base}/automations`, count: 1 });
    socket.destroy();
    // The turns that the server needs to see the end.
    for (let turn = 0; turn < 20; turn += 1) await caller.call("GET", "/_dev/requests");
    await caller.close();
    expect(faults).toEqual([]);
  });
});

describe.each(transports)("the key, %s", (transport) => {
  it("must be exact: a missing, shortened or extended key gets 401", async () => {
    const caller = await openCaller(transport);
    onTestFinished(() => caller.close());
    const { apiKey } = caller.server;
    const unauthorized = [
      null,
      "",
      "Bearer",
      "Bearer ",
      `Basic ${apiKey}`,
      `Bearer ${apiKey}x`,
      `Bearer ${apiKey.slice(1)}`,
      apiKey,
    ];
    for (const authorization of unauthorized) {
      const { status, body, headers } = await caller.call("GET", base, undefined, { authorization });
      expect({ authorization, status, body, challenge: headers.get("www-authenticate") }).toEqual({
        authorization,
        status: 401,
        body: { error: "unauthorized", message: expect.stringMatching(/API key is/) },
        challenge: "Bearer",
      });
    }
    expect((await caller.call("GET", base, undefined, { authorization: `bearer ${apiKey}` })).status).toBe(
      200,
    );
  });
});

describe.each(transports)("a body, %s", (transport) => {
  let caller: Caller;
  beforeEach(async () => {
    caller = await openCaller(transport);
  });
  afterEach(() => caller.close());

  const post = async (body: string, headers: Record<string, string | null> = {}) => {
    const response = await caller.send("POST", `${base}/automations`, { body, headers });
    return { status: response.status, body: await response.json() };
  };
  const sized = (bytes: number) => {
    const frame = JSON.stringify({ name: "Big", schedule: "0 9 * * *", instructions: "" });
    return frame.replace('""', `"${"x".repeat(bytes - frame.length)}"`);
  };

  it("may be 1 MiB long, and not a byte longer", async () => {
    const accepted = await post(sized(1024 * 1024));
    expect(accepted.status).toBe(201);
    const refused = {
      status: 413,
      body: { error: "payload_too_large", message: "the body is larger than 1048576 bytes" },
    };
    expect(await post(sized(1024 * 1024 + 1))).toEqual(refused);
    expect(await post(sized(8 * 1024 * 1024))).toEqual(refused);
    expect((await caller.call("GET", `${base}/automations`)).body).toMatchObject({ data: { length: 1 } });
  });

  it.each([
    ["plain text", { "content-type": "text/plain" }],
    ["a form", { "content-type": "application/x-www-form-urlencoded" }],
    ["JSON of another type", { "content-type": "application/jsonp" }],
  ])("is rejected if it is %s", async (_, headers) => {
    expect(await post(automation, headers)).toEqual({
      status: 415,
      body: { error: "unsupported_media_type", message: "the body must be application/json" },
    });
  });

  it("may name its character set", async () => {
    expect((await post(automation, { "content-type": "Application/JSON; charset=utf-8" })).status).toBe(201);
  });

  it.each([
    ["nothing", "", "a JSON body is required"],
    ["broken JSON", '{"name":', "the body is not valid JSON"],
    ["JSON followed by more", `${automation}{}`, "the body is not valid JSON"],
    ["a byte order mark", `\ufeff${automation}`, "the body is not valid JSON"],
    ["a million brackets", "[".repeat(1_000_000), "the body is not valid JSON"],
    ["__proto__", automation.replace("{", '{"__proto__":1,'), "unknown field: __proto__"],
    ["toString", automation.replace("{", '{"toString":1,'), "unknown field: toString"],
  ])("is rejected if it contains %s", async (_, body, message) => {
    const answer = await post(body, { "content-type": "application/json" });
    expect(answer).toEqual({ status: 400, body: { error: "validation_error", message } });
  });

  it("is rejected by trigger", async () => {
    await post(automation);
    const { body } = await caller.call("GET", `${base}/automations`);
    const [{ automation_id }] = (body as { data: [{ automation_id: string }] }).data;
    const path = `${base}/automations/${automation_id}/trigger`;
    expect(await caller.call("POST", path, { force: true })).toMatchObject({
      status: 400,
      body: { message: "this call can't have a body" },
    });
    expect(
      (await caller.send("POST", path, { body: "", headers: { "content-type": "text/plain" } })).status,
    ).toBe(415);
    expect((await caller.call("POST", path, {})).status).toBe(200);
  });
});

/** Finally reads, and counts the responses that arrived until the server closed the connection. */
async function answersUntilClosed(socket: Socket): Promise<number> {
  let text = "";
  socket.on("data", (chunk) => {
    text += chunk;
  });
  socket.resume();
  // It may end with an error, which `once` would throw.
  if (!socket.closed) await new Promise((resolve) => socket.once("close", resolve));
  return text.split("HTTP/1.1 ").length - 1;
}

describe("many connections", () => {
  it("don't delay a normal request, even if they send headers slowly", async () => {
    const caller = await openCaller("over a socket");
    const { url } = await caller.server.listen();
    const { hostname, port } = new URL(url);
    const slow: Socket[] = [];
    onTestFinished(async () => {
      for (const socket of slow) socket.destroy();
      await caller.close();
    });
    for (let index = 0; index < 200; index += 1) {
      const socket = connect(Number(port), hostname);
      socket.on("error", () => undefined);
      await once(socket, "connect");
      socket.write(index % 2 === 0 ? `GET ${base} HTTP/1.1\r\nHost: ` : "G");
      slow.push(socket);
    }
    const response = await fetch(`${url}${base}`, {
      headers: { authorization: `Bearer ${caller.server.apiKey}` },
    });
    expect(response.status).toBe(200);
    await expect.poll(() => slow.filter((socket) => socket.closed).length).toBeGreaterThanOrEqual(73);
  });

  it("don't delay a normal request, even if they read no responses", async () => {
    const caller = await openCaller("over a socket");
    const { url } = await caller.server.listen();
    const { hostname, port, host } = new URL(url);
    const greedy: Socket[] = [];
    onTestFinished(async () => {
      for (const socket of greedy) socket.destroy();
      await caller.close();
    });
    const many = `GET ${base} HTTP/1.1\r\nHost: ${host}\r\n\r\n`.repeat(1_000);
    for (let index = 0; index < 128; index += 1) {
      const socket = connect(Number(port), hostname);
      socket.on("error", () => undefined);
      await once(socket, "connect");
      socket.pause().write(many);
      greedy.push(socket);
    }
    const response = await fetch(`${url}${base}`, {
      headers: { authorization: `Bearer ${caller.server.apiKey}` },
    });
    expect(response.status).toBe(200);
    const counts = await Promise.all(greedy.map(answersUntilClosed));
    expect(Math.max(...counts)).toBeLessThanOrEqual(1);
  });

  it("get a response to each of many simultaneous requests with the key", async () => {
    const caller = await openCaller("over a socket");
    const { url } = await caller.server.listen();
    const { hostname, port, host } = new URL(url);
    onTestFinished(() => caller.close());
    const socket = connect(Number(port), hostname);
    const key = `Authorization: Bearer ${caller.server.apiKey}`;
    const request = (end: string) => `GET ${base} HTTP/1.1\r\nHost: ${host}\r\n${key}\r\n${end}\r\n`;
    socket.write(request("").repeat(20) + request("Connection: close\r\n"));
    let answers = "";
    for await (const chunk of socket) answers += chunk;
    expect(answers.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(21);
  });

  it("are closed if their headers arrive late", async () => {
    const listener = await listen(async () => new Response(), {
      port: 0,
      now: Date.now,
      hasKey: () => false,
      headersTimeoutMs: 200,
    });
    onTestFinished(() => listener.close());
    const { hostname, port } = new URL(listener.url);
    const silent = connect(Number(port), hostname);
    const started = connect(Number(port), hostname);
    started.write("GET / HTTP/1.1\r\nHost:");
    let answer = "";
    for await (const chunk of started) answer += chunk;
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    silent.resume();
    await once(silent, "close");
  });
});
