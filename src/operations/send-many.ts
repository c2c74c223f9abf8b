/** Sends many items, and looks for changes whose response was lost. */

import type { CallOptions } from "../api/request-options.js";
import { rerunCommand } from "../command/rerun-command.js";
import { commandLine } from "../command-line/next-command.js";
import type { Context } from "../context/context.js";
import { mayBeUnfinished } from "../errors/exit-code.js";
import { type ItemResult, mayBeChanged, type Success, wentWrong } from "../fleet/outcome.js";
import { readMany } from "../fleet/read-many.js";
import { execute } from "../fleet/worker-pool.js";
import type { Printer } from "../output/printer.js";
import type { CheckedResults, Journal, Operation, OperationInput, Plan, SendTools } from "./operation.js";
import { operationRows, printOutcome, printSingle, type Sent, wordCounts } from "./print-results.js";
import { type EndedOperation, isWholeOutage, printCounts, throwExitError } from "./rows/exit-error.js";
import { openProgress } from "./rows/progress.js";
import { rowLine } from "./rows/result-rows.js";
import { idOf } from "./sending/items.js";
import { type LostChange, lookAt, lookForMany, type SettleLater } from "./sending/lost-changes.js";
import { OpenChange } from "./sending/open-change.js";

/** Sends a plan and reports its results. Throws the error for the exit code. */
export async function sendMany<Item, Answer>(
  context: Context,
  operation: Operation<Item, Answer>,
  { plan, printer, isPlanShown }: { plan: Plan<Item>; printer: Printer; isPlanShown: boolean },
): Promise<void> {
  const { words, isSingle } = operation;
  const isShownByPlan = plan.view !== undefined && plan.items.length === 0;
  await operation.beforeSending?.(plan);
  const { results, change } = await sendAll(context, operation, { plan, printer });
  const readBack = await operation.readBack?.(results, plan);
  const found = readBack?.found;
  const rows = operationRows(operation, { plan, results }, found);
  const sent = { plan, results, rows: [...rows, ...(found?.more?.rows ?? [])] };
  const hint = () => retryHint(context, operation, sent);
  const ending: EndedOperation = {
    ...sent,
    messages: found?.messages,
    done: words.done,
    total: plan.items.length,
    isSingle: isSingle || plan.isOneItem === true,
    hint,
  };
  const isOutage = isWholeOutage(ending);
  const reported = await operation.fileView?.report(results, plan);
  if (reported === undefined && (!printer.isForPerson || !isOutage)) {
    const isOne = await printSingle(operation, sent);
    if (!isOne) await printOutcome(printer, operation, { ...sent, isPlanShown });
  }
  if (printer.closed) for (const row of sent.rows.filter(wentWrong)) printer.err(`${rowLine(row)}\n`);
  if (!isOutage && reported !== "all" && !(isShownByPlan && found === undefined))
    await printCounts(printer, {
      changes: [...wordCounts(words, rows), ...(found?.more?.counts ?? []), ...unread(found)],
      found: found?.what === undefined ? undefined : { at: found.at, what: found.what },
    });
  const unmet = readBack?.after(isOutage) ?? (await operation.after?.({ plan, results, isOutage }));
  const isUndone = operation.canBeUndone && change.isRecorded;
  if (isUndone && results.some(({ outcome }) => mayBeChanged(outcome)))
    printer.note(`undo: ${commandLine(context, ["undo", change.id])}`);
  const failure = results.length === 0 ? plan.failure?.(hint()) : undefined;
  if (failure !== undefined) throw failure;
  throwExitError(context, ending);
  if (unmet !== undefined) throw unmet;
  if (plan.incomplete !== undefined) throw plan.incomplete;
}

function unread(found: CheckedResults | undefined): string[] {
  return found !== undefined && found.what === undefined ? ["nothing could be checked"] : [];
}

/** Returns the command for the rest, after one that checks items that mustn't be repeated. */
function retryHint<Item, Answer>(
  context: Context,
  { subject, checkCommand }: Operation<Item, Answer>,
  { plan, results, rows }: Sent<Item, Answer>,
): string {
  const [unknown] =
    checkCommand === undefined ? [] : results.filter(({ outcome }) => outcome.result === "unknown");
  const checks =
    unknown && checkCommand ? [`to see whether it took effect: ${checkCommand(unknown.item)}`] : [];
  const rest = results.filter(
    ({ outcome }) => !("value" in outcome || (unknown !== undefined && outcome.result === "unknown")),
  );
  if (rest.length === 0 && checks.length > 0) return checks.join();
  const refs = rest.map(({ item }) => plan.names.ref(subject(item)));
  const byRefs = { arguments: refs, deployments: [], flags: noSelection };
  const remaining = rows.filter((row) => wentWrong(row) || row.result === "not started");
  const byPlan = typeof plan.retryCommand === "function" ? plan.retryCommand(remaining) : plan.retryCommand;
  const again = plan.retriesByRefs ? byRefs : byPlan;
  if (typeof again === "string") return again;
  return [...checks, `to finish it: ${rerunCommand(context, again)}`].join("; ");
}

const noSelection = {
  all: undefined,
  customer: undefined,
  allDeployments: undefined,
  match: undefined,
  except: undefined,
  failing: undefined,
  failures: undefined,
};

type PlannedItems<Item> = Pick<Plan<Item>, "items" | "changeOptions">;

