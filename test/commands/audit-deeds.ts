import fc from "fast-check";
import type { ActivityEntry } from "../../src/dev-server/activity-log.js";
import { cronTimes } from "../../src/schedule/cron-times.js";
import { AuditWorld, withoutField } from "./audit-world.js";

const minuteMs = 60_000;
const graceMs = 15 * minuteMs;
const crons = ["*/20 * * * *", "0 * * * *", "15 */4 * * *"] as const;
const names = ["A", "B", "C"] as const;
type Name = (typeof names)[number];

export type Deed =
  | { act: "pass"; minutes: number }
  | { act: "rest"; minutes: number }
  | { act: "pause" | "resume" | "rename" | "trigger"; of: Name; isElsewhere: boolean }
  | { act: "reschedule"; of: Name; cron: string; isElsewhere: boolean }
  | { act: "incident" }
  | { act: "bring back" };

const isElsewhere = fc.boolean();
const of = fc.constantFrom(...names);
const passing = fc.record({ act: fc.constant("pass" as const), minutes: fc.integer({ min: 5, max: 700 }) });
const changing: fc.Arbitrary<Deed> = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({ act: fc.constant("rest" as const), minutes: fc.integer({ min: 5, max: 300 }) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ act: fc.constantFrom("pause", "resume", "rename", "trigger"), of, isElsewhere }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      act: fc.constant("reschedule" as const),
      of,
      cron: fc.constantFrom(...crons),
      isElsewhere,
    }),
  },
  { weight: 1, arbitrary: fc.record({ act: fc.constantFrom("incident", "bring back") }) },
);
/** Time passes between actions. */
export const anyHistory = fc
  .array(fc.tuple(passing, changing), { minLength: 2, maxLength: 7 })
  .chain((pairs) => passing.map((last) => [...pairs.flat(), last]));

/** A history in which every result occurs. */
export const whole: Deed[] = [
  { act: "pass", minutes: 600 },
  { act: "rest", minutes: 200 },
  { act: "pass", minutes: 100 },
  { act: "incident" },
  { act: "pass", minutes: 300 },
  { act: "bring back" },
  { act: "pass", minutes: 200 },
];

/** What the server did with one automation, and which changes it received. */
interface Truth {
  id: string;
  cron: string;
  isEnabled: boolean;
  changedMs: number;
  /** Periods in which it was enabled with this schedule. */
  spans: { cron: string; sinceMs: number; untilMs: number }[];
  /** The times at which its schedule started runs. */
  fired: number[];
  started: number[];
}

interface Row {
  name: string;
  expected_at: string;
  result: string;
  reason?: string;
  started_at?: string;
}

class Played {
  readonly truths = new Map<Name, Truth>();
  #incidents = 0;

  constructor(readonly world: AuditWorld) {}

  hear({ kind: deed, at, describe: tell }: ActivityEntry): void {
    if (deed !== "fired" && deed !== "triggered") return;
    const subject = tell().subject;
    const truth = [...this.truths].find(([name]) => new RegExp(`/${name}\\b`).test(subject))?.[1];
    if (truth === undefined) throw new Error(`nothing is called ${subject}`);
    truth.started.push(at);
    if (deed === "fired") truth.fired.push(at);
  }

  async create(name: Name, cron: string, instructions: string): Promise<void> {
    const body = { name, schedule: cron, instructions };
    const answer = await this.world.send("POST", "/v1/deployments/dep_local/automations", body);
    const { automation_id: id }: { automation_id: string } = JSON.parse(await answer.text());
    const now = this.world.now.getTime();
    const spans = [{ cron, sinceMs: now, untilMs: Number.POSITIVE_INFINITY }];
    this.truths.set(name, { id, cron, isEnabled: true, changedMs: now, spans, fired: [], started: [] });
  }

  async do(deed: Deed): Promise<void> {
    if (deed.act === "pass") return this.world.pass(deed.minutes);
    if (deed.act === "rest") return this.world.rest(deed.minutes);
    if (deed.act === "incident") {
      this.#incidents += 1;
      await this.#herm("pause", "--all", "--incident", `INC-${this.#incidents}`, "--yes");
      return this.#readBack();
    }
    if (deed.act === "bring back") {
      if (this.#incidents > 0) await this.#herm("resume", "--incident", `INC-${this.#incidents}`, "--yes");
      return this.#readBack();
    }
    const truth = this.truths.get(deed.of);
    if (truth === undefined) throw new Error(`${deed.of} isn't there`);
    const path = `/v1/deployments/dep_local/automations/${truth.id}`;
    if (deed.act === "trigger") {
      await this.world.send("POST", `${path}/trigger`);
    } else if (deed.isElsewhere) await this.world.send("PATCH", path, bodyOf(deed));
    else await this.#herm(...wordsOf(deed, truth.id));
    await this.#readBack();
  }

  async #herm(...words: string[]): Promise<void> {
    await this.world.run(words);
  }

