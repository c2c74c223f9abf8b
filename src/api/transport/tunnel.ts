import type { Agent } from "node:http";
import type { RequestOptions } from "node:https";
import type { Duplex } from "node:stream";
import { failureWords, ProxyError } from "../errors.js";
import type { FetchLike } from "../fetch.js";
import { createTransport, idleMs, type SendingOptions } from "./http.js";

interface TunnelOptions {
  /** An http: or https: URL without user info. */
  proxy: URL;
  authorization?: string;
  connectTimeoutMs?: number;
}

/**
 * A transport that reaches https: URLs through an HTTP proxy (CONNECT). The TLS connection is the API's own: the
 * proxy learns only host and port. Rejects like createTransport, and with ProxyError if the proxy fails.
 */
export function createTunnelTransport(options: TunnelOptions): FetchLike {
  const { connectTimeoutMs = 10_000 } = options;
  let agent: Promise<Agent> | undefined;
  return createTransport({
    connectTimeoutMs,
    agentFor: (url) => {
      if (url.protocol !== "https:") return undefined;
      agent ??= createTunnelAgent({ ...options, connectTimeoutMs });
      return agent;
    },
  });
}

async function createTunnelAgent(options: TunnelOptions & { connectTimeoutMs: number }): Promise<Agent> {
  const [http, https, { isIP }] = await Promise.all([
    import("node:http"),
    import("node:https"),
    import("node:net"),
  ]);
  const { proxy, authorization, connectTimeoutMs } = options;
  // Node resolves a bracketed IPv6 address as a host name.
  const proxyHost = proxy.hostname.replace(/^\[|\]$/g, "");
  const { request } = proxy.protocol === "https:" ? https : http;

  class TunnelAgent extends https.Agent {
    override createConnection(
      target: SendingOptions,
      callback: (error: Error | null, stream: Duplex) => void = () => {},
    ): undefined {
      // Node's types require a stream even if there is none.
      const fail = (error: ProxyError) => void Reflect.apply(callback, undefined, [error]);
      const authority = authorityOf(target);
      const asked = request({
        method: "CONNECT",
        host: proxyHost,
        // Otherwise Node checks a TLS proxy's certificate against the Host header.
        servername: isIP(proxyHost) === 0 ? proxyHost : "",
        port: proxy.port,
        path: authority,
        headers: {
          host: authority,
          ...(authorization === undefined ? {} : { "proxy-authorization": authorization }),
        },
        agent: false,
        // Shorter than the total limit, so that the error can name a silent proxy.
        timeout: connectTimeoutMs * 0.8,
      });
      target.watch?.destroyAtEnd(asked);
      asked.once("connect", (answer, socket, head) => {
        if (answer.statusCode !== 200) {
          socket.destroy();
          fail(refusal(proxy, { authority, status: answer.statusCode ?? 0 }));
          return;
        }
        socket.setTimeout(0);
        if (head.length > 0) socket.unshift(head);
        const within = { ...target, socket };
        const secured = super.createConnection(within);
        if (secured) callback(null, secured);
        else fail(new ProxyError(`the proxy ${proxy.host}: no TLS connection could be made through it`));
      });
      asked.once("timeout", () => asked.destroy(new Error("the response timed out")));
      asked.once("error", (cause) =>
        fail(new ProxyError(`the proxy ${proxy.host} can't be reached: ${failureWords(cause)}`, { cause })),
      );
      asked.end();
    }
  }
  return new TunnelAgent({ keepAlive: true, timeout: idleMs });
}

function refusal(proxy: URL, { authority, status }: { authority: string; status: number }): ProxyError {
  const words =
    status === 407
      ? "requires a valid user name and password"
      : status >= 500
        ? `can't reach ${authority}`
        : `refuses to connect to ${authority}`;
  return new ProxyError(`the proxy ${proxy.host} ${words} (${status})`, { status });
}

function authorityOf({ host, port }: RequestOptions): string {
  const name = host ?? "";
  return `${name.includes(":") ? `[${name}]` : name}:${port}`;
}
