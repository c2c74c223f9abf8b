import { rerunCommand } from "../command/rerun-command.js";
import { commandLine } from "../command-line/next-command.js";
import type { Context } from "../context/context.js";
import { mayBeChanged, wentWrong } from "../fleet/outcome.js";
import type { Printer } from "../output/printer.js";
import type { CheckedResults, Operation, Plan } from "./operation.js";
import { operationRows, printOutcome, printSingle, type Sent, wordCounts } from "./report.js";
import { printCounts, throwExitError } from "./rows/exit-error.js";
import { type EndedOperation, isWholeOutage } from "./rows/outage.js";
import { rowLine } from "./rows/rows.js";
import { sendAll } from "./send-all.js";

/** Sends a plan and reports its results. Throws what the exit code asks for. */
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

/** The command that does the rest, after one that checks what may be done and isn't done twice. */
function retryHint<Item, Answer>(
  context: Context,
  { subject, checkCommand }: Operation<Item, Answer>,
  { plan, results, rows }: Sent<Item, Answer>,
): string {
  const [unknown] =
    checkCommand === undefined ? [] : results.filter(({ outcome }) => outcome.result === "unknown");
  const checks =
    unknown && checkCommand ? [`${checkCommand(unknown.item)} shows whether it took effect`] : [];
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
  return [...checks, `${rerunCommand(context, again)} finishes it`].join("; ");
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
