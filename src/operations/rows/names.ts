/** Automations' names, and lines that contain them. */

import type { DeploymentSummary } from "../../api/types.js";
import type { DeploymentReading } from "../../fleet/read-fleet.js";
import { itemKey, parseRef, prefixReadings } from "../../fleet/refs.js";
import type { FleetItem } from "../../incident/pause-plan.js";
import { messageOf } from "../../invocation/report-error.js";
import { groupBy } from "../../manifest/group-by.js";
import { counted, joinNames, limitLines } from "../../output/count.js";
import { hourMs } from "../../output/duration.js";
import { relative } from "../../output/time.js";
import { textOrDash } from "../../output/value-text.js";
import { type FleetRow, withLocalReason } from "./result-rows.js";

export interface NamedItem {
  deployment_id: string;
  /** Null if unknown. */
  automation_id: string | null;
  name?: string | null;
}

interface NameGroup<Item> {
  /** `Acme/Weekly report`, or `Weekly report ×12`. */
  what: string;
  items: readonly [Item, ...Item[]];
}

/**
 * Names for automations and deployments. If there are several deployments, an automation's name follows its
 * deployment's, as in a ref; ids appear only if names are equal or missing. Plain text.
 */
export class Names {
  readonly #deployments: ReadonlyMap<string, string>;
  readonly isFleet: boolean;
  readonly #duplicates: ReadonlySet<string>;

  /**
   * `items`: all that may be named; `deployments`: all with possibly equal names; `isFleet`: names include deployments.
   */
  constructor(
    items: readonly NamedItem[],
    deployments: readonly DeploymentSummary[],
    isFleet = deployments.length > 1,
  ) {
    const called = groupBy(deployments, ({ deployment_id, name }) => name ?? deployment_id);
    this.#deployments = new Map(
      deployments.map(({ deployment_id, name }) => {
        const isOnly = name !== undefined && name !== null && called.get(name)?.length === 1;
        return [deployment_id, isOnly ? name : deployment_id];
      }),
    );
    this.isFleet = isFleet;
    // `items` may contain an automation twice, as planned and as read later, so only different ids are duplicates.
    const equal = [...groupBy(items, placeAndName).values()].map((same) => new Set(same.map(itemKey)));
    this.#duplicates = new Set(equal.flatMap((ids) => (ids.size > 1 ? [...ids] : [])));
  }

  deployment(deployment_id: string): string {
    return this.#deployments.get(deployment_id) ?? deployment_id;
  }

  of(item: NamedItem): string {
    const { deployment_id, automation_id, name } = item;
    const where = this.isFleet ? `${this.deployment(deployment_id)}/` : "";
    if (name === undefined || name === null) return where + textOrDash(automation_id);
    return `${where}${name}${this.isDuplicate(item) ? ` (${automation_id})` : ""}`;
  }

  /** Describes a group: `Weekly report ×12`, `12 automations: Acme/Digest, Bolt/News and 10 more`. */
  groupText(items: readonly NamedItem[]): string {
    const called = this.groups(items).map(({ what }) => what);
    const [only = ""] = called;
    return called.length === 1 ? only : `${counted(items.length, "automation")}: ${joinNames(called)}`;
  }

  isDuplicate(item: NamedItem): boolean {
    return this.#duplicates.has(itemKey(item));
  }

  /** Returns a ref to this automation that any command accepts, made from names if they are unambiguous. */
  ref(item: NamedItem): string {
    const { deployment_id, name } = item;
    const byName = `${this.deployment(deployment_id)}/${name}`;
    const isPlain =
      typeof name === "string" &&
      this.#deployments.has(deployment_id) &&
      !this.isDuplicate(item) &&
      !byName.startsWith("-") &&
      isReadAs(byName, { deployment: this.deployment(deployment_id), name });
    return isPlain ? byName : itemKey(item);
  }

  /** Groups equal names, in order; `alsoEqual`: what else must be equal. */
  groups<Item extends NamedItem>(
    items: readonly Item[],
    alsoEqual: (item: Item) => string = () => "",
  ): NameGroup<Item>[] {
    const groups = groupBy(items, (item) => JSON.stringify([item.name ?? itemKey(item), alsoEqual(item)]));
    return [...groups.values()].flatMap(([first, ...others]) => {
      if (first === undefined) return [];
      const what = others.length === 0 ? this.of(first) : `${first.name} ×${others.length + 1}`;
      return [{ what, items: [first, ...others] }];
    });
  }
}

