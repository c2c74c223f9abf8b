import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import type { FetchLike } from "../../src/api/fetch.js";
import { inShort, type ManifestServer, startOnMonday } from "../commands/manifest-server.js";
import { fetchFrom } from "../support/harness.js";

const now = new Date("2026-03-02T08:00:00Z");
/** At this time, automations created at `now` are no longer from the last 16 s. */
const later = new Date(now.getTime() + 60_000);

export const manifest = (...names: string[]) =>
  `automations:\n${names.map((name) => `  - {name: ${name}, schedule: every day at 9am, instructions: do ${name}}\n`).join("")}`;

export interface World extends ManifestServer {
  acme: string;
  beta: string;
}

/** All deployments except the one that every local server has. */
export const fleet = ["-f", "herm.yaml", "--all-deployments", "--except", "Local"];

/** Acme and Beta, each with A, B and C, all in the record. */
export async function startWorld(): Promise<World> {
  const server = await startOnMonday();
  const [acme, beta] = [await server.deploy("Acme"), await server.deploy("Beta")];
  server.write({ "herm.yaml": manifest("A", "B", "C") });
  for (const verb of ["adopt", "apply"])
    expect(await server.run([verb, ...fleet, "--yes"], { now })).toMatchObject({ code: 0 });
  await server.writes();
  return { ...server, acme, beta };
}

export const recordOf = ({ cwd }: ManifestServer) => readFileSync(join(cwd, "herm.lock.yaml"), "utf8");

interface Asked {
  method: string;
  /** The path after `/v1/deployments`, with the query. */
  path: string;
  /** The server's own response. */
  next(): Promise<Response>;
}

/** Responds in the server's place; undefined: not to this request. */
export type Answers = (asked: Asked) => Promise<Response | undefined> | Response | undefined;

/** Runs `herm automations <words> --json` against an API that responds this way. */
export async function runOdd(world: ManifestServer, words: readonly string[], answers: Answers) {
  const before = recordOf(world);
  const real = fetchFrom(world.server);
  let requests = 0;
  const fetch: FetchLike = async (url, init) => {
    requests += 1;
    const { pathname, search } = new URL(url);
    const path = pathname.replace("/v1/deployments", "") + search;
    const next = async () => (await real(url, init)) as Response;
    return (await answers({ method: init.method, path, next })) ?? next();
  };
  const { code, stdout, stderr } = await world.run([...words, "--json"], { now: later, fetch });
  const [, error] = /^(\{"error".*)$/m.exec(stderr) ?? [];
  return {
    code,
    stderr,
    requests,
    message: error && JSON.parse(error).error.message,
    rows: stdout === "" ? [] : inShort(stdout),
    sent: await world.writes(),
    isRecordAsBefore: recordOf(world) === before,
  };
}

/** Like a local server, which identifies its store. */
const headers = { server: "herm-dev" };
const json = (body: object, status = 200) => Response.json(body, { status, headers });
const codes = { 403: "forbidden", 404: "not_found", 500: "server_error" };

export type Status = keyof typeof codes | "html";

function answer(status: Status): Response {
  if (status !== "html") return json({ error: codes[status], message: codes[status] }, status);
  const type = { "content-type": "text/html" };
  return new Response("<html>not found</html>", { status: 404, headers: { ...headers, ...type } });
}

/** Answers requests with this method and path below `/v1/deployments`. */
export function failing(path: string, status: Status, methods = ["GET"]): Answers {
  return (asked) =>
    methods.includes(asked.method) && asked.path.startsWith(path) ? answer(status) : undefined;
}

/** The last of these that responds decides; it may call those before it. */
export function all(...answers: readonly Answers[]): Answers {
  return (asked) => {
    let next = asked.next;
    for (const each of answers) {
      const before = next;
      next = async () => (await each({ ...asked, next: before })) ?? before();
    }
    return next();
  };
}

interface Listed {
  deployment_id?: string;
  name?: string;
}

function changedList(path: string, change: (listed: Listed[]) => Listed[]): Answers {
  return async (asked) => {
    if (asked.method !== "GET" || !asked.path.startsWith(`${path}?`)) return undefined;
    const { data } = (await (await asked.next()).json()) as { data: Listed[] };
    return json({ data: change(data), next_cursor: null });
  };
}

/** A deployment's list without some automations. */
export const lacking = (deployment: string, isLacking: (name: string) => boolean): Answers =>
  changedList(`/${deployment}/automations`, (listed) => listed.filter(({ name = "" }) => !isLacking(name)));

/** The account's list without a deployment. */
export const unlisted = (id: string): Answers =>
  changedList("", (listed) => listed.filter(({ deployment_id }) => deployment_id !== id));

/** This key can't see anything in a deployment. */
export const unseen = (id: string, status: Status = 404): Answers =>
  all(unlisted(id), failing(`/${id}`, status));

/** Pages of two by offset; the first automation is deleted once page 1 has been read. */
export function shifting(world: ManifestServer, deployment: string): Answers {
  return async ({ method, path }) => {
    if (method !== "GET" || !path.startsWith(`/${deployment}/automations?`)) return undefined;
    const from = Number(new URLSearchParams(path.split("?")[1]).get("cursor") ?? 0);
    const data = await world.list(deployment);
    const [first] = data;
    if (from === 0 && data.length > 3)
      await world.call("DELETE", `/v1/deployments/${deployment}/automations/${first?.automation_id}`);
    const isLast = from + 2 >= data.length;
    return json({ data: data.slice(from, from + 2), next_cursor: isLast ? null : `${from + 2}` });
  };
}
