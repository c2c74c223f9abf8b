import { once } from "node:events";
import { createServer, type Server } from "node:http";

const page = 100;

/** The number of automations in a deployment. */
const counts: Readonly<Record<string, number>> = {
  dep_few: 3,
  dep_screen: 20,
  dep_long: 1000,
  dep_many: 10_000,
};

export interface BenchServer {
  url: string;
  close(): void;
}

/** The deployments that the figures list. */
export async function startServer(): Promise<BenchServer> {
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://127.0.0.1");
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(pageOf(url)));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return urlOf(server);
}

/** A listening server, as the bench uses it. */
export function urlOf(server: Server): BenchServer {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

function pageOf(url: URL) {
  const total = counts[url.pathname.split("/")[3] ?? ""] ?? 0;
  const from = Number(url.searchParams.get("cursor") ?? 0);
  const to = Math.min(from + page, total);
  const data = Array.from({ length: to - from }, (_, index) => automation(from + index));
  return { data, next_cursor: to < total ? String(to) : null };
}

const weekMs = 7 * 24 * 3_600_000;
const someMondayMs = Date.UTC(2026, 0, 5, 9);
/** In the future, because a missed run would cause more requests. */
const nextMs = someMondayMs + Math.ceil((Date.now() - someMondayMs) / weekMs) * weekMs;
const atText = (ms: number) => new Date(ms).toISOString().replace(".000Z", "Z");

function automation(index: number) {
  return {
    automation_id: `auto_${index}`,
    name: `Weekly video variations ${index}`,
    schedule: "0 9 * * 1",
    enabled: true,
    last_run_at: atText(nextMs - weekMs),
    last_run_status: "completed",
    next_run_at: atText(nextMs),
  };
}
