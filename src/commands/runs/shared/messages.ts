import { ApiError } from "../../../api/errors.js";
import type { Message } from "../../../api/types.js";
import type { Context } from "../../../context/context.js";
import { errorOf } from "../../../fleet/outcome.js";
import { execute } from "../../../fleet/worker-pool.js";
import type { RunRow } from "../../../runs/run-row.js";
import { messagesOf, questionIn } from "../../../runs/thread-text.js";

type Reader = Pick<Context, "client" | "signal">;

export async function readMessages(context: Reader, row: RunRow): Promise<Message[] | undefined> {
  const [thread] = threadsOf([row]);
  return thread === undefined ? undefined : (await readThread(context, thread))(row);
}

interface RunThread {
  deployment_id: string;
  thread_id: string;
  rows: readonly RunRow[];
}

/** Groups runs by thread; leaves out those without a known thread. */
function threadsOf(rows: readonly RunRow[]): RunThread[] {
  const threads = new Map<string, RunThread & { rows: RunRow[] }>();
  for (const row of rows) {
    const { deployment_id, automation, run } = row;
    const thread_id = run.thread_id ?? automation.thread_id;
    if (!thread_id) continue;
    const key = `${deployment_id}/${thread_id}`;
    const thread = threads.get(key);
    if (thread === undefined) threads.set(key, { deployment_id, thread_id, rows: [row] });
    else thread.rows.push(row);
  }
  return [...threads.values()];
}

type MessagesOf = (row: RunRow) => Message[] | undefined;

async function readThread(
  context: Reader,
  { deployment_id, thread_id }: Pick<RunThread, "deployment_id" | "thread_id">,
): Promise<MessagesOf> {
  const client = await context.client();
  try {
    const thread = await client.threads.get(deployment_id, thread_id, { signal: context.signal });
    return ({ run }) => messagesOf(thread, run);
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return () => undefined;
    throw error;
  }
}

export interface AskingRun {
  row: RunRow;
  question?: string | undefined;
  error?: unknown;
}

/** Reads each run's question once, several at a time, despite failures. A run without a known thread has none. */
export async function readQuestionsOf(context: Context, rows: readonly RunRow[]): Promise<AskingRun[]> {
  const reader = await context.client();
  const read = new Map<RunRow, AskingRun>();
  await execute<RunThread, AskingRun[]>({
    items: threadsOf(rows),
    signal: context.signal,
    deploymentOf: ({ deployment_id }) => deployment_id,
    outageRetry: reader.outageRetry,
    reader,
    run: async (thread) => {
      const messages = await readThread(context, thread);
      return {
        result: "done",
        value: thread.rows.map((row) => ({ row, question: questionIn(messages(row) ?? []) })),
      };
    },
    onOutcome: (thread, outcome) => {
      const error = errorOf(outcome);
      const ofThread = "value" in outcome ? outcome.value : thread.rows.map((row) => ({ row, error }));
      for (const each of ofThread) read.set(each.row, each);
    },
  });
  context.signal.throwIfAborted();
  return rows.map((row) => read.get(row) ?? { row });
}
