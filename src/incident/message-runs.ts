import { isUnderWay } from "../api/schema.js";
import type { Run } from "../api/types.js";
import { textOfError } from "../errors/cli-errors.js";
import { isOutcomeUnknown } from "../errors/exit-code.js";
import { errorOf, type Outcome } from "../fleet/outcome.js";
import { type ReadManyOptions, readMany } from "../fleet/read-many.js";
import type { MessageLine } from "../history/incident-lines.js";
import type { Ledger } from "./ledger.js";
import type { FleetItem } from "./pause-plan.js";

interface Messaging {
  ledger: Ledger;
  text: string;
  signal: AbortSignal;
  now(): Date;
  /** Sends the message at most once; throws an error with exit code 12 if its outcome is unknown. */
  send(message: {
    deployment_id: string;
    thread_id: string;
    run_id: string;
    content: string;
  }): Promise<{ run_id: string }>;
}

export interface MessagedRun {
  item: FleetItem;
  run_id: string;
  result: "sent" | "sent before" | "failed" | "unknown";
  reason?: string;
}

/** Reads these automations' unfinished runs; a failed read is `failed`, without a run. */
export async function readRunsToMessage(
  items: readonly FleetItem[],
  { client, ...reading }: Pick<ReadManyOptions<FleetItem, unknown>, "client" | "signal" | "concurrency">,
): Promise<{ runs: RunToMessage[]; unread: MessagedRun[] }> {
  const { signal } = reading;
  const read = ({ deployment_id, automation_id }: FleetItem) =>
    client.automations.get(deployment_id, automation_id, { signal });
  const results = await readMany(items, { client, ...reading, read });
  const runs = results.flatMap(({ item, outcome }) => {
    if (!("value" in outcome)) return [];
    const { recent_runs, thread_id } = outcome.value;
    const going = recent_runs.filter(isUnderWay);
    return going.map((run) => ({ item, run, going, thread_id: run.thread_id ?? thread_id ?? undefined }));
  });
  const unread = results.flatMap(({ item, outcome }) => unsentTo({ item, run_id: "" }, outcome));
  return { runs, unread };
}

/** Returns the result for a run that wasn't sent the message; none after Ctrl-C. */
export function unsentTo(
  run: Pick<MessagedRun, "item" | "run_id">,
  outcome: Outcome<unknown>,
): MessagedRun[] {
  if ("value" in outcome || (outcome.result === "skipped" && outcome.cause === undefined)) return [];
  return [{ ...run, result: "failed", reason: textOfError(errorOf(outcome)) }];
}

export interface RunToMessage {
  item: FleetItem;
  run: Run;
  thread_id: string | undefined;
  /** All unfinished runs of the automation, because if several share a thread, the API chooses the receiver. */
  going: readonly Run[];
}

/** Sends a message to a run, at most once per ledger. A run that is waiting for a human takes it as the answer. */
export async function messageRun(
  work: Messaging,
  { item, run, thread_id, going }: RunToMessage,
): Promise<MessagedRun> {
  const base = { item, run_id: run.run_id };
  const before = work.ledger.state?.messages.get(run.run_id);
  if (before === "sent") return { ...base, result: "sent before" };
  // It may have arrived, and a second message could do more harm than none.
  if (before === "sending" || before === "unknown") return { ...base, result: "unknown" };
  if (thread_id === undefined) return { ...base, result: "failed", reason: "the API didn't send its thread" };
  const { deployment_id } = item;
  const note = (result: MessageLine["message"]) =>
    work.ledger.write([{ message: result, at: work.now().toISOString(), deployment_id, run_id: run.run_id }]);
  note("sending");
  await work.ledger.flush();
  try {
    const answer = await work.send({
      deployment_id: item.deployment_id,
      thread_id,
      run_id: run.run_id,
      content: work.text,
    });
    note("sent");
    const isReceived = answer.run_id === run.run_id || answer.run_id === "";
    if (isReceived) return { ...base, result: "sent" };
    const isAnothers = going.some(({ run_id }) => run_id === answer.run_id);
    const reason = isAnothers
      ? `the message went to ${answer.run_id} in the same thread instead`
      : `the run had already ended, so the message started ${answer.run_id}`;
    return { ...base, result: "failed", reason };
  } catch (error) {
    // A message that the signal itself stopped didn't arrive.
    const isUnknown = error !== work.signal.reason && isOutcomeUnknown(error);
    note(isUnknown ? "unknown" : "failed");
    return { ...base, result: isUnknown ? "unknown" : "failed", reason: textOfError(error) };
  }
}
