/** Carries out a pause: sends it, reads it back, and sends the message to active runs. */

import { msOf } from "../../../api/schema.js";
import type { AutomationDetail } from "../../../api/types.js";
import { commandLine } from "../../../command-line/next-command.js";
import type { Context } from "../../../context/context.js";
import { hintTo, PartialFailureError } from "../../../errors/cli-errors.js";
import { type Presence, presenceIn } from "../../../fleet/presence.js";
import type { DeploymentReading } from "../../../fleet/read-fleet.js";
import { itemKey } from "../../../fleet/refs.js";
import { execute } from "../../../fleet/worker-pool.js";
import type { LedgerLine } from "../../../history/parse.js";
import type { Ledger } from "../../../incident/ledger.js";
import {
  confirmedLine,
  instructionsHash,
  isPausedByIncident,
  type LedgerItem,
  type LedgerState,
} from "../../../incident/ledger-state.js";
import {
  type MessagedRun,
  messageRun,
  type RunToMessage,
  readRunsToMessage,
  unsentTo,
} from "../../../incident/message-runs.js";
import { isAsPaused } from "../../../incident/owners.js";
import { type FleetItem, fleetItems, pauseItem } from "../../../incident/pause-plan.js";
import { type Candidate, scopeTest } from "../../../incident/scope.js";
import { type ChangeResult, switchItem } from "../../../incident/switch-item.js";
import { messageOf } from "../../../invocation/report-error.js";
import type { CheckedResults, ReadBack } from "../../../operations/operation.js";
import type { Names } from "../../../operations/rows/names.js";
import {
  answerFields,
  checkedRow,
  type FleetRow,
  itemRow,
  unseenRow,
} from "../../../operations/rows/result-rows.js";
import { countRuns, RunsReader, type RunsUnderWay, sinceText } from "../../../operations/rows/runs-reader.js";
import { readIncidentRuns } from "../../../operations/rows/session.js";
import { type MessageToSend, prepareMessage } from "../../../operations/run-operation.js";
import { LostChanges } from "../../../operations/send-many.js";
import { type SettleLater, sendSettled } from "../../../operations/sending/lost-changes.js";
import { counted, joinNames } from "../../../output/count.js";
import { safe } from "../../../output/safe.js";
import type { SincePause } from "../../../runs/unexpected.js";
import { goingTexts } from "../../incidents/check-view.js";
import { IncidentJournal, type OpenIncident } from "../../incidents/incident-journal.js";
import { readSent, runForIncident, type SentResults } from "../../incidents/incident-operation.js";
import { pauseWords, printSwitched } from "../shared/switch-enabled.js";
import { firstLines, type PauseOptions, type PauseWork, planIncident } from "./incident-plan.js";

/** Pauses a selection, or refs for an incident, recorded in a ledger (src/incident/README.md, "Pausing"). */
export function pauseIncident(context: Context, options: PauseOptions): Promise<void> {
  const { isSelection, isSingle } = options.choice;
  const ownSubject = isSelection ? "pausing a selection" : undefined;
  const confirmationSubject = options.undoes === undefined ? ownSubject : "undo";
  const asked = { words: pauseWords, input: options, confirmationSubject };
  return runForIncident<FleetItem, PauseWork>(context, asked, (incident) => ({
    ...asked,
    isSingle,
    canBeUndone: true,
    triesEveryDeployment: true,
    plan: () => planIncident(context, incident, options),
    subject: (item) => item,
    toHistoryItem: pauseItem,
    move: ({ automation }) => [automation, undefined],
    journal:
      incident.open &&
      new IncidentJournal<PauseWork>(context, {
        ...incident.open,
        change: "pause",
        session: incident.session,
        input: options,
        linesOf: (plan) => firstLines(context, incident, plan),
      }),
    send: (item, { resend }) => switchItem(context, item, "pause", resend),
    detail: (_, answer) => (answer === undefined ? {} : answerFields(answer.value, "pause")),
    printItem: ({ deployment_id, automation: before }, answer) => {
      const automation = { ...before, ...answer?.value.automation };
      return printSwitched(context, "pause", { automation, deployment_id, isDone: answer !== undefined });
    },
    readBack: async (results, plan) => {
      const sent = await readSent(context, incident, { ...plan, act: "pause", results, input: options });
      return sent && readBackPause(context, plan, sent);
    },
  }));
}

interface IncidentStatus {
  /** Runs that are still going; undefined if they weren't read. */
  runs: RunsUnderWay<FleetItem> | undefined;
  messages: readonly MessagedRun[];
  /** The number of unexpected runs before the pause that are only now reported. */
  acknowledged: number;
  unreadable: number;
  isHolding: boolean;
}