/** True if a ref with one slash can only mean this deployment's automation. */
function isReadAs(ref: string, { deployment, name }: { deployment: string; name: string }): boolean {
  if (name.trim() === "" || name.startsWith("name:")) return false;
  const parsed = parseRef(ref);
  if (parsed.deployment_id === deployment) return parsed.name === name;
  const [only, ...others] = prefixReadings(parsed);
  return others.length === 0 && only?.deployment === deployment && only.ref.name === name;
}

function placeAndName({ deployment_id, automation_id, name }: NamedItem): string {
  return JSON.stringify([deployment_id, name ?? automation_id]);
}

export function deploymentNames(
  deployments: readonly Pick<DeploymentSummary, "deployment_id" | "name">[],
): ReadonlyMap<string, string> {
  return new Map(deployments.map(({ deployment_id, name }) => [deployment_id, name ?? deployment_id]));
}

const mostLines = 20;

/** Lines, one for each text: `  start: Weekly ×3, Digest: missed 2, the last due today 09:00`. Plain text. */
export function groupedLines<Item extends NamedItem>(
  items: readonly Item[],
  { names, word, textOf }: { names: Names; word: string; textOf(item: Item): string },
): string[] {
  const lines = [...groupBy(items, textOf)].map(([text, equal]) => {
    const called = names.groups(equal).map(({ what }) => what);
    return `  ${word}: ${joinNames(called, mostLines)}: ${text}`;
  });
  return limitLines(lines, mostLines);
}

/** Lines for rows that a plan skips or couldn't read: ` skipped: Weekly ×3: held by INC-42`. Plain text. */
export function rowLines(rows: readonly FleetRow[], names: Names, word: string): string[] {
  const textOf = ({ reason, error }: FleetRow) => error ?? reason ?? "";
  return groupedLines(rows.map(withLocalReason), { names, word, textOf });
}

/** Returns a line for each deployment that couldn't be read. Plain text. */
export function unreadableLines(
  unreadable: readonly DeploymentReading[],
  names: Names,
  most = mostLines,
): string[] {
  const lines = unreadable.map(
    ({ deployment: { deployment_id }, error }) =>
      `can't be read: ${names.deployment(deployment_id)}: ${messageOf(error)}`,
  );
  return limitLines(lines, most);
}

type TimedItem = FleetItem & { at: Date };

function timed(item: FleetItem): TimedItem | undefined {
  const at = new Date(item.automation.next_run_at ?? "");
  return Number.isNaN(at.getTime()) ? undefined : { ...item, at };
}

/** Finds runs due within the hour, including overdue ones; items must be in time order. */
export function dueSoon(items: readonly FleetItem[], now: Date): TimedItem[] {
  const soon: TimedItem[] = [];
  for (const item of items) {
    const each = timed(item);
    // Items without a time come last.
    if (each === undefined || each.at.getTime() - now.getTime() > hourMs) break;
    soon.push(each);
  }
  return soon;
}

interface Telling {
  now: Date;
  names: Names;
  /** Says `would run` before a pause. */
  verb: "run" | "would run";
  isPart?: boolean;
}

/** The number of runs within the hour, and the first run if there is one; items must be in time order. Plain text. */
export function upcomingLines(
  items: readonly FleetItem[],
  { now, names, verb, isPart = false }: Telling,
): string[] {
  const first = items[0] && timed(items[0]);
  if (first === undefined) return [];
  const soon = dueSoon(items, now);
  const when = ({ at }: TimedItem) => relative(at < now ? now : at, now);
  if (soon.length === 0) {
    const among = isPart ? " among those read" : "";
    return [`no run within the hour${among}; the first ${when(first)}: ${names.of(first)}`];
  }
  const count = `${isPart ? "at least " : ""}${counted(soon.length, "automation")}`;
  const [group] = names.groups(soon, when);
  const [runs, rank] = soon.length === 1 ? [verb === "run" ? "runs" : verb, ""] : [verb, "the first "];
  return [`${count} ${runs} within the hour, ${rank}${when(first)}: ${group?.what}`];
}
