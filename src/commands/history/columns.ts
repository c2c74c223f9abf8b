import type { Change } from "../../history/change.js";
import { agoColumn, column, idColumn } from "../../output/columns.js";
import type { Column } from "../../output/table.js";
import { formatRfc3339 } from "../../output/time.js";
import { whatText } from "./change-text.js";

export function historyColumns(now: Date): Column<Change>[] {
  return [
    idColumn(({ id }) => id, { steps: { 9: 20, 14: 9 } }),
    agoColumn("when", ({ at }) => at, { now, hiddenAt: 12, piped: ({ at }) => formatRfc3339(new Date(at)) }),
    column("who", ({ by }) => by.user, {
      steps: { 5: 10, 8: "hidden" },
      piped: ({ by }) => `${by.user}@${by.host}`,
    }),
    column("what", whatText, { steps: { 1: 60, 6: 40, 10: 24, 13: 1 } }),
    column("reason", ({ reason }) => reason ?? "", { steps: { 2: 40, 4: 24, 7: 14, 11: "hidden" } }),
  ];
}

export function changeJson(change: Change): object {
  return { ...change, reason: change.reason ?? null };
}
