import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { type EmbeddedServer, embedDevServer } from "../../src/dev-server/embed.js";
import { exitCodes } from "../../src/errors/cli-errors.js";
import { writeManifest } from "../../src/manifest/export/manifest-text.js";
import { runWithPeak } from "../bench/peak.js";
import { requestCounts } from "../incident/fleet.js";
import { anyAutomations, planOf } from "../manifest/any-automations.js";
import { badFiles } from "../manifest/bad-files.js";
import {
  allNames,
  automations,
  manifest,
  namesOf,
  randomFaults,
  sendFaults,
} from "../manifest/kill-trial.js";
import { command } from "../support/command-file.js";
import { drawOf } from "../support/seed.js";
import type { Claim } from "./claim.js";

/** The claims about the command as a process. */
export async function processes(): Promise<Claim[]> {
  return [...(await badManifests()), await interruptions("SIGKILL", 100), await interruptions("SIGINT", 40)];
}

/** The claims about manifests, in the claimed counts. The command must have been built. */
export async function soak(): Promise<Claim[]> {
  return [...(await processes()), await roundTrips(2000)];
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "herm-soak-"));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const mostMs = 1000;

/** Every bad file with the real command, and a server that counts requests. */
async function badManifests(): Promise<Claim[]> {
  let requests = 0;
  const server = createServer((_, answer) => {
    requests += 1;
    answer.end("{}");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  let notRefused = 0;
  let slowestMs = 0;
  let mostMb = 0;
  for (const { make } of badFiles) {
    await inFolder(async (folder) => {
      const env = {
        PATH: process.env.PATH,
        HOME: folder,
        HERM_API_URL: `http://127.0.0.1:${port}`,
        HERM_API_KEY: "herm_key_of_a_soak",
      };
      const args = [...command.args, "apply", "--file", make(folder), "-d", "dep_local", "-q"];
      const refuse = () => runWithPeak({ file: command.file, args, env }, { mayFail: true });
      const first = await refuse();
      // Repeated if it took long, so that other work on the machine isn't counted as ours.
      const { ms } = first.ms > mostMs ? await refuse() : first;
      if (first.code !== 2) notRefused += 1;
      slowestMs = Math.max(slowestMs, ms);
      mostMb = Math.max(mostMb, first.peakMb ?? 0);
    });
  }
  server.close();
  const cases = badFiles.length;
  return [
    {
      measure: "bad manifests: not refused with 2 / requests sent",
      ours: `${notRefused} / ${requests}`,
      cases,
      ok: notRefused === 0 && requests === 0,
    },
    {
      measure: "bad manifests: the slowest, and the most memory (at most 1 s, 200 MB)",
      ours: `${(slowestMs / 1000).toFixed(2)} s, ${Math.round(mostMb)} MB`,
      cases,
      ok: slowestMs <= mostMs && mostMb <= 200,
    },
  ];
}

async function roundTrips(cases: number): Promise<Claim> {
  let changed = 0;
  for (const all of fc.sample(anyAutomations, cases)) {
    const planned = await planOf(writeManifest({ deployment_id: "dep_1", automations: all }), all);
    const isUntouched =
      planned.length === all.length && planned.every((line) => /^(unchanged|kept) /.test(line));
    if (!isUntouched) changed += 1;
  }
  return {
    measure: "sets of automations that applying their own export would change",
    ours: String(changed),
    cases,
    ok: changed === 0,
  };
}

const atOnce = 20;
const draw = drawOf("applies ended");
type Signal = "SIGKILL" | "SIGINT";

async function interruptions(signal: Signal, cases: number): Promise<Claim> {
  let good = 0;
  let left = cases;
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (; left > 0; ) {
        left -= 1;
        if (await inFolder((folder) => survives(folder, signal))) good += 1;
      }
    }),
  );
  return {
    measure: `apply of ${automations} under faults, ${signal} at a random moment, run again until 0: exactly ${automations}`,
    ours: `${good}/${cases}`,
    cases,
    ok: good === cases,
  };
}

/** Ends the command at a random moment, including the first and the last, and then runs it until it ends with 0. */
async function survives(folder: string, signal: Signal): Promise<boolean> {
  const server = await embedDevServer();
  try {
    const { url } = await server.listen();
    const file = join(folder, "herm.json");
    writeFileSync(file, manifest);
    await sendFaults(server, [...randomFaults(draw), ...randomDelays()]);
    const start = () => startApply({ file, url, home: folder, key: server.apiKey });
    const first = start();
    const { code, rows } = await endAtRandom(first, { server, signal });
    const isTold = signal === "SIGKILL" || tellsTruth({ code, rows, names: await namesOf(server) });
    for (let runs = 0; runs < 10; runs += 1) if ((await endOf(start())).code === 0) break;
    return isTold && (await namesOf(server)).join() === allNames.join();
  } finally {
    await server.close();
  }
}

/** Requests that take effect late, or get a late response, and that ending the command doesn't stop. */
function randomDelays(): object[] {
  const types = ["delay", "commit_then_delay"];
  return Array.from({ length: draw(3) }, () => ({
    method: "POST",
    skip: draw(automations),
    action: { type: types[draw(types.length)], ms: draw(8_000) },
  }));
}

async function endAtRandom(
  child: ChildProcess,
  { server, signal }: { server: EmbeddedServer; signal: Signal },
): Promise<Ending> {
  const ended = endOf(child);
  await Promise.race([ended, untilServed(server, draw(automations + 4))]);
  await sleep(draw(15));
  child.kill(signal);
  return ended;
}

/** Resolves when the server has received this many API requests. */
async function untilServed(server: EmbeddedServer, count: number): Promise<void> {
  const deadline = Date.now() + 20_000;
  const served = async () => Object.values(await requestCounts(server)).reduce((sum, each) => sum + each, 0);
  while ((await served()) < count && Date.now() < deadline) await sleep(2);
}

interface Ending {
  code: number | null;
  rows: { name: string; result?: string }[];
}

async function endOf(child: ChildProcess): Promise<Ending> {
  const parts: Buffer[] = [];
  child.stdout?.on("data", (part: Buffer) => parts.push(part));
  await once(child, "close");
  const text = Buffer.concat(parts).toString();
  return { code: child.exitCode, rows: text === "" ? [] : JSON.parse(text) };
}

/**
 * After Ctrl-C, the command reports what it created: everything that exists, except automations reported as unknown.
 * Until start-up is done, nothing exists.
 */
function tellsTruth({ code, rows, names }: Ending & { names: readonly string[] }): boolean {
  if (rows.length === 0) return names.length === 0 && (code === exitCodes.interrupted || code === null);
  const told = (result: string) => rows.filter((row) => row.result === result).map(({ name }) => name);
  const possible = new Set([...told("done"), ...told("unknown")]);
  return told("done").every((name) => names.includes(name)) && names.every((name) => possible.has(name));
}

function startApply({
  file,
  url,
  home,
  key,
}: {
  file: string;
  url: string;
  home: string;
  key: string;
}): ChildProcess {
  const env = { PATH: process.env.PATH, HOME: home, HERM_API_URL: url, HERM_API_KEY: key };
  const words = ["apply", "--file", file, "-d", "dep_local", "--json", "-q"];
  return spawn(command.file, [...command.args, ...words], { stdio: ["ignore", "pipe", "ignore"], env });
}
