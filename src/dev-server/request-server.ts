import { type IncomingHttpHeaders, request } from "node:http";

/** A server takes this long only on a busy machine. */
const limitMs = 10_000;

/** The response to a small request to a local server; undefined if none comes within ten seconds. */
export function requestServer(
  method: string,
  url: string,
  headers: Record<string, string>,
  body?: string,
): Promise<{ status: number; headers: IncomingHttpHeaders; text: string } | undefined> {
  return new Promise((resolve) => {
    const outgoing = request(url, { method, headers: { ...headers, connection: "close" } });
    const limit = setTimeout(() => outgoing.destroy(), limitMs);
    const finish = (response?: Awaited<ReturnType<typeof requestServer>>) => {
      clearTimeout(limit);
      resolve(response);
    };
    outgoing.once("response", (incoming) => {
      let text = "";
      incoming.setEncoding("utf8");
      incoming.on("data", (part: string) => {
        text += part;
      });
      incoming.once("end", () =>
        finish({ status: incoming.statusCode ?? 0, headers: incoming.headers, text }),
      );
      incoming.once("error", () => finish());
    });
    outgoing.once("error", () => finish());
    outgoing.once("close", () => finish());
    outgoing.end(body);
  });
}
