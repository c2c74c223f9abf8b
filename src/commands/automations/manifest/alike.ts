import { groupBy } from "../../../manifest/group-by.js";
import { placeText } from "../../../manifest/mistake.js";
import type { ManifestChanges } from "../../../manifest/plan-item.js";
import { listed } from "../../../output/count.js";
import type { ChangeRow } from "./rows.js";
import { setApart } from "./set-apart.js";

/**
 * Rows that are one to a person: over deployments the same change, or what the same automation of a manifest changes in the
 * same fields, however deployments' values make its texts differ, but for texts that are somebody's own.
 */
export function groupEqual(rows: readonly ChangeRow[]): ChangeRow[][] {
  return [...groupBy(rows, equalityOf).values()].flatMap(setApart);
}

function equalityOf(row: ChangeRow): string {
  const { action, changes = {}, reason, place, template } = row;
  const varying: ReadonlySet<string> | undefined = template?.varying;
  const fields = Object.entries(changes).map(([field, change]) => [field, varying?.has(field) ? "" : change]);
  const item = template && place && placeText(place);
  return JSON.stringify([action, nameOf(row), item, fields, reason, alikeError(row)]);
}

/** Why something failed, without ids that are others in each deployment. */
export function alikeError({ error, alike = error }: ChangeRow): string | undefined {
  return alike;
}

/** Why rows failed that are told together: with ids where they are the same for all. */
export function sharedError(rows: readonly ChangeRow[]): string | undefined {
  const [first] = rows;
  return rows.every(({ error }) => error === first?.error) ? first?.error : first && alikeError(first);
}

/** `5 versions by their values and spread`, where the rows of a group change what they change in several ways. */
export function versionsText(group: readonly ChangeRow[]): string | undefined {
  const all = group.map(({ changes }) => JSON.stringify(changes satisfies ManifestChanges | undefined));
  const { size } = new Set(all);
  return size < 2 ? undefined : `${size} versions by their ${group[0]?.template?.by ?? "values"}`;
}

/** Its name, before values are put in where they make it another in each deployment. */
export function nameOf({ name, template }: ChangeRow): string {
  return template?.varying.has("name") ? template.name : name;
}

/** `in Acme`, `in 5 deployments: Acme, Beta, Gamma and 2 more`; plain text. */
export function whereText(group: readonly ChangeRow[]): string {
  const count = new Set(group.map((row) => row.deployment_id)).size;
  return count === 1 ? `in ${deploymentsText(group)}` : `in ${count} deployments: ${deploymentsText(group)}`;
}

/** The names of the rows' deployments, the first three of them; plain text. */
export function deploymentsText(group: readonly ChangeRow[]): string {
  return listed([...new Map(group.map((row) => [row.deployment_id, row.deployment])).values()]);
}

/** What is skipped in one deployment for one reason is told once; everything else by itself. */
export function tellTogether(rows: readonly ChangeRow[]): ChangeRow[][] {
  const groups = groupBy([...rows.entries()], ([index, { action, deployment_id, reason, error }]) =>
    action === "skipped" ? JSON.stringify([deployment_id, reason, error]) : String(index),
  );
  return [...groups.values()].map((group) => group.map(([, row]) => row));
}

/** What is told together, by name: `A`, `A and 4 more`; of one automation of a manifest its name before values are put in. */
export function namesText(
  rows: readonly ChangeRow[],
  quoted: (name: string) => string = (name) => name,
): string {
  const [first] = rows;
  if (first === undefined) return "";
  const others = new Set(rows.map(({ name }) => name));
  others.delete(first.name);
  const isOne = rows.every(({ template, place }) => template !== undefined && place === first.place);
  if (others.size > 0 && isOne) return quoted(nameOf(first));
  return `${quoted(first.name)}${others.size > 0 ? ` and ${others.size} more` : ""}`;
}
