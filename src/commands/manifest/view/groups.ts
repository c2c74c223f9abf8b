import { groupBy } from "../../../manifest/group-by.js";
import type { ManagedField } from "../../../manifest/item-template.js";
import { positionText } from "../../../manifest/mistake.js";
import { moveCron } from "../../../manifest/spread.js";
import { joinNames } from "../../../output/count.js";
import { type ChangeRow, customerText } from "./change-rows.js";

/** Rows grouped for reading. Texts are plain. */
export interface ChangeGroup {
  row: ChangeRow;
  rows: readonly ChangeRow[];
  /** `A`, `A and 4 more`; for a single automation, its name before values are filled in. */
  names: string;
  deployments: string;
  /** `in Acme`, `in 5 deployments: Acme, Beta, Gamma and 2 more`. */
  where: string;
  /** The same for use in a sentence: `in Acme`, `in 5 deployments (Acme, Beta, Gamma and 2 more)`. */
  whereInSentence: string;
  /** The error, without the ids in which rows differ. */
  error?: string | undefined;
  /** `5 versions by their values and spread`, if the changes differ. */
  versions?: string | undefined;
}

/**
 * Groups rows for reading. A change across deployments appears once, even with different values, unless a text was
 * edited by hand; skipped, blocked and unknown rows, once for each reason. Failures come first, skipped rows last.
 */
export function groupRows(rows: readonly ChangeRow[]): ChangeGroup[] {
  const isFleet = new Set(rows.map((row) => row.deployment_id)).size > 1;
  const groups = [...groupBy(rows, (row) => keyOf(row, isFleet)).values()]
    .flatMap(splitOutliers)
    .flatMap(toGroup);
  return groups.toSorted((one, other) => rankOf(one) - rankOf(other));
}

function rankOf({ row: { action }, error }: ChangeGroup): number {
  return error !== undefined ? 0 : action === "skipped" ? 2 : 1;
}

function keyOf(row: ChangeRow, isFleet: boolean): string {
  const { action, changes = {}, reason, result, position, template, automation_id } = row;
  const why = [action, reason, result, alikeError(row)];
  if (action === "skipped" || action === "unknown") return JSON.stringify(why);
  const varying: ReadonlySet<string> | undefined = template?.varying;
  const fields = Object.entries(changes).map(([field, change]) => [field, varying?.has(field) ? "" : change]);
  const item = template && position && positionText(position);
  return JSON.stringify([...why, nameOf(row), item, fields, isFleet ? undefined : automation_id]);
}

/** Joins all rows into one group; returns no group if there are no rows. */
export function toGroup(rows: readonly ChangeRow[]): ChangeGroup[] {
  const [row] = rows;
  if (row === undefined) return [];
  const names = new Map(rows.map((each) => [each.deployment_id, each.deployment]));
  const deployments = joinNames([...names.values()]);
  const failed = new Set(
    rows.map((each) => (each.error === undefined ? each.deployment : customerText(each))),
  );
  const called = joinNames([...failed]);
  const inAll = `in ${names.size} deployments`;
  const { size } = new Set(rows.map(({ changes }) => JSON.stringify(changes)));
  const isOneError = rows.every(({ error }) => error === row.error);
  return [
    {
      row,
      rows,
      names: namesOf(row, rows),
      deployments,
      where: names.size === 1 ? `in ${called}` : `${inAll}: ${called}`,
      whereInSentence: names.size === 1 ? `in ${called}` : `${inAll} (${called})`,
      error: isOneError ? row.error : alikeError(row),
      versions: size < 2 ? undefined : `${size} versions by their ${row.template?.by ?? "values"}`,
    },
  ];
}

function namesOf(first: ChangeRow, rows: readonly ChangeRow[]): string {
  const others = new Set(rows.map(({ name }) => name)).size - 1;
  if (others === 0) return first.name;
  const isOne = rows.every(({ template, position }) => template !== undefined && position === first.position);
  return isOne ? nameOf(first) : `${first.name} and ${others} more`;
}

/** The error without ids, because they differ between deployments; quoted names are kept. */
export function alikeError({ error }: ChangeRow): string | undefined {
  return error?.replaceAll(
    /("(?:[^"\\]|\\.)*")|(?: \(|: )auto_\w+(?:, auto_\w+)*\)?|(auto_\w+)/g,
    (_, quoted?: string, id?: string) => quoted ?? (id === undefined ? "" : "an automation"),
  );
}

/** The name, or the name before values are filled in if they make it differ. */
export function nameOf({ name, template }: ChangeRow): string {
  return template?.varying.has("name") ? template.name : name;
}

/** Splits off rows that lose a different text from most others, so that losing a user's edit isn't overlooked. */
function splitOutliers(group: readonly ChangeRow[]): ChangeRow[][] {
  const [first] = group;
  const varying = [...(first?.template?.varying ?? [])];
  const keys = varying.map((field) => keysOf(group, field));
  const classes = [
    ...groupBy([...group.entries()], ([at]) => JSON.stringify(keys.map((of) => of[at]))).values(),
  ];
  const most = Math.max(...classes.map(({ length }) => length));
  // Without a majority, the lost texts differ only in their values.
  if (most * 2 < group.length) return [[...group]];
  return classes.map((rows) => rows.map(([, row]) => row));
}

/** Keys for the text that each row loses in a field, made in the way that produces the fewest different keys. */
function keysOf(group: readonly ChangeRow[], field: ManagedField): string[] {
  const ways =
    field === "schedule"
      ? [({ changes }: ChangeRow) => changes?.schedule?.from ?? "", scheduleUnspread, scheduleLost]
      : [wordsLost];
  const all = ways.map((way) => group.map((row) => way(row, field)));
  const [fewest = []] = all.toSorted((one, other) => new Set(one).size - new Set(other).size);
  return fewest;
}

/** The schedule as it was before the deployment's own minutes were added to it. */
function scheduleUnspread({ changes, spread_minutes: minutes = 0 }: ChangeRow): string {
  const from = changes?.schedule?.from ?? "";
  return from === "" ? "" : (moveCron(from, -minutes) ?? from);
}

/** Fields of the old schedule that differ in the new one. */
function scheduleLost({ changes: { schedule } = {} }: ChangeRow): string {
  const isAlwaysShown = wordsOf(schedule?.to);
  return wordsOf(schedule?.from)
    .map((word, at) => (word === isAlwaysShown[at] ? "" : word))
    .join(" ");
}

/** Words that the new text no longer contains, not counting the deployment's names. */
function wordsLost(
  { changes, deployment, deployment_id, customer_id = "" }: ChangeRow,
  field: ManagedField,
): string {
  const change = changes?.[field];
  if (change?.from === null || change?.from === undefined) return "";
  const isAlwaysShown = new Set(wordsOf(change.to));
  const lost = wordsOf(change.from).filter((word) => !isAlwaysShown.has(word));
  return [deployment, deployment_id, customer_id].reduce(without, lost.join(" "));
}

function wordsOf(text: string | boolean | null = ""): string[] {
  return String(text).split(/\s+/);
}

function without(text: string, name: string): string {
  return name === "" ? text : ` ${text} `.replaceAll(` ${name} `, "  ");
}
