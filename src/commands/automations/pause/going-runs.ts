import { msOf } from "../../../api/schema.js";
import type { AutomationDetail } from "../../../api/types.js";
import type { Context } from "../../../context/context.js";
import { itemKey } from "../../../fleet/refs.js";
import { execute } from "../../../fleet/worker-pool.js";
import type { ScopeLine } from "../../../history/incident-lines.js";
import type { LedgerLine } from "../../../history/parse.js";
import type { Ledger } from "../../../incident/ledger.js";
import { instructionsHash, isPausedByIncident, type LedgerState } from "../../../incident/ledger-state.js";
import {
  type MessagedRun,
  messageRun,
  type RunToMessage,
  readRunsToMessage,
  unsentTo,
} from "../../../incident/message-runs.js";
import { isAsPaused } from "../../../incident/owners.js";
import type { FleetItem, PausePlan } from "../../../incident/pause-plan.js";
import { messageOf } from "../../../invocation/report.js";
import type { Plan } from "../../../operations/operation.js";
import type { Names } from "../../../operations/rows/names.js";
import type { TargetChoice } from "../../../operations/rows/read-scope.js";
import type { FleetRow } from "../../../operations/rows/rows.js";
import { RunsReader, type RunsUnderWay } from "../../../operations/rows/runs-reader.js";
import { type FleetSession, readIncidentRuns } from "../../../operations/rows/session.js";
import { sinceText } from "../../../operations/rows/since-text.js";
import { LostChanges } from "../../../operations/send-all.js";
import { type SettleLater, sendSettled } from "../../../operations/sending/lost-changes.js";
import { type MessageToSend, prepareMessage } from "../../../operations/sending/sender.js";
import type { SincePause } from "../../../runs/unexpected.js";
import type { IncidentInput } from "../../incidents/incident-operation.js";

/** Options of a pause. `undoes`: what a resume brought back is paused again, into its incident; the choice narrows it. */
export interface PauseOptions extends IncidentInput {
  tell?: string | undefined;
  /** A selection asks first and makes an incident; refs alone do neither, unless an incident is named. */
  choice: TargetChoice;
}

export interface PauseWork extends Plan<FleetItem> {
  session: FleetSession;
  options: PauseOptions;
  scope: ScopeLine;
  judged: PausePlan;
  /** True when there is nothing to pause, and nobody to tell: then no incident begins. */
  beginsNone: boolean;
}

interface PauseRuns {
  underWay: RunsUnderWay<FleetItem>;
  /** Runs of what was paused, by `<deployment>/<automation>`. */
  since: ReadonlyMap<string, SincePause>;
}

/** Reads runs last: what stops the fleet must not wait for it. */
export async function readPauseRuns(
  context: Context,
  { session, options }: PauseWork,
  { ledger, items }: { ledger: Ledger; items: readonly FleetItem[] },
): Promise<PauseRuns> {
  const lines: LedgerLine[] = [];
  const runs = await readIncidentRuns(context, session, {
    reader: new RunsReader(session.client),
    state: ledger.state,
    items,
    concurrency: options.concurrency,
    onDetail: (item, automation) =>
      lines.push(...instructionsLines(item, { automation, state: ledger.state, at: context.now() })),
  });
  ledger.write(lines);
  return runs;
}

/** Lines with the hash that a resume compares: no answer before had the instructions. */
function instructionsLines(
  item: FleetItem,
  { automation, state, at }: { automation: AutomationDetail; state: LedgerState | undefined; at: Date },
): LedgerLine[] {
  const known = state?.items.get(itemKey(item));
  const instructions_sha256 = instructionsHash(automation.instructions);
  if (known === undefined || !isPausedByIncident(known) || known.instructionsHash !== undefined) return [];
  const hasStamp = known.updated_at !== undefined || Boolean(automation.updated_at);
  if (instructions_sha256 === undefined || (hasStamp && !isAsPaused(known, automation))) return [];
  const { deployment_id, automation_id } = item;
  return [{ seen: true, at: at.toISOString(), deployment_id, automation_id, instructions_sha256 }];
}

