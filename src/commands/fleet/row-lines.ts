import { limitLines } from "../../output/count.js";
import type { Names } from "./names.js";
import type { FleetRow } from "./rows.js";

const mostNamed = 20;

/** Lines of what a plan skips or couldn't read: `  skipped: Weekly ×3: held by INC-42`. Plain text. */
export function rowLines(rows: readonly FleetRow[], names: Names, word: string): string[] {
  const whyOf = ({ reason, error }: FleetRow) => error ?? reason ?? "";
  const lines = names
    .groups(rows, whyOf)
    .map(({ what, items: [first] }) => `  ${word}: ${what}: ${whyOf(first)}`);
  return limitLines(lines, mostNamed);
}
