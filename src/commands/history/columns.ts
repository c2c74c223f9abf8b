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
      priorities: [
        { order: 9, cutTo: 20 },
        { order: 14, cutTo: 9 },
      ],
    },
    {
      key: "when",
      title: "AGO",
      cell: ({ at }) => agoBriefly(at, now),
      inWords: ({ at }) => ago(at, now),
      priorities: [{ order: 12, isHidden: true }],
      piped: ({ at }) => formatRfc3339(new Date(at)),
    },
    {
      key: "who",
      title: "WHO",
      cell: ({ by }) => by.user,
      priorities: [
        { order: 5, cutTo: 10 },
        { order: 8, isHidden: true },
      ],
      piped: ({ by }) => `${by.user}@${by.host}`,
    },
    {
      key: "what",
      title: "WHAT",
      cell: whatText,
      priorities: [
        { order: 1, cutTo: 60 },
        { order: 6, cutTo: 40 },
        { order: 10, cutTo: 24 },
        { order: 13, cutTo: 1 },
      ],
    },
    {
      key: "reason",
      title: "REASON",
      cell: ({ reason }) => reason ?? "",
      priorities: [
        { order: 2, cutTo: 40 },
        { order: 4, cutTo: 24 },
        { order: 7, cutTo: 14 },
        { order: 11, isHidden: true },
      ],
    },
  ];
}

export function changeJson(change: Change): object {
  return { ...change, reason: change.reason ?? null };
}
