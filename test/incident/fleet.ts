import type { FetchLike } from "../../src/api/fetch.js";
import type { EmbeddedServer } from "../../src/dev-server/embed.js";

/** The address at which an embedded server believes it is reached. */
const embeddedUrl = "http://127.0.0.1";

export type Server = Pick<EmbeddedServer, "apiKey" | "fetch">;

/** Calls the API like curl, not through herm. */
export async function call(
  server: Server,
  method: string,
  path: string,
  body?: unknown,
): Promise<{ status: number; body: Record<string, unknown> }> {
  const request = new Request(`${embeddedUrl}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${server.apiKey}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const answer = await server.fetch(request);
  const text = await answer.text();
  return { status: answer.status, body: text === "" ? {} : JSON.parse(text) };
}

export interface NewDeployment {
  name: string;
  customer?: string;
  /** It stays provisioning. */
  isProvisioning?: boolean;
}

/** Adds a deployment, and waits until it is ready. */
export async function addDeployment(
  server: Server,
  { name, customer = "cus_1", isProvisioning = false }: NewDeployment,
): Promise<string> {
  const { body } = await call(server, "POST", "/v1/deployments", {
    customer_id: customer,
    name,
    system_prompt: isProvisioning ? "@dev wait 100000" : "You help.",
  });
  if (!isProvisioning) await call(server, "POST", "/_dev/clock", { advance_s: 1 });
  return String(body.deployment_id);
}

export interface NewAutomation {
  name: string;
  deployment?: string;
  schedule?: string;
  instructions?: string;
  enabled?: boolean;
}

export async function addAutomation(server: Server, fields: NewAutomation): Promise<string> {
  const { deployment = "dep_local", name, schedule = "0 9 * * 1", instructions = "Do it.", enabled } = fields;
  const { status, body } = await call(server, "POST", `/v1/deployments/${deployment}/automations`, {
    name,
    schedule,
    instructions,
    ...(enabled === undefined ? {} : { enabled }),
  });
  if (status !== 201) throw new Error(`create answered ${status} ${JSON.stringify(body)}`);
  return String(body.automation_id);
}

export interface ListedAutomation {
  automation_id: string;
  name: string;
  enabled: boolean;
}

/** All automations in the deployments, from the server. */
export async function listAll(
  server: Server,
  deployments: readonly string[] = ["dep_local"],
): Promise<ListedAutomation[]> {
  const found: ListedAutomation[] = [];
  for (const deployment of deployments) {
    for (let cursor: string | null | undefined = ""; cursor !== null && cursor !== undefined; ) {
      const query = `limit=100${cursor === "" ? "" : `&cursor=${cursor}`}`;
      const { body } = await call(server, "GET", `/v1/deployments/${deployment}/automations?${query}`);
      const page: { data?: ListedAutomation[]; next_cursor?: string | null } = body;
      found.push(...(page.data ?? []));
      cursor = page.next_cursor;
    }
  }
  return found;
}

/** The names of enabled automations, sorted. */
export async function enabledNames(server: Server, deployments?: readonly string[]): Promise<string[]> {
  const all = await listAll(server, deployments);
  return all
    .filter(({ enabled }) => enabled)
    .map(({ name }) => name)
    .sort();
}

/** Pauses or resumes like curl, not through herm. */
export async function setEnabled(server: Server, automation_id: string, enabled: boolean): Promise<void> {
  await change(server, automation_id, { enabled });
}

/** Changes an automation like curl. */
export async function change(server: Server, automation_id: string, fields: object): Promise<void> {
  await call(server, "PATCH", `/v1/deployments/dep_local/automations/${automation_id}`, fields);
}

/** The number of API requests that the server got, by method. */
export async function requestCounts(server: Server): Promise<Record<string, number>> {
  const answer = await server.fetch(
    new Request(`${embeddedUrl}/_dev/requests`, { headers: { authorization: `Bearer ${server.apiKey}` } }),
  );
  const counts: { method: string; count: number }[] = JSON.parse(await answer.text());
  const byMethod: Record<string, number> = {};
  for (const { method, count } of counts) byMethod[method] = (byMethod[method] ?? 0) + count;
  return byMethod;
}

/** Makes the server simulate failures. */
export async function addFault(server: Server, fault: object): Promise<void> {
  const { status } = await call(server, "POST", "/_dev/faults", fault);
  if (status !== 201) throw new Error(`the fault was refused (${status})`);
}

/** The API after a deployment was deleted: lists no longer contain it, and nothing in it is found. */
export function withoutDeployment(server: Server, deployment: string): FetchLike {
  return async (url, init) => {
    const { pathname } = new URL(url);
    if (pathname.includes(deployment)) return new Response("", { status: 404 });
    const response = await server.fetch(new Request(url, init));
    if (pathname !== "/v1/deployments" || !response.ok) return response;
    const { data, ...list } = (await response.json()) as { data: { deployment_id: string }[] };
    const left = data.filter((each) => each.deployment_id !== deployment);
    return new Response(JSON.stringify({ ...list, data: left }), response);
  };
}
