import type { HermClient } from "../api/client.js";
import type { Automation, AutomationRef } from "../api/types.js";
import { type KnownAutomation, readList, seenBy } from "./lists.js";
import type { Outcome } from "./outcome.js";
import { readMany, unlessGone } from "./read-many.js";
import { itemKey } from "./refs.js";

/** Maximum automations in a deployment to read one by one. */
const mostAsked = 500;
const watchedAgainAfterMs = 60_000;

/** Whether an automation exists: yes, with the state that was read; no; or unknown. */
export type Presence =
  | { is: "there"; automation: Automation }
  | { is: "not there" }
  | { is: "unknown"; error?: unknown };

/** The result of reading one deployment's automations. */
export interface Listing {
  deployment: { deployment_id: string };
  automations: readonly Automation[];
  /** The ids of known automations for which a GET returned 404, and the errors for those that couldn't be read. */
  notThere?: ReadonlySet<string>;
  unknown?: ReadonlyMap<string, unknown>;
  /** The reason why some or all automations couldn't be read. */
  error?: unknown;
}

interface Asking {
  known: readonly KnownAutomation[];
  signal: AbortSignal;
  concurrency?: number | undefined;
  /** The limit for each GET, in ms. */
  maxWaitMs?: number | undefined;
  /** Set in a watch, which reads each automation at most once a minute. */
  asked?: AskedBefore | undefined;
}

/** The answers about automations that a watched list doesn't contain. */
export class AskedBefore {
  readonly #answers = new Map<string, { atMs: number; presence: Presence }>();

  constructor(private readonly monotonic: () => number) {}

  answerFor(item: KnownAutomation): Presence | undefined {
    const { atMs, presence } = this.#answers.get(itemKey(item)) ?? {};
    if (atMs === undefined || this.monotonic() - atMs >= watchedAgainAfterMs) return undefined;
    // A change made from here may be newer.
    const isOther = presence?.is === "there" && item.isAsAnswered?.(presence.automation) === false;
    return isOther ? undefined : presence;
  }

  learn(item: KnownAutomation, presence: Presence): void {
    this.#answers.set(itemKey(item), { atMs: this.monotonic(), presence });
  }
}

/**
 * Reads, with a GET each, those known automations that the lists don't contain, or show differently than the response
 * to our own change did. Adds them to their list if they exist, and the id to `notThere` after a 404. Those in a
 * deployment that couldn't be read are still unknown. Throws the signal's reason.
 */
export async function askForKnown<Read extends Listing>(
  client: HermClient,
  readings: readonly Read[],
  asking: Asking,
): Promise<Read[]> {
  const known = new Map<string, KnownAutomation[]>();
  for (const item of asking.known) {
    if (item.isAsAnswered?.(undefined)) seenBy(client).delete(item);
    const others = known.get(item.deployment_id);
    if (others === undefined) known.set(item.deployment_id, [item]);
    else others.push(item);
  }
  const lacking = await Promise.all(
    readings.map(async (reading) => {
      const own = reading.error === undefined ? known.get(reading.deployment.deployment_id) : undefined;
      return own === undefined
        ? { reading, items: [] }
        : lackingIn(client, reading, { ...asking, known: own });
    }),
  );
  const listed = asking.asked && presenceIn(readings);
  const presences = await ask(
    client,
    lacking.flatMap(({ items }) => items),
    { ...asking, isListed: (item) => listed?.(item).is === "there" },
  );
  return lacking.map(({ reading, items }) =>
    items.length === 0 ? reading : completed(reading, items, presences),
  );
}

/** The known automations to read; if there are more than 500, the rest are unknown. */
async function lackingIn<Read extends Listing>(
  client: HermClient,
  reading: Read,
  { known, signal }: Asking,
): Promise<{ reading: Read; items: readonly KnownAutomation[] }> {
  const first = itemsToAsk(reading, known);
  if (first.length <= mostAsked) return { reading: withoutDeleted(reading, known), items: first };
  const { deployment_id } = reading.deployment;
  const { data } = await readList(client, deployment_id, { signal });
  const listed = new Map([...reading.automations, ...data].map((each) => [each.automation_id, each]));
  const again = withoutDeleted({ ...reading, automations: [...listed.values()] }, known);
  return { reading: again, items: itemsToAsk(again, known) };
}

