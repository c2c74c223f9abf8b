import fc from "fast-check";
import { herm } from "../support/harness.js";
import { addAutomation, call, change, enabledNames, type Server } from "./fleet.js";

/** A person's action on one automation while the incident is open, with or without herm. */
const acts = [
  "herm pause",
  "herm resume",
  "herm update",
  "herm trigger",
  "curl enable",
  "curl pause",
  "curl rename back and forth",
  "pause again",
] as const;

export interface Act {
  act: (typeof acts)[number];
  on: number;
}

export const anyHistory: fc.Arbitrary<Act[]> = fc.array(
  fc.record({ act: fc.constantFrom(...acts), on: fc.nat(4) }),
  { maxLength: 8 },
);

interface Expected {
  id: string;
  enabled: boolean;
  /** The incident paused it, and it hasn't been changed since. */
  isOwn: boolean;
}

/**
 * Plays a history with an incident, next to a model of the expected state, and resumes. Returns the automations that
 * are enabled at the end, and those that should be.
 */
export async function liveThrough(
  history: readonly Act[],
  { server, home }: { server: Server; home: string },
): Promise<{ enabled: string[]; expected: string[] }> {
  const run = (...words: string[]) => herm(["automations", ...words, "-d", "dep_local"], { server, home });
  const incident = ["--incident", "INC-1", "--yes"];
  const model: Expected[] = [];
  for (const enabled of [true, true, true, false, true]) {
    const id = await addAutomation(server, { name: `a${model.length}`, enabled });
    model.push({ id, enabled, isOwn: false });
  }
  const pauseAll = async () => {
    await run("pause", "--all", ...incident);
    for (const each of model) {
      if (each.enabled) Object.assign(each, { enabled: false, isOwn: true });
    }
  };
  await pauseAll();
  for (const { act, on } of history) {
    const each = model[on];
    if (act === "pause again") await pauseAll();
    else if (each !== undefined) await actOn(each, { act, run, server });
  }
  await run("resume", ...incident);
  for (const each of model) each.enabled ||= each.isOwn;
  const names = model.flatMap(({ enabled }, at) => (enabled ? [`a${at}`] : []));
  await run("resume", ...incident);
  return { enabled: await enabledNames(server), expected: names };
}

interface Acting {
  act: Exclude<Act["act"], "pause again">;
  run(...words: string[]): Promise<unknown>;
  server: Server;
}

async function actOn(each: Expected, { act, run, server }: Acting): Promise<void> {
  const touched = { isOwn: false };
  switch (act) {
    case "herm pause":
      await run("pause", each.id);
      if (each.enabled) Object.assign(each, touched, { enabled: false });
      break;
    case "herm resume":
      await run("resume", each.id, "--yes");
      if (!each.enabled) Object.assign(each, touched, { enabled: true });
      break;
    case "herm update": {
      const { body } = await call(server, "GET", `/v1/deployments/dep_local/automations/${each.id}`);
      await run("update", each.id, "--instructions", `${String(body.instructions)}.`);
      Object.assign(each, touched);
      break;
    }
    case "herm trigger":
      await run("trigger", each.id, "--no-follow", "--yes");
      break;
    case "curl enable":
      await change(server, each.id, { enabled: true });
      Object.assign(each, touched, { enabled: true });
      break;
    case "curl pause":
      await change(server, each.id, { enabled: false });
      Object.assign(each, touched, { enabled: false });
      break;
    case "curl rename back and forth": {
      const { body } = await call(server, "GET", `/v1/deployments/dep_local/automations/${each.id}`);
      await change(server, each.id, { name: "other" });
      await change(server, each.id, { name: body.name });
      Object.assign(each, touched);
    }
  }
}
