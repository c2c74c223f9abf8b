import type { DeploymentReading } from "../../../fleet/read-fleet.js";
import type { FleetItem, PausePlan } from "../../../incident/pause-plan.js";
import { countLastRunsUnderWay } from "../../../incident/pause-plan.js";
import { counted, firstOf } from "../../../output/count.js";
import { fold } from "../../../output/fold.js";
import { safe } from "../../../output/safe.js";
import type { Style } from "../../../output/style.js";
import { relative } from "../../../output/time.js";
import { messageOf } from "../../../report.js";
import type { Names } from "../../fleet/names.js";
import { countDeployments } from "../../fleet/rows.js";

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

const hourMs = 60 * 60 * 1000;
const mostNamed = 10;
const mostUnread = 20;

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
  lines.push(fold(counts.join(" · "), width));
  lines.push(...soonLines(toPause, { now, names }).map((line) => fold(safe(line, "cell"), width)));
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

/** Those that fire within the hour; where none does, the first of all. */
function soonLines(toPause: readonly FleetItem[], { now, names }: { now: Date; names: Names }): string[] {
  const timed = toPause.flatMap((item) => {
    const at = new Date(item.automation.next_run_at ?? "");
    return Number.isNaN(at.getTime()) ? [] : [{ ...item, at }];
  });
  const soon = timed.filter(({ at }) => at.getTime() - now.getTime() <= hourMs);
  const [first] = timed;
  if (soon.length === 0) {
    return first === undefined
      ? []
      : [`none fires within the hour; first ${relative(first.at, now)}: ${names.of(first)}`];
  }
  const when = ({ at }: { at: Date }) => relative(at, now);
  const lines = names.once(soon, when).map(({ what, items: [next] }) => `  ${when(next).padEnd(10)} ${what}`);
  return [`${counted(soon.length, "automation")} would fire within the hour:`, ...firstOf(lines, mostNamed)];
}

/** What couldn't be read, and so isn't in the plan. */
export function unreadLines(unreadable: readonly DeploymentReading[], names: Names): string[] {
  const lines = unreadable.map(
    ({ deployment, error }) =>
      `can't be read: ${names.deployment(deployment.deployment_id)}: ${messageOf(error)}`,
  );
  return firstOf(lines, mostUnread);
}
