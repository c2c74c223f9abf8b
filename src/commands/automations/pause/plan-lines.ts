import { countLastRunsUnderWay, type PausePlan } from "../../../incident/pause-plan.js";
import { counted } from "../../../output/count.js";
import { fold } from "../../../output/fold.js";
import type { Look } from "../../../output/printer.js";
import { safe } from "../../../output/safe.js";
import type { Names } from "../../fleet/names.js";
import { soonLines } from "../../fleet/soon.js";

/** What fires soon, and what goes on. */
export function planLines(
  { toPause, untouched }: PausePlan,
  { names, now, width }: Look & { names: Names; now: Date },
): string[] {
  const running = countLastRunsUnderWay([...toPause, ...untouched.map(({ item }) => item)]);
  const lines = soonLines(toPause, { now, names, verb: "would fire" });
  if (running > 0)
    lines.push(
      `at least ${counted(running, "run")} under way: pausing doesn't stop ${running === 1 ? "it" : "them"}`,
    );
  return lines.map((line) => fold(safe(line, "cell"), width));
}
