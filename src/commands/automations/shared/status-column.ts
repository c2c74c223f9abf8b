import type { Automation } from "../../../api/types.js";
import { column } from "../../../output/columns.js";
import { inWords, statusMark, statusText } from "../../../output/status.js";
import { factSeparator, type Style, type Tone } from "../../../output/style.js";
import { formatLocalBriefly } from "../../../output/time.js";
import { dash } from "../../../output/value-text.js";
import type { Failures } from "../../../runs/failures.js";
import { type AutomationState, type StateFacts, stateOf, waitingRuns } from "../../../runs/state.js";
import type { IncidentBadge } from "./incident-badges.js";

/** An automation with what its list item doesn't say. */
export interface StateRow extends StateFacts {
  automation: Automation;
  /** True of what a list lacks, where nobody could say whether it is there. */
  isNotListed?: boolean;
  held?: Omit<IncidentBadge, "reason"> | undefined;
  /** Given where its runs were read. */
  failures?: Failures | undefined;
}

/** The sign and tone of each state. */
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

/** Fields that JSON adds to the API's own. */
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

/** The state and how often: `failing ×9`, `failing ≥20 · waiting`, `waiting ×2`; the word alone for unread runs. */
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

/** `! overdue · was due 2 Mar 08:30`, `○ paused · held by INC-42`, styled; in words without signs. */
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
  // What it was last says nothing of what it is.
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
