import type { DeploymentReading } from "../../fleet/read-fleet.js";
import { limitLines } from "../../output/count.js";
import { messageOf } from "../../report.js";
import type { NamedItem, Names } from "./names.js";
import type { FleetRow } from "./rows.js";

const mostLines = 20;

/** Lines of equal names and texts once: `  start: Weekly ×3: missed 2, the last due today 09:00`. Plain text. */
export function groupedLines<Item extends NamedItem>(
  items: readonly Item[],
  { names, word, textOf }: { names: Names; word: string; textOf(item: Item): string },
): string[] {
  const groups = names.groups(items, textOf);
  const lines = groups.map(({ what, items: [first] }) => `  ${word}: ${what}: ${textOf(first)}`);
  return limitLines(lines, mostLines);
}

/** Lines of what a plan skips or couldn't read: `  skipped: Weekly ×3: held by INC-42`. Plain text. */
export function rowLines(rows: readonly FleetRow[], names: Names, word: string): string[] {
  return groupedLines(rows, { names, word, textOf: ({ reason, error }) => error ?? reason ?? "" });
}

/** A line for each deployment that couldn't be read. Plain text. */
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
