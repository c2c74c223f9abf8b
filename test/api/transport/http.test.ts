import type { Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { HermClient } from "../../../src/api/client.js";
import { ExchangeAbort, type FetchInit, startTimer } from "../../../src/api/fetch.js";
import { RetryBudget } from "../../../src/api/retry/retry.js";
import { createTransport } from "../../../src/api/transport/http.js";
import {
  type Answerer,
  json,
  outcomeOf,
  rawServer,
  scriptedServer,
  testClient,
  text,
} from "../scripted-server.js";

const deployment = { deployment_id: "dep_1", name: "D" };
const fields = { name: "W", schedule: "0 9 * * 1", instructions: "I" };

const redirect =
  (status: number, location: string): Answerer =>
  (response) =>
    response.writeHead(status, { location }).end("moved");

describe("a redirect", () => {
  it.each([301, 302, 303, 307, 308])("%i to the same origin is followed by a GET", async (status) => {
    const server = await scriptedServer(redirect(status, "/v2/there?x=1"), json(200, deployment));
    expect(await testClient(server.url).herm.deployments.get("dep_1")).toEqual(deployment);
    expect(server.seen.map(({ method, url }) => `${method} ${url}`)).toEqual([
      "GET /v1/deployments/dep_1",
      "GET /v2/there?x=1",
    ]);
  });

  it.each([301, 302, 303, 307, 308])("%i is never followed by a change", async (status) => {
    const server = await scriptedServer((response, request) => {
      (request.method === "GET" ? text(500, "") : redirect(status, "/v2/there"))(response, request);
    });
    const { herm } = testClient(server.url);
    const redirected = { name: "RedirectError", status };
    // These may follow a completed change.
    const isOpen = status === 302 || status === 303;
    const refused = isOpen ? { name: "AmbiguousError", cause: redirected } : redirected;
    expect(await outcomeOf(herm.automations.create("dep_1", fields))).toMatchObject(refused);
    expect(await outcomeOf(herm.automations.update("dep_1", "auto_1", fields))).toMatchObject(refused);
    expect(await outcomeOf(herm.automations.delete("dep_1", "auto_1"))).toMatchObject(refused);
    const changes = server.seen.filter(({ method }) => method !== "GET");
    expect(changes.map(({ method }) => method)).toEqual(["POST", "PATCH", "DELETE"]);
    expect(server.seen.filter(({ url }) => url.includes("/v2/"))).toEqual([]);
  });

  it.each([
    "http://api.prismagents.com/x",
    "//evil.example/x",
    "https://api.prismagents.com.evil.example/x",
    "http://[",
    "",
  ])("is not followed from https to %j", async (location) => {
    const sent: string[] = [];
    const herm = new HermClient({
      apiKey: "k",
      fetch: async (url) => {
        sent.push(url);
        return {
          status: 302,
          headers: { get: (name) => (name === "location" ? location : null) },
          body: null,
        };
      },
    });
    expect(await outcomeOf(herm.deployments.get("dep_1"))).toMatchObject({ name: "RedirectError" });
    expect(new Set(sent)).toEqual(new Set(["https://api.prismagents.com/v1/deployments/dep_1"]));
  });

  it("is followed at most five times in a cycle", async () => {
    const server = await scriptedServer(redirect(302, "/again"));
    expect(await outcomeOf(testClient(server.url).herm.deployments.get("dep_1"))).toMatchObject({
      name: "RedirectError",
    });
    expect(server.seen).toHaveLength(6);
  });
});

describe("proof that a request never arrived", () => {
  const attempt = async (baseUrl: string, connectTimeoutMs?: number) => {
    const herm = new HermClient({
      apiKey: "key_of_the_tests",
      baseUrl,
      maxRetries: 0,
      retryBudget: new RetryBudget(),
      fetch: createTransport({ connectTimeoutMs }),
    });
    return outcomeOf(herm.automations.create("dep_1", fields));
  };

  it("exists if the server speaks plain HTTP instead of TLS", async () => {
    const server = await scriptedServer(json(200, deployment));
    const error = await attempt(server.url.replace("http:", "https:"));
    expect(error).toMatchObject({
      name: "ConnectionError",
      code: "EPROTO",
      neverArrived: true,
      message: `${new URL(server.url).host}: the TLS handshake failed (EPROTO)`,
    });
    expect(server.seen).toHaveLength(0);
  });

  it.each([
    ["resets the connection", (socket: Socket) => socket.resetAndDestroy()],
    ["closes the connection", (socket: Socket) => socket.end()],
  ])("exists if, during the TLS handshake, the server %s", async (_how, end) => {
    const port = await rawServer((socket) => socket.once("data", () => end(socket)));
    expect(await attempt(`https://127.0.0.1:${port}`)).toMatchObject({
      name: "ConnectionError",
      neverArrived: true,
      message: `127.0.0.1:${port}: the connection broke (ECONNRESET)`,
    });
  });

  it("exists if the TLS handshake times out", async () => {
    const port = await rawServer(() => {});
    expect(await attempt(`https://127.0.0.1:${port}`, 30)).toMatchObject({
      name: "ConnectionError",
      code: "CONNECT_TIMEOUT",
      neverArrived: true,
      message: `127.0.0.1:${port}: the connection timed out`,
    });
  });

  it("doesn't exist if a plain connection breaks", async () => {
    const port = await rawServer((socket) => socket.once("data", () => socket.resetAndDestroy()));
    expect(await attempt(`http://127.0.0.1:${port}`)).toMatchObject({ name: "AmbiguousError" });
  });

  it.each([
    ["ECONNREFUSED", { code: "ECONNREFUSED" }, true],
    ["an unknown host name", { code: "ENOTFOUND" }, true],
    ["an unreachable name server", { code: "EAI_AGAIN" }, true],
    ["an invalid certificate", { code: "CERT_HAS_EXPIRED" }, true],
    ["any failure to connect", { code: "ETIMEDOUT", syscall: "connect" }, true],
    ["the cause of fetch's error", { cause: { code: "ECONNREFUSED" } }, true],
    [
      "every address refused",
      { errors: [{ code: "ECONNREFUSED" }, { code: "ENETUNREACH", syscall: "connect" }] },
      true,
    ],
    [
      "one broken connection among two addresses",
      { errors: [{ code: "ECONNREFUSED" }, { code: "ECONNRESET" }] },
      false,
    ],
    ["ECONNRESET", { code: "ECONNRESET" }, false],
    ["ETIMEDOUT while reading", { code: "ETIMEDOUT", syscall: "read" }, false],
    ["an error without a code", {}, false],
  ])("depends, for other transports, on the error: %s", async (_name, fault, neverArrived) => {
    const herm = new HermClient({
      apiKey: "k",
      maxRetries: 0,
      fetch: async () => {
        throw Object.assign(new TypeError("fetch failed"), fault);
      },
    });
    expect(await outcomeOf(herm.deployments.get("dep_1"))).toMatchObject({
      name: "ConnectionError",
      neverArrived,
    });
  });
});

describe("the transport", () => {
  const watch = new ExchangeAbort(undefined, startTimer);
  const init: FetchInit = { method: "GET", headers: {}, watch, redirect: "manual" };

  it.each(["http://example.com/", "http://10.1.2.3/", "https://u:p@example.com/", "ftp://localhost/"])(
    "rejects %s before any name lookup",
    async (url) => {
      const transport = createTransport({
        agentFor: () => {
          throw new Error("asked for a connection");
        },
      });
      await expect(transport(url, init)).rejects.toMatchObject({ name: "InvalidUrlError" });
    },
  );

  it("uses the agent given for an origin, and requests the agent only once", async () => {
    const server = await scriptedServer(text(200, "fine"));
    const { Agent } = await import("node:http");
    const agent = new Agent();
    const asked: string[] = [];
    const transport = createTransport({
      agentFor: (url) => {
        asked.push(url.href);
        return agent;
      },
    });
    const answers = [await transport(`${server.url}/x?y=1`, init), await transport(`${server.url}/z`, init)];
    expect({
      statuses: answers.map(({ status }) => status),
      asked,
      seen: server.seen.map(({ url, headers }) => [url, headers.connection]),
    }).toEqual({
      statuses: [200, 200],
      asked: [`${server.url}/`],
      seen: [
        ["/x?y=1", "close"],
        ["/z", "close"],
      ],
    });
  });

  it("leaves the global fetch unchanged", async () => {
    const server = await scriptedServer(json(200, deployment));
    const names = ["fetch", "Request", "Response", "Headers", "ReadableStream"] as const;
    const kept = names.map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)] as const);
    const touched: string[] = [];
    for (const name of names) {
      Object.defineProperty(globalThis, name, {
        configurable: true,
        get: () => {
          touched.push(name);
          return undefined;
        },
      });
    }
    try {
      const { herm } = testClient(server.url, { fetch: createTransport() });
      await herm.deployments.get("dep_1");
    } finally {
      for (const [name, descriptor] of kept) {
        if (descriptor !== undefined) Object.defineProperty(globalThis, name, descriptor);
      }
    }
    expect(touched).toEqual([]);
  });
});
