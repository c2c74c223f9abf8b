import type { Message, Run } from "../../../api/types.js";
import { questionIn } from "../../../run-view/thread-text.js";

export interface Match {
  field: "error" | "output" | "question";
  line: string;
}

/** Finds lines in a run's error, its agent's messages and its question, not in what people said. */
export function matchesIn(
  { run, messages = [] }: { run: Pick<Run, "status" | "error">; messages: readonly Message[] | undefined },
  pattern: RegExp,
): Match[] {
  const asks = run.status === "waiting_on_human" && questionIn(messages) !== undefined;
  const said = messages.flatMap(({ role, content }, at): [Match["field"], unknown][] => {
    if (role !== "agent") return [];
    return [[asks && at === messages.length - 1 ? "question" : "output", content]];
  });
  const texts: [Match["field"], unknown][] = [["error", run.error], ...said];
  return texts.flatMap(([field, text]) =>
    typeof text === "string" ? linesWith(text, pattern).map((line) => ({ field, line })) : [],
  );
}

function linesWith(text: string, pattern: RegExp): string[] {
  return text.split(/\r?\n/).filter((line) => line.search(pattern) >= 0);
}
