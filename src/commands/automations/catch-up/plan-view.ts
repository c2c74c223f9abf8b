import { counted, firstOf } from "../../../output/count.js";
import { fold } from "../../../output/fold.js";
import { safe } from "../../../output/safe.js";
import { between, type Style } from "../../../output/style.js";
import { formatLocalBriefly } from "../../../output/time.js";
import type { Names } from "../../fleet/names.js";
import { rowLines } from "../../fleet/row-lines.js";
import { countDeployments } from "../../fleet/rows.js";
import { unreadLines } from "../../fleet/unread-lines.js";
import type { Owing } from "../../sending/start-missed.js";
import { missedText } from "../audit/summary.js";
import type { Prepared } from "./prepare.js";

export interface CatchUpView {
  /** Of all that the plan is about. */
  names: Names;
  target: string;
  now: Date;
  style: Style;
  /** Of the terminal; undefined: lines of any length. */
  width: number | undefined;
}

const mostNamed = 20;

/** What a catch-up is about to do, for a person; ends with a line end. */
export function renderCatchUpPlan(
  { toStart, others, unread, selected, missed }: Prepared,
  { names, target, now, style, width }: CatchUpView,
): string {
  const left = others.filter(({ result }) => result === "left");
  const failed = others.filter(({ result }) => result === "failed");
  const counts = [startText(toStart), ...(left.length > 0 ? [`${left.length} left alone`] : [])];
  counts.push(`${counted(selected, "automation")} audited`);
  const lines = [...startLines(toStart, names, now), ...rowLines(left, names, "left")];
  const whatMissed = missedText(missed);
  const trouble = [...rowLines(failed, names, "can't be read"), ...unreadLines(unread, names)];
  return `${[
    style.bold(fold(safe(target, "cell"), width)),
    ...(whatMissed === undefined ? [] : [fold(whatMissed, width)]),
    fold(counts.join(between(style)), width),
    ...lines.map((line) => fold(safe(line, "cell"), width)),
    ...trouble.map((line) => style.red(fold(safe(line, "cell"), width))),
  ].join("\n")}\n`;
}

/** `9 automations to start once each in 3 deployments`. */
function startText(toStart: readonly Owing[]): string {
  if (toStart.length === 0) return "nothing to start";
  const where = counted(countDeployments(toStart), "deployment");
  const each = toStart.length === 1 ? "once" : "once each";
  return `${counted(toStart.length, "automation")} to start ${each} in ${where}`;
}

function startLines(toStart: readonly Owing[], names: Names, now: Date): string[] {
  const textOf = ({ owed: { runs, lastMs } }: Owing) =>
    `missed ${runs}, ${runs === 1 ? "due" : "the last due"} ${formatLocalBriefly(new Date(lastMs), now)}`;
  const lines = names
    .once(toStart, textOf)
    .map(({ what, items: [first] }) => `  start: ${what}: ${textOf(first)}`);
  return firstOf(lines, mostNamed);
}
