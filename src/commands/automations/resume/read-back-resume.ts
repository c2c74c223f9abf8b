import { isSameInstant } from "../../../api/schema.js";
import type { Automation } from "../../../api/types.js";
import { rerunCommand } from "../../../command/rerun-command.js";
import { commandLine, flagWords } from "../../../command-line/next-command.js";
import type { Context } from "../../../context/context.js";
import { PartialFailureError } from "../../../errors/cli-errors.js";
import { presenceIn } from "../../../fleet/presence.js";
import { itemKey } from "../../../fleet/refs.js";
import type { LedgerLine } from "../../../history/parse.js";
import { checkIncident, isIncidentOver } from "../../../incident/check.js";
import { confirmedLine, isPausedByIncident } from "../../../incident/ledger-state.js";
import { isOnlyEdited, type ResumeItem } from "../../../incident/resume-plan.js";
import { type ChangeResult, isAnsweredDone } from "../../../incident/switch-item.js";
import type { ReadBack } from "../../../operations/operation.js";
import { countsOf } from "../../../operations/rows/exit-error.js";
import { checkedRow } from "../../../operations/rows/result-rows.js";
import { fold } from "../../../output/text/fold.js";
import { withLocalTimes } from "../../../output/time.js";
import type { SentResults } from "../../incidents/incident-operation.js";
import { itemsBack, type ResumeWork, startMissedRuns } from "./resume-view.js";

/**
 * Uses a second read to resolve unknown outcomes, and starts missed runs if `--catch-up` is given. Closes a finished
 * incident last, so that until then the same command can continue it.
 */
export async function readBackResume(
  context: Context,
  work: ResumeWork,
  { choice: { incident }, ledger, results, readings, at }: SentResults<ResumeItem>,
): Promise<ReadBack | undefined> {
  if (readings === undefined) return undefined;
  const { session, options, judged, state, unreadable } = work;
  const presenceOf = presenceIn(readings);
  const now = (item: ResumeItem) => {
    const presence = presenceOf(item);
    return presence.is === "there" ? presence.automation : undefined;
  };
  const isConfirmed = ({ item, outcome }: ChangeResult<ResumeItem>) =>
    outcome.result === "unknown" && now(item)?.enabled === true;
  ledger.write(
    results.flatMap((each) => {
      const number = ledger.state?.items.get(itemKey(each.item))?.numbers.resume ?? 0;
      if (isConfirmed(each)) return [confirmedLine(number, { at })];
      return isStillPaused(each, now(each.item)) ? [notResumedLine(number, { at, now: now(each.item) })] : [];
    }),
  );
  const check = checkIncident(ledger.state ?? state, { readings, at });
  await ledger.flush();
  const resumed = results.filter((each) => each.outcome.result === "done" || isConfirmed(each));
  const toStart = options.catchUp ? [...resumed.map(({ item }) => item), ...itemsBack(judged)] : [];
  const { rows: started, failure } = await startMissedRuns(context, session.printer, toStart, options);
  const isUnfinished = started.some(({ result }) => result !== "started" && result !== "skipped");
  const isOver = isIncidentOver(ledger.state ?? state, check) && !isUnfinished;
  const isClosed = isOver || ledger.state?.closed !== undefined;
  if (isOver && ledger.state?.closed === undefined) {
    ledger.write([{ closed: "resumed", at: context.now().toISOString() }]);
    await ledger.flush();
  }
  const own = check.items.filter((item) => item.was_enabled === true);
  const unknown = own.filter(({ state: each }) => each === "unknown").length;
  // An automation paused again since its resume no longer belongs to the incident.
  const stillPaused = own.filter((item) => {
    const known = ledger.state?.items.get(itemKey(item));
    return (
      item.state === "paused" ||
      (item.state === "skipped" && known !== undefined && isPausedByIncident(known))
    );
  });
  const unmet = [
    ...judged.skipped.filter(({ verdict }) => verdict === "paused"),
    ...results.filter(({ outcome }) => "value" in outcome && outcome.value.result === "paused"),
  ]
    .map(({ item }) => item)
    .filter((item) => isPausedByIncident(item.ledgerItem) && now(item)?.enabled === false);
  return {
    found: {
      at,
      what: stillPausedText(stillPaused.length, unknown),
      rows: results.map((result) => checkedRow(result, "resume", presenceOf(result.item))),
      unreadable,
      more: {
        rows: started,
        counts: options.catchUp
          ? countsOf(started, [
              ["started", "started"],
              ["skipped", "not started"],
              ["failed", "failed to start"],
              ["unknown", "start unknown"],
              ["not started", "not sent"],
            ])
          : [],
      },
    },
    after: (isOutage) => {
      const { width } = session.printer.errRenderOptions;
      const isAllUnmet = stillPaused.length <= unmet.length;
      const lines = isOutage ? [] : statusLines(context, incident, { isClosed, isAllUnmet });
      for (const line of lines) session.printer.note(fold(line, width));
      return unmetError(context, work, unmet) ?? failure;
    },
  };
}

