import fc from "fast-check";
import type { FetchLike } from "../../src/api/fetch.js";
import { fetchFrom, herm } from "../support/harness.js";
import { addAutomation, change, enabledNames, type Server, setEnabled } from "./fleet.js";
import { withoutUpdatedAt } from "./without-updated-at.js";

const incidents = ["INC-1", "INC-2"] as const;
type Incident = (typeof incidents)[number];

/** Events for automations while two incidents are open. */
const acts = [
  "pause all",
  "pause what the other one pauses meanwhile",
  "herm resume",
  "curl enable",
  "curl pause",
  "curl edit",
] as const;

export interface Deed {
  act: (typeof acts)[number];
  by: Incident;
  on: number;
  /** How far this machine's clock is off at that time. */
  clockOffMinutes: number;
}

const names = ["a0", "a1", "a2"];

export const anyDeeds: fc.Arbitrary<Deed[]> = fc.array(
  fc.record({
    act: fc.constantFrom(...acts),
    by: fc.constantFrom(...incidents),
    on: fc.nat(names.length - 1),
    clockOffMinutes: fc.integer({ min: -90, max: 90 }),
  }),
  { minLength: 2, maxLength: 8 },
);

/** Who last changed an automation: an incident that paused it, or somebody else. */
type Last = Incident | "somebody";

interface Stage {
  server: Server;
  home: string;
  sendsUpdatedAt: boolean;
}

/**
 * Plays actions with two incidents, whose pauses may overlap. Returns what is wrong at the end: automations last paused
 * by an incident that not exactly one of the two would resume, and automations changed since that one of them would
 * resume.
 */
export async function overlap(deeds: readonly Deed[], stage: Stage): Promise<string[]> {
  const { server, sendsUpdatedAt } = stage;
  const ids: string[] = [];
  for (const name of names) ids.push(await addAutomation(server, { name }));
  const last = new Map<string, Last>(names.map((name) => [name, "somebody"]));
  for (const deed of deeds) await act(deed, { ...stage, ids, last });
  const paused = names.filter((name) => last.get(name) !== "somebody");
  const plans = await Promise.all(incidents.map(async (incident) => planned(incident, stage)));
  const problems: string[] = [];
  for (const name of names) {
    const by = incidents.filter((_, at) => plans[at]?.includes(name));
    const wanted = last.get(name);
    if (wanted === undefined || wanted === "somebody") {
      // Without updated_at nobody can see what was changed elsewhere and reverted.
      if (sendsUpdatedAt && by.length > 0) problems.push(`${name} was changed since: ${by.join()}`);
    } else if (by.length !== 1 || (sendsUpdatedAt && by[0] !== wanted)) {
      problems.push(`${name} was paused last by ${wanted}, and is brought back by ${by.join() || "none"}`);
    }
  }
  for (const incident of incidents) await resume(incident, stage);
  const enabled = await enabledNames(server);
  const missing = paused.filter((name) => !enabled.includes(name));
  if (missing.length > 0) problems.push(`not brought back: ${missing.join()}`);
  return problems;
}

interface Acting extends Stage {
  ids: readonly string[];
  last: Map<string, Last>;
}

/** Ensures that every edit changes something. */
let edits = 0;

async function act({ act, by, on, clockOffMinutes }: Deed, acting: Acting): Promise<void> {
  const { server, ids, last } = acting;
  const name = names[on] ?? "";
  const id = ids[on] ?? "";
  const now = new Date(Date.now() + clockOffMinutes * 60_000);
  const enabled = await enabledNames(server);
  switch (act) {
    case "pause all":
      await pause(by, acting, { now });
      for (const each of enabled) last.set(each, by);
      break;
    case "pause what the other one pauses meanwhile": {
      const other = by === "INC-1" ? "INC-2" : "INC-1";
      await pause(by, acting, { now, beforeFirstPatch: () => pause(other, acting, {}) });
      for (const each of enabled) last.set(each, by);
      break;
    }
    case "herm resume":
      await run(["automations", "resume", id, "--yes"], acting, { now });
      if (!enabled.includes(name)) last.set(name, "somebody");
      break;
    case "curl enable":
      await setEnabled(server, id, true);
      last.set(name, "somebody");
      break;
    case "curl pause":
      await setEnabled(server, id, false);
      last.set(name, "somebody");
      break;
    case "curl edit":
      edits += 1;
      await change(server, id, { instructions: `Edit ${edits}` });
      last.set(name, "somebody");
  }
}

interface PauseWhen {
  now?: Date;
  /** Called when the plan is made but nothing has been sent. */
  beforeFirstPatch?(): Promise<unknown>;
}

async function pause(incident: Incident, stage: Stage, { now, beforeFirstPatch }: PauseWhen): Promise<void> {
  let isDue = beforeFirstPatch !== undefined;
  const send = sendTo(stage);
  const fetch: FetchLike = async (url, init) => {
    if (isDue && init.method === "PATCH") {
      isDue = false;
      await beforeFirstPatch?.();
    }
    return send(url, init);
  };
  await run(["automations", "pause", "--all", "--incident", incident, "--yes"], stage, { now, fetch });
}

/** The names of automations that a resume would enable. */
async function planned(incident: Incident, stage: Stage): Promise<string[]> {
  const { code, stdout } = await run(
    ["automations", "resume", "--incident", incident, "--dry-run", "--json"],
    stage,
    {},
  );
  if (code === 4) return [];
  const rows: { name: string; result: string }[] = JSON.parse(stdout);
  return rows.filter(({ result }) => result === "planned").map(({ name }) => name);
}

async function resume(incident: Incident, stage: Stage): Promise<void> {
  await run(["automations", "resume", "--incident", incident, "--yes"], stage, {});
}

function sendTo({ server, sendsUpdatedAt }: Stage): FetchLike {
  return sendsUpdatedAt ? fetchFrom(server) : withoutUpdatedAt(server);
}

async function run(words: string[], stage: Stage, options: { now?: Date | undefined; fetch?: FetchLike }) {
  const { server, home } = stage;
  const { now, fetch = sendTo(stage) } = options;
  const when = now === undefined ? {} : { now };
  return herm(words, { server, home, fetch, env: { HERM_DEPLOYMENT: "dep_local" }, ...when });
}
