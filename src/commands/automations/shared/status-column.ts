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
  /** What an open incident or a monitor's flag says of it. */
  badges?: readonly Badge[];
}

/** What a list says of an automation beside whether it is enabled. */
export interface Badge {
  word: string;
  /** The same in one word. */
  brief: string;
  /** In one column. */
  sign: string;
  tone: Tone;
}

/** Its last run ended in error. */
export const failingBadge: Badge = {
  word: "failing",
  brief: "failing",
  sign: statusMark("error"),
  tone: "failing",
};

/** Its schedule started a run although it was paused. */
export const unexpectedBadge: Badge = { word: "unexpected", brief: "unexpected", sign: "▲", tone: "failing" };

/** Its last run waits for a human. */
export const waitingBadge: Badge = {
  word: "waiting",
  brief: "waiting",
  sign: statusMark("waiting_on_human"),
  tone: "waiting",
};

/** How late a run may be unless told otherwise. */
export const usualGraceMs = 15 * 60_000;

/** It should have run and didn't, as far as its schedule tells. */
export const lateBadge: Badge = { word: "late (estimate)", brief: "late", sign: "!", tone: "waiting" };

/** An open incident has paused it: `held by INC-42`. */
export function heldBadge({ text }: Pick<IncidentBadge, "text">): Badge {
  return { word: text, brief: "held", sign: "▣", tone: "plain" };
}

/** What its last run says, as a list has it. */
export function lastRunBadges({ last_run_status: last }: Automation): Badge[] {
  if (last === "error") return [failingBadge];
  return last === "waiting_on_human" ? [waitingBadge] : [];
}

/** `◉ enabled`, `○ paused`, and in their place or beside it what is wrong: `✗ failing`, `○ paused · held by INC-42`. */
export function statusColumn({
  cut,
  oneWord,
  oneMark,
  goes,
}: Record<"cut" | "oneWord" | "oneMark" | "goes", number>): Column<StatusRow> {
  return {
    key: "status",
    title: "STATUS",
    cell: inWords,
    inWords: (row) =>
      badgesOf(row).reduce(
        (text, { word }) => (text === "" ? word : `${text}, ${word}`),
        showsEnabled(row) ? statusText(enabledStatus(row.automation), inWordsAlone) : "",
      ),
    priorities: [
      { order: cut, cutTo: 27 },
      { order: oneWord, cell: inOneWord },
      { order: oneMark, isSign: true, cell: inOneMark },
      { order: goes, isHidden: true },
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
}

function inWords(row: StatusRow): string {
  const badges = badgesOf(row);
  const words = badges.map(({ word }) => word);
  if (showsEnabled(row)) return [statusText(enabledStatus(row.automation)), ...words].join(" · ");
  const [first] = badges;
  return first === undefined ? "" : `${first.sign} ${words.join(" · ")}`;
}

/** The sign of whether it is paused, and the word of what else there is. */
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

/** Not where something is wrong with what is enabled, which says so by itself. */
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
