import { addAutomation, call, type Server } from "../incident/fleet.js";

/** The initial state of every case, in `dep_local`. */
export interface Place {
  /** An enabled automation, `a`, and a paused one, `b`. */
  a: string;
  b: string;
  /** An automation whose run is waiting for an answer. */
  asking: string;
  waitingRun: string;
  /** An automation whose run has ended. */
  over: string;
  /** Another deployment, with `one` and `two`, and an `a` that differs. */
  other: string;
}

export async function settle(server: Server): Promise<Place> {
  const a = await addAutomation(server, { name: "a" });
  const b = await addAutomation(server, { name: "b", enabled: false });
  const asking = await addAutomation(server, { name: "asking", instructions: "Go.\n@dev ask Publish?" });
  const over = await addAutomation(server, { name: "over" });
  const waitingRun = await trigger(server, asking);
  await trigger(server, over);
  const other = await addDeployment(server);
  await call(server, "POST", "/_dev/clock", { advance_s: 1 });
  for (const [name, schedule] of otherSchedules)
    await addAutomation(server, { name, schedule, deployment: other });
  return { a, b, asking, waitingRun, over, other };
}

/** Automations that miss runs in a downtime. */
export const hourlyNames = ["hourly 1", "hourly 2"];

/** The automations in the other deployment, by name. */
export const otherSchedules = new Map([
  ["one", "0 1 * * *"],
  ["two", "0 2 * * *"],
  ["a", "30 4 * * *"],
]);

async function addDeployment(server: Server): Promise<string> {
  const fields = { customer_id: "cus_other", name: "Other", system_prompt: "x" };
  const { body } = await call(server, "POST", "/v1/deployments", fields);
  return String(body.deployment_id);
}

async function trigger(server: Server, id: string): Promise<string> {
  const { body } = await call(server, "POST", `${automationsPath}/${id}/trigger`);
  return String(body.run_id);
}

const automationsPath = "/v1/deployments/dep_local/automations";

export interface Automation {
  automation_id: string;
  name: string;
  schedule: string;
  instructions: string;
  enabled: boolean;
  recent_runs: { run_id: string; thread_id: string; trigger?: string }[];
}

/** The server's data, read from the server itself. */
export interface Truth {
  automations: Automation[];
  /** All runs that were started manually. */
  runs: string[];
  /** The users' messages in all threads. */
  said: string[];
}

export async function readTruth(server: Server): Promise<Truth> {
  const list: { data?: { automation_id: string }[] } = (
    await call(server, "GET", `${automationsPath}?limit=100`)
  ).body;
  const automations: Automation[] = [];
  for (const { automation_id } of list.data ?? []) {
    const { body } = await call(server, "GET", `${automationsPath}/${automation_id}`);
    automations.push(JSON.parse(JSON.stringify(body)));
  }
  automations.sort((one, other) => (one.automation_id < other.automation_id ? -1 : 1));
  const runs = automations.flatMap(({ recent_runs }) => recent_runs);
  const said: string[] = [];
  for (const thread of new Set(runs.map(({ thread_id }) => thread_id))) {
    const { body } = await call(server, "GET", `/v1/deployments/dep_local/threads/${thread}`);
    const { messages = [] }: { messages?: { role: string; content: string }[] } = body;
    said.push(...messages.filter(({ role }) => role === "user").map(({ content }) => content));
  }
  return { automations, runs: runs.map(({ run_id }) => run_id), said };
}
