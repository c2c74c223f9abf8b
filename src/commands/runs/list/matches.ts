import type { Message, Run } from "../../../api/types.js";
import { questionIn } from "../../../run-view/thread-text.js";

/** A line of a run in which a text was found. */
export interface Match {
  field: "error" | "output" | "question";
  /** As the API has it, without its end. */
  line: string;
}

/**
 * The lines of a run that a pattern is found in: of its error, of what its agent said, and of what it asks if it waits.
 * What people said isn't looked at. `messages`: undefined where there are none to be read.
 */
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
