import type { DeploymentPlan } from "../../../manifest/fleet-plan.js";
import { groupBy } from "../../../manifest/group-by.js";
import { type FilePlace, placeText } from "../../../manifest/mistake.js";
import type { ActualAutomation, PlanItem } from "../../../manifest/plan-item.js";
import type { Survey } from "../../../manifest/survey.js";
import type { Warning } from "../../../manifest/warnings.js";
import type { Span } from "../../../observe/fires.js";
import { type Peak, peaksOf, placesInPeaks } from "../../../observe/peaks.js";
import { counted } from "../../../output/count.js";
import { dayMs } from "../../../output/duration.js";
import { everyPeakText, peakTexts } from "../shared/peak-texts.js";

export interface PlannedFleet {
  surveys: readonly Pick<Survey, "actual">[];
  /** Of these surveys, in their order. */
  plans: readonly Pick<DeploymentPlan, "items" | "error">[];
  /** What the selection lets through. */
  includes(automation: { automation_id: string; name: string }): boolean;
  now: Date;
}

/** What fires, and which line of a file says so. */
interface Fire {
  schedule: string;
  place?: FilePlace;
}

/** A month has every day that a schedule can name. */
const daysAhead = 31;

/**
 * `30 automations fire at Mon 09:00 UTC`: each minute of the coming month that is a peak over the selection once the plans are
 * carried out. Those in which fewer fire now begin with `with these changes`; of the others what no file has a part in is left
 * out. What begins at one line of a file is one warning.
 */
export function peakWarnings({ surveys, plans, includes, now }: PlannedFleet): Warning[] {
  const window = { sinceMs: now.getTime(), untilMs: now.getTime() + daysAhead * dayMs };
  const there = surveys.map(({ actual }) => actual.filter(includes));
  const fires = there.flatMap((actual, at) => carriedOut(actual, plans[at])).filter(isEnabled);
  const { peaks } = peaksOf(fires, { window });
  if (peaks.length === 0) return [];
  const isAdding = plans.some(({ items }) => items.some(mayAddFires));
  const before = isAdding ? peaksOf(there.flat().filter(isEnabled), { window }) : undefined;
  const isMade = ({ minuteMs, fires: after }: Peak) =>
    before !== undefined && after > (before.byMinute.get(minuteMs) ?? 0);
  const tell = (told: readonly Peak[]) => warningsAt(told, { fires, window });
  return [
    ...tell(peaks.filter(isMade)).map((each) => ({ ...each, text: `with these changes ${each.text}` })),
    ...tell(peaks.filter((peak) => !isMade(peak))).filter(({ place }) => place !== undefined),
  ];
}

/** At the first line of a file that has a part in each. */
function warningsAt(
  peaks: readonly Peak[],
  { fires, window }: { fires: readonly Fire[]; window: Span },
): Warning[] {
  const minutes = new Set(peaks.map(({ minuteMs }) => minuteMs));
  const places = placesInPeaks(fires, { minutes, window });
  const placeOf = ({ minuteMs }: Peak) => places.get(minuteMs);
  const groups = groupBy(peaks, (peak) => {
    const place = placeOf(peak);
    return place === undefined ? "" : placeText(place);
  });
  return [...groups.values()].flatMap((group): Warning[] => {
    const place = group[0] && placeOf(group[0]);
    const kind = "peak";
    if (place === undefined) return peakTexts(group, window).map((text) => ({ kind, text }));
    const [text = "", ...others] = everyPeakText(group, window);
    const more =
      others.length === 0
        ? ""
        : `, and ${counted(others.length, "more minute")} ${others.length === 1 ? "is a peak" : "are peaks"}`;
    return [{ kind, text: text + more, place }];
  });
}

function mayAddFires({ action, changes = {} }: PlanItem): boolean {
  return action === "create" || changes.schedule !== undefined || changes.enabled?.to === true;
}

type Firable = Fire & { enabled: boolean };

function isEnabled({ enabled }: Pick<Firable, "enabled">): boolean {
  return enabled;
}

/** What is there once the plan is carried out: what files name in their order, then the rest. */
function carriedOut(
  actual: readonly ActualAutomation[],
  plan: PlannedFleet["plans"][number] | undefined,
): Firable[] {
  const items = (plan?.error === undefined ? (plan?.items ?? []) : []).filter(
    (change) => change.error === undefined,
  );
  const there = new Map(actual.map((automation) => [automation.automation_id, automation]));
  const touched = new Set(items.map(({ automationId }) => automationId));
  const named = items.flatMap((change) => {
    if (change.action === "create") return [firable({ schedule: "", enabled: true }, change)];
    const automation = change.action === "delete" ? undefined : there.get(change.automationId ?? "");
    return automation === undefined ? [] : [firable(automation, change)];
  });
  const rest = actual.filter(({ automation_id }) => !touched.has(automation_id));
  return [...named, ...rest.map((automation) => firable(automation))];
}

function firable(
  { schedule, enabled }: Pick<Firable, "schedule" | "enabled">,
  { changes = {}, place }: Pick<PlanItem, "changes" | "place"> = {},
): Firable {
  return { schedule: changes.schedule?.to ?? schedule, enabled: changes.enabled?.to ?? enabled, place };
}
