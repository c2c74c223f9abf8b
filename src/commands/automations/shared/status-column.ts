import type { Automation } from "../../../api/types.js";
import { enabledStatus, inWords, paintStatus, statusMark, statusText } from "../../../output/status.js";
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

/** Marks what a list lacks, where nobody could say whether it is there. */
export const notListedBadge: Badge = { word: "not listed", brief: "not listed", sign: "–", tone: "waiting" };

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
  cell: (row) => {
    const { showsStatus, status, badges, words } = partsOf(row);
    return showsStatus
      ? [statusText(status), ...words].join(" · ")
      : `${badges[0]?.sign} ${words.join(" · ")}`;
  },
  inWords: (row) => {
    const { showsStatus, status, words } = partsOf(row);
    return [...(showsStatus ? [statusText(status, inWords)] : []), ...words].join(", ");
  },
  priorities: [
    { order: 2, cutTo: 27 },
    {
      order: 6,
      cell: (row) => {
        const { showsStatus, status, badges } = partsOf(row);
        const [first] = badges;
        if (first === undefined) return statusText(status);
        return `${showsStatus ? statusMark(status) : first.sign} ${first.brief}`;
      },
    },
    {
      order: 16,
      isSign: true,
      cell: (row) => {
        const { showsStatus, status, badges } = partsOf(row);
        return [showsStatus ? statusMark(status) : "", ...badges.map(({ sign }) => sign)].join("");
      },
    },
    { order: 20, isHidden: true },
  ],
  piped: (row) => {
    const { status, words } = partsOf(row);
    return [textOrDash(status), ...words].join(",");
  },
  style: (text, row, style) => {
    const { status, badges } = partsOf(row);
    return badges[0] === undefined ? paintStatus(text, status, style) : style[badges[0].tone](text);
  },
};

/** The status, which a badge says where it isn't paused (what has a problem is enabled), and the badges. */
function partsOf({ automation, badges: more = [] }: StatusRow) {
  const unexpected = more.filter((badge) => badge === unexpectedBadge);
  const badges = [...new Set([...unexpected, ...lastRunBadges(automation), ...more])];
  const status = enabledStatus(automation);
  const showsStatus = status === "paused" || badges.length === 0;
  return { showsStatus, status, badges, words: badges.map(({ word }) => word) };
}
