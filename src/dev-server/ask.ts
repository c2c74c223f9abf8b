import { type IncomingHttpHeaders, request } from "node:http";

const patienceMs = 2_000;

/** One request to a local server, small and without a body; undefined if nobody answers within two seconds. */
export function ask(call: {
  method: string;
  url: string;
  headers: Record<string, string>;
}): Promise<{ status: number; headers: IncomingHttpHeaders } | undefined> {
  const { method, url, headers } = call;
  return new Promise((resolve) => {
    const outgoing = request(url, {
      method,
      headers: { ...headers, connection: "close" },
      timeout: patienceMs,
    });
    outgoing.once("response", (incoming) => {
      incoming.resume();
      resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers });
    });
    outgoing.once("timeout", () => outgoing.destroy());
    outgoing.once("error", () => resolve(undefined));
    outgoing.once("close", () => resolve(undefined));
    outgoing.end();
  });
}
