/**
 * The cost of applying a manifest to a fleet, as ratios to a bare loop that sends the same requests in the same run.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type EmbeddedServer, embedDevServer } from "../../src/dev-server/embed.js";
import { call } from "../incident/fleet.js";
import { bareClient } from "./bare-client.js";
import { median, type Program, timeMs } from "./pairs.js";
import { runWithPeak } from "./peak.js";

const deployments = 50;
const automations = 20;

export interface ApplyFigure {
  what: string;
  /** Median of the runs' ratios. */
  ratio: number;
  medianMs: number;
  floorMs: number;
  runs: number;
}

export interface ApplyBench {
  figures: ApplyFigure[];
  /** For the first and the second apply, in MB; undefined if the system doesn't report it. */
  peakMb: number | undefined;
}

/** Applies 20 automations to 50 deployments, twice, against bare loops with the same requests on eight kept connections. */
export async function benchApply({
  herm,
  cacheFolder,
  runs,
}: {
  herm: Program;
  /** Compiled code from an earlier run is there, as it is for anybody who runs the command again. */
  cacheFolder: string;
  runs: number;
}): Promise<ApplyBench> {
  const timesOfApply = (fleet: Fleet) => timesOf(herm, { ...fleet, cacheFolder });
  const first: Pair[] = [];
  const second: Pair[] = [];
  let peakMb: number | undefined;
  for (let run = 0; run < runs; run += 1) {
    const isOursFirst = run % 2 === 0;
    const [ours, floor] = isOursFirst
      ? [await withFleet(timesOfApply), await withFleet(timesOfLoop)]
      : await withFleet(timesOfLoop).then(async (theirs) => [await withFleet(timesOfApply), theirs] as const);
    first.push([ours.firstMs, floor.firstMs]);
    second.push([ours.secondMs, floor.secondMs]);
    if (ours.peakMb !== undefined) peakMb = Math.max(peakMb ?? 0, ours.peakMb);
  }
  return {
    figures: [
      figure(`apply of ${automations} automations to ${deployments} deployments`, first),
      figure("the second apply, which changes nothing", second),
    ],
    peakMb,
  };
}

type Pair = readonly [oursMs: number, floorMs: number];

function figure(what: string, pairs: readonly Pair[]): ApplyFigure {
  return {
    what,
    ratio: median(pairs.map(([ours, floor]) => ours / floor)),
    medianMs: median(pairs.map(([ours]) => ours)),
    floorMs: median(pairs.map(([, floor]) => floor)),
    runs: pairs.length,
  };
}

interface Fleet {
  server: EmbeddedServer;
  url: string;
  folder: string;
}

interface Times {
  firstMs: number;
  secondMs: number;
  peakMb?: number | undefined;
}

async function withFleet(work: (fleet: Fleet) => Promise<Times>): Promise<Times> {
  const folder = mkdtempSync(join(tmpdir(), "herm-bench-apply-"));
  const server = await embedDevServer();
  try {
    await addDeployments(server, deployments);
    const { url } = await server.listen();
    return await work({ server, url, folder });
  } finally {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A command's environment: it keeps everything in the folder, where it finds compiled code from earlier runs. */
export function environmentOf({ server, url, folder, cacheFolder }: Fleet & { cacheFolder: string }) {
  const { PATH } = process.env;
  const target = { HERM_API_URL: url, HERM_API_KEY: server.apiKey };
  return { PATH, HOME: folder, XDG_CACHE_HOME: cacheFolder, ...target };
}

/** This many ready deployments that belong to the customer `cus_fleet`. */
export async function addDeployments(server: EmbeddedServer, count: number): Promise<void> {
  for (let at = 0; at < count; at += 1) {
    const fields = { customer_id: "cus_fleet", name: `Deployment ${at}`, system_prompt: "x" };
    await call(server, "POST", "/v1/deployments", fields);
  }
  await call(server, "POST", "/_dev/clock", { advance_s: 1 });
}

const text = `${"Look at what happened since the last run, and write down what is worth knowing. ".repeat(4)}\n`;
const wanted = Array.from({ length: automations }, (_, count) => ({
  name: `Automation ${count}`,
  schedule: `0 9 1 ${1 + (count % 12)} *`,
  instructions: text,
}));

async function timesOf(
  herm: Program,
  { server, url, folder, cacheFolder }: Fleet & { cacheFolder: string },
): Promise<Times> {
  const manifest = join(folder, "herm.json");
  writeFileSync(manifest, JSON.stringify({ automations: wanted }));
  const words = ["apply", "--file", manifest, "--customer", "cus_fleet", "-o", "name", "-q"];
  const env = environmentOf({ server, url, folder, cacheFolder });
  const apply: Program = { file: herm.file, args: [...herm.args, ...words], env };
  const first = await runWithPeak(apply);
  const second = await runWithPeak(apply);
  return {
    firstMs: first.ms,
    secondMs: second.ms,
    peakMb: Math.max(first.peakMb ?? 0, second.peakMb ?? 0),
  };
}

/**
 * Only the requests of a first and a second apply. Each created automation is read, because the response to a create
 * has no instructions, and each deployment is listed again before its first create and after the last create of all.
 */
const bareLoop = `${bareClient}
(async () => {
  const { data } = await call("GET", "/v1/deployments?limit=100&customer_id=cus_fleet");
  const wanted = JSON.parse(process.env.WANTED);
  const missing = [];
  const found = [];
  await each(data, async ({ deployment_id: id }) => {
    const page = await call("GET", "/v1/deployments/" + id + "/automations?limit=100");
    for (const { automation_id } of page.data) found.push("/v1/deployments/" + id + "/automations/" + automation_id);
    if (page.data.length === 0) for (const fields of wanted) missing.push(["/v1/deployments/" + id + "/automations", fields]);
  });
  await each(found, (path) => call("GET", path));
  const listAgain = () => each(missing.length === 0 ? [] : data, ({ deployment_id: id }) =>
    call("GET", "/v1/deployments/" + id + "/automations?limit=100"));
  await listAgain();
  await each(missing, async ([path, fields]) => {
    const { automation_id } = await call("POST", path, JSON.stringify(fields));
    await call("GET", path + "/" + automation_id);
  });
  await listAgain();
  agent.destroy();
})();`;

async function timesOfLoop({ server, url }: Fleet): Promise<Times> {
  const env = {
    PATH: process.env.PATH,
    URL_BASE: url,
    KEY: server.apiKey,
    WANTED: JSON.stringify(wanted),
  };
  const loop: Program = { file: process.execPath, args: ["-e", bareLoop], env };
  return { firstMs: await timeMs(loop), secondMs: await timeMs(loop) };
}
