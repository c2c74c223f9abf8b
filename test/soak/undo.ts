import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type EmbeddedServer, embedDevServer } from "../../src/dev-server/embed.js";
import { cutsOf, cutUndo } from "../commands/cut-undo.js";
import { randomUndo } from "../commands/undo-trial.js";
import { type UndoneVerb, undoneVerbs } from "../commands/undone-changes.js";
import { addAutomation, enabledNames } from "../incident/fleet.js";
import { command } from "../support/command-file.js";
import { drawOf } from "../support/seed.js";
import type { Claim } from "./claim.js";

/** The claims about undo, in the claimed counts. The command must have been built. */
export async function soak(): Promise<Claim[]> {
  return [await cuts(), await atRandom(300), ...(await processes())];
}

/** The claims about the command as a process. */
export async function processes(): Promise<Claim[]> {
  return [await kills(50)];
}

async function cuts(): Promise<Claim> {
  const verbs = Object.keys(undoneVerbs) as UndoneVerb[];
  let cases = 0;
  let bad = 0;
  for (const verb of verbs) {
    for (const cut of await cutsOf(verb)) {
      cases += 1;
      const problems = await cutUndo(verb, cut);
      if (problems.length > 0) bad += 1;
      for (const problem of problems) process.stderr.write(`${verb}, ${cut.kind} ${cut.at}: ${problem}\n`);
    }
  }
  return {
    measure: "undos cut off before or after each request and repeated until 0: not everything restored",
    ours: `${bad}, ${verbs.length} verbs`,
    cases,
    ok: bad === 0,
  };
}

async function atRandom(cases: number): Promise<Claim> {
  let bad = 0;
  for (let seed = 1; seed <= cases; seed += 1) {
    const problems = await randomUndo(seed);
    if (problems.length > 0) bad += 1;
    for (const problem of problems) process.stderr.write(`${problem}\n`);
  }
  return {
    measure: "undos under kills, outages, a second machine and edits: false reports, or lost work",
    ours: `${bad}`,
    cases,
    ok: bad === 0,
  };
}

const fleet = 100;
const draw = drawOf("undos killed");

async function kills(cases: number): Promise<Claim> {
  let good = 0;
  let midway = 0;
  for (let count = 0; count < cases; count += 1) {
    const left = await killed(draw(fleet));
    if (left !== undefined) good += 1;
    if (left !== undefined && left > 0 && left < fleet) midway += 1;
  }
  return {
    measure: "undos of 100 under SIGKILL: undo last continues until everything is restored",
    ours: `${good}/${cases}, ${midway} of them midway`,
    cases,
    ok: good === cases,
  };
}

/**
 * Kills the undo of a pause once this many were resumed; returns how many were left, or undefined if not all are
 * resumed in the end.
 */
async function killed(at: number): Promise<number | undefined> {
  const home = mkdtempSync(join(tmpdir(), "herm-soak-"));
  const server = await embedDevServer();
  try {
    const names = Array.from({ length: fleet }, (_, each) => `a${each}`);
    for (const name of names) await addAutomation(server, { name });
    const { url } = await server.listen();
    const env = { PATH: process.env.PATH, HOME: home, HERM_API_URL: url, HERM_API_KEY: server.apiKey };
    const herm = (...words: string[]) =>
      spawn(command.file, [...command.args, ...words], { stdio: "ignore", env });
    if ((await codeOf(herm("automations", "pause", ...names, "-d", "dep_local"))) !== 0) return undefined;
    const undo = herm("undo", "last", "--yes");
    const ended = once(undo, "exit");
    await Promise.race([ended, areBack(server, at)]);
    undo.kill("SIGKILL");
    await ended;
    const left = fleet - (await enabledNames(server)).length;
    const code = await codeOf(herm("undo", "last", "--yes"));
    return code === 0 && (await enabledNames(server)).length === fleet ? left : undefined;
  } finally {
    await server.close();
    rmSync(home, { recursive: true, force: true });
  }
}

async function areBack(server: EmbeddedServer, count: number): Promise<void> {
  while ((await enabledNames(server)).length < count) await sleep(2);
  await sleep(draw(10));
}

async function codeOf(child: ChildProcess): Promise<number | null> {
  await once(child, "exit");
  return child.exitCode;
}
