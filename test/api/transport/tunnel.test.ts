import { createServer, type Socket } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { HermClient } from "../../../src/api/client.js";
import { RetryBudget } from "../../../src/api/retry/retry.js";
import { createTunnelTransport } from "../../../src/api/transport/tunnel.js";
import { makeAuthority } from "../../support/certificates.js";
import { type ConnectProxyOptions, connectProxy } from "../../support/connect-proxy.js";
import { closedUrl, json, outcomeOf, scriptedServer, secureScriptedServer } from "../scripted-server.js";

const fields = { name: "W", schedule: "0 9 * * 1", instructions: "I" };
const key = "key_of_the_tests_9f2c";
const authorization = `Basic ${Buffer.from("me:pa55word").toString("base64")}`;

interface Through {
  proxy: string;
  maxRetries?: number;
  connectTimeoutMs?: number;
}

/** A client whose API can be reached only through the proxy, because no name server has its name. */
function clientThrough({ proxy, maxRetries = 3, connectTimeoutMs }: Through) {
  const failures: string[] = [];
  const herm = new HermClient({
    apiKey: key,
    baseUrl: "https://api.invalid",
    fetch: createTunnelTransport({ proxy: new URL(proxy), authorization, connectTimeoutMs }),
    maxRetries,
    retryBudget: new RetryBudget(),
    sleep: async () => {},
    onAttempt: ({ failure }) => void failures.push(failure instanceof Error ? failure.message : "none"),
  });
  return { herm, failures };
}

/** A create through a proxy, which must fail; `attempts` is the number of tries. */
async function createThrough(options: ConnectProxyOptions & Omit<Through, "proxy">) {
  const proxy = await connectProxy(options);
  const { herm, failures } = clientThrough({ proxy: `http://${proxy.host}`, ...options });
  const error = await outcomeOf(herm.automations.create("dep_1", fields));
  const message = error instanceof Error ? error.message.replace(proxy.host, "P") : error;
  return { proxy, error, message, attempts: failures.length };
}

describe("a proxy", () => {
  it.each([
    [407, "the proxy P requires a valid user name and password (407)", 1],
    [403, "the proxy P refuses to connect to api.invalid:443 (403)", 1],
    [200 + 4, "the proxy P refuses to connect to api.invalid:443 (204)", 1],
    [502, "the proxy P can't reach api.invalid:443 (502)", 4],
    [503, "the proxy P can't reach api.invalid:443 (503)", 4],
  ])(
    "is named in the error for its own %i, and receives no request to forward",
    async (status, message, attempts) => {
      const tried = await createThrough({ refuseWith: status });
      expect(tried).toMatchObject({
        message,
        attempts,
        error: { name: "ProxyError", status, neverArrived: true },
      });
      expect(tried.proxy.asked[0]).toEqual({ line: "CONNECT api.invalid:443", authorization });
      expect(tried.proxy.seen()).toBe("");
    },
  );

  it("is named in the error if it isn't running", async () => {
    const { herm } = clientThrough({ proxy: closedUrl, maxRetries: 0 });
    const error = await outcomeOf(herm.automations.create("dep_1", fields));
    expect(error).toMatchObject({
      name: "ProxyError",
      neverArrived: true,
      message: expect.stringMatching(
        /^the proxy 127\.0\.0\.1:\d+ can't be reached: connection refused \(ECONNREFUSED\)$/,
      ),
    });
  });

  it("is named in the error if it doesn't respond in time", async () => {
    const tried = await createThrough({ isSilent: true, connectTimeoutMs: 100, maxRetries: 0 });
    expect(tried).toMatchObject({
      message: "the proxy P can't be reached: the response timed out",
      error: { name: "ProxyError", neverArrived: true },
    });
  });

  it("is abandoned at once if it is silent and the caller stops", async () => {
    const proxy = await connectProxy({ isSilent: true });
    const { herm } = clientThrough({ proxy: `http://${proxy.host}` });
    const controller = new AbortController();
    const reason = new Error("Ctrl-C");
    const work = outcomeOf(herm.deployments.get("dep_1", { signal: controller.signal }));
    await expect.poll(() => proxy.asked.length).toBe(1);
    expect(proxy.open()).toBe(1);
    controller.abort(reason);
    expect(await work).toBe(reason);
    await expect.poll(() => proxy.open()).toBe(0);
  });

  it("is named in the error if it doesn't speak HTTP", async () => {
    const server = createServer((socket: Socket) => void socket.end("SSH-2.0-OpenSSH_9.6\r\n"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const address = server.address();
    const port = typeof address === "object" ? address?.port : 0;
    const { herm } = clientThrough({ proxy: `http://127.0.0.1:${port}`, maxRetries: 0 });
    expect(await outcomeOf(herm.automations.create("dep_1", fields))).toMatchObject({
      name: "ProxyError",
      neverArrived: true,
      message: expect.stringContaining(`the proxy 127.0.0.1:${port} can't be reached: `),
    });
  });

  it("may have an IPv6 address", async () => {
    const proxy = await connectProxy({ host: "::1", refuseWith: 407 });
    const { herm } = clientThrough({ proxy: `http://${proxy.host}`, maxRetries: 0 });
    expect(await outcomeOf(herm.deployments.get("dep_1"))).toMatchObject({ name: "ProxyError", status: 407 });
  });

  it("receives no byte of a request if the server's certificate is invalid", async () => {
    const server = await secureScriptedServer(makeAuthority().issue(["api.invalid"]), json(200, {}));
    const tried = await createThrough({ to: Number(new URL(server.url).port), maxRetries: 0 });
    expect(tried).toMatchObject({
      message: "api.invalid: its certificate isn't signed by an authority that this machine trusts",
      error: { name: "ConnectionError", neverArrived: true },
    });
    expect(tried.proxy.seen().length).toBeGreaterThan(100);
    expect(tried.proxy.seen()).not.toContain(key);
    expect(server.seen).toEqual([]);
  });

  it("receives no byte of a request for a server without TLS", async () => {
    const server = await scriptedServer(json(200, {}));
    const tried = await createThrough({ to: Number(new URL(server.url).port), maxRetries: 0 });
    expect(tried).toMatchObject({ error: { name: "ConnectionError", neverArrived: true } });
    expect(tried.proxy.seen()).not.toContain(key);
    expect(server.seen).toEqual([]);
  });

  it("receives the request again if it disconnects during TLS", async () => {
    const server = await secureScriptedServer(makeAuthority().issue(["api.invalid"]), json(200, {}));
    const tried = await createThrough({ to: Number(new URL(server.url).port), cutAfter: 10 });
    expect(tried).toMatchObject({
      message: "api.invalid: the connection broke (ECONNRESET)",
      error: { name: "ConnectionError", neverArrived: true },
      attempts: 4,
    });
  });

  it("isn't used for plain http, which stays on this machine", async () => {
    const server = await scriptedServer(json(200, { deployment_id: "dep_1" }));
    const fetch = createTunnelTransport({ proxy: new URL(closedUrl) });
    const herm = new HermClient({ apiKey: key, baseUrl: server.url, fetch });
    expect(await herm.deployments.get("dep_1")).toEqual({ deployment_id: "dep_1" });
  });
});
