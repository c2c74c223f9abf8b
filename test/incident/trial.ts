import type { Draw } from "../support/seed.js";
import { enabledNames, listAll, type Server } from "./fleet.js";
import { addMany, differences, interrupted, ledgerOf } from "./interruption.js";

export interface Trial {
  server: Server;
  home: string;
  automations: number;
  /** From 0 to 1 each: how far into the pause and the resume Ctrl-C comes. */
  pauseAt: number;
  resumeAt: number;
  isAfter: boolean;
}

export function randomTrial(draw: Draw, server: Server, home: string): Trial {
  const random = () => draw(1_000) / 1_000;
  return {
    server,
    home,
    automations: 12,
    pauseAt: random(),
    resumeAt: random(),
    isAfter: draw(2) === 0,
  };
}

/**
 * Pauses a fleet with a Ctrl-C in the middle, repeats until it is done, and resumes the same way. Returns everything
 * wrong on the way: differences between ledger and server, automations that weren't paused, and automations resumed
 * though the incident hadn't paused them.
 */
export async function interruptedIncident(trial: Trial): Promise<string[]> {
  const { server, home, automations } = trial;
  await addMany(server, automations);
  const before = await enabledNames(server);
  const flags = ["--incident", "INC-1", "--yes", "-d", "dep_local"];
  const pause = ["automations", "pause", "--all", ...flags];
  const resume = ["automations", "resume", ...flags];
  const problems: string[] = [];
  const check = async (step: string, args: readonly string[], at: number) => {
    const atRequest = 1 + Math.floor(at * (2 * automations + 6));
    const { code } = await interrupted({ ...trial, words: args, atRequest });
    if (code !== 130 && code !== 0) problems.push(`${step}: ended with ${code}`);
    const state = ledgerOf(home, "INC-1");
    const found = state === undefined ? [] : await differences(state, server);
    problems.push(...found.map((difference) => `${step}: ${difference}`));
    return code;
  };
  await check("pause", pause, trial.pauseAt);
  const again = await check("pause again", pause, 9);
  if (again !== 0) problems.push(`pause again: ended with ${again}`);
  const enabled = await enabledNames(server);
  if (enabled.length > 0) problems.push(`still enabled: ${enabled.join(", ")}`);
  await check("resume", resume, trial.resumeAt);
  await check("resume again", resume, 9);
  const after = await enabledNames(server);
  if (after.join() !== before.join()) problems.push(`back: ${after.join()}, before: ${before.join()}`);
  if ((await listAll(server)).length !== automations + 1) problems.push("an automation is gone");
  return problems;
}
