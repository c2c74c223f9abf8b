import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { StartTimer } from "../../src/api/fetch.js";
import { embedDevServer } from "../../src/dev-server/embed.js";
import { call, type Server } from "../incident/fleet.js";
import { anyFault, faultProxy } from "../support/fault-proxy.js";
import { herm } from "../support/harness.js";
import { ownTransport } from "../support/runtime-transport.js";
import { seeded } from "../support/seed.js";
import { storyProblems } from "./history.js";
import { faultMatrix } from "./matrix.js";
import { readTruth, settle } from "./truth.js";

/** Time limits end after at most this much real time, so that tests don't wait for a stalled connection. */
const longestLimitMs = 150;

/** The API wouldn't accept the request. */
const refused = 5;

const shortTimer: StartTimer = (ms, fire) => {
  const timer = setTimeout(fire, Math.min(ms, longestLimitMs));
  return () => clearTimeout(timer);
};

/**
 * Runs a command in process over real connections that break as the seed decides, first that of its POST; returns its
 * false claims.
 */
export async function runProxied(command: string, seed: number): Promise<string[]> {
  const trial = faultMatrix[command]?.[0];
  if (trial === undefined) throw new Error(`there is no trial of ${command}`);
  const random = seeded(seed);
  const home = mkdtempSync(join(tmpdir(), "herm-proxied-"));
  const server = await embedDevServer();
  const { url } = await server.listen();
  const proxy = await faultProxy(url, seed);
  try {
    const place = await settle(server);
    const before = await readTruth(server);
    const sentBefore = await posts(server);
    proxy.faults.push({ ...anyFault(random), request: /^POST/ });
    for (let more = Math.floor(random() * 3); more > 0; more -= 1)
      proxy.faults.push({ ...anyFault(random), request: /^GET/ });
    const claim = await herm(trial.argv(place), {
      server,
      home,
      fetch: ownTransport(),
      timer: shortTimer,
      random,
      env: { HERM_API_URL: proxy.url },
    });
    await pause(20);
    const after = await readTruth(server);
    const sent = (await posts(server)) - sentBefore;
    const story = { place, before, after, claim, passages: [], reference: undefined };
    // Data in unexpected chunks is refused.
    const problems = storyProblems({ ...trial, codes: [refused] }, story);
    if (sent > 1) problems.push(`the server was asked ${sent} times`);
    return problems.map((problem) => `${command}, seed ${seed}: ${problem}\n${claim.code} ${claim.stderr}`);
  } finally {
    await proxy.close();
    await server.close();
    rmSync(home, { recursive: true, force: true });
  }
}

async function posts(server: Server): Promise<number> {
  const { body } = await call(server, "GET", "/_dev/requests");
  const requests: { method: string; count: number }[] = JSON.parse(JSON.stringify(body));
  return requests.filter(({ method }) => method === "POST").reduce((sum, { count }) => sum + count, 0);
}
