import type { SummedForecast } from "../../../observe/forecast.js";
import { mostLast } from "../../../observe/statistics.js";
import { counted } from "../../../output/count.js";
import { formatDuration, formatDurationBriefly, minuteMs } from "../../../output/duration.js";
import { sparkInWords, sparkline } from "../../../output/sparkline.js";
import type { Column } from "../../../output/table.js";
import { ago, formatRfc3339 } from "../../../output/time.js";
import { told, unknown } from "../../../output/value-text.js";
import { amountText, hundredths, percentText, tightDuration } from "./numbers.js";
import type { ColumnSetting, GroupRow } from "./view.js";

type GroupColumns = { shown: Column<GroupRow>[]; more: Column<GroupRow>[] };

/** The columns of automations and deployments, in their documented order, which is that of a pipe's fields. */
export function groupColumns(look: ColumnSetting, by: "automation" | "deployment"): GroupColumns {
  const numbers = [...howWell, ...howLong, streak, lastRuns(look), week, minutes, lastError];
  const more = [knownSince(look)];
  if (by === "deployment") {
    const called = { ...deployment, concessions: name.concessions };
    return { shown: [called, automations, ...numbers], more };
  }
  const own = [name, ...numbers, id];
  if (look.isFleet) return { shown: [deployment, ...own], more };
  return { shown: own, more: [deployment, ...more] };
}

const name: Column<GroupRow> = {
  key: "name",
  title: "NAME",
  cell: ({ automation }) => told(automation?.name),
  concessions: [
    { turn: 1, cutTo: 40 },
    { turn: 6, cutTo: 20 },
    { turn: 10, cutTo: 14 },
    { turn: 18, cutTo: 12 },
    { turn: 23, cutTo: 1 },
  ],
};

const deployment: Column<GroupRow> = {
  key: "deployment",
  title: "DEPLOYMENT",
  cell: ({ target }) => target.name,
  concessions: [
    { turn: 6, cutTo: 14 },
    { turn: 12, cutTo: 10 },
    { turn: 19, goes: true },
  ],
  piped: ({ target }) => target.deploymentId,
  order: ({ target }) => target.name,
};

const automations: Column<GroupRow> = {
  key: "automations",
  title: "AUTOMATIONS",
  align: "right",
  cell: (row) => String(row.automations),
  order: (row) => -row.automations,
  concessions: [
    { turn: 2, title: "AUTOS", cell: (row) => String(row.automations) },
    { turn: 11, goes: true },
  ],
};

const howWell: Column<GroupRow>[] = [
  {
    key: "runs",
    title: "RUNS",
    align: "right",
    cell: ({ statistics: { runs } }) => String(runs),
    order: ({ statistics: { runs } }) => -runs,
  },
  {
    key: "success",
    title: "OK",
    align: "right",
    cell: ({ statistics: { success } }) => percentText(success),
    piped: ({ statistics: { success } }) => numberText(success === undefined ? undefined : success * 100),
    order: ({ statistics: { success } }) => success,
  },
];

const howLong: Column<GroupRow>[] = (["median", "p95"] as const).map((key) => {
  const msOf = ({ statistics: { medianMs, p95Ms } }: GroupRow) => (key === "median" ? medianMs : p95Ms);
  const title = key.toUpperCase();
  const cell = (words: (ms: number) => string) => (row: GroupRow) => {
    const ms = msOf(row);
    return ms === undefined ? unknown : words(ms);
  };
  return {
    key,
    title,
    align: "right",
    cell: cell(formatDuration),
    concessions: [
      { turn: 2, title, cell: cell(tightDuration) },
      { turn: 14, title: key === "median" ? "MED" : title, cell: cell(formatDurationBriefly) },
      { turn: key === "median" ? 22 : 20, goes: true },
    ],
    piped: (row) => numberText(Math.round(msOf(row) ?? Number.NaN)),
    order: (row) => negative(msOf(row)),
  };
});

const streak: Column<GroupRow> = {
  key: "streak",
  title: "STREAK",
  cell: ({ statistics: { failuresInARow: count } }) => (count === 0 ? "" : `✗ ${count}`),
  inWords: ({ statistics: { failuresInARow: count } }) =>
    count === 0 ? "" : `${counted(count, "failure")} in a row`,
  concessions: [
    { turn: 5, title: "✗", cell: ({ statistics: { failuresInARow: n } }) => (n === 0 ? "" : `✗${n}`) },
  ],
  piped: ({ statistics: { failuresInARow } }) => String(failuresInARow),
  order: ({ statistics: { failuresInARow } }) => -failuresInARow,
  style: (text, _row, style) => style.red(text),
};

