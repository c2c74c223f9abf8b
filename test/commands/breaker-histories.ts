import fc from "fast-check";
import type { FetchLike } from "../../src/api/fetch.js";
import { textOf } from "../faults/odd-answers.js";
import { addAutomation, change, listAll } from "../incident/fleet.js";
import { fetchFrom, herm } from "../support/harness.js";
import { AuditWorld } from "./audit-world.js";

/** Changes to one automation, an hour apart: made here, or by a colleague with curl. */
const acts = {
  rename: ["rename"],
  edit: ["edit"],
  "edit, undone": ["edit", "undo"],
  pause: ["pause"],
  "pause, resumed": ["pause", "resume"],
  "pause, undone": ["pause", "undo"],
  "pause, edited, resumed": ["pause", "edit", "resume"],
  "incident, resumed": ["pause for an incident", "resume the incident"],
  "incident, undone": ["pause for an incident", "undo"],
  "their rename": ["their rename"],
  "their edit": ["their edit"],
  "their pause": ["their pause"],
  "their pause, resumed": ["their pause", "resume"],
  "their resume": ["their resume"],
  "pause, their resume": ["pause", "their resume"],
} as const;

type Act = keyof typeof acts;
type Deed = (typeof acts)[Act][number];

const odd = ["running", "waiting_on_human", "cancelled", "no start", "bad start", "in the future"] as const;

const anyRun = fc.record({
  kind: fc.constantFrom(...Array<"ended">(14).fill("ended"), ...odd),
  status: fc.constantFrom(...Array<"error">(12).fill("error"), "completed"),
  minutesLater: fc.integer({ min: 1, max: 50 }),
  /** The changes; a repeated one is more likely. */
  places: fc.array(fc.integer(), { minLength: 1, maxLength: 3 }),
});

export const anyBreaker = fc.record({
  failures: fc.integer({ min: 1, max: 6 }),
  steps: fc.array(fc.record({ on: fc.nat(), act: fc.constantFrom(...(Object.keys(acts) as Act[])) }), {
    minLength: 3,
    maxLength: 6,
  }),
  /** The changes to each automation, oldest first. */
  runs: fc.array(fc.array(anyRun, { minLength: 8, maxLength: 24 }), { minLength: 2, maxLength: 4 }),
});

type Given<Arbitrary> = Arbitrary extends fc.Arbitrary<infer Value> ? Value : never;
type BreakerHistory = Given<typeof anyBreaker>;

interface Run {
  row: { run_id: string; trigger: "manual"; status: string; started_at?: string | null };
  places: readonly number[];
}

/** The full truth about an automation. */
interface Known {
  id: string;
  enabled: boolean;
  /** When its schedule or instructions were last edited, a colleague last changed it, or it was last resumed. */
  sinceMs: number;
  /** In the order in which they came, which odd start times don't show. */
  runs: readonly Run[];
}

export interface BreakerVerdict {
  /** In words; empty if all was right. */
  wrong: string[];
  paused: number;
  left: number;
}

/** Plays a history, trips the breaker, resumes the paused automations, and trips it again ten minutes later. */
export async function tripBreaker({ failures, steps, runs }: BreakerHistory): Promise<BreakerVerdict> {
  const world = await AuditWorld.begin("2026-06-01T00:00:00Z");
  try {
    const fleet: Known[] = [];
    for (const at of runs.keys()) {
      const id = await addAutomation(world.server, { name: `A${at}`, schedule: "0 0 1 1 *" });
      fleet.push({ id, enabled: true, sinceMs: world.now.getTime(), runs: [] });
    }
    await liveThrough(world, fleet, steps);
    for (const [at, known] of fleet.entries())
      known.runs = runsOf(known, runs[at] ?? [], world.now.getTime());
    const first = await trip(world, fleet, { failures, incident: "INC-a" });
    if (first.wrong.length > 0) return { ...first, paused: 0, left: 0 };
    if (first.paused.length > 0) {
      await run(world, "automations", "resume", "--incident", "INC-a", "--yes");
      for (const known of first.paused) enable(known, world);
      await world.pass(10);
    }
    const again = await trip(world, fleet, { failures, incident: "INC-b" });
    return {
      wrong: [...first.wrong, ...again.wrong],
      paused: first.paused.length,
      left: fleet.length - first.paused.length,
    };
  } finally {
    await world.close();
  }
}

