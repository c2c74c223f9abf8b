import type { LedgerState } from "../../../incident/ledger-state.js";
import { seesReverts } from "../../../incident/resume-plan.js";
import type { LeftItem, ResumeItem, ResumePlan } from "../../../incident/resume-selection.js";
import { counted } from "../../../output/count.js";
import { fold, foldParts } from "../../../output/fold.js";
import { safe } from "../../../output/safe.js";
import type { Style } from "../../../output/style.js";
import { messageOf } from "../../../report.js";
import { countDeployments } from "../../fleet/rows.js";
import { nameWithId } from "../../fleet/session.js";

export interface ResumePlanView {
  target: string;
  incident: string;
  state: LedgerState;
  style: Style;
  /** Of the terminal; undefined: lines of any length. */
  width: number | undefined;
}

/** So many of those that are left alone the plan names; the others only its rows. */
export const mostNamed = 20;

/** What a resume is about to do, for a person; ends with a line end. */
export function renderResumePlan(
  { toResume, left, unreadable }: ResumePlan,
  { target, incident, state, style, width }: ResumePlanView,
): string {
  const named = left.filter(({ verdict }) => verdict !== "back");
  const back = left.length - named.length;
  const places = countDeployments(toResume);
  const counts =
    toResume.length === 0
      ? ["nothing to resume"]
      : [`${counted(toResume.length, "automation")} to resume in ${counted(places, "deployment")}`];
  if (back > 0) counts.push(`${back} back already`);
  if (named.length > 0) counts.push(`${named.length} left alone`);
  const why = state.head.reason === null ? "" : `: ${safe(state.head.reason, "cell")}`;
  const lines = [
    style.bold(fold(safe(target, "cell"), width)),
    fold(`incident ${incident}${why}`, width),
    foldParts(counts, { width }),
    ...editLines(toResume).map((line) => fold(line, width)),
    ...named.slice(0, mostNamed).map((item) => fold(leftLine(item), width)),
    ...(named.length > mostNamed ? [`  … and ${named.length - mostNamed} more`] : []),
    ...unreadable.map(({ deployment, error }) =>
      style.red(
        fold(`can't be read: ${safe(`${deployment.deployment_id}: ${messageOf(error)}`, "cell")}`, width),
      ),
    ),
  ];
  if (!seesReverts(toResume.map(({ ledgerItem }) => ledgerItem))) {
    const gap = "A change made elsewhere and reverted can't be seen: the API sends no updated_at.";
    lines.push(fold(gap, width));
  }
  return `${lines.join("\n")}\n`;
}

/** What is brought back although it isn't as it was left. */
function editLines(toResume: readonly ResumeItem[]): string[] {
  const edited = toResume.filter(({ edit }) => edit !== undefined);
  const lines = edited
    .slice(0, mostNamed)
    .map((item) => `  changed: ${nameWithId(item)}: ${safe(item.edit ?? "", "cell")}`);
  return edited.length > mostNamed ? [...lines, `  … and ${edited.length - mostNamed} more changed`] : lines;
}

function leftLine({ item, reason }: LeftItem): string {
  return `  left: ${nameWithId(item)}: ${safe(reason, "cell")}`;
}
