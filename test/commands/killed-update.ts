import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { type EmbeddedServer, embedDevServer } from "../../src/dev-server/embed.js";
import { addAutomation, call, listAll } from "../incident/fleet.js";
import { command } from "../support/command-file.js";

export interface KilledUpdate {
  /** A folder of its own. */
  home: string;
  automations: number;
  /** The kill comes once the server has answered so many changes. */
  killAt: number;
}

/** What there was to see: how many were updated when it was killed, and what is wrong. */
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
 * Ends an update of many by SIGKILL: each automation is then as it was or as it is to be, in both fields, and the same
 * command does the rest (0; 4 where the killed one had done all). The command must have been built.
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
    const doneAtKill = await countDone(server);
    const code = await codeOf(start());
    const isAllDone = (await countDone(server)) === automations;
    return {
      doneAtKill,
      problems: [
        ...(code === (doneAtKill === automations ? 4 : 0) ? [] : [`ended with ${code} after ${doneAtKill}`]),
        ...(isAllDone ? [] : ["not all are updated"]),
      ],
    };
  } finally {
    await server.close();
  }
}

/** Resolves a moment after so many changes were answered, which is anywhere in what follows. */
async function answered(server: EmbeddedServer, count: number): Promise<void> {
  for (;;) {
    const { body } = await call(server, "GET", "/_dev/requests");
    const changes = Object.values(body as Record<string, { method: string; count: number }>);
    const patches = changes.filter(({ method }) => method === "PATCH");
    if (patches.reduce((sum, each) => sum + each.count, 0) >= count) return sleep(Math.random() * 20);
    await sleep(2);
  }
}

/** Throws where one is neither as it was nor as it is to be. */
async function countDone(server: EmbeddedServer): Promise<number> {
  let done = 0;
  for (const { automation_id } of await listAll(server)) {
    const path = `/v1/deployments/dep_local/automations/${automation_id}`;
    const { schedule, instructions, enabled } = (await call(server, "GET", path)).body;
    const shown = JSON.stringify({ schedule, instructions });
    if (shown === JSON.stringify(after)) done += 1;
    else if (shown !== JSON.stringify(before) || enabled !== true) throw new Error(`neither nor: ${shown}`);
  }
  return done;
}

async function codeOf(child: ChildProcess): Promise<number | null> {
  await once(child, "exit");
  return child.exitCode;
}
