import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { listen } from "../../src/dev-server/listen.js";
import { type Caller, openCaller, transports } from "./caller.js";

const base = "/v1/deployments/dep_local";
const automation = JSON.stringify({ name: "Evil", schedule: "* * * * *", instructions: "x" });

describe("a request from elsewhere", () => {
  let caller: Caller;
  let host: string;
  beforeEach(async () => {
    caller = await openCaller("over a socket");
    host = (await caller.server.listen()).url.slice("http://".length);
  });
  afterEach(() => caller.close());

  /** Sends text as it is on a socket of its own, and gives back the first line of the answer, if there is one. */
  async function sendRaw(text: string): Promise<string> {
    const [address = "", port] = host.split(":");
    const socket = connect(Number(port), address);
    onTestFinished(() => void socket.destroy());
    socket.write(text);
    let answer = "";
    socket.on("error", () => undefined);
    for await (const chunk of socket) {
      answer += chunk;
      if (answer.includes("\r\n")) break;
    }
    socket.destroy();
    return answer.split("\r\n")[0] ?? "";
  }

  const hosts: [string, (host: string) => string][] = [
    ["an evil host", () => "Host: evil.example\r\n"],
    ["an evil host with the right port", (own) => `Host: evil.example:${own.split(":")[1]}\r\n`],
    ["the wrong port", () => "Host: 127.0.0.1:1\r\n"],
    ["no port", () => "Host: 127.0.0.1\r\n"],
    ["no host", () => ""],
    ["an empty host", () => "Host:\r\n"],
    ["two hosts", (own) => `Host: ${own}\r\nHost: evil.example\r\n`],
    ["the same host twice", (own) => `Host: ${own}\r\nHost: ${own}\r\n`],
    ["a trailing dot", (own) => `Host: ${own.replace(":", ".:")}\r\n`],
    ["another spelling of the address", (own) => `Host: ${own.replace("127.0.0.1", "127.1")}\r\n`],
  ];
  const targets: [string, (path: string) => string][] = [
    ["origin form", (path) => path],
    ["absolute form", (path) => `http://evil.example${path}`],
  ];
  const origins: [string, string][] = [
    ["the origin null", "Origin: null\r\n"],
    ["an evil origin", "Origin: http://evil.example\r\n"],
    ["the origin of another port", "Origin: http://127.0.0.1:1\r\n"],
    ["Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: cross-site\r\n"],
    ["Sec-Fetch-Site: same-site", "Sec-Fetch-Site: same-site\r\n"],
  ];
  const requests: [string, { method: string; path: string; headers: string; body: string }][] = [
    ["GET", { method: "GET", path: base, headers: "", body: "" }],
    [
      "POST of plain text",
      {
        method: "POST",
        path: `${base}/automations`,
        headers: `Content-Type: text/plain\r\nContent-Length: ${automation.length}\r\n`,
        body: automation,
      },
    ],
    [
      "OPTIONS",
      {
        method: "OPTIONS",
        path: `${base}/automations`,
        headers: "Access-Control-Request-Method: POST\r\n",
        body: "",
      },
    ],
    ["SSE", { method: "GET", path: `${base}/events`, headers: "Accept: text/event-stream\r\n", body: "" }],
  ];
  const wrongHosts = hosts.flatMap(([hostName, hostLines]) =>
    requests.map(
      ([name, request]) =>
        [`${name} with ${hostName}`, { ...request, hostLines, target: request.path, more: "" }] as const,
    ),
  );
  const wrongTargets = requests.map(
    ([name, request]) =>
      [
        `${name} in absolute form`,
        {
          ...request,
          hostLines: (own: string) => `Host: ${own}\r\n`,
          target: targets[1]?.[1](request.path) ?? "",
          more: "",
        },
      ] as const,
  );
  const wrongOrigins = origins.flatMap(([originName, more]) =>
    requests.map(
      ([name, request]) =>
        [
          `${name} with ${originName}`,
          { ...request, hostLines: (own: string) => `Host: ${own}\r\n`, target: request.path, more },
        ] as const,
    ),
  );

  it.each([...wrongHosts, ...wrongTargets, ...wrongOrigins])(
    "is refused, key or not: %s",
    async (_, request) => {
      for (const key of ["", `Authorization: Bearer ${caller.server.apiKey}\r\n`]) {
        const { method, target, hostLines, headers, more, body } = request;
        const line = await sendRaw(
          `${method} ${target} HTTP/1.1\r\n${hostLines(host)}${key}${headers}${more}\r\n${body}`,
        );
        expect(line).toMatch(/^HTTP\/1\.1 (400 Bad Request|403 Forbidden)$/);
      }
      expect((await caller.call("GET", `${base}/automations`)).body).toEqual({ data: [], next_cursor: null });
      expect((await caller.call("GET", "/_dev/requests")).body).toEqual([
        { method: "GET", path: `${base}/automations`, count: 1 },
      ]);
    },
  );

  it("finds no CORS headers in any answer", async () => {
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

  it.each(["TRACE", "CONNECT", "PROPFIND"])("is refused with the method %s", async (method) => {
    const target = method === "CONNECT" ? host : base;
    expect(await sendRaw(`${method} ${target} HTTP/1.1\r\nHost: ${host}\r\n\r\n`)).not.toMatch(/ 200 /);
  });

  it("is heard on 127.0.0.1 alone", async () => {
    const port = Number(host.split(":")[1]);
    for (const address of ["::1", "127.0.0.2"]) {
      const socket = connect(port, address);
      await expect(once(socket, "connect")).rejects.toThrow();
    }
  });
});

describe.each(transports)("the key, %s", (transport) => {
  it("is wanted, whole and exact", async () => {
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

  it("may be a MiB, and not a byte more", async () => {
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
    ["another JSON", { "content-type": "application/jsonp" }],
  ])("is refused as %s", async (_, headers) => {
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
    ["JSON and more", `${automation}{}`, "the body is not valid JSON"],
    ["a byte order mark", `\ufeff${automation}`, "the body is not valid JSON"],
    ["a million brackets", "[".repeat(1_000_000), "the body is not valid JSON"],
    ["__proto__", automation.replace("{", '{"__proto__":1,'), "unknown field: __proto__"],
    ["toString", automation.replace("{", '{"toString":1,'), "unknown field: toString"],
  ])("is refused as %s", async (_, body, message) => {
    const answer = await post(body, { "content-type": "application/json" });
    expect(answer).toEqual({ status: 400, body: { error: "validation_error", message } });
  });

  it("is not taken by trigger", async () => {
    await post(automation);
    const { body } = await caller.call("GET", `${base}/automations`);
    const [{ automation_id }] = (body as { data: [{ automation_id: string }] }).data;
    const path = `${base}/automations/${automation_id}/trigger`;
    expect(await caller.call("POST", path, { force: true })).toMatchObject({
      status: 400,
      body: { message: "this call takes no body" },
    });
    expect(
      (await caller.send("POST", path, { body: "", headers: { "content-type": "text/plain" } })).status,
    ).toBe(415);
    expect((await caller.call("POST", path, {})).status).toBe(200);
  });
});

describe("many connections", () => {
  it("that send their headers slowly don't keep a normal request waiting", async () => {
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

  it("are cut off when their headers don't come in time", async () => {
    const listener = await listen(async () => new Response(), {
      port: 0,
      now: Date.now,
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
