import type { ChangeItem } from "../../src/history/change.js";
import { type Cell, unless } from "./cell.js";
import { type Fault, nothingChanged, sentOnce, undoProblems } from "./faults.js";
import type { FaultTrial, Row } from "./matrix.js";

const inWords = ({ words }: Pick<Cell, "words">) => words.filter((word) => word !== "--json");
const rowsWith = (word: string, stdout: string) =>
  stdout.split("\n").filter((row) => row.split("\t").includes(word)).length;
const sum = (all: readonly { count: number }[]) => all.reduce((total, { count }) => total + count, 0);
const isDone = ({ result }: ChangeItem) => result === "done";
const isOfMany = ({ changes }: FaultTrial) => changes?.kind === "rows";
const undoLine = /^undo: herm undo c_\w{6}$/m;
const readBack = / · checked [\d:.TZ-]+: 0 (enabled|still paused)$/m;

/** Names the automation and its result. */
function isWhole({ automation_id = "", name, ...row }: Partial<Row> & { deployment_id?: string }): boolean {
  const ids = `${row.deployment_id} ${automation_id}`;
  return /^dep_\w+ auto_\w+$/.test(ids) && name !== undefined && row.result !== undefined;
}

/** The output of each way of calling, apart from its effect. */
export const modes: Readonly<Record<string, Fault>> = {
  "as JSON": {
    befall: () => ({}),
    codes: { one: [0] },
    check: async (outcome, cell) => {
      const rows: Row[] = isOfMany(cell.trial) ? JSON.parse(outcome.stdout) : [];
      return [
        ...unless(rows.every(isWhole), "has a row that isn't whole"),
        ...unless(cell.trial.isFinished?.(outcome.after, cell.place) !== false, "isn't finished"),
        ...sentOnce(outcome),
        ...(await undoProblems(outcome, cell)),
      ];
    },
  },
  "in a pipe": {
    // Only apply has rows just on request.
    befall: (cell) => ({ words: [...inWords(cell), ...(cell.words[0] === "apply" ? ["-o", "table"] : [])] }),
    codes: { one: [0] },
    check: ({ stdout, stderr, items }, { trial, words }) => {
      const lines = stderr.trimEnd().split("\n");
      const counted = (trial.changes?.kind === "rows" ? trial.changes.words : [])
        .map((word) => ({ word: trial.counted ?? word, count: rowsWith(word, stdout) }))
        .filter(({ count }) => count > 0);
      const isSaid = ({ word, count }: { word: string; count: number }) =>
        lines.some((line) => line.split(" · ").includes(`${count} ${word}`));
      return [
        ...unless(!words.includes("--incident=INC-1") || readBack.test(stderr), "wasn't read back"),
        ...unless(counted.every(isSaid), "doesn't count on stderr"),
        ...unless(!isOfMany(trial) || sum(counted) === items.filter(isDone).length, "hasn't a row for each"),
        ...unless(!trial.isUndone || undoLine.test(lines.at(-1) ?? ""), "doesn't end with how to undo it"),
      ];
    },
  },
  "with --quiet": {
    befall: (cell) => ({ words: [...inWords(cell), "--quiet"] }),
    codes: { one: [0] },
    check: ({ stdout, stderr }) => [
      ...unless(stderr === "", "isn't silent"),
      ...unless(stdout !== "", "says nothing"),
    ],
  },
  "with --dry-run": {
    isFor: ({ hasNoDryRun }) => hasNoDryRun !== true,
    befall: (cell) => ({ words: [...inWords(cell).filter((word) => word !== "--yes"), "--dry-run"] }),
    codes: { one: [0] },
    check: (outcome) => [
      ...nothingChanged(outcome),
      ...unless(
        outcome.passages.every(({ method }) => method === "GET"),
        "sends something",
      ),
      ...unless(outcome.items.length === 0, "is in the history"),
      ...unless(outcome.stdout !== "", "doesn't show what it would do"),
    ],
  },
  "on a terminal": {
    befall: (cell) => ({ words: inWords(cell), tty: true, columns: 80 }),
    codes: { one: [0] },
    check: ({ stdout, stderr }, { trial }) =>
      unless(!trial.isUndone || undoLine.test(`${stdout}${stderr}`), "doesn't say how to undo it"),
  },
};