/** Reads again to resolve unknown outcomes and list enabled automations, then reads which runs are still going. */
async function readBackPause(
  context: Context,
  work: PauseWork,
  { results, readings, at, ...open }: SentResults<FleetItem>,
): Promise<ReadBack> {
  const { scope, unsentRows } = work;
  const { ledger } = open;
  const end = (status: IncidentStatus, found?: CheckedResults): ReadBack => ({
    found,
    after: (isOutage) => {
      printStatus(context, work, { ...open, status, isOutage });
      return unexpectedError(found?.rows ?? [], open.choice.incident);
    },
  });
  if (readings === undefined)
    return end({ runs: undefined, messages: [], acknowledged: 0, unreadable: 0, isHolding: false });
  const isInScope = scopeTest(scope);
  const items = fleetItems(readings).filter(isInScope);
  const presenceOf = presenceIn(readings);
  const sent = results.map(
    (result): SentItem => ({
      ...result,
      presence: presenceOf(result.item),
      known: ledger.state?.items.get(itemKey(result.item)),
    }),
  );
  const times = { at, date: context.serverNow() };
  ledger.write(sent.flatMap((each) => settlingLines(each, times)));
  await ledger.flush();
  const { underWay: runs, since } = await readPauseRuns(context, work, { ledger, items });
  const messages = await messagePauseRuns(context, work, { ledger, runs });
  const acknowledged = acknowledge(ledger, { since, rows: unsentRows, at: context.now() });
  const unreadable = readings.filter(({ error }) => error !== undefined);
  const rows = [
    ...withUnexpected(judgedRows(sent, items), since),
    ...unknownRows(ledger.state, { readings, sent, isInScope }),
  ];
  const count = (which: MessagedRun["result"]) => messages.filter(({ result }) => result === which).length;
  const isReadable = readings.some(({ error, automations }) => error === undefined || automations.length > 0);
  const enabled = items.filter(({ automation }) => automation.enabled).length;
  const where = unreadable.length > 0 ? " among those read" : "";
  const isHolding =
    unreadable.length === 0 &&
    runs.unreadable.length === 0 &&
    items.every(({ automation }) => automation.enabled === false) &&
    [...rows, ...messages].every(
      ({ result }) => !["failed", "unexpected", "unknown", "not started"].includes(result),
    );
  return end(
    { runs, messages, acknowledged, unreadable: unreadable.length, isHolding },
    {
      at,
      what: isReadable ? `${enabled} enabled${where}` : undefined,
      rows,
      unreadable,
      messages: { failed: count("failed"), unknown: count("unknown") },
    },
  );
}

type SentItem = ChangeResult<FleetItem> & { presence: Presence; known: LedgerItem | undefined };

/** Rows for the incident's automations that are unreadable although their deployments aren't. */
function unknownRows(
  state: LedgerState | undefined,
  {
    readings,
    sent,
    isInScope,
  }: {
    readings: readonly DeploymentReading[];
    sent: readonly SentItem[];
    isInScope(item: Candidate): boolean;
  },
): FleetRow[] {
  const isSent = new Set(sent.map(({ item }) => itemKey(item)));
  return readings.flatMap(({ deployment: { deployment_id }, unknown = [] }) =>
    [...unknown].flatMap(([automation_id, error]) => {
      const key = itemKey({ deployment_id, automation_id });
      const line = state?.items.get(key)?.line;
      return line === undefined || isSent.has(key) || !isInScope(line) ? [] : [unseenRow(line, error)];
    }),
  );
}

function judgedRows(sent: readonly SentItem[], items: readonly FleetItem[]): FleetRow[] {
  const tried = new Set(sent.map(({ item }) => itemKey(item)));
  return [
    ...sent.map((each) => checkedRow(each, "pause", each.presence)),
    ...items
      .filter((item) => item.automation.enabled && !tried.has(itemKey(item)))
      .map(
        (item): FleetRow => ({
          ...itemRow(item),
          result: "failed",
          error: "enabled since the plan was made",
        }),
      ),
  ];
}

/** Ledger lines for a pause that took effect late, and for an `updated_at` that no response contained. */
function settlingLines(
  { item, outcome, presence, known }: SentItem,
  { at, date }: { at: Date; date: Date },
): LedgerLine[] {
  if (presence.is !== "there" || presence.automation.enabled) return [];
  const { updated_at } = presence.automation;
  if (outcome.result === "unknown" && known?.numbers.pause !== undefined)
    return [confirmedLine(known.numbers.pause, { at, date, updated_at })];
  if (outcome.result !== "done" || known?.updated_at !== undefined || !updated_at) return [];
  const { deployment_id, automation_id } = item;
  return [{ seen: true, at: at.toISOString(), deployment_id, automation_id, updated_at }];
}

