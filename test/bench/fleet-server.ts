import { once } from "node:events";
import { createServer } from "node:http";
import { type BenchServer, urlOf } from "./server.js";

/** A fleet: its number of deployments, of automations in each, and of runs that the API lists for each automation. */
export const fleet = { deployments: 1_000, each: 10, runs: 20 };

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const page = 100;

/** A fleet that runs once a day; in each deployment, the first automation is waiting and the second has failed. */
export async function startFleetServer(): Promise<BenchServer> {
  const now = Date.now();
  const at = (ms: number) => new Date(ms).toISOString();
  // The last run was half an hour ago, so none is late.
  const first = new Date(now - hourMs / 2);
  const schedule = `${first.getUTCMinutes()} ${first.getUTCHours()} * * *`;
  first.setUTCSeconds(0, 0);
  const runs = Array.from({ length: fleet.runs }, (_, ago) => {
    const startedMs = first.getTime() - ago * dayMs;
    const times = { started_at: at(startedMs), completed_at: at(startedMs + 90_000) };
    return { run_id: `run_${ago}`, thread_id: "thr_1", status: "completed", trigger: "schedule", ...times };
  });
  const statusOf = (number: number) =>
    number === 0 ? "waiting_on_human" : number === 1 ? "error" : "completed";
  const automation = (number: number) => ({
    automation_id: `auto_${number}`,
    name: `Job ${number}`,
    schedule,
    enabled: true,
    created_at: at(now - 90 * dayMs),
    updated_at: at(now - 60 * dayMs),
    last_run_at: at(first.getTime()),
    last_run_status: statusOf(number),
    next_run_at: at(first.getTime() + dayMs),
  });
  const detail = (number: number) => ({
    ...automation(number),
    instructions: "Do it.",
    thread_id: "thr_1",
    recent_runs: runs.map((run, ago) => (ago === 0 ? { ...run, status: statusOf(number) } : run)),
  });
  const numbers = Array.from({ length: fleet.each }, (_, number) => number);
  const list = JSON.stringify({ data: numbers.map(automation), next_cursor: null });
  const details = new Map(numbers.map((number) => [`auto_${number}`, JSON.stringify(detail(number))]));
  const thread = JSON.stringify({
    thread_id: "thr_1",
    messages: [{ role: "agent", content: "Send it?", run_id: "run_0", created_at: at(now) }],
  });
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://127.0.0.1");
    const [, , , , kind, id] = pathname.split("/");
    response.setHeader("content-type", "application/json");
    if (kind === "automations") response.end(id === undefined ? list : details.get(id));
    else if (kind === "threads") response.end(thread);
    else response.end(JSON.stringify(deploymentsFrom(Number(searchParams.get("cursor") ?? 0))));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return urlOf(server);
}

function deploymentsFrom(from: number) {
  const data = Array.from({ length: page }, (_, at) => ({
    deployment_id: `dep_${from + at}`,
    name: `Customer ${from + at}`,
    customer_id: "cus_1",
    status: "ready",
    created_at: "2026-01-01T00:00:00Z",
  }));
  const next = from + page;
  return { data, next_cursor: next < fleet.deployments ? String(next) : null };
}
