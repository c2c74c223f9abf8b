import { msOf } from "../../../api/door.js";
import type { Automation } from "../../../api/types.js";
import { itemKey } from "../../../fleet/refs.js";
import type { ResumeItem, ResumePlan } from "../../../incident/resume-selection.js";
import { keptFrom, whyNotStarted } from "../../../observe/catch-up.js";
import { counted } from "../../../output/count.js";
import { schedulesEqual } from "../../../schedule/equal.js";
import type { Owing } from "../../sending/start-missed.js";

/** An automation that its incident kept from firing. */
export interface KeptItem extends ResumeItem, Owing {
  /** It was brought back before, and nothing may have been started for it since. */
  isBack: boolean;
  /** By what was read for the plan, a run would be started for it. */
  isToStart: boolean;
}

interface KeptInput {
  plan: ResumePlan;
  /** By `<deployment>/<automation>`. */
  current: ReadonlyMap<string, Automation>;
  /** The server's time; ms since 1970. */
  nowMs: number;
}

/**
 * What the ledger proves to have been kept from firing, of what comes or came back: the fires of the schedule that it had,
 * and still has, from the pause's answer until now, or until it was brought back.
 */
export function keptItems({ plan, current, nowMs }: KeptInput): KeptItem[] {
  const back = plan.left.flatMap(({ item, verdict }) => (verdict === "back" ? [item] : []));
  const keep = (item: ResumeItem, isBack: boolean): KeptItem[] => {
    const { line, pause, pauseDate, pausedAt, keptUntil } = item.ledgerItem;
    const now = current.get(itemKey(item));
    const untilMs = isBack ? msOf(keptUntil) : nowMs;
    const pausedMs = msOf(pauseDate ?? pausedAt);
    if (now === undefined || pause !== "done" || pausedMs === undefined || untilMs === undefined) return [];
    if (!schedulesEqual(line.schedule ?? "", now.schedule ?? "")) return [];
    // What is due at the moment of the pause may have fired.
    const owed = keptFrom(line.schedule, { sinceMs: pausedMs + 1, untilMs });
    if (owed === undefined) return [];
    return [{ ...item, owed, isBack, isToStart: whyNotStarted(now, owed) === undefined }];
  };
  return [...plan.toResume.flatMap((item) => keep(item, false)), ...back.flatMap((item) => keep(item, true))];
}

/** `31 runs of 9 automations did not happen; --catch-up starts one each`; undefined where there is nothing to say. */
export function keptText(kept: readonly KeptItem[], isCatchUp: boolean): string | undefined {
  const told = isCatchUp ? kept : kept.filter(({ isBack }) => !isBack);
  if (told.length === 0) return isCatchUp ? "no run was missed" : undefined;
  const runs = told.reduce((sum, { owed }) => sum + owed.runs, 0);
  const starts = told.filter(({ isToStart }) => isToStart).length;
  const which = starts === told.length ? "one each" : starts === 0 ? "none" : `one each of ${starts}`;
  const missed = `${counted(runs, "run")} of ${counted(told.length, "automation")} did not happen`;
  return `${missed}; ${isCatchUp ? "this" : "--catch-up"} starts ${which}`;
}