function unexpectedError(rows: readonly FleetRow[], incident: string): PartialFailureError | undefined {
  const unexpected = rows.filter(({ result }) => result === "unexpected");
  const [first] = unexpected;
  if (first === undefined) return undefined;
  const isOne = unexpected.length === 1;
  return new PartialFailureError(
    `${counted(unexpected.length, "automation")} ran despite being paused${isOne ? ": " : "; first: "}${first.reason}`,
    { hint: hintTo("to watch for more", "incidents", "show", incident, "--watch") },
  );
}

/** Prints which runs are still going, whether the incident holds, and how to undo it. */
function printStatus(
  context: Context,
  { session: { printer }, names }: PauseWork,
  { choice, ledger, status, isOutage }: OpenIncident & { status: IncidentStatus; isOutage: boolean },
): void {
  const { runs, messages, acknowledged, isHolding } = status;
  for (const line of [...unreadRuns(runs, names), ...undeliveredRuns(messages, names)]) printer.warn(line);
  if (isOutage) return;
  const { incident } = choice;
  const hasPaused = [...(ledger.state?.items.values() ?? [])].some(isPausedByIncident);
  const herm = (...words: string[]) => commandLine(context, words);
  const sent = messages.filter(({ result }) => result === "sent").length;
  const lines = [
    runsText(status, names),
    ...(sent > 0 ? [`sent the message to ${counted(sent, "run")}`] : []),
    ...(acknowledged > 0
      ? [`${counted(acknowledged, "unexpected run")} before this pause won't be shown again`]
      : []),
    ...(isHolding ? [`to check that all are still paused: ${herm("incidents", "show", incident)}`] : []),
    ...(hasPaused ? [`to resume them: ${herm("automations", "resume", "--incident", incident)}`] : []),
  ];
  for (const line of lines) printer.note(safe(line, "cell"));
}

/** Runs that continue despite the pause, a few by name, and the number of runs that weren't checked. */
function runsText({ runs, unreadable }: IncidentStatus, names: Names): string {
  if (runs === undefined) return "runs still going: not checked";
  const { going, unreadable: unread } = runs;
  const [count, ...notChecked] = goingTexts({
    running: countRuns(going),
    runsUnread: unread.length,
    unreadable,
  });
  const called = joinNames(names.groups(going.map(({ item }) => item)).map(({ what }) => what));
  return [called === "" ? count : `${count}: ${called}`, ...notChecked].join("; ");
}

interface PauseRuns {
  underWay: RunsUnderWay<FleetItem>;
  /** The runs since each automation's pause, by `<deployment>/<automation>`. */
  since: ReadonlyMap<string, SincePause>;
}

/** Reads the runs last, so that reading them doesn't delay the pause. */
async function readPauseRuns(
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

/** Lines with the hash that a resume compares, because earlier responses didn't include the instructions. */
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

/** Sends the text of `--tell` to each active run. */
async function messagePauseRuns(
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

function withUnexpected(rows: readonly FleetRow[], since: PauseRuns["since"]): FleetRow[] {
  return rows.map((row) => {
    const ran = row.result === "paused" ? since.get(itemKey(row)) : undefined;
    const newest = ran?.unexpected[0];
    if (ran === undefined || newest === undefined) return row;
    return { ...row, result: "unexpected", reason: sinceText(ran), run_id: newest.run_id };
  });
}

/** Marks runs during earlier pauses as reported, because this command reports them. Returns how many there are. */
function acknowledge(
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

/** Names automations whose runs couldn't be read. Plain text. */
function unreadRuns(runs: RunsUnderWay<FleetItem> | undefined, names: Names): string[] {
  const [first, ...others] = runs?.unreadable ?? [];
  if (first === undefined) return [];
  const more = others.length > 0 ? ` and of ${others.length} more` : "";
  return [`the runs of ${names.of(first.item)}${more} can't be read: ${messageOf(first.error)}`];
}

/** Names runs that didn't, or may not, receive the message. Plain text. */
function undeliveredRuns(messages: readonly MessagedRun[], names: Names): string[] {
  return messages.flatMap(({ item, run_id, result, reason }) => {
    if (result !== "failed" && result !== "unknown") return [];
    const what = `${run_id === "" ? "the runs" : `run ${run_id}`} of ${names.of(item)}`;
    const got = result === "failed" ? "did not receive" : "may not have received";
    return `${what} ${got} the message${reason === undefined ? "" : `: ${reason}`}`;
  });
}
