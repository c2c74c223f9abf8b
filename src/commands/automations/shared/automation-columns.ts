/** Columns and JSON of an automation, and its state. */

import type { Automation } from "../../../api/types.js";
import { column, deploymentColumn, idColumn, nameColumn } from "../../../output/columns.js";
import type { Column } from "../../../output/render-table.js";
import { inWords, paintStatus, statusMark, statusText } from "../../../output/status-words.js";
import { factSeparator, type Style, type Tone } from "../../../output/style.js";
import { ago, agoBriefly, formatLocalBriefly, formatLocalTime, relative } from "../../../output/time.js";
import { dash, textOrDash } from "../../../output/value-text.js";
import type { Failures } from "../../../runs/failures.js";
import { type AutomationState, type StateFacts, stateOf, waitingRuns } from "../../../runs/state.js";
import type { IncidentBadge } from "./incident-badges.js";

export interface AutomationRow extends StateRow {
  deployment_id: string;
  deployment_name?: string;
  customer_id?: string;
  /** The schedule in words, or the server's text if that is unreadable; absent if no column needs it. */
  scheduleWords?: string;
  /** The short form for a narrow terminal: `Mon 09:00`. */
  briefSchedule?: () => string | undefined;
  /** Set for an entry that no call can name, such as null; `automation` is then empty. */
  invalid?: { entry: unknown };
  /** The `monotonic` time of the earlier read that the row comes from. */
  readMs?: number;
  /** Extra JSON fields, such as those about runs since a pause. */
  extraJson?: object;
}

/** The words for `--columns` and `--sort`; with several deployments there is one more. */
export const automationKeys = ["name", "schedule", "status", "last", "next", "id", "deployment"] as const;

export const automationFields = [
  ...["automation_id", "deployment_id", "deployment_name", "customer_id", "enabled", "next_run_at"],
  ...["last_run_at", "last_run_status", "updated_at", "state", "held_by"],
] as const;

/** The JSON of a row when there are several deployments. */
export function rowJson(row: AutomationRow): Automation {
  const { automation, deployment_id, deployment_name, customer_id } = row;
  return { ...automationJson(automation, deployment_id), customer_id, deployment_name, ...stateJson(row) };
}

/** The object from the API, with its deployment. */
export function automationJson<Read extends Automation>(
  automation: Read,
  deployment_id: string,
): Read & { deployment_id: string } {
  const hasOwn = (each: Read): each is Read & { deployment_id: string } =>
    typeof each.deployment_id === "string";
  return hasOwn(automation) ? automation : { ...automation, deployment_id };
}

/** The columns of a list in the order of the fields in a pipe; with several deployments, the deployment comes first. */
export function automationColumns(
  now: Date,
  { withDeployment }: { withDeployment: boolean },
): Column<AutomationRow>[] {
  const columns: Column<AutomationRow>[] = [
    nameColumn((row) => textOrDash(row.automation.name), {
      steps: { 1: 40, 7: 24, 10: withDeployment ? 20 : 14, 17: 12, 21: 1 },
    }),
    column("schedule", wordsInUtc, {
      title: "SCHEDULE (UTC)",
      steps: {
        2: (row) => brieflyInUtc(row, longestWords),
        5: (row) => brieflyInUtc(row, 0),
        8: 14,
        13: "hidden",
      },
      piped: (row) => textOrDash(row.automation.schedule),
    }),
    statusColumn,
    column("last", (row) => lastRun(row.automation, ago(row.automation.last_run_at, now)), {
      inWords: (row) => lastRun(row.automation, ago(row.automation.last_run_at, now), inWords),
      steps: {
        3: (row) => lastRun(row.automation, agoBriefly(row.automation.last_run_at, now)),
        11: "hidden",
      },
      piped: (row) => [row.automation.last_run_status, row.automation.last_run_at].filter(Boolean).join(" "),
      pipedAs: "last run",
      order: (row) => row.automation.last_run_at ?? undefined,
      style: (text, row, style) => paintStatus(text, row.automation.last_run_status, style),
    }),
    column("next", (row) => formatLocalTime(row.automation.next_run_at, now), {
      inWords: (row) => formatLocalTime(row.automation.next_run_at, now, factSeparator(inWords)),
      steps: { 4: (row) => relative(row.automation.next_run_at, now), 18: "hidden" },
      piped: (row) => row.automation.next_run_at ?? "",
      pipedAs: "next run",
      order: (row) => row.automation.next_run_at ?? undefined,
    }),
    // If deployments are shown, the ids come first, because it takes two to identify a row.
    idColumn((row) => row.automation.automation_id, { steps: { [withDeployment ? 6 : 12]: "hidden" } }),
  ];
  return withDeployment ? [placeColumn, ...columns] : columns;
}

export const placeColumn = deploymentColumn<AutomationRow>({ steps: { 9: 14, 14: 10, 19: "hidden" } });

/** The words without UTC, which is in the title; an unreadable schedule is shown exactly as it is. */
function wordsInUtc({ scheduleWords, automation }: AutomationRow): string {
  const words = scheduleWords ?? textOrDash(automation.schedule);
  return words === automation.schedule ? words : words.replace(/ UTC\b/, "");
}

/** The width of `every Wednesday at 09:00`. Longer texts are shortened first. */
const longestWords = 24;

