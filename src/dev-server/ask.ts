import { type IncomingHttpHeaders, request } from "node:http";

const patienceMs = 2_000;

/** The answer's headers for a small request to a local server, without a body; undefined if nobody answers within two seconds. */
export function ask(
  method: string,
  url: string,
  headers: Record<string, string>,
): Promise<IncomingHttpHeaders | undefined> {
  return new Promise((resolve) => {
    const options = { method, headers: { ...headers, connection: "close" }, timeout: patienceMs };
    const outgoing = request(url, options);
    outgoing.once("response", (incoming) => {
      incoming.resume();
      resolve(incoming.headers);
    });
    outgoing.once("timeout", () => outgoing.destroy());
    outgoing.once("error", () => resolve(undefined));
    outgoing.once("close", () => resolve(undefined));
    outgoing.end();
  });
}