function enable(known: Known, world: AuditWorld): void {
  known.enabled = true;
  known.sinceMs = world.now.getTime();
}

async function run({ server, home, now }: AuditWorld, ...words: string[]): Promise<void> {
  const { code, stderr } = await herm(words, { server, home, now, env: { HERM_DEPLOYMENT: "dep_local" } });
  if (code !== 0) throw new Error(`${words.join(" ")}: ${code} ${stderr}`);
}

async function liveThrough(
  world: AuditWorld,
  fleet: readonly Known[],
  steps: BreakerHistory["steps"],
): Promise<void> {
  let at = 0;
  for (const { on, act } of steps) {
    const known = fleet[on % fleet.length];
    // A history that begins with a pause needs something to pause.
    if (known === undefined || (act.match(/^(pause|incident)/) && !known.enabled)) continue;
    const { enabled, sinceMs } = known;
    for (const deed of acts[act]) {
      at += 1;
      await world.pass(60);
      await makeChange(world, known, { deed, at });
      if (deed !== "undo") continue;
      if (enabled && !known.enabled) enable(known, world);
      else known.sinceMs = sinceMs;
    }
  }
  await world.pass(60);
}

/** Makes the change on the server, and notes the result; the caller, who knows the earlier state, notes an `undo`. */
async function makeChange(world: AuditWorld, known: Known, { deed, at }: { deed: Deed; at: number }) {
  const { id } = known;
  const { server } = world;
  const here = (...words: string[]) => run(world, "automations", ...words);
  const nowMs = world.now.getTime();
  switch (deed) {
    case "rename":
      return here("update", id, "--name", `B${at}`);
    case "edit":
      known.sinceMs = nowMs;
      return at % 2 === 0
        ? here("update", id, "--instructions", `Do ${at}.`)
        : here("update", id, "--schedule", `${at} 0 1 1 *`);
    case "undo":
      return run(world, "undo", "last", "--yes");
    case "pause":
      known.enabled = false;
      return here("pause", id);
    case "pause for an incident":
      known.enabled = false;
      return here("pause", id, "--incident", `INC-${at}`);
    case "resume":
      if (!known.enabled) enable(known, world);
      return here("resume", id, "--yes");
    case "resume the incident":
      enable(known, world);
      return here("resume", "--incident", `INC-${at - 1}`, "--yes");
  }
  known.sinceMs = nowMs;
  if (deed === "their rename") return change(server, id, { name: `C${at}` });
  if (deed === "their edit") return change(server, id, { schedule: `${at} 1 1 1 *` });
  known.enabled = deed === "their resume";
  return change(server, id, { enabled: known.enabled });
}

/** The newest twenty, which the API lists, all later than the automation's creation. */
function runsOf({ id }: Known, given: BreakerHistory["runs"][number], nowMs: number): Run[] {
  const startOf = (at: number) =>
    // Half a minute away from all changes.
    nowMs - 30_000 - given.slice(at).reduce((sum, { minutesLater }) => sum + minutesLater, 0) * 60_000;
  return given
    .map(({ kind, status, places }, at): Run => {
      const start = new Date(startOf(at)).toISOString();
      const row = { run_id: `run_${id}_${at}`, trigger: "manual", status, started_at: start } as const;
      if (kind === "ended") return { row, places };
      if (kind === "no start") return { row: { ...row, started_at: null }, places };
      if (kind === "bad start") return { row: { ...row, started_at: "yesterday" }, places };
      if (kind === "in the future")
        return { row: { ...row, started_at: new Date(nowMs + 86_400_000).toISOString() }, places };
      return { row: { ...row, status: kind }, places };
    })
    .filter((_, at) => startOf(at) > Date.parse("2026-06-01T00:00:00Z"))
    .slice(-20);
}