  /** The current state of the automations, which only the last action can have changed. */
  async #readBack(): Promise<void> {
    const { stdout } = await this.world.run(["list", "--json"]);
    const listed: { automation_id: string; schedule: string; enabled: boolean; updated_at: string }[] =
      JSON.parse(stdout);
    for (const truth of this.truths.values()) {
      const now = listed.find(({ automation_id }) => automation_id === truth.id);
      if (now === undefined) throw new Error(`${truth.id} is gone`);
      const atMs = Date.parse(now.updated_at);
      truth.changedMs = atMs;
      if (now.enabled === truth.isEnabled && now.schedule === truth.cron) continue;
      const last = truth.spans.at(-1);
      if (truth.isEnabled && last !== undefined) last.untilMs = atMs;
      if (now.enabled)
        truth.spans.push({ cron: now.schedule, sinceMs: atMs, untilMs: Number.POSITIVE_INFINITY });
      truth.isEnabled = now.enabled;
      truth.cron = now.schedule;
    }
  }

  /** The false claims in an audit. */
  async lies(found: Map<string, number>, { hasUpdates }: { hasUpdates: boolean }): Promise<string[]> {
    // Only responses are known there.
    const home = `${this.world.home}-elsewhere`;
    const options = hasUpdates ? {} : { home, fetch: withoutField(this.world, "updated_at") };
    const { code, stdout, stderr } = await this.world.run(["audit", "--verbose", "--json"], options);
    if (code !== 0) throw new Error(stderr);
    const rows: Row[] = JSON.parse(stdout);
    return rows.flatMap((row) => {
      const truth = this.truths.get(row.name.slice(0, 1) as Name);
      if (truth === undefined) return [`${row.name} isn't there`];
      found.set(row.result, (found.get(row.result) ?? 0) + 1);
      return this.#isSo(row, truth, hasUpdates) ? [] : [JSON.stringify(row)];
    });
  }

  /** Differences between the counts of catch-up and audit. */
  async differences(): Promise<string[]> {
    const window = ["--since", "2026-03-27T21:00:00Z"];
    const [audited, planned] = await Promise.all([
      this.world.run(["audit", ...window, "--json"]),
      this.world.run(["catch-up", ...window, "--dry-run", "--json"]),
    ]);
    const [one, other] = [audited, planned].map(({ stderr }) => /^\d+ missed: .*$/m.exec(stderr)?.[0]);
    return one === other ? [] : [`audit: ${one}; catch-up: ${other}`];
  }

  #isSo({ expected_at, result, reason, started_at = "" }: Row, truth: Truth, hasUpdates: boolean): boolean {
    const fireMs = Date.parse(expected_at);
    const times = cronTimes(truth.cron);
    const nextMs = times?.after(fireMs) ?? Number.POSITIVE_INFINITY;
    const own = truth.fired.filter((ms) => ms >= fireMs && ms < nextMs);
    const isPrompt = own.some((ms) => ms <= fireMs + graceMs);
    const isPromised = truth.spans.some(
      ({ cron, sinceMs, untilMs }) =>
        fireMs > sinceMs && fireMs <= untilMs && cronTimes(cron)?.after(fireMs - 1) === fireMs,
    );
    if (result === "missed") return hasUpdates && isPromised && own.length === 0;
    if (result === "late") {
      return hasUpdates && isPromised && !isPrompt && own.includes(Date.parse(started_at));
    }
    if (result !== "unknown") return isPrompt;
    // The API lists twenty runs.
    const oldestMs =
      truth.started
        .toSorted((one, other) => other - one)
        .slice(0, 20)
        .at(-1) ?? 0;
    if (reason === "paused" && isPromised) return false;
    const isKnown = fireMs > truth.changedMs && fireMs >= oldestMs && truth.isEnabled;
    return !hasUpdates || !isKnown || reason === "may_be_made_up";
  }
}

function bodyOf(deed: Extract<Deed, { of: Name }>): object {
  if (deed.act === "reschedule") return { schedule: deed.cron };
  return deed.act === "rename" ? { name: `${deed.of} again` } : { enabled: deed.act === "resume" };
}

function wordsOf(deed: Extract<Deed, { of: Name }>, id: string): string[] {
  if (deed.act === "reschedule") return ["update", id, "--schedule", deed.cron];
  return deed.act === "rename" ? ["update", id, "--name", `${deed.of} again`] : [deed.act, id];
}

/** How often each result was reported, with and without `updated_at`. */
export interface Told {
  found: Map<string, number>;
  bare: Map<string, number>;
}

/** Plays a history, and returns the audits' claims that the server knows to be false. */
export async function liesOf(deeds: readonly Deed[], { found, bare }: Told): Promise<string[]> {
  let played: Played | undefined;
  const world = await AuditWorld.begin("2026-03-27T21:03:17Z", (happening) => played?.hear(happening));
  try {
    played = new Played(world);
    await played.create("A", crons[0], "x");
    await played.create("B", crons[1], "@dev wait 4500");
    await played.create("C", crons[2], "@dev ask Really?");
    for (const deed of deeds) await played.do(deed);
    const whole = await played.lies(found, { hasUpdates: true });
    whole.push(...(await played.differences()));
    return [...whole, ...(await played.lies(bare, { hasUpdates: false }))];
  } finally {
    await world.close();
  }
}
