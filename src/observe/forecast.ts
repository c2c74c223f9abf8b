import type { Automation } from "../api/types.js";
import { firingSchedule } from "./fires.js";

/** What a schedule lets expect in a week; undefined where nobody knows. */
export interface Forecast {
  runsAWeek: number | undefined;
  /** How long agents work in it, in ms. */
  agentMsAWeek: number | undefined;
}

/** Of several together: the sum of what is known, undefined where nothing is, and of how many it isn't. */
export interface SummedForecast extends Forecast {
  withoutRuns: number;
  withoutAgentMs: number;
}

const dayMs = 86_400_000;
const weeks = 52;

/**
 * Forecasts from a time on: the average of the next 52 weeks, so that what fires once a month has its share. One that is
 * paused fires 0 times. Schedules that are the same text are looked at once.
 */
export function forecaster(
  nowMs: number,
): (
  automation: Pick<Automation, "enabled" | "schedule">,
  typical: { medianMs: number | undefined },
) => Forecast {
  const sinceMs = Math.ceil(nowMs / dayMs) * dayMs;
  const window = { sinceMs, untilMs: sinceMs + weeks * 7 * dayMs };
  const known = new Map<string, number | undefined>();
  const firesAWeek = (schedule: string) => {
    // None of the times is wanted, only how many there are: whole days are counted without being looked into.
    if (!known.has(schedule)) {
      const count = firingSchedule(schedule)?.within(window, 0).count;
      known.set(schedule, count === undefined ? undefined : count / weeks);
    }
    return known.get(schedule);
  };
  return ({ enabled, schedule }, { medianMs }) => {
    if (enabled === false) return { runsAWeek: 0, agentMsAWeek: 0 };
    const runsAWeek = enabled === true ? firesAWeek(schedule ?? "") : undefined;
    if (runsAWeek === undefined) return { runsAWeek, agentMsAWeek: undefined };
    if (runsAWeek === 0) return { runsAWeek, agentMsAWeek: 0 };
    return { runsAWeek, agentMsAWeek: medianMs === undefined ? undefined : runsAWeek * medianMs };
  };
}

/** What several come to together, by those of which it is known. */
export function sumForecasts(forecasts: readonly Forecast[]): SummedForecast {
  const runs = forecasts.flatMap(({ runsAWeek }) => runsAWeek ?? []);
  const agentMs = forecasts.flatMap(({ agentMsAWeek }) => agentMsAWeek ?? []);
  return {
    runsAWeek: sumOf(runs),
    agentMsAWeek: sumOf(agentMs),
    withoutRuns: forecasts.length - runs.length,
    withoutAgentMs: forecasts.length - agentMs.length,
  };
}

function sumOf(numbers: readonly number[]): number | undefined {
  return numbers.length === 0 ? undefined : numbers.reduce((sum, each) => sum + each, 0);
}