const mostRefs = 10;

/**
 * True if the API reported it as resumed or already enabled, but it is still paused as it was before, or as it was in
 * that response; with a different `updated_at`, it has been paused since.
 */
function isStillPaused(
  { item: { ledgerItem }, outcome }: ChangeResult<ResumeItem>,
  now: Automation | undefined,
): boolean {
  if (now?.enabled !== false || !("value" in outcome) || !isAnsweredDone(outcome.value)) return false;
  const left = [ledgerItem.updated_at, outcome.value.updated_at];
  return (
    !now.updated_at ||
    left.some((each) => isSameInstant(each, now.updated_at)) ||
    left.every((each) => each === undefined)
  );
}

/** Marks the change as failed, so that the automation still belongs to the incident. */
function notResumedLine(outcome: number, { at, now }: { at: Date; now: Automation | undefined }): LedgerLine {
  const error = "the API answered, but didn't resume it";
  return { outcome, at: at.toISOString(), result: "failed", error, updated_at: now?.updated_at || undefined };
}

/** `2 still paused, 1 unknown`: automations that weren't read aren't counted as paused. */
function stillPausedText(stillPaused: number, unreadable: number): string {
  return [
    ...(stillPaused > 0 || unreadable === 0 ? [`${stillPaused} still paused`] : []),
    ...(unreadable > 0 ? [`${unreadable} unknown`] : []),
  ].join(", ");
}

/** The error for automations that are still paused although they were resumed; they count as failed. */
function unmetError(
  context: Context,
  work: ResumeWork,
  unmet: readonly ResumeItem[],
): PartialFailureError | undefined {
  const [item] = unmet;
  if (item === undefined) return undefined;
  const isOne = unmet.length === 1;
  const what = isOne
    ? `${JSON.stringify(item.name)}, which the incident paused, is still paused`
    : `${unmet.length} automations that the incident paused are still paused`;
  const reason = withLocalTimes(item.ledgerItem.reason ?? "it has changed since");
  const why = isOne ? `: ${reason}` : `; first: ${JSON.stringify(item.name)}: ${reason}`;
  return new PartialFailureError(`${what}${why}`, { hint: () => unmetHint(context, work, unmet) });
}

/** The commands that resume the rest: one for edited automations, and one by ref for automations paused again. */
function unmetHint(
  context: Context,
  { names, options: { undoes, incident = "", refs, includeChanged } }: ResumeWork,
  unmet: readonly ResumeItem[],
): string {
  const edited = includeChanged ? [] : unmet.filter(isOnlyEdited);
  const others = unmet.filter((each) => !edited.includes(each));
  const all = unmet.length === 1 ? "it" : "them";
  const hints: string[] = [];
  // Needed because this command asks about the incident's automations.
  const yes = context.io.canPrompt ? [] : ["--yes"];
  const resume = (...words: string[]) => commandLine(context, ["automations", "resume", ...words, ...yes]);
  if (edited.length > 0) {
    const again = rerunCommand(context, { arguments: refs, flags: { includeChanged: true } });
    const its = resume(...flagWords("--incident", incident), "--include-changed");
    hints.push(`to resume ${others.length === 0 ? all : edited.length}: ${undoes ? its : again}`);
  }
  if (others.length > 0) {
    const isEach = others.length <= mostRefs;
    const shown = isEach ? others : others.slice(0, 1);
    const byRef = shown.map((each) => names.ref({ ...each, name: each.current?.name }));
    const these = !isEach ? "one" : edited.length === 0 ? all : "the rest";
    hints.push(`to resume ${these}: ${resume(...byRef)}`);
  }
  return hints.join("; ");
}

function statusLines(
  context: Context,
  incident: string,
  { isClosed, isAllUnmet }: { isClosed: boolean; isAllUnmet: boolean },
): string[] {
  if (isClosed) return [closedText(incident)];
  const resume = ["automations", "resume", ...flagWords("--incident", incident)];
  return [
    `incident ${incident} stays open`,
    isAllUnmet
      ? `to see what is still paused: ${commandLine(context, ["incidents", "show", incident])}`
      : `to resume the rest: ${commandLine(context, resume)}`,
    `to leave the rest paused: ${commandLine(context, ["incidents", "close", incident])}`,
  ];
}

const closedText = (incident: string) => `incident ${incident} is closed: nothing is left to resume`;
