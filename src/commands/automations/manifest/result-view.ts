import { isSkipReason } from "../../../fleet/outcome.js";
import { groupBy } from "../../../manifest/group-by.js";
import { firstOf } from "../../../output/count.js";
import { fold } from "../../../output/fold.js";
import { safe } from "../../../output/safe.js";
import type { Style } from "../../../output/style.js";
import { type Column, renderTable } from "../../../output/table.js";
import { groupAlike } from "../../fleet/folded.js";
import { deploymentColumn, idAndWhy, resultConcessions } from "../../fleet/result-columns.js";
import { alikeError, nameOf, namesText, sharedError, whereText } from "./alike.js";
import { pastOf } from "./plan-view.js";
import { type ChangeRow, wordOf } from "./rows.js";

const mostFailures = 20;

/**
 * What failed, for a person: equal changes over deployments once, what failed alike in a deployment in a line; lines without
 * line ends.
 */
export function failureLines(rows: readonly ChangeRow[], width: number): string[] {
  const failed = rows.filter(({ error }) => error !== undefined);
  const { few, many } = groupAlike(failed, {
    alike: (row) => JSON.stringify([row.action, row.result, alikeError(row)]),
    isOfDeployment: ({ action }) => action === "skipped",
  });
  const equal = groupBy(few, (row) => JSON.stringify([row.action, nameOf(row), row.result, alikeError(row)]));
  const lines = [...equal.values(), ...many].map((group) => fold(failureText(group), width));
  return firstOf(lines, mostFailures);
}

/** `✗ create "A" in 3 deployments: Acme, Bolt, Core: …`, `✗ "A" and 4 more in Acme: …`. Safe text. */
export function failureText(group: readonly ChangeRow[]): string {
  const [first] = group;
  const verb = first?.action === "skipped" ? "" : `${first?.action} `;
  const what = `${verb}${namesText(group, (name) => `"${name}"`)} ${whereText(group)}: ${sharedError(group) ?? ""}`;
  return `${first?.result === "unknown" ? "?" : "✗"} ${safe(what, "cell")}`;
}

/** A line of a failure with its mark in colour. */
export function withColour(line: string, style: Style): string {
  if (style.isInWords) return line.replace(/^[✗?]/, (mark) => (mark === "?" ? "unknown:" : style.failed));
  return line.replace(/^[✗?]/, (mark) => (mark === "?" ? style.magenta(mark) : style.red(mark)));
}

/** `created`, `not created`, `unknown`, `kept`, `failed` of what couldn't be planned. */
function resultWord(row: ChangeRow): string {
  const { action, result, error, reason } = row;
  if (result === "unknown" || result === "unchanged") return result;
  if (action === "skipped") return isSkipReason(reason) ? "not begun" : wordOf(row);
  const past = pastOf[action];
  if (past === undefined) return action;
  return error === undefined && result === "done" ? past : `not ${past}`;
}

/** Every row of an apply, for a terminal: what failed last; ends with a line end. */
export function renderEvery(
  rows: readonly ChangeRow[],
  { columns: width, style }: { columns: number; style: Style },
): Promise<string> {
  const names = new Map(rows.map((row) => [row.deployment_id, row.deployment]));
  const columns: Column<ChangeRow>[] = [
    ...(names.size > 1 ? [deploymentColumn<ChangeRow>(names)] : []),
    { key: "name", title: "NAME", cell: ({ name }) => name, concessions: resultConcessions.name },
    {
      key: "result",
      title: "RESULT",
      cell: resultWord,
      concessions: resultConcessions.result,
      style: (text, { error }) => (error === undefined ? text : style.red(text)),
    },
    ...idAndWhy,
  ];
  const ordered = [
    ...rows.filter(({ error }) => error === undefined),
    ...rows.filter(({ error }) => error !== undefined),
  ];
  return renderTable(ordered, columns, { width, style });
}
