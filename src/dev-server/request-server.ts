import { type IncomingHttpHeaders, request } from "node:http";

const timeoutMs = 2_000;

/** The answer to a small request to a local server; undefined if nobody answers within two seconds. */
export function requestServer(
  method: string,
  url: string,
  headers: Record<string, string>,
  body?: string,
): Promise<{ status: number; headers: IncomingHttpHeaders; text: string } | undefined> {
  return new Promise((resolve) => {
    const options = { method, headers: { ...headers, connection: "close" }, timeout: timeoutMs };
    const outgoing = request(url, options);
    outgoing.once("response", (incoming) => {
      let text = "";
      incoming.setEncoding("utf8");
      incoming.on("data", (part: string) => {
        text += part;
      });
      incoming.once("end", () =>
        resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text }),
      );
      incoming.once("error", () => resolve(undefined));
    });
    outgoing.once("timeout", () => outgoing.destroy());
    outgoing.once("error", () => resolve(undefined));
    outgoing.once("close", () => resolve(undefined));
    outgoing.end(body);
  });
}
