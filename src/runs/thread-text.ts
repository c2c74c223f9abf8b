import type { Message, Run, Thread } from "../api/types.js";
import { fieldText, type RunEvent } from "./reduce.js";

/** A run's own messages, oldest first: by the run's id, or by time if no message has an id. */
export function messagesOf(
  thread: Thread,
  run: Pick<Run, "run_id" | "started_at" | "completed_at">,
): Message[] {
  if (thread.messages.some((message) => message.run_id)) {
    return thread.messages.filter((message) => message.run_id === run.run_id);
  }
  const from = Date.parse(run.started_at ?? "");
  const to = run.completed_at ? Date.parse(run.completed_at) : Number.POSITIVE_INFINITY;
  return thread.messages.filter(({ created_at }) => {
    const at = Date.parse(created_at ?? "");
    return at >= from && at <= to;
  });
}

/** Returns the last message, if it is from the agent. */
export function questionIn(messages: readonly Message[]): string | undefined {
  const last = messages.at(-1);
  return last?.role === "agent" && last.content?.trim() ? last.content : undefined;
}

/** True if the last message isn't from the agent: the run's waiting status is then older than the answer. */
export function isAnswered(messages: readonly Message[]): boolean {
  return messages.at(-1)?.role === "user" && messages.some((message) => message.role === "agent");
}

/** The texts from the agent, except questions, because those are shown separately. */
export function agentTexts(messages: readonly Message[], questions: readonly string[]): string[] {
  const remaining = [...questions];
  return messages.flatMap((message) => {
    const { role, content } = message;
    if (role !== "agent" || typeof content !== "string") return [];
    const at = remaining.indexOf(content);
    if (at < 0) return [content];
    remaining.splice(at, 1);
    return [];
  });
}

/** The text that follows `shown`; undefined if a part before or within that is missing. Ignores white space between. */
export function missingText(shown: string, texts: readonly string[]): string | undefined {
  let rest = shown;
  let missing = "";
  for (const text of texts) {
    const remaining = rest.trimStart();
    const expected = text.trim();
    if (remaining.startsWith(expected)) rest = remaining.slice(expected.length);
    else if (remaining === "") {
      const isStarted = rest !== "" && text.startsWith(rest);
      const before = missing || shown;
      const gap = before === "" || before.endsWith("\n") ? "" : "\n";
      missing += isStarted ? text.slice(rest.length) : gap + text;
      rest = "";
    } else if (text.trimStart().startsWith(remaining)) {
      missing += text.trimStart().slice(remaining.length);
      rest = "";
    } else return undefined;
  }
  return missing;
}

/** The number of equal characters from which it can't be a coincidence. */
const leastOverlap = 16;

/**
 * Removes from the events the text that ends `earlier`, which was read from the thread while they arrived: all of it,
 * or a stretch that is too long to be a coincidence.
 */
export function withoutOverlap(earlier: string, events: readonly RunEvent[]): RunEvent[] {
  const text = events.map(deltaOf).join("");
  let overlap = overlapOf(earlier, text);
  if (overlap < text.length && overlap < leastOverlap) return [...events];
  return events.flatMap((event) => {
    const delta = deltaOf(event);
    const cut = Math.min(overlap, delta.length);
    overlap -= cut;
    if (cut === 0 || typeof event.data === "string") return [event];
    return cut === delta.length ? [] : [{ ...event, data: { ...event.data, delta: delta.slice(cut) } }];
  });
}

function overlapOf(earlier: string, text: string): number {
  for (let length = Math.min(earlier.length, text.length); length > 0; length -= 1) {
    if (earlier.endsWith(text.slice(0, length))) return length;
  }
  return 0;
}

function deltaOf(event: RunEvent): string {
  return event.event === "token" ? (fieldText(event.data, "delta") ?? "") : "";
}
