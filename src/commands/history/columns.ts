import type { Change } from "../../history/change.js";
import type { Column } from "../../output/table.js";
import { ago, agoBriefly, formatRfc3339 } from "../../output/time.js";
import { whatText } from "./change-text.js";

export function historyColumns(now: Date): Column<Change>[] {
  return [
    {
      key: "id",
      title: "ID",
      cell: ({ id }) => id,
      concessions: [
        { turn: 9, cutTo: 20 },
        { turn: 14, cutTo: 9 },
      ],
    },
    {
      key: "when",
      title: "AGO",
      cell: ({ at }) => agoBriefly(at, now),
      inWords: ({ at }) => ago(at, now),
      concessions: [{ turn: 12, goes: true }],
      piped: ({ at }) => formatRfc3339(new Date(at)),
    },
    {
      key: "who",
      title: "WHO",
      cell: ({ by }) => by.user,
      concessions: [
        { turn: 5, cutTo: 10 },
        { turn: 8, goes: true },
      ],
      piped: ({ by }) => `${by.user}@${by.host}`,
    },
    {
      key: "what",
      title: "WHAT",
      cell: whatText,
      concessions: [
        { turn: 1, cutTo: 60 },
        { turn: 6, cutTo: 40 },
        { turn: 10, cutTo: 24 },
        { turn: 13, cutTo: 1 },
      ],
    },
    {
      key: "reason",
      title: "REASON",
      cell: ({ reason }) => reason ?? "",
      concessions: [
        { turn: 2, cutTo: 40 },
        { turn: 4, cutTo: 24 },
        { turn: 7, cutTo: 14 },
        { turn: 11, goes: true },
      ],
    },
  ];
}

/** A change whole; what isn't there is null where a reader expects it. */
export function changeJson(change: Change): object {
  return { ...change, reason: change.reason ?? null };
}
