import type { HermClient } from "../api/client.js";
import { isUnderWay } from "../api/run-status.js";
import type { Run } from "../api/types.js";
import { textOfError } from "../errors.js";
import { mayBeUnfinished } from "../exit-code.js";
import { errorOf, type ItemResult } from "../fleet/outcome.js";
import { execute } from "../fleet/worker-pool.js";
import type { MessageLine } from "../history/incident-lines.js";
import type { Ledger } from "./ledger.js";
import type { FleetItem } from "./pause-plan.js";

interface MessageRunsOptions {
  client: HermClient;
  ledger: Ledger;
  items: readonly FleetItem[];
  text: string;
  /** Sends the message at most once; throws an error of exit code 12 where its outcome isn't known. */
  send(message: {
    deployment_id: string;
    thread_id: string;
    run_id: string;
    content: string;
  }): Promise<{ run_id: string }>;
  concurrency?: number | undefined;
  signal: AbortSignal;
  now(): Date;
}

export interface MessagedRun {
  item: FleetItem;
  run_id: string;
  result: "sent" | "sent before" | "failed" | "unknown";
  reason?: string;
}

/**
 * Sends one message to each unfinished run; the ledger records it, so that no run gets it twice. A run that waits for a
 * human takes it as its answer. What can't be read is `failed`, without a run.
 */
export async function messageRuns(work: MessageRunsOptions): Promise<MessagedRun[]> {
  const { items, concurrency, signal } = work;
  const results = await execute<FleetItem, MessagedRun[]>({
    items,
    signal,
    concurrency,
    outageRetry: work.client.outageRetry,
    run: async (item) => ({ result: "done", value: await messageRunsOf(work, item) }),
  });
  await work.ledger.flush();
  return results.flatMap(resultsOf);
}

function resultsOf({ item, outcome }: ItemResult<FleetItem, MessagedRun[]>): MessagedRun[] {
  if ("value" in outcome) return outcome.value;
  if (outcome.result === "skipped" && outcome.cause === undefined) return [];
  return [{ item, run_id: "", result: "failed", reason: textOfError(errorOf(outcome)) }];
}

async function messageRunsOf(work: MessageRunsOptions, item: FleetItem): Promise<MessagedRun[]> {
  const { client, signal } = work;
  const detail = await client.automations.get(item.deployment_id, item.automation_id, { signal });
  const messaged: MessagedRun[] = [];
  const going = detail.recent_runs.filter(isUnderWay);
  for (const run of going) {
    if (signal.aborted) break;
    const thread_id = run.thread_id ?? detail.thread_id ?? undefined;
    messaged.push(await messageRun(work, { item, run, thread_id, going }));
  }
  return messaged;
}

interface RunToMessage {
  item: FleetItem;
  run: Run;
  thread_id: string | undefined;
  /** All unfinished runs of the automation: of several in one thread the API chooses the receiver. */
  going: readonly Run[];
}

async function messageRun(
  work: MessageRunsOptions,
  { item, run, thread_id, going }: RunToMessage,
): Promise<MessagedRun> {
  const base = { item, run_id: run.run_id };
  const before = work.ledger.state?.messages.get(run.run_id);
  if (before === "sent") return { ...base, result: "sent before" };
  // It may have arrived: a second message could do harm that silence doesn't.
  if (before === "sending" || before === "unknown") return { ...base, result: "unknown" };
  if (thread_id === undefined) return { ...base, result: "failed", reason: "the API doesn't say its thread" };
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
      ? `${answer.run_id}, in the same thread, got it instead`
      : `it had already ended, so the message started ${answer.run_id}`;
    return { ...base, result: "failed", reason };
  } catch (error) {
    // What the signal itself kept from being sent didn't arrive.
    const isUnknown = error !== work.signal.reason && mayBeUnfinished(error);
    note(isUnknown ? "unknown" : "failed");
    return { ...base, result: isUnknown ? "unknown" : "failed", reason: textOfError(error) };
  }
}