/** Adds automations to `notThere` if our own deletion just got its response and they aren't in any list. */
function withoutDeleted<Read extends Listing>(reading: Read, known: readonly KnownAutomation[]): Read {
  const listed = new Set(reading.automations.map(({ automation_id }) => automation_id));
  const deleted = known.filter(
    ({ automation_id, isAsAnswered }) => !listed.has(automation_id) && isAsAnswered?.(undefined) === true,
  );
  if (deleted.length === 0) return reading;
  return { ...reading, notThere: new Set(deleted.map(({ automation_id }) => automation_id)) };
}

function itemsToAsk({ automations }: Listing, known: readonly KnownAutomation[]): readonly KnownAutomation[] {
  const listed = new Map(automations.map((each) => [each.automation_id, each]));
  return known.filter((item) => {
    const found = listed.get(item.automation_id);
    return item.isAsAnswered === undefined ? found === undefined : !item.isAsAnswered(found);
  });
}

async function ask(
  client: HermClient,
  items: readonly KnownAutomation[],
  { signal, concurrency, maxWaitMs, asked, isListed }: Asking & { isListed(item: AutomationRef): boolean },
): Promise<ReadonlyMap<string, Presence>> {
  const presences = new Map<string, Presence>();
  const counts = new Map<string, number>();
  const open = items.filter((item) => {
    const before = isListed(item) ? undefined : asked?.answerFor(item);
    if (before !== undefined) presences.set(itemKey(item), before);
    const count = (counts.get(item.deployment_id) ?? 0) + 1;
    counts.set(item.deployment_id, count);
    return before === undefined && count <= mostAsked;
  });
  const results = await readMany(open, {
    client,
    signal,
    concurrency,
    read: ({ deployment_id, automation_id }) =>
      unlessGone(client.automations.get(deployment_id, automation_id, { signal, maxWaitMs })),
  });
  signal.throwIfAborted();
  for (const { item, outcome } of results) {
    const presence = presenceOf(outcome);
    presences.set(itemKey(item), presence);
    asked?.learn(item, presence);
  }
  return presences;
}

function presenceOf(outcome: Outcome<Automation | undefined>): Presence {
  if (!("value" in outcome))
    return { is: "unknown", error: "error" in outcome ? outcome.error : outcome.cause };
  return outcome.value === undefined ? { is: "not there" } : { is: "there", automation: outcome.value };
}

function completed<Read extends Listing>(
  reading: Read,
  items: readonly KnownAutomation[],
  presences: ReadonlyMap<string, Presence>,
): Read {
  const listed = new Map(reading.automations.map((each) => [each.automation_id, each]));
  const notThere = new Set(reading.notThere);
  const unknown = new Map(reading.unknown);
  for (const item of items) {
    const presence: Presence = presences.get(itemKey(item)) ?? { is: "unknown" };
    const { automation_id } = item;
    if (presence.is === "unknown" && item.isInDoubt && listed.has(automation_id)) continue;
    if (presence.is === "there") listed.set(automation_id, presence.automation);
    else listed.delete(automation_id);
    if (presence.is === "not there") notThere.add(automation_id);
    if (presence.is === "unknown") unknown.set(automation_id, presence.error);
  }
  return { ...reading, automations: [...listed.values()], notThere, unknown };
}

/** Returns a function that looks up in these lists whether an automation exists. */
export function presenceIn(readings: readonly Listing[]): (item: AutomationRef) => Presence {
  const there = new Map<string, Presence>();
  const errors = new Map<string, unknown>();
  for (const { deployment, automations, notThere = [], unknown = [], error } of readings) {
    const { deployment_id } = deployment;
    const learn = (automation_id: string, presence: Presence) =>
      there.set(itemKey({ deployment_id, automation_id }), presence);
    for (const automation of automations) learn(automation.automation_id, { is: "there", automation });
    for (const id of notThere) learn(id, { is: "not there" });
    for (const [id, each] of unknown) learn(id, { is: "unknown", error: each });
    if (error !== undefined) errors.set(deployment_id, error);
  }
  return (item) => there.get(itemKey(item)) ?? { is: "unknown", error: errors.get(item.deployment_id) };
}
