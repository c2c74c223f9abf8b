import { groupBy } from "../../../../manifest/group-by.js";
import type { ManagedField } from "../../../../manifest/item-template.js";
import { moveCron } from "../../../../manifest/spread.js";
import type { ChangeRow } from "./rows.js";

/**
 * Rows that are one change but for the values of their deployments, with those by themselves that change something else than
 * most do: what somebody has written there in place of the manifest's is lost, and nobody would see that in another's text.
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

/** What of a field is lost in each row, as equal as it can be told: the fewest ways to tell it. */
function keysOf(group: readonly ChangeRow[], field: ManagedField): string[] {
  const ways = field === "schedule" ? [scheduleBefore, scheduleUnspread, scheduleLost] : [wordsLost];
  const all = ways.map((way) => group.map((row) => way(row, field)));
  const [fewest = []] = all.toSorted((one, other) => new Set(one).size - new Set(other).size);
  return fewest;
}

function scheduleBefore({ changes }: ChangeRow): string {
  return changes?.schedule?.from ?? "";
}

/** As it was before the deployment's own minutes were added, if they were. */
function scheduleUnspread({ changes, spread_minutes: minutes = 0 }: ChangeRow): string {
  const from = changes?.schedule?.from ?? "";
  return from === "" ? "" : (moveCron(from, -minutes) ?? from);
}

/** Its fields that the new one doesn't have. */
function scheduleLost({ changes: { schedule } = {} }: ChangeRow): string {
  const stays = wordsOf(schedule?.to);
  return wordsOf(schedule?.from)
    .map((word, at) => (word === stays[at] ? "" : word))
    .join(" ");
}

/** The words of a text that are nowhere in the new one, without what the deployment is called. */
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