interface Sendable<Item, Answer, Planned>
  extends Pick<Operation<Item, Answer>, "words" | "subject" | "toHistoryItem" | "triesEveryDeployment"> {
  input: Pick<OperationInput, "concurrency">;
  journal?: Journal<Item, Answer, Planned> | undefined;
  send(item: Item, tools: SendTools, plan: Planned): Promise<Success<Answer>>;
}

/** Records and sends items, several at once, with a bar. Continues after failures; Ctrl-C lets sent items finish. */
export async function sendAll<Item, Answer, Planned extends PlannedItems<Item>>(
  context: Context,
  operation: Sendable<Item, Answer, Planned>,
  { plan, printer }: { plan: Planned; printer: Printer },
): Promise<{ results: ItemResult<Item, Answer>[]; change: OpenChange }> {
  const { words, input, subject, journal } = operation;
  const { outageRetry } = await context.client();
  const progress = openProgress(context, printer, { verb: words.doing, total: plan.items.length });
  const change = new OpenChange(context, plan.changeOptions);
  const lost = new LostChanges<Item, Answer>(context, input.concurrency);
  try {
    const items = operation.toHistoryItem === undefined ? [] : plan.items.map(operation.toHistoryItem);
    await journal?.begin(change.id, items, plan);
    const added = journal === undefined ? await change.add(items) : [];
    const recorded = new Map(added.map((each, at) => [plan.items[at], each]));
    const results = await execute<Item, Answer>({
      items: plan.items,
      signal: context.signal,
      concurrency: input.concurrency,
      deploymentOf: (item) => subject(item).deployment_id,
      triesEveryDeployment: operation.triesEveryDeployment,
      outageRetry,
      onStart: (item) => journal?.recordSending(item),
      run: (item) =>
        lost.run(item, (settleLater) => {
          const resend = journal && ((state: { isLost: boolean }) => journal.recordSending(item, state));
          const tools = { change, recorded: recorded.get(item), resend, settleLater };
          return operation.send(item, tools, plan);
        }),
      onOutcome: (item, outcome) => {
        const print = () => progress.item(outcome.result === "failed");
        if (journal === undefined) print();
        else journal.recordOutcome(item, outcome, print);
      },
    });
    await journal?.end();
    progress.finish();
    return { results: await lost.settle(results), change };
  } finally {
    progress.finish();
    await change.close();
    await journal?.close();
  }
}

interface OpenLost extends LostChange<unknown> {
  settle(found: readonly unknown[]): void;
}

/** Frees the workers of changes with lost responses, and looks for all of them after the others. */
export class LostChanges<Item, Answer> {
  readonly #open = new Set<OpenLost>();
  readonly #sendings = new Map<Item, Promise<Success<Answer>>>();
  /** The times of the last lost change. */
  #times: { sentMs: number; failedMs: number } | undefined;
  #isOver = false;

  constructor(
    private readonly context: Context,
    private readonly concurrency: number | undefined,
  ) {}

  /** Rejects if the response for the item is lost; `settle` then continues with it. */
  run(item: Item, send: (settleLater: SettleLater) => Promise<Success<Answer>>): Promise<Success<Answer>> {
    return new Promise((resolve, reject) => {
      const sending = send((lost, error) => {
        if (this.#isOver) return Promise.resolve([]);
        this.#sendings.set(item, sending);
        this.#times = { sentMs: lost.sentMs, failedMs: this.context.monotonic() };
        reject(error);
        return new Promise((settle) => this.#open.add({ ...lost, settle: settle as OpenLost["settle"] }));
      });
      sending.then(resolve, reject);
    });
  }

  /** Looks for open changes until they are found or can no longer take effect; returns the final results. */
  async settle(results: ItemResult<Item, Answer>[]): Promise<ItemResult<Item, Answer>[]> {
    if (this.#times === undefined) return results;
    const { context } = this;
    const look = (options: CallOptions & { signal: AbortSignal }) => this.#look(options);
    await lookForMany(context, { ...this.#times, count: this.#open.size, look }).catch((error: unknown) => {
      if (!context.signal.aborted) throw error;
    });
    this.#isOver = true;
    for (const { settle } of this.#open) settle([]);
    return Promise.all(
      results.map(async ({ item, outcome }) => {
        const settled = this.#sendings.get(item)?.catch((error: unknown) => {
          return { result: mayBeUnfinished(error) ? ("unknown" as const) : ("failed" as const), error };
        });
        return { item, outcome: (await settled) ?? outcome };
      }),
    );
  }

  async #look(options: CallOptions & { signal: AbortSignal }): Promise<boolean> {
    const { concurrency } = this;
    const look = await lookAt(this.context, options, { listsFirst: true });
    const { client } = look;
    const found = await readMany([...this.#open], {
      ...{ client, signal: options.signal, concurrency },
      read: ({ find }) => find(look),
    });
    options.signal.throwIfAborted();
    const taken = new Set<string>();
    for (const { item: lost, outcome } of found) {
      const free = "value" in outcome ? outcome.value.filter((each) => !taken.has(idOf(each) ?? "")) : [];
      if (free.length === 0) continue;
      if (free.length === 1) taken.add(idOf(free[0]) ?? "-");
      this.#open.delete(lost);
      lost.settle(free);
    }
    return this.#open.size === 0;
  }
}
