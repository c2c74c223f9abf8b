import { commandAgain } from "../../command/again.js";
import type { Context } from "../../context.js";
import { execute } from "../../fleet/crew.js";
import { type ItemResult, mayBeChanged, wentWrong } from "../../fleet/outcome.js";
import type { Printer } from "../../output/printer.js";
import { undoChange } from "../automations/shared/undo.js";
import { type FleetEnding, printCounts, throwEnding } from "../fleet/ending.js";
import { isWholeOutage } from "../fleet/outage.js";
import { openProgress } from "../fleet/progress.js";
import { progressLine } from "../fleet/rows.js";
import { type OpenChange, openChange, type RecordedItem } from "../sending/change.js";
import { openSenderOfMany } from "../sending/once.js";
import { lazy } from "./lazy.js";
import type { Found, Operation, Plan } from "./operation.js";
import { printOutcome, printSingle, resultRow, rowsOf, wordCounts } from "./report.js";

/** Sends what was planned, and reports what came of it. Throws what the exit code asks for. */
export async function sendMany<Item, Answer>(
  context: Context,
  operation: Operation<Item, Answer>,
  { plan, printer }: { plan: Plan<Item>; printer: Printer },
): Promise<void> {
  const { words, isSingle } = operation;
  const { results, change } = await sendAll(context, operation, { plan, printer });
  const found = await operation.readBack?.(results);
  const rows = rowsOf(operation, { plan, results, found });
  const all = [...rows, ...(found?.more?.rows ?? [])];
  const ending: FleetEnding = {
    rows: all,
    results,
    untold: found?.untold,
    done: words.done,
    planned: plan.items.length,
    isSingle: isSingle || plan.isAlone === true,
    hint: () => wayOn(context, operation, { plan, results }),
  };
  const isOutage = isWholeOutage(ending);
  if (!printer.isForPerson || !isOutage) {
    const isOne = await printSingle(operation, { plan, rows: all, results });
    if (!isOne) await printOutcome(printer, operation, { plan, rows: all });
  }
  if (!isOutage)
    await printCounts(printer, {
      changes: [...wordCounts(words, rows), ...(found?.more?.counts ?? []), ...unread(found)],
      found: found?.what === undefined ? undefined : { at: found.at, what: found.what },
    });
  await operation.after?.({ results, rows, isOutage, changeId: change.id });
  const isUndone = operation.canBeUndone && change.isRecorded;
  if (isUndone && results.some(({ outcome }) => mayBeChanged(outcome)))
    printer.note(`undo: ${undoChange(context, change.id)}`);
  throwEnding(context, ending);
  operation.refuse?.();
}

function unread(found: Found | undefined): string[] {
  return found !== undefined && found.what === undefined ? ["nothing could be read back"] : [];
}

/** The command that does the rest, and before it the one that checks what may have been done and isn't done twice. */
function wayOn<Item, Answer>(
  context: Context,
  { subject, check }: Operation<Item, Answer>,
  { plan, results }: { plan: Plan<Item>; results: readonly ItemResult<Item, Answer>[] },
): string {
  const [unknown] = check === undefined ? [] : results.filter(({ outcome }) => outcome.result === "unknown");
  const checks = unknown && check ? [`${check(unknown.item)} shows whether it took effect`] : [];
  const rest = results.filter(
    ({ outcome }) => !("value" in outcome || (unknown !== undefined && outcome.result === "unknown")),
  );
  if (rest.length === 0 && checks.length > 0) return checks.join();
  const refs = rest.map(({ item }) => plan.names.ref(subject(item)));
  const byRefs = { arguments: refs, deployments: [], flags: noSelection };
  const again = commandAgain(context, plan.isRestByRefs ? byRefs : plan.again);
  return [...checks, `${again} finishes it`].join("; ");
}

const noSelection = {
  all: undefined,
  customer: undefined,
  allDeployments: undefined,
  match: undefined,
  except: undefined,
};

async function sendAll<Item, Answer>(
  context: Context,
  operation: Operation<Item, Answer>,
  { plan, printer }: { plan: Plan<Item>; printer: Printer },
): Promise<{ results: ItemResult<Item, Answer>[]; change: OpenChange }> {
  const { words, input, subject, journal } = operation;
  const { persistence } = await context.client();
  const progress = openProgress(context, printer, { verb: words.doing, total: plan.items.length });
  const change = await openChange(context, plan.recorded);
  const sender = lazy(() => openSenderOfMany(context, { printer, progress }));
  try {
    await journal?.begin(change.id);
    const recorded = await recordAll(operation, { items: plan.items, change });
    const results = await execute<Item, Answer>({
      items: plan.items,
      signal: context.signal,
      concurrency: input.concurrency,
      deploymentOf: (item) => subject(item).deployment_id,
      triesEveryDeployment: operation.triesEveryDeployment,
      persistence,
      onStart: (item) => journal?.sent(item),
      run: (item) => operation.send(item, { change, sender: sender.get, recorded: recorded.get(item) }),
      onOutcome: (item, outcome) => {
        const tell = () =>
          progress.item(() => progressLine(resultRow(operation, { item, outcome })), wentWrong(outcome));
        if (journal === undefined) tell();
        else journal.over(item, outcome, tell);
      },
    });
    await journal?.end();
    return { results, change };
  } catch (error) {
    throw journal === undefined ? error : journal.explain(error);
  } finally {
    progress.finish();
    await sender.made()?.close();
    await change.close();
    await journal?.close();
  }
}

async function recordAll<Item, Answer>(
  { record }: Operation<Item, Answer>,
  { items, change }: { items: readonly Item[]; change: OpenChange },
): Promise<ReadonlyMap<Item, RecordedItem>> {
  if (record === undefined) return new Map();
  const recorded = await change.add(items.map((item) => record(item)));
  return new Map(recorded.map((each, at) => [items[at] as Item, each]));
}
