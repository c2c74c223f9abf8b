import type { FetchInit, FetchLike } from "../../src/api/fetch.js";
import { VirtualTime } from "../api/virtual-time.js";
import { addAutomation, addDeployment, enabledNames } from "../incident/fleet.js";
import { fetchFrom, type HermOptions, herm, startServer, temporaryFolder } from "../support/harness.js";

export interface Outage {
  /** Starts after this many of the requests that `counts` selects; 0: with the first request. */
  after: number;
  counts?(init: FetchInit): boolean;
  forMs: number;
  /** How requests fail; `lost`: carried out, but without a response. */
  way: "refused" | "reset" | "lost";
}

interface RunOptions extends HermOptions {
  fetchIn?: (time: VirtualTime) => FetchLike;
}

/** Deployments with four automations each, and the command in virtual time with an API that goes down. */
export async function start({ others = ["One", "Two"] } = {}) {
  const server = await startServer();
  const deployments = ["dep_local"];
  for (const name of others) deployments.push(await addDeployment(server, { name }));
  for (const deployment of deployments) {
    for (const name of ["a", "b", "c", "d"]) await addAutomation(server, { name, deployment });
  }
  const home = temporaryFolder();
  const run = async (words: string, outage?: Outage, { fetchIn, ...options }: RunOptions = {}) => {
    const time = new VirtualTime();
    const { fetch, requests } = failing(fetchIn?.(time) ?? fetchFrom(server), time, outage);
    const clock = { sleep: time.sleep, monotonic: time.monotonic, timer: time.timer };
    const work = herm(words.split(" "), { server, home, fetch, ...clock, ...options });
    const timed = work.then((result) => ({ ...result, tookMs: time.monotonic() }));
    return { ...(await driven(timed, time)), requests: requests() };
  };
  const [, other = ""] = deployments;
  return { server, home, run, other, enabled: () => enabledNames(server, deployments) };
}

/** All requests except those for the automations of one deployment, or for single ones. */
export function hanging(server: Parameters<typeof fetchFrom>[0], deployment: string, inside = ""): FetchLike {
  return async (url, { signal, ...init }) => {
    if (!url.includes(`${deployment}/automations${inside}`)) return fetchFrom(server)(url, init);
    return new Promise((_resolve, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
  };
}

export async function driven<T>(work: Promise<T>, time: VirtualTime): Promise<T> {
  let isOver = false;
  const end = () => {
    isOver = true;
  };
  work.then(end, end);
  while (!isOver) {
    // Loading modules and writing files takes real time, in which the clock stands still.
    if (time.waiting === 0 || isWriting()) await new Promise((resolve) => setTimeout(resolve, 1));
    else await time.advance(250);
  }
  return work;
}

function isWriting(): boolean {
  return process.getActiveResourcesInfo().some((name) => name.startsWith("FSReq"));
}

function failing(fetch: FetchLike, time: VirtualTime, outage: Outage | undefined) {
  let counted = 0;
  let failed = 0;
  let fromMs: number | undefined;
  const failingFetch: FetchLike = async (url, init) => {
    if (outage === undefined) return fetch(url, init);
    const counts = outage.counts?.(init) ?? true;
    if (counts && counted >= outage.after) fromMs ??= time.monotonic();
    if (counts) counted += 1;
    if (fromMs === undefined || time.monotonic() >= fromMs + outage.forMs) return fetch(url, init);
    failed += 1;
    if (outage.way === "lost") await fetch(url, init);
    const code = outage.way === "refused" ? "ECONNREFUSED" : "ECONNRESET";
    throw Object.assign(new Error(code), { code });
  };
  return { fetch: failingFetch, requests: () => failed };
}
