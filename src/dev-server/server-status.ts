/** A local server's status, and the request that asks for it. */

import { type IncomingHttpHeaders, request } from "node:http";
import type { Engine } from "./engine.js";
import type { Stay } from "./idleness.js";

type ServerStatus = ReturnType<typeof serverStatus>;

/** The path for status requests, which don't count as use of the server. */
export const statusPath = "/_dev/status";

/** A server's state: why it keeps running (null: foreground, or about to stop), next due run, and contents. */
export function serverStatus({ store }: Engine, stay: Stay | undefined) {
  const next = store.automations.nextDue();
  const due = next && {
    name: next.name,
    deployment_id: next.deployment_id,
    automation_id: next.automation_id,
  };
  return { stay: stay ?? null, due: due ?? null, ...store.counts() };
}

/** Requests the status of a server that has proved it has the key; undefined if it doesn't support the call. */
export async function askStatus(owner: { url: string; apiKey: string }): Promise<ServerStatus | undefined> {
  const answer = await requestServer("GET", owner.url + statusPath, {
    authorization: `Bearer ${owner.apiKey}`,
  });
  try {
    const status = JSON.parse(answer?.text ?? "") as Partial<ServerStatus>;
    return typeof status.automations === "number" ? (status as ServerStatus) : undefined;
  } catch {
    return undefined;
  }
}

/** A response takes this long only on a busy machine. */
const limitMs = 10_000;

/** The response to a small request to a local server; undefined if none arrives within ten seconds. */
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
