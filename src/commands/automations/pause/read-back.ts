import { commandLine } from "../../../command-line/next-command.js";
import type { Context } from "../../../context/context.js";
import { PartialFailureError } from "../../../errors/errors.js";
import { type Presence, presenceIn } from "../../../fleet/presence.js";
import type { DeploymentReading } from "../../../fleet/read-fleet.js";
import { itemKey } from "../../../fleet/refs.js";
import type { LedgerLine } from "../../../history/parse.js";
import {
  confirmedLine,
  isPausedByIncident,
  type LedgerItem,
  type LedgerState,
} from "../../../incident/ledger-state.js";
import type { MessagedRun } from "../../../incident/message-runs.js";
import { type FleetItem, fleetItems } from "../../../incident/pause-plan.js";
import { type Candidate, scopeTest } from "../../../incident/scope.js";
import type { ChangeResult } from "../../../incident/switch-item.js";
import type { CheckedResults, ReadBack } from "../../../operations/operation.js";
import type { Names } from "../../../operations/rows/names.js";
import { checkedRow, type FleetRow, itemRow, unseenRow } from "../../../operations/rows/rows.js";
import { countRuns, type RunsUnderWay } from "../../../operations/rows/runs-reader.js";
import { counted, joinNames } from "../../../output/count.js";
import { safe } from "../../../output/safe.js";
import { goingTexts } from "../../incidents/check-view.js";
import type { SentResults } from "../../incidents/incident-operation.js";
import type { OpenIncident } from "../../incidents/ledger-choice.js";
import {
  acknowledge,
  messagePauseRuns,
  type PauseWork,
  readPauseRuns,
  undeliveredRuns,
  unreadRuns,
  withUnexpected,
} from "./going-runs.js";

interface IncidentStatus {
  /** Runs still going; undefined where they weren't read. */
  runs: RunsUnderWay<FleetItem> | undefined;
  messages: readonly MessagedRun[];
  /** Number of unexpected runs before the pause, reported now and never again. */
  acknowledged: number;
  /** Number of deployments that couldn't be checked. */
  unreadable: number;
  isHolding: boolean;
}

/** Resolves unknown outcomes by what was read again, names what is still enabled, then reads which runs are still going. */
export async function readBackPause(
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

/** Rows of what the incident has in deployments that were read, and that nobody could ask for. */
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

/** Lines for the ledger: a pause that took effect after all, and an `updated_at` that no answer had. */
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
    `${counted(unexpected.length, "automation")} ran although ${isOne ? "it is" : "they are"} paused${isOne ? ": " : "; first: "}${first.reason}`,
    { hint: (herm) => `${herm("incidents", "show", incident, "--watch")} reports any more` },
  );
}

/** Prints which runs go on, whether the incident holds, and how it is undone. */
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
      ? [`${counted(acknowledged, "unexpected run")} before this pause won't be reported again`]
      : []),
    ...(isHolding ? [`check that all is still paused: ${herm("incidents", "show", incident)}`] : []),
    ...(hasPaused ? [`resume what it paused: ${herm("automations", "resume", "--incident", incident)}`] : []),
  ];
  for (const line of lines) printer.note(safe(line, "cell"));
}

/** The runs that the pause doesn't stop, by the names of some, and what wasn't checked. */
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
