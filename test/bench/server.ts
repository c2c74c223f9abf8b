import { once } from "node:events";
import { createServer, type Server } from "node:http";

export const counts = { few: 3, many: 10_000, page: 100 };

export interface BenchServer {
  url: string;
  close(): void;
}

/** What the figures ask of: `dep_few` with three automations, and `dep_many` with ten thousand. */
export async function startServer(): Promise<BenchServer> {
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://127.0.0.1");
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(page(url)));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return urlOf(server);
}

/** A server that listens, as the bench knows it. */
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

function page(url: URL) {
  const isFew = url.pathname.includes("/dep_few/");
  const total = isFew ? counts.few : counts.many;
  const from = Number(url.searchParams.get("cursor") ?? 0);
  const to = Math.min(from + counts.page, total);
  const data = Array.from({ length: to - from }, (_, index) => automation(from + index));
  return { data, next_cursor: to < total ? String(to) : null };
}

function automation(index: number) {
  return {
    automation_id: `auto_${index}`,
    name: `Weekly video variations ${index}`,
    schedule: "0 9 * * 1",
    enabled: true,
    last_run_at: "2026-01-05T09:00:00Z",
    last_run_status: "completed",
    next_run_at: "2026-01-12T09:00:00Z",
  };
}
