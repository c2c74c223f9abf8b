import type { DeploymentReading } from "../../fleet/read-fleet.js";
import { messageOf } from "../../invocation/report.js";
import { groupBy } from "../../manifest/group-by.js";
import { joinNames, limitLines } from "../../output/count.js";
import type { NamedItem, Names } from "./names.js";
import { type FleetRow, withLocalReason } from "./rows.js";

const mostLines = 20;

/** Lines, each text once: `  start: Weekly ×3, Digest: missed 2, the last due today 09:00`. Plain text. */
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

/** Lines of what a plan skips or couldn't read: `  skipped: Weekly ×3: held by INC-42`. Plain text. */
export function rowLines(rows: readonly FleetRow[], names: Names, word: string): string[] {
  const textOf = ({ reason, error }: FleetRow) => error ?? reason ?? "";
  return groupedLines(rows.map(withLocalReason), { names, word, textOf });
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
