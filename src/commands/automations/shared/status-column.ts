import type { Automation } from "../../../api/types.js";
import {
  enabledStatus,
  inWords as inWordsAlone,
  paintStatus,
  statusMark,
  statusText,
} from "../../../output/status.js";
import type { Tone } from "../../../output/style.js";
import type { Column } from "../../../output/table.js";
import { textOrDash } from "../../../output/value-text.js";
import type { IncidentBadge } from "./incident-badges.js";

interface StatusRow {
  automation: Automation;
  badges?: readonly Badge[];
}

export interface Badge {
  word: string;
  brief: string;
  sign: string;
  tone: Tone;
}

export const failingBadge: Badge = {
  word: "failing",
  brief: "failing",
  sign: statusMark("error"),
  tone: "failing",
};

/** Marks a run that its schedule started although it was paused. */
export const unexpectedBadge: Badge = { word: "unexpected", brief: "unexpected", sign: "▲", tone: "failing" };

export const waitingBadge: Badge = {
  word: "waiting",
  brief: "waiting",
  sign: statusMark("waiting_on_human"),
  tone: "waiting",
};

/** Milliseconds that a run may be late by default. */
export const usualGraceMs = 15 * 60_000;

/** Marks a run that is missing by its schedule. */
export const lateBadge: Badge = { word: "late (estimate)", brief: "late", sign: "!", tone: "waiting" };

export function heldBadge({ text }: Pick<IncidentBadge, "text">): Badge {
  return { word: text, brief: "held", sign: "▣", tone: "plain" };
}

export function lastRunBadges({ last_run_status: last }: Automation): Badge[] {
  if (last === "error") return [failingBadge];
  return last === "waiting_on_human" ? [waitingBadge] : [];
}

/** `◉ enabled`, `○ paused`, and in their place or beside it what is wrong: `✗ failing`, `○ paused · held by INC-42`. */
export const statusColumn: Column<StatusRow> = {
  key: "status",
  title: "STATUS",
  cell: inWords,
  inWords: (row) =>
    badgesOf(row).reduce(
      (text, { word }) => (text === "" ? word : `${text}, ${word}`),
      showsEnabled(row) ? statusText(enabledStatus(row.automation), inWordsAlone) : "",
    ),
  priorities: [
    { order: 2, cutTo: 27 },
    { order: 6, cell: inOneWord },
    { order: 16, isSign: true, cell: inOneMark },
    { order: 20, isHidden: true },
  ],
  piped: (row) =>
    [textOrDash(enabledStatus(row.automation)), ...badgesOf(row).map(({ word }) => word)].join(","),
  style: (text, row, style) => {
    const [badge] = badgesOf(row);
    return badge === undefined
      ? paintStatus(text, enabledStatus(row.automation), style)
      : style[badge.tone](text);
  },
};

function inWords(row: StatusRow): string {
  const badges = badgesOf(row);
  const words = badges.map(({ word }) => word);
  if (showsEnabled(row)) return [statusText(enabledStatus(row.automation)), ...words].join(" · ");
  const [first] = badges;
  return first === undefined ? "" : `${first.sign} ${words.join(" · ")}`;
}

function inOneWord(row: StatusRow): string {
  const status = enabledStatus(row.automation);
  const [first] = badgesOf(row);
  const showsState = showsEnabled(row);
  if (first === undefined) return showsState ? statusText(status) : "";
  return `${showsState ? statusMark(status) : first.sign} ${first.brief}`;
}

function inOneMark(row: StatusRow): string {
  const signs = badgesOf(row).map(({ sign }) => sign);
  return [showsEnabled(row) ? statusMark(enabledStatus(row.automation)) : "", ...signs].join("");
}

/** True unless a badge says it: what has a problem is enabled. */
function showsEnabled(row: StatusRow): boolean {
  return enabledStatus(row.automation) === "paused" || badgesOf(row).length === 0;
}

function badgesOf({ automation, badges = [] }: StatusRow): Badge[] {
  const all = [
    ...badges.filter((badge) => badge === unexpectedBadge),
    ...lastRunBadges(automation),
    ...badges,
  ];
  return [...new Set(all)];
}
