import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { EmbeddedServer } from "../../src/dev-server/embed.js";
import { createPrivateFiles } from "../../src/files/private-files.js";
import { itemKey } from "../../src/fleet/refs.js";
import { readChanges } from "../../src/history/read.js";
import { self } from "../settings/self.js";
import { herm } from "../support/harness.js";
import { preloaded } from "../support/preloaded.js";
import { enabledNames, listAll } from "./fleet.js";
import { addMany, differences, ledgerOf } from "./interruption.js";

interface Place {
  server: EmbeddedServer;
  home: string;
}

/** The killed command: a pause, a resume, or the undo of either. */
export const killable = ["pause", "resume", "undo of a pause", "undo of a resume"] as const;

interface Kill {
  what: (typeof killable)[number];
  /** Killed right before this write, the first being 1. */
  at: number;
}

const names = ["a0", "a1", "a2", "a3"];
const pause = "automations pause --all --incident INC-1 --yes -d dep_local";
const resume = "automations resume --incident INC-1 --yes";

/**
 * Kills an incident's command at one of its writes, and runs it again. Returns all that is wrong: differences between
 * history and server after the kill or at the end, and results that the command should have made.
 */
export async function killedWrite(
  place: Place,
  { what, at }: Kill,
): Promise<{ problems: string[]; isKilled: boolean }> {
  const { server, home } = place;
  await addMany(server, names.length);
  const run = (words: string) => herm(words.split(" "), { server, home });
  const changed = async (words: string) =>
    /^undo: herm (undo c_\w+)$/m.exec((await run(words)).stderr)?.[1] ?? "";
  const undoOfPause = what === "pause" ? "" : await changed(pause);
  const undoOfResume = what === "undo of a resume" ? await changed(resume) : "";
  const words = {
    pause,
    resume,
    "undo of a pause": `${undoOfPause} --yes`,
    "undo of a resume": `${undoOfResume} --yes`,
  }[what];
  const isKilled = (await killed(place, words, at)) === "SIGKILL";
  const problems = (await untrue(place)).map((each) => `killed: ${each}`);
  const { code, stderr } = await run(words);
  if (code !== 0) problems.push(`again: ended with ${code}: ${stderr}`);
  const enabled = (await enabledNames(server)).join();
  const wanted = what === "pause" || what === "undo of a resume" ? "" : names.join();
  if (enabled !== wanted) problems.push(`again: enabled are ${enabled}`);
  const found = [...(await untrue(place)), ...(await differences(ledgerOf(home, "INC-1"), server))];
  return { problems: [...problems, ...found.map((each) => `again: ${each}`)], isKilled };
}

async function killed({ server, home }: Place, words: string, at: number): Promise<NodeJS.Signals | null> {
  const { url } = await server.listen();
  const { file, args } = preloaded("killed-midway");
  const env = {
    ...{ PATH: process.env.PATH, HOME: home, HERM_API_URL: url, HERM_API_KEY: server.apiKey },
    KILL_AT: String(at),
    // Writes of compiled code don't count as writes of a change.
    NODE_DISABLE_COMPILE_CACHE: "1",
  };
  const child = spawn(file, [...args, ...words.split(" ")], { stdio: "ignore", env });
  await once(child, "exit");
  return child.signalCode;
}

/** Last changes that the history reports as certain, but that aren't in effect on the server. */
async function untrue({ server, home }: Place): Promise<string[]> {
  const now = new Map((await listAll(server)).map((item) => [item.automation_id, item.enabled]));
  const place = { files: createPrivateFiles(self), dataDir: join(home, ".local", "share", "herm") };
  const seen = new Set<string>();
  const found: string[] = [];
  for (const { id, items } of readChanges(place)) {
    for (const item of items) {
      const { automation_id, name, result, before, after } = item;
      if (automation_id === null || seen.has(itemKey(item))) continue;
      seen.add(itemKey(item));
      const enabled = { done: after, failed: before, skipped: before, unknown: undefined }[result]?.enabled;
      if (enabled !== undefined && enabled !== now.get(automation_id))
        found.push(`${id} says ${name} is ${enabled ? "enabled" : "paused"}`);
    }
  }
  return found;
}