function lastRuns({ hasBlocks }: ColumnSetting): Column<GroupRow> {
  const title = "LAST RUNS";
  const cell = (most: number) => (row: GroupRow) => sparkline(row.statistics.last, { most, hasBlocks });
  return {
    key: "last_runs",
    title,
    cell: cell(mostLast),
    inWords: (row) => sparkInWords(row.statistics.last),
    concessions: [
      { turn: 3, title, cell: cell(10) },
      { turn: 16, title: "LAST", cell: cell(5) },
      { turn: 21, goes: true },
    ],
    piped: (row) => sparkline(row.statistics.last, { most: mostLast, hasBlocks: false }),
    style: (text, _row, style) => text.replaceAll(/[✗x]+/g, (failed) => style.red(failed)),
  };
}

const week: Column<GroupRow> = forecastColumn({
  key: "week",
  titles: ["RUNS/WEEK", "/WEEK"],
  of: ({ runsAWeek, withoutRuns }) => ({ amount: runsAWeek, without: withoutRuns }),
  inWords: (text) => `${text} runs expected`,
  turns: [4, 8],
});

const minutes: Column<GroupRow> = forecastColumn({
  key: "minutes",
  titles: ["MIN/WEEK", "MIN/W"],
  of: ({ agentMsAWeek, withoutAgentMs }) => ({
    amount: agentMsAWeek === undefined ? undefined : agentMsAWeek / minuteMs,
    without: withoutAgentMs,
  }),
  inWords: (text) => `${text} agent-minutes a week expected`,
  turns: [9, 17],
});

interface ForecastColumn {
  key: string;
  titles: [wide: string, narrow: string];
  /** What is known, and of how many automations it isn't. */
  of(forecast: SummedForecast): { amount: number | undefined; without: number };
  inWords(text: string): string;
  /** When it takes its narrow title, and when it goes. */
  turns: [narrow: number, goes: number];
}

function forecastColumn({ key, titles, of, inWords, turns }: ForecastColumn): Column<GroupRow> {
  const [title, narrow] = titles;
  const amountOf = ({ forecast }: GroupRow) => of(forecast).amount;
  const text = ({ forecast }: GroupRow, least: string) => {
    const { amount, without } = of(forecast);
    return amount === undefined ? unknown : `${without > 0 ? least : ""}${amountText(amount)}`;
  };
  const cell = (row: GroupRow) => text(row, "≥ ");
  return {
    key,
    title,
    align: "right",
    cell,
    inWords: (row) => (amountOf(row) === undefined ? "" : inWords(text(row, "at least "))),
    concessions: [
      { turn: turns[0], title: narrow, cell: (row) => text(row, "≥") },
      { turn: turns[1], goes: true },
    ],
    piped: (row) => numberText(amountOf(row)),
    order: (row) => negative(amountOf(row)),
  };
}

const lastError: Column<GroupRow> = {
  key: "error",
  title: "LAST ERROR",
  cell: ({ statistics: { lastError: last } }) => {
    if (last === undefined) return "";
    return `${last.failed === 1 ? "" : `×${last.failed} `}${told(last.error)}`;
  },
  inWords: ({ statistics: { lastError: last } }) => {
    if (last === undefined) return "";
    return `${told(last.error)}${last.failed === 1 ? "" : `, ${last.failed} times`}`;
  },
  concessions: [
    { turn: 1, cutTo: 40 },
    { turn: 7, cutTo: 24 },
    { turn: 13, cutTo: 12 },
    { turn: 15, goes: true },
  ],
  piped: ({ statistics: { lastError: last } }) => last?.error ?? "",
  order: ({ statistics: { lastError: last } }) => last?.error,
};

const id: Column<GroupRow> = {
  key: "id",
  title: "ID",
  cell: ({ automation }) => automation?.automation_id ?? "",
  concessions: [{ turn: 3, goes: true }],
  style: (text, _row, style) => style.dim(text),
};

/** From when on all of its runs are known. */
function knownSince({ now }: ColumnSetting): Column<GroupRow> {
  return {
    key: "known_since",
    title: "KNOWN SINCE",
    cell: ({ knownSinceMs }) => ago(new Date(knownSinceMs), now),
    piped: ({ knownSinceMs }) => formatRfc3339(knownSinceMs),
    order: ({ knownSinceMs }) => -knownSinceMs,
  };
}

function numberText(number: number | undefined): string {
  return number === undefined || Number.isNaN(number) ? "" : String(hundredths(number));
}

/** For an order that begins with the most. */
function negative(number: number | undefined): number | undefined {
  return number === undefined ? undefined : -number;
}
