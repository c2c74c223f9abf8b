import { fieldNames } from "../../changes/fields.js";
import type { Act, Change, ChangeItem } from "../../history/change.js";
import { groupBy } from "../../manifest/group-by.js";
import { countDeployments } from "../../operations/rows/result-rows.js";
import { agoColumn, column, idColumn } from "../../output/columns.js";
import { counted } from "../../output/count.js";
import type { Column } from "../../output/render-table.js";
import { formatRfc3339 } from "../../output/time.js";
import { textOrDash } from "../../output/value-text.js";

export const pastOfAct: Record<Act, string> = {
  create: "created",
  update: "updated",
  pause: "paused",
  resume: "resumed",
  delete: "deleted",
  trigger: "triggered",
  answer: "answered",
};

/**
 * `created 3 automations, updated 12: name, schedule in 5 deployments; 2 failed`, or the name if there is one item. For
 * an incident, `INC-42: paused 12 automations`. Plain text.
 */
export function whatText({ items, undoes, incident }: Pick<Change, "items" | "undoes" | "incident">): string {
  const groups = [...groupBy(items, ({ act }) => act).values()];
  const acts = groups.map((group, at) => actText(group, { isOnly: items.length === 1, isFirst: at === 0 }));
  const what = acts.length === 0 ? "nothing" : acts.join(", ");
  const places = countDeployments(items);
  const where = places > 1 ? ` in ${places} deployments` : "";
  const ends = endings.flatMap(([result, word]) => {
    const count = items.filter((item) => item.result === result).length;
    return count === 0 ? [] : [items.length === 1 ? word : `${count} ${word}`];
  });
  const back = undoes === undefined ? "" : `undid ${undoes}: `;
  const whose = incident === undefined ? "" : `${incident}: `;
  return `${whose}${back}${what}${where}${ends.length === 0 ? "" : `; ${ends.join(", ")}`}`;
}

export function endedText(result: ChangeItem["result"]): string | undefined {
  return endings.find(([each]) => each === result)?.[1];
}

const endings = [
  ["failed", "failed"],
  ["unknown", "outcome unknown"],
  ["skipped", "not sent"],
] as const;

function actText(
  group: readonly ChangeItem[],
  { isOnly, isFirst }: { isOnly: boolean; isFirst: boolean },
): string {
  const [first] = group;
  if (first === undefined) return "";
  const { act, name, automation_id } = first;
  const number = isFirst ? counted(group.length, act === "answer" ? "run" : "automation") : group.length;
  return `${pastOfAct[act]} ${isOnly ? textOrDash(name ?? automation_id) : number}${fieldsText(group)}`;
}

function fieldsText(items: readonly ChangeItem[]): string {
  if (items[0]?.act !== "update") return "";
  const changed = fieldNames.filter((name) => items.some(({ after }) => after?.[name] !== undefined));
  return changed.length === 0 ? "" : `: ${changed.join(", ").replace("_id", "")}`;
}

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