/** The oracle: failures since the last change and since the last success. */
function failuresOf({ runs, sinceMs }: Known, nowMs: number): number {
  const ended = runs.flatMap(({ row: { status, started_at } }) => {
    const startMs = Date.parse(started_at ?? "");
    const isEnded = status === "error" || status === "completed";
    return isEnded && startMs <= nowMs ? [{ status, startMs }] : [];
  });
  const well = ended.filter(({ status }) => status === "completed").map(({ startMs }) => startMs);
  const fromMs = Math.max(sinceMs, ...well);
  return ended.filter(({ status, startMs }) => status === "error" && startMs > fromMs).length;
}

/** Pauses automations with that many failures, like the crontab in `herm help incidents`, and judges the result. */
async function trip(
  world: AuditWorld,
  fleet: readonly Known[],
  { failures, incident }: { failures: number; incident: string },
): Promise<{ wrong: string[]; paused: Known[] }> {
  const { server, home, now } = world;
  const expected = fleet.filter((each) => each.enabled && failuresOf(each, now.getTime()) >= failures);
  const words = ["automations", "pause", "--all-deployments", "--failures", String(failures)];
  const options = { server, home, now, fetch: withRuns(world, fleet) };
  const { code, stdout, stderr } = await herm([...words, "--incident", incident, "--yes", "--json"], options);
  const rows: { automation_id: string; result: string }[] = code === 0 ? JSON.parse(stdout) : [];
  const reported = new Set(
    rows.flatMap(({ automation_id, result }) => (result === "paused" ? automation_id : [])),
  );
  for (const each of expected) each.enabled = false;
  const enabled = new Set(
    (await listAll(server)).flatMap((each) => (each.enabled ? each.automation_id : [])),
  );
  const wrong = fleet.flatMap((each, at) => {
    const isExpected = expected.includes(each);
    const verdicts = [
      ...(reported.has(each.id) === isExpected ? [] : [isExpected ? "not reported" : "reported"]),
      ...(enabled.has(each.id) === each.enabled ? [] : [isExpected ? "missed" : "wrongly paused"]),
    ];
    return verdicts.map((verdict) => `${incident}: ${at} ${verdict}`);
  });
  return { wrong: [...(code === 0 ? [] : [`${incident}: ${code} ${stderr}`]), ...wrong], paused: expected };
}

/** The server with these runs: the newest in lists, and all of them, shuffled and repeated, in a GET. */
function withRuns({ server }: AuditWorld, fleet: readonly Known[]): FetchLike {
  const runsOfId = new Map(fleet.map(({ id, runs }) => [id, runs]));
  const shown = (automation: { automation_id: string }, isWhole: boolean) => {
    const runs = runsOfId.get(automation.automation_id) ?? [];
    const { started_at: last_run_at = null, status: last_run_status = null } = runs.at(-1)?.row ?? {};
    const rows = runs.flatMap(({ row, places }) => places.map((place) => ({ row, place })));
    const recent_runs = rows.toSorted((one, other) => one.place - other.place).map(({ row }) => row);
    return { ...automation, last_run_at, last_run_status, ...(isWhole && { recent_runs }) };
  };
  return async (url, init) => {
    const answer = await fetchFrom(server)(url, init);
    if (init.method !== "GET" || !url.includes("/automations")) return answer;
    const body = JSON.parse(await textOf(answer));
    if (!Array.isArray(body.data)) return Response.json(shown(body, true));
    return Response.json({
      ...body,
      data: body.data.map((each: Parameters<typeof shown>[0]) => shown(each, false)),
    });
  };
}
