import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { type EmbeddedServer, embedDevServer } from "../../src/dev-server/embed.js";
import { flawedLists } from "../incident/flawed-lists.js";
import { enabledNames } from "../incident/fleet.js";
import { anyHistory, liveThrough } from "../incident/history.js";
import { addMany, differences, ledgerOf } from "../incident/interruption.js";
import { killable, killedWrite } from "../incident/killed-writes.js";
import { oddIncident, oddText, placedAnswers, unseenTrials } from "../incident/odd-answers.js";
import { interruptedIncident, randomTrial } from "../incident/trial.js";
import { anyDeeds, overlap } from "../incident/two-incidents.js";
import { command } from "../support/command-file.js";
import { drawOf, seeded } from "../support/seed.js";
import type { Claim } from "./claim.js";

/** The claims about the command as a process. */
export async function processes(): Promise<Claim[]> {
  return [await signals("SIGINT", 20), await signals("SIGKILL", 20), await killedWrites(300)];
}

/** The claims about incidents, in the claimed counts. The command must have been built. */
export async function soak(): Promise<Claim[]> {
  return [
    await interrupts(200),
    ...(await processes()),
    await histories(200),
    await overlaps(200),
    await odd(),
    await flawed(100),
  ];
}

interface Place {
  server: EmbeddedServer;
  home: string;
}

async function inPlace<T>(work: (place: Place) => Promise<T>): Promise<T> {
  const home = mkdtempSync(join(tmpdir(), "herm-soak-"));
  const server = await embedDevServer();
  try {
    return await work({ server, home });
  } finally {
    await server.close();
    rmSync(home, { recursive: true, force: true });
  }
}

async function interrupts(cases: number): Promise<Claim> {
  let good = 0;
  for (let count = 0; count < cases; count += 1) {
    const problems = await inPlace(({ server, home }) =>
      interruptedIncident(randomTrial(draw, server, home)),
    );
    if (problems.length === 0) good += 1;
  }
  return {
    measure: "ledger = server's state after Ctrl-C at random points; all paused, all resumed when run again",
    ours: `${good}/${cases}`,
    cases,
    ok: good === cases,
  };
}

async function odd(): Promise<Claim> {
  const all = [...placedAnswers, ...unseenTrials];
  let wrong = 0;
  for (const each of all) {
    const found = await inPlace((place) => oddIncident({ ...place, odd: each }));
    if (found.length === 0) continue;
    wrong += 1;
    process.stderr.write(`${oddText(each)}: ${found.join("\n")}\n`);
  }
  return {
    measure: "odd responses to a list, a GET or a PATCH: incidents wrongly 0, closed, deleted or done",
    ours: `${wrong}`,
    cases: all.length,
    ok: wrong === 0,
  };
}

async function flawed(cases: number): Promise<Claim> {
  let wrong = 0;
  for (let seed = 1; seed <= cases; seed += 1) {
    const flaws = { count: 200, dropped: 0.01, lagMs: 8_000, random: seeded(seed) };
    const found = await inPlace((place) => flawedLists({ ...place, ...flaws }));
    if (found.wrong.length + found.leftPaused === 0) continue;
    wrong += 1;
    process.stderr.write(`seed ${seed}: ${found.wrong.join("; ")}; left paused: ${found.leftPaused}\n`);
  }
  return {
    measure:
      "incidents of 200 over lists that drop 1 % and lag 8 s: wrongly 0, closed, deleted or left paused",
    ours: `${wrong}`,
    cases,
    ok: wrong === 0,
  };
}

async function signals(signal: "SIGINT" | "SIGKILL", cases: number): Promise<Claim> {
  let good = 0;
  for (let count = 0; count < cases; count += 1)
    if (await inPlace((place) => survives(place, signal))) good += 1;
  return {
    measure: `the same for the command itself under ${signal}`,
    ours: `${good}/${cases}`,
    cases,
    ok: good === cases,
  };
}

async function killedWrites(cases: number): Promise<Claim> {
  let good = 0;
  for (let count = 0; count < cases; count += 1) {
    const what = killable[count % killable.length] ?? "pause";
    const kill = { what, at: 1 + (Math.floor(count / killable.length) % mostWrites) };
    const { problems } = await inPlace((place) => killedWrite(place, kill));
    if (problems.length === 0) good += 1;
    else process.stderr.write(`${JSON.stringify(kill)}: ${problems.join("; ")}\n`);
  }
  return {
    measure: "history = server's state after SIGKILL at each write of a pause, a resume and their undos",
    ours: `${good}/${cases}`,
    cases,
    ok: good === cases,
  };
}

/** As many as a command on these few automations makes. */
const mostWrites = 30;
const automations = 200;
const draw = drawOf("incidents ended");

/** Ends the command at a random moment of its pause, runs it again, and resumes everything. */
async function survives({ server, home }: Place, signal: "SIGINT" | "SIGKILL"): Promise<boolean> {
  await addMany(server, automations);
  const { url } = await server.listen();
  const start = (...words: string[]) => startCommand({ server, home }, url, words);
  const pause = ["pause", "--all", "--incident", "INC-1", "--yes", "-d", "dep_local", "-q"];
  const child = start(...pause);
  const ended = once(child, "exit");
  await Promise.race([ended, sleep(80 + draw(520))]);
  child.kill(signal);
  await ended;
  const state = ledgerOf(home, "INC-1");
  if (signal === "SIGINT" && state !== undefined && (await differences(state, server)).length > 0)
    return false;
  if ((await codeOf(start(...pause))) !== 0) return false;
  if ((await enabledNames(server)).length > 0) return false;
  if ((await differences(ledgerOf(home, "INC-1"), server)).length > 0) return false;
  if ((await codeOf(start("resume", "--incident", "INC-1", "--yes", "-q"))) !== 0) return false;
  return (await enabledNames(server)).length === automations;
}

function startCommand({ server, home }: Place, url: string, words: readonly string[]): ChildProcess {
  const env = { PATH: process.env.PATH, HOME: home, HERM_API_URL: url, HERM_API_KEY: server.apiKey };
  return spawn(command.file, [...command.args, "automations", ...words], { stdio: "ignore", env });
}

async function codeOf(child: ChildProcess): Promise<number | null> {
  await once(child, "exit");
  return child.exitCode;
}

async function histories(cases: number): Promise<Claim> {
  let wrong = 0;
  for (const history of fc.sample(anyHistory, cases)) {
    const { enabled, expected } = await inPlace((place) => liveThrough(history, place));
    if (enabled.join() !== expected.join()) wrong += 1;
  }
  return {
    measure: "incidents that resumed too many automations, or too few",
    ours: String(wrong),
    cases,
    ok: wrong === 0,
  };
}

async function overlaps(cases: number): Promise<Claim> {
  let wrong = 0;
  for (const [at, deeds] of fc.sample(anyDeeds, cases).entries()) {
    const sendsUpdatedAt = at % 2 === 0;
    const problems = await inPlace((place) => overlap(deeds, { ...place, sendsUpdatedAt }));
    if (problems.length > 0) wrong += 1;
  }
  return {
    measure: "automations that both of two incidents would resume, or neither, with clocks set back",
    ours: String(wrong),
    cases,
    ok: wrong === 0,
  };
}
