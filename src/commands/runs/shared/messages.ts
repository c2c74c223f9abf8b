import { innerController } from "../../../api/abort.js";
import { ApiError } from "../../../api/errors.js";
import type { Message } from "../../../api/types.js";
import type { Context } from "../../../context.js";
import { errorOf } from "../../../fleet/outcome.js";
import { execute } from "../../../fleet/worker-pool.js";
import { messagesOf } from "../../../run-view/thread-text.js";
import type { RunRow } from "../../../runs/run-row.js";

/** What ends the reading is the `signal`. */
type Reader = Pick<Context, "client" | "signal">;

/** The run's messages in its thread, oldest first; undefined if it has no thread that is known or there any more. */
export async function readMessages(context: Reader, row: RunRow): Promise<Message[] | undefined> {
  const [thread] = threadsOf([row]);
  return thread === undefined ? undefined : (await readThread(context, thread))(row);
}

/** A thread with those of some runs that are in it. */
export interface RunThread {
  deployment_id: string;
  thread_id: string;
  rows: readonly RunRow[];
}

/** The threads of these runs, each once, in the order of their first runs; a run whose thread isn't known has none. */
export function threadsOf(rows: readonly RunRow[]): RunThread[] {
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

/** A run, and what was made of its messages; without a value why they could not be read. */
export interface WithMessages<Value> {
  row: RunRow;
  value?: Value;
  error?: unknown;
}

/** How many rows are enough, and which count. */
interface Enough<Value> {
  limit: number;
  counts(value: Value): boolean;
}

interface ManyMessagesOptions<Value> {
  /** Called with undefined for a run that has no thread that is known or there any more. Only its value is kept. */
  select(row: RunRow, messages: Message[] | undefined): Value;
  /** Set: no thread is begun when the first rows that count are known to be these. */
  enough?: Enough<Value> | undefined;
  concurrency?: number | undefined;
  /** A thread is over, be it that it could not be read. */
  onThread?: (() => void) | undefined;
}

/**
 * Looks at the messages of many runs, several threads at once and each read once; what can't be read doesn't stop the
 * others. In the order of the rows; those that weren't looked at, since there were enough, are left out.
 */
export async function readMessagesOfMany<Value>(
  context: Context,
  rows: readonly RunRow[],
  { select, enough, concurrency, onThread }: ManyMessagesOptions<Value>,
): Promise<WithMessages<Value>[]> {
  const reader = await context.client();
  const threads = threadsOf(rows);
  const read = new Map<RunRow, WithMessages<Value>>();
  const withThread = new Set(threads.flatMap((thread) => thread.rows));
  for (const row of rows) if (!withThread.has(row)) read.set(row, { row, value: select(row, undefined) });
  const reading = innerController(context.signal);
  const first = enough && new FirstRows(rows, enough);
  await execute<RunThread, WithMessages<Value>[]>({
    items: threads,
    signal: reading.signal,
    concurrency,
    deploymentOf: ({ deployment_id }) => deployment_id,
    outageRetry: reader.outageRetry,
    reader,
    run: async (thread) => {
      const messages = await readThread(context, thread);
      return {
        result: "done",
        value: thread.rows.map((row) => ({ row, value: select(row, messages(row)) })),
      };
    },
    onOutcome: (thread, outcome) => {
      if (outcome.result === "skipped" && first?.areFound) return;
      const error = errorOf(outcome);
      const ofThread = "value" in outcome ? outcome.value : thread.rows.map((row) => ({ row, error }));
      for (const each of ofThread) read.set(each.row, each);
      onThread?.();
      first?.select(read);
      if (first?.areFound) reading.abort();
    },
  }).finally(() => reading.abort());
  context.signal.throwIfAborted();
  return rows.flatMap((row) => read.get(row) ?? []);
}

/** Whether the first rows that count are found: all before them were looked at. */
class FirstRows<Value> {
  #next = 0;
  #found = 0;

  constructor(
    private readonly rows: readonly RunRow[],
    private readonly enough: Enough<Value>,
  ) {}

  select(read: ReadonlyMap<RunRow, WithMessages<Value>>): void {
    for (; !this.areFound; this.#next += 1) {
      const each = read.get(this.rows[this.#next] as RunRow);
      if (each === undefined) return;
      if (each.value !== undefined && this.enough.counts(each.value)) this.#found += 1;
    }
  }

  get areFound(): boolean {
    return this.#found >= this.enough.limit;
  }
}
