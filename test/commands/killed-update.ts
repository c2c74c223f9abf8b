import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type EmbeddedServer, embedDevServer } from "../../src/dev-server/embed.js";
import { createPrivateFiles } from "../../src/files/private-files.js";
import { readChanges } from "../../src/history/read.js";
import { addAutomation, call, listAll } from "../incident/fleet.js";
import { self } from "../settings/self.js";
import { command } from "../support/command-file.js";
import { drawOf } from "../support/seed.js";

export interface KilledUpdate {
  /** A folder of its own. */
  home: string;
  automations: number;
  /** It is killed once the server has answered this many changes. */
  killAt: number;
}

/** The outcome: how many were updated when it was killed, and what is wrong. */
export interface KilledOutcome {
  doneAtKill: number;
  problems: string[];
}

const before = { schedule: "0 9 * * *", instructions: "Post the numbers to Slack." };
const after = { schedule: "30 8 * * *", instructions: "Post the numbers to Teams." };
const words = [
  ...["automations", "update", "--all", "-d", "dep_local", "--if-schedule", before.schedule],
  ...["--schedule", after.schedule, "--replace", "Slack", "--with", "Teams", "--yes", "-q"],
];

/**
 * Kills an update of many with SIGKILL. Each automation must then have its old or its new state, in both fields; the
 * history must have all that were updated, and not report any as done that isn't; and the same command must do the rest
 * (0, or 4 if the killed one had done all). The command must have been built.
 */
export async function killedUpdate({ home, automations, killAt }: KilledUpdate): Promise<KilledOutcome> {
  const server = await embedDevServer();
  try {
    for (let at = 0; at < automations; at += 1) await addAutomation(server, { name: `a${at}`, ...before });
    const { url } = await server.listen();
    const env = { PATH: process.env.PATH, HOME: home, HERM_API_URL: url, HERM_API_KEY: server.apiKey };
    const start = () => spawn(command.file, [...command.args, ...words], { stdio: "ignore", env });
    const child = start();
    const ended = once(child, "exit");
    await Promise.race([ended, answered(server, killAt)]);
    child.kill("SIGKILL");
    await ended;
    const doneIds = await updatedIds(server);
    const doneAtKill = doneIds.size;
    const history = historyOf(home);
    const isTrue =
      [...history.done].every((id) => doneIds.has(id)) && [...doneIds].every((id) => history.items.has(id));
    const [change] = readChanges({
      files: createPrivateFiles(self),
      dataDir: join(home, ".local", "share", "herm"),
    });
    const unsent = change?.items.filter(({ result }) => result === "skipped") ?? [];
    const isKnown =
      unsent.every(({ automation_id: id }) => id !== null && !doneIds.has(id)) &&
      (change?.was_killed === true || change?.items.every(({ result }) => result === "done"));
    const code = await codeOf(start());
    const isAllDone = (await updatedIds(server)).size === automations;
    return {
      doneAtKill,
      problems: [
        ...(code === (doneAtKill === automations ? 4 : 0) ? [] : [`ended with ${code} after ${doneAtKill}`]),
        ...(isTrue ? [] : ["the history and the server don't agree"]),
        ...(isKnown === false ? ["the history tells wrongly what a kill kept from being sent"] : []),
        ...(isAllDone ? [] : ["not all are updated"]),
      ],
    };
  } finally {
    await server.close();
  }
}

/** Resolves a moment after this many changes were answered, at some point in the work that follows. */
async function answered(server: EmbeddedServer, count: number): Promise<void> {
  for (;;) {
    const { body } = await call(server, "GET", "/_dev/requests");
    const changes = Object.values(body as Record<string, { method: string; count: number }>);
    const patches = changes.filter(({ method }) => method === "PATCH");
    if (patches.reduce((sum, each) => sum + each.count, 0) >= count)
      return sleep(drawOf(`a kill after ${count}`)(20));
    await sleep(2);
  }
}

/** Throws if an automation has neither its old nor its new state. */
async function updatedIds(server: EmbeddedServer): Promise<Set<string>> {
  const done = new Set<string>();
  for (const { automation_id } of await listAll(server)) {
    const path = `/v1/deployments/dep_local/automations/${automation_id}`;
    const { schedule, instructions, enabled } = (await call(server, "GET", path)).body;
    const shown = JSON.stringify({ schedule, instructions });
    if (shown === JSON.stringify(after)) done.add(automation_id);
    else if (shown !== JSON.stringify(before) || enabled !== true) throw new Error(`neither nor: ${shown}`);
  }
  return done;
}

/** The contents of the only change: the automations recorded before they were sent, and those that are done. */
function historyOf(home: string): { items: Set<string>; done: Set<string> } {
  const folder = join(home, ".local", "share", "herm", "history");
  const files = existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: "utf8" }) : [];
  const changes = files.filter((name) => name.endsWith(".jsonl"));
  if (changes.length > 1) throw new Error("more than one change");
  const text = changes[0] === undefined ? "" : readFileSync(join(folder, changes[0]), "utf8");
  // A line that a kill cut off has no line end.
  const lines = text
    .slice(0, text.lastIndexOf("\n") + 1)
    .split("\n")
    .flatMap((line) => (line === "" ? [] : [JSON.parse(line)]));
  const ids = new Map<number, string>(
    lines.flatMap(({ item, automation_id }) => (item === undefined ? [] : [[item, automation_id] as const])),
  );
  const done = lines.flatMap(({ outcome, result }) => (result === "done" ? [ids.get(outcome) ?? ""] : []));
  return { items: new Set(ids.values()), done: new Set(done) };
}

async function codeOf(child: ChildProcess): Promise<number | null> {
  await once(child, "exit");
  return child.exitCode;
}
