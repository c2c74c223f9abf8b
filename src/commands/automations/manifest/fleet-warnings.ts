import type { Survey } from "../../../manifest/survey.js";
import { inOrder, type Warning, warningsOf } from "../../../manifest/warnings.js";
import { type PlannedFleet, peakWarnings } from "./made-peaks.js";

/** What is odd about what is wanted of a selection, and the peaks that the plans leave. */
export function fleetWarnings(
  fleet: Omit<PlannedFleet, "surveys"> & { surveys: readonly Survey[] },
): Warning[] {
  const { surveys, includes, now } = fleet;
  const wishes = surveys.map(({ target, desired }) => {
    const items = desired.items.filter(({ automationId = "", name }) =>
      includes({ automation_id: automationId, name }),
    );
    return { target, desired: { ...desired, items } };
  });
  return inOrder([...warningsOf(wishes, now), ...peakWarnings(fleet)]);
}
