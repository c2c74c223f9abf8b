import { countLastRunsUnderWay, type PausePlan } from "../../../incident/pause-plan.js";
import { counted } from "../../../output/count.js";
import { fold } from "../../../output/fold.js";
import { safe } from "../../../output/safe.js";
import { between, type Style } from "../../../output/style.js";
import type { Names } from "../../fleet/names.js";
import { countDeployments } from "../../fleet/rows.js";
import { soonLines } from "../../fleet/soon.js";
import { unreadLines } from "../../fleet/unread-lines.js";

export interface PausePlanView {
  /** Of all that the plan is about. */
  names: Names;
  /** The target, as every plan begins. */
  target: string;
  /** Absent: refs without an incident. */
  incident?: { name: string; isNew: boolean; reason: string | null | undefined } | undefined;
  now: Date;
  style: Style;
  /** Of the terminal; undefined: lines of any length. */
  width: number | undefined;
}

/** What a pause is about to do, for a person; ends with a line end. */
export function renderPausePlan(
  plan: PausePlan,
  { names, target, incident, now, style, width }: PausePlanView,
): string {
  const { toPause, untouched, unreadable } = plan;
  const lines = [style.bold(fold(safe(target, "cell"), width))];
  if (incident !== undefined) lines.push(fold(incidentLine(incident), width));
  const left = untouched.filter(({ result }) => result === "left");
  const places = counted(countDeployments(toPause), "deployment");
  const counts =
    toPause.length === 0
      ? ["nothing to pause"]
      : [`${counted(toPause.length, "automation")} to pause in ${places}`];
  if (untouched.length > left.length) counts.push(`${untouched.length - left.length} paused already`);
  if (left.length > 0) counts.push(`${left.length} left to other incidents`);
  lines.push(fold(counts.join(between(style)), width));
  const soon = soonLines(toPause, { now, names, verb: "would fire" });
  lines.push(...soon.map((line) => fold(safe(line, "cell"), width)));
  const running = countLastRunsUnderWay([...toPause, ...untouched.map(({ item }) => item)]);
  if (running > 0)
    lines.push(
      fold(
        `at least ${counted(running, "run")} under way: pausing doesn't stop ${running === 1 ? "it" : "them"}`,
        width,
      ),
    );
  lines.push(...unreadLines(unreadable, names).map((line) => style.red(fold(safe(line, "cell"), width))));
  return `${lines.join("\n")}\n`;
}

function incidentLine({ name, isNew, reason }: NonNullable<PausePlanView["incident"]>): string {
  const why = reason ? `: ${safe(reason, "cell")}` : "";
  return `incident ${name}${isNew ? " (new)" : ""}${why}`;
}
