import type { LedgerState } from "../../../incident/ledger-state.js";
import { seesReverts } from "../../../incident/resume-plan.js";
import type { LeftItem, ResumeItem, ResumePlan } from "../../../incident/resume-selection.js";
import { counted, firstOf } from "../../../output/count.js";
import { fold } from "../../../output/fold.js";
import { safe } from "../../../output/safe.js";
import { between, type Style } from "../../../output/style.js";
import type { Names } from "../../fleet/names.js";
import { countDeployments } from "../../fleet/rows.js";
import { unreadLines } from "../../fleet/unread-lines.js";

/** What is planned for one incident. */
interface ResumePart {
  plan: ResumePlan;
  /** Of all that its plan is about. */
  names: Names;
  incident: string;
  state: LedgerState;
  /** What it kept from firing, and what becomes of that. */
  kept: string | undefined;
}

interface ResumePage {
  target: string;
  style: Style;
  /** Of the terminal; undefined: lines of any length. */
  width: number | undefined;
}

const mostNamed = 20;

/** What a resume is about to do, for a person; ends with a line end. */
export function renderResumePlan(parts: readonly ResumePart[], page: ResumePage): string {
  const { target, style, width } = page;
  const lines = parts.flatMap((part) => partLines(part, page));
  if (!seesReverts(parts.flatMap(({ plan }) => plan.toResume.map(({ ledgerItem }) => ledgerItem)))) {
    const gap = "A change made elsewhere and reverted can't be seen: the API sends no updated_at.";
    lines.push(fold(gap, width));
  }
  return `${[style.bold(fold(safe(target, "cell"), width)), ...lines].join("\n")}\n`;
}

function partLines(
  { plan: { toResume, left, unreadable }, names, incident, state, kept }: ResumePart,
  { style, width }: ResumePage,
): string[] {
  const named = left.filter(({ verdict }) => verdict !== "back");
  const back = left.length - named.length;
  const places = countDeployments(toResume);
  const nothing = unreadable.length === 0 ? "nothing to resume" : "nothing to resume of what could be read";
  const counts =
    toResume.length === 0
      ? [nothing]
      : [`${counted(toResume.length, "automation")} to resume in ${counted(places, "deployment")}`];
  if (back > 0) counts.push(`${back} back already`);
  if (named.length > 0) counts.push(`${named.length} left alone`);
  const { head } = state;
  const why = head.reason === null ? "" : `: ${safe(head.reason, "cell")}`;
  return [
    fold(`incident ${incident}${why}`, width),
    fold(counts.join(between(style)), width),
    ...(kept === undefined ? [] : [fold(kept, width)]),
    ...[...editLines(toResume, names), ...leftLines(named, names)].map((line) =>
      fold(safe(line, "cell"), width),
    ),
    ...unreadLines(unreadable, names).map((line) => style.red(fold(safe(line, "cell"), width))),
  ];
}

/** What is brought back although it isn't as it was left. */
function editLines(toResume: readonly ResumeItem[], names: Names): string[] {
  const edited = toResume.filter(({ edit }) => edit !== undefined);
  const lines = names
    .once(edited, ({ edit = "" }) => edit)
    .map(({ what, items: [first] }) => `  changed: ${what}: ${first.edit}`);
  return firstOf(lines, mostNamed);
}

/** What is left alone is told here, before the question, and not once more at the end. */
function leftLines(left: readonly LeftItem[], names: Names): string[] {
  const items = left.map(({ item, reason }) => ({ ...item, reason }));
  const lines = names
    .once(items, ({ reason }) => reason)
    .map(({ what, items: [first] }) => `  left: ${what}: ${first.reason}`);
  return firstOf(lines, mostNamed);
}