function brieflyInUtc(row: AutomationRow, longest: number): string {
  const words = wordsInUtc(row);
  if (words.length <= longest) return words;
  const brief = row.briefSchedule?.() ?? words;
  return brief.length < words.length ? brief : words;
}

/** `✓ 3 h ago`, or a dash before the first run. */
function lastRun(
  { last_run_at: at, last_run_status: status }: Automation,
  ago: string,
  wording?: typeof inWords,
): string {
  return at ? `${statusMark(status, wording)} ${ago}` : dash;
}

/** An automation with facts that its list item doesn't contain. */
export interface StateRow extends StateFacts {
  automation: Automation;
  /** True if the automation isn't in its list but may still exist. */
  isNotListed?: boolean;
  held?: Omit<IncidentBadge, "reason"> | undefined;
  /** Set if its runs were read. */
  failures?: Failures | undefined;
}

export const stateLooks: Readonly<Record<AutomationState, { sign: string; tone: Tone }>> = {
  unexpected: { sign: "▲", tone: "failing" },
  paused: { sign: statusMark("paused"), tone: "plain" },
  waiting: { sign: statusMark("waiting_on_human"), tone: "waiting" },
  failing: { sign: statusMark("error"), tone: "failing" },
  overdue: { sign: "!", tone: "waiting" },
  enabled: { sign: statusMark("enabled"), tone: "fine" },
};

const heldSign = "▣";

/** `◉ enabled`, `! overdue`, `○ paused · held by INC-42`. */
export const statusColumn = column<StateRow>(
  "status",
  (row) => [signed(row), ...heldWords(row)].join(" · "),
  {
    inWords: (row) => [wordOf(row, true) ?? statusText(undefined, inWords), ...heldWords(row)].join(", "),
    steps: {
      2: 27,
      6: (row) => (isHeld(row) ? `${signOf(row)} held` : signed(row)),
      16: { sign: (row) => signOf(row) + (isHeld(row) ? heldSign : "") },
      20: "hidden",
    },
    piped: (row) => [lookOf(row)?.word ?? dash, ...heldWords(row)].join(","),
    style: (text, row, style) => paintState(text, row, style),
  },
);

export function stateOfRow(row: StateRow): AutomationState | undefined {
  return stateOf(row.automation, row);
}

/** Fields that JSON adds to those from the API. */
export function stateJson(row: StateRow) {
  return {
    state: stateOfRow(row) ?? null,
    ...(row.held === undefined ? {} : { held_by: row.held.incident }),
    ...failuresJson(row.failures),
  };
}

export function failuresJson({ inARow, areMore }: Partial<Failures> = {}) {
  if (inARow === undefined) return {};
  return { failures_in_a_row: inARow, ...(areMore ? { failures_are_more: true } : {}) };
}

/** The state and its count: `failing ×9`, `failing ≥20 · waiting`, `waiting ×2`. No count if the runs weren't read. */
export function stateText(
  state: string,
  { failures, waiting }: { failures?: Failures | undefined; waiting: number },
  isInWords = false,
): string {
  const { inARow = 0, areMore } = failures ?? {};
  const times = isInWords
    ? ` ${areMore ? "at least " : ""}${inARow} times in a row`
    : ` ${areMore ? "≥" : "×"}${inARow}`;
  const waits = `waiting${waiting < 2 ? "" : isInWords ? `, ${waiting} runs` : ` ×${waiting}`}`;
  if (state === "waiting") return waits;
  const text = state === "failing" && inARow > 1 ? state + times : state;
  return waiting === 0 ? text : `${text}${isInWords ? ", " : " · "}${waits}`;
}

/** `! overdue · was due 2 Mar 08:30`, `○ paused · held by INC-42`, styled; in accessible mode without symbols. */
export function stateLine(row: StateRow, { now, style }: { now: Date; style: Style }): string {
  const state = stateOfRow(row);
  const text = style.isInWords ? (wordOf(row, true) ?? dash) : signed(row);
  const due =
    state === "overdue" && !row.isNotListed && row.dueMs !== undefined
      ? [`was due ${formatLocalBriefly(new Date(row.dueMs), now)}`]
      : [];
  return [paintState(text, row, style), ...due, ...heldWords(row)].join(factSeparator(style));
}

function signed(row: StateRow): string {
  const word = wordOf(row);
  return word === undefined ? dash : `${signOf(row)} ${word}`;
}

function wordOf(row: StateRow, isInWords?: boolean): string | undefined {
  const word = lookOf(row)?.word;
  const waiting = waitingRuns(row.automation, row.runs);
  return word && stateText(word, { failures: row.failures, waiting }, isInWords);
}

function signOf(row: StateRow): string {
  return lookOf(row)?.sign ?? statusMark(undefined);
}

function paintState(text: string, row: StateRow, style: Style): string {
  const look = lookOf(row);
  return look === undefined ? text : style[look.tone](text);
}

function lookOf(row: StateRow): { word: string; sign: string; tone: Tone } | undefined {
  // The last state known doesn't prove the present one.
  if (row.isNotListed) return { word: "not listed", sign: dash, tone: "waiting" };
  const state = stateOfRow(row);
  return state && { word: state, ...stateLooks[state] };
}

function isHeld({ held }: StateRow): boolean {
  return held !== undefined;
}

function heldWords(row: StateRow): string[] {
  if (row.held !== undefined) return [row.held.text];
  return row.automation.enabled === false && stateOfRow(row) === "waiting" ? ["paused"] : [];
}
