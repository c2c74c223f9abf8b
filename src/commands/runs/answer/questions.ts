import type { Context } from "../../../context.js";
import { groupBy } from "../../../manifest/group-by.js";
import { counted } from "../../../output/count.js";
import { safe } from "../../../output/safe.js";
import type { Style } from "../../../output/style.js";
import { foldParts } from "../../../output/text/fold.js";
import { textOrDash } from "../../../output/value-text.js";
import { markedQuestion } from "../../../run-view/plain-lines.js";
import { questionIn } from "../../../run-view/thread-text.js";
import type { RunRow } from "../../../runs/run-row.js";
import { readMessagesOfMany } from "../shared/messages.js";

export interface AskingRun {
  row: RunRow;
  question: string | undefined;
  error?: unknown;
}

export async function readQuestions(context: Context, rows: readonly RunRow[]): Promise<AskingRun[]> {
  const looked = await readMessagesOfMany(context, rows, {
    select: (_, messages = []) => questionIn(messages),
  });
  return looked.map(({ row, value: question, error }) => ({ row, question, error }));
}

const mostNamed = 5;

/** Groups the runs by question, the most frequent first. */
export function renderQuestions(
  runs: readonly AskingRun[],
  { isFleet, style, width }: { isFleet: boolean; style: Style; width: number | undefined },
): string[] {
  const groups = [...groupBy(runs, ({ question = "" }) => question)];
  groups.sort(([, one], [, other]) => other.length - one.length);
  return groups.flatMap(([question, asking]) => {
    const rows = asking.map(({ row }) => row);
    const asked = markedQuestion(question, { style, width: width && Math.max(12, width) });
    const names = rows.slice(0, mostNamed).map((row) => runName(row, { isFleet }));
    const more = rows.length > mostNamed ? [`… and ${rows.length - mostNamed} more`] : [];
    const who = foldParts([`  ${counted(rows.length, "run")}`, ...names, ...more], { width });
    return [...asked, who];
  });
}

function runName({ automation, deployment_name, deployment_id }: RunRow, { isFleet }: { isFleet: boolean }) {
  const name = textOrDash(automation.name);
  return safe(isFleet ? `${deployment_name ?? deployment_id}/${name}` : name, "cell");
}
