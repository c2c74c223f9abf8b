import { groupBy } from "../../../../manifest/group-by.js";
import type { ManagedField } from "../../../../manifest/item-template.js";
import { moveCron } from "../../../../manifest/spread.js";
import type { ChangeRow } from "./rows.js";

/**
 * Splits rows of one change where some lose another text than most do: what somebody wrote there would be lost, and
 * nobody would see that in another's text.
 */
export function splitOutliers(group: readonly ChangeRow[]): ChangeRow[][] {
  const [first] = group;
  const varying = [...(first?.template?.varying ?? [])];
  const keys = varying.map((field) => keysOf(group, field));
  const classes = [
    ...groupBy([...group.entries()], ([at]) => JSON.stringify(keys.map((of) => of[at]))).values(),
  ];
  const most = Math.max(...classes.map(({ length }) => length));
  // Where no text is that of most, their values make them differ in what is taken out, too.
  if (most * 2 < group.length) return [[...group]];
  return classes.map((rows) => rows.map(([, row]) => row));
}

/** Keys of what a field loses in each row, by the way that tells the fewest apart. */
function keysOf(group: readonly ChangeRow[], field: ManagedField): string[] {
  const ways =
    field === "schedule"
      ? [({ changes }: ChangeRow) => changes?.schedule?.from ?? "", scheduleUnspread, scheduleLost]
      : [wordsLost];
  const all = ways.map((way) => group.map((row) => way(row, field)));
  const [fewest = []] = all.toSorted((one, other) => new Set(one).size - new Set(other).size);
  return fewest;
}

/** The schedule before the deployment's own minutes were added, if they were. */
function scheduleUnspread({ changes, spread_minutes: minutes = 0 }: ChangeRow): string {
  const from = changes?.schedule?.from ?? "";
  return from === "" ? "" : (moveCron(from, -minutes) ?? from);
}

/** Fields of the old schedule that the new one doesn't have. */
function scheduleLost({ changes: { schedule } = {} }: ChangeRow): string {
  const stays = wordsOf(schedule?.to);
  return wordsOf(schedule?.from)
    .map((word, at) => (word === stays[at] ? "" : word))
    .join(" ");
}

/** Words that the new text doesn't have, without the deployment's names. */
function wordsLost(
  { changes, deployment, deployment_id, customer_id = "" }: ChangeRow,
  field: ManagedField,
): string {
  const change = changes?.[field];
  if (change?.from === null || change?.from === undefined) return "";
  const stays = new Set(wordsOf(change.to));
  const lost = wordsOf(change.from).filter((word) => !stays.has(word));
  return [deployment, deployment_id, customer_id].reduce(without, lost.join(" "));
}

function wordsOf(text: string | boolean | null = ""): string[] {
  return String(text).split(/\s+/);
}

function without(text: string, name: string): string {
  return name === "" ? text : ` ${text} `.replaceAll(` ${name} `, "  ");
}