/** Sends `--tell` to each run that is under way. */
export async function messagePauseRuns(
  context: Context,
  { session, options }: PauseWork,
  { ledger, runs: { going, unreadable } }: { ledger: Ledger; runs: RunsUnderWay<FleetItem> },
): Promise<MessagedRun[]> {
  if (options.tell === undefined) return [];
  const { tell: text, concurrency } = options;
  const { client } = session;
  const { signal } = context;
  const items = [...going, ...unreadable].map(({ item }) => item);
  const { runs, unread } = await readRunsToMessage(items, { client, signal, concurrency });
  const lost = new LostChanges<RunToMessage, MessagedRun>(context, concurrency);
  const send = async (message: MessageToSend, settleLater: SettleLater) =>
    sendSettled(context, await prepareMessage(context, message), { ...message, settleLater });
  const message = async (run: RunToMessage, settleLater: SettleLater) => {
    const work = { ledger, text, signal, now: () => context.now() };
    return messageRun({ ...work, send: (each) => send(each, settleLater) }, run);
  };
  const results = await execute<RunToMessage, MessagedRun>({
    ...{ items: runs, signal, concurrency, outageRetry: client.outageRetry },
    run: (run) =>
      lost.run(run, async (settleLater) => ({ result: "done", value: await message(run, settleLater) })),
  });
  const messaged = (await lost.settle(results)).flatMap(({ item: { item, run }, outcome }) =>
    "value" in outcome ? outcome.value : unsentTo({ item, run_id: run.run_id }, outcome),
  );
  await ledger.flush();
  return [...messaged, ...unread];
}

export function withUnexpected(rows: readonly FleetRow[], since: PauseRuns["since"]): FleetRow[] {
  return rows.map((row) => {
    const ran = row.result === "paused" ? since.get(itemKey(row)) : undefined;
    const newest = ran?.unexpected[0];
    if (ran === undefined || newest === undefined) return row;
    return { ...row, result: "unexpected", reason: sinceText(ran), run_id: newest.run_id };
  });
}

/** Records runs of what was paused before, which this command reports: they count no more. Gives their number. */
export function acknowledge(
  ledger: Ledger,
  { since, rows, at }: Pick<PauseRuns, "since"> & { rows: readonly FleetRow[]; at: Date },
): number {
  let count = 0;
  for (const { deployment_id, automation_id, result } of rows) {
    if (automation_id === null || (result !== "unchanged" && result !== "skipped")) continue;
    const { unexpected = [] } = since.get(itemKey({ deployment_id, automation_id })) ?? {};
    const untilMs = msOf(unexpected[0]?.started_at);
    if (untilMs === undefined) continue;
    count += unexpected.length;
    const until = new Date(untilMs).toISOString();
    ledger.write([{ acknowledged: until, at: at.toISOString(), deployment_id, automation_id }]);
  }
  return count;
}

/** Says of whose runs nobody could ask. Plain text. */
export function unreadRuns(runs: RunsUnderWay<FleetItem> | undefined, names: Names): string[] {
  const [first, ...others] = runs?.unreadable ?? [];
  if (first === undefined) return [];
  const more = others.length > 0 ? ` and of ${others.length} more` : "";
  return [`the runs of ${names.of(first.item)}${more} can't be read: ${messageOf(first.error)}`];
}

/** Says which runs did not get the message, or may not have. Plain text. */
export function undeliveredRuns(messages: readonly MessagedRun[], names: Names): string[] {
  return messages.flatMap(({ item, run_id, result, reason }) => {
    if (result !== "failed" && result !== "unknown") return [];
    const what = `${run_id === "" ? "the runs" : `run ${run_id}`} of ${names.of(item)}`;
    const got = result === "failed" ? "did not get" : "may not have got";
    return `${what} ${got} the message${reason === undefined ? "" : `: ${reason}`}`;
  });
}
