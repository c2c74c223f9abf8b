import { rerunCommand } from "../../command/rerun-command.js";
import { quoteForShells } from "../../command-line/shell-quote.js";
import type { Context } from "../../context/context.js";
import type { ItemResult } from "../../fleet/outcome.js";
import { unseenText } from "../../history/change.js";
import { groupBy } from "../../manifest/group-by.js";
import { renderChangeGroups, type ShownChange } from "../../operations/change-groups.js";
import type { Plan } from "../../operations/operation.js";
import { Names } from "../../operations/rows/names.js";
import { withNothingDone } from "../../operations/rows/outage.js";
import { retryOutages } from "../../operations/rows/outage-retry.js";
import { type FleetSession, openFleetSession, targetLine } from "../../operations/rows/session.js";
import { runOperation } from "../../operations/run-operation.js";
import { duplicateNamesError } from "../../operations/sending/duplicates.js";
import { readSettled } from "../../operations/sending/wait-for-open.js";
import { counted } from "../../output/count.js";
import type { Printer } from "../../output/printer.js";
import { factSeparatorFor } from "../../output/style.js";
import { formatLocalBriefly } from "../../output/time.js";
import type { Move } from "../../schedule/frequency.js";
import { redactTexts } from "../../settings/redact.js";
import type { IncidentInput } from "../incidents/incident-operation.js";
import { chooseChange, otherApiError, waitUntilSent } from "./choose-change.js";
import { type OpenStep, planUndoOf, type UndoPlan, type UndoRequest } from "./plan.js";
import { recordStep, sendStep } from "./send.js";

const actionWords = {
  restore: { sign: "~", word: "restore", planned: "to be restored" },
  recreate: { sign: "+", word: "create again", planned: "to be created again" },
  delete: { sign: "-", word: "delete", planned: "to be deleted" },
} as const;

/** Takes back a change: what is still as it left it (src/history/README.md, "Taking back"). */
export async function undo(context: Context, input: UndoRequest): Promise<void> {
  const opened = retryOutages(context, "undone").then(() => openFleetSession(context));
  const session = await opened.catch((error: unknown) => {
    const other = context.signal.aborted ? undefined : otherApiError(context, input.change);
    throw withNothingDone(other ?? error, "undone");
  });
  const change = chooseChange(context, input.change, session);
  if (change.incident !== undefined) return undoIncident(context, { change, session }, input);
  const { printer } = session;
  await runOperation<OpenStep, string, Plan<OpenStep> & { undone: UndoPlan }>(context, {
    words: { verb: "Undo", doing: "Undoing", done: "undone", noun: "change", unchanged: "already undone" },
    input,
    confirmationSubject: "undo",
    canBeUndone: true,
    plan: async () => {
      const sent = await waitUntilSent(context, change, printer);
      const plan = () => planUndoOf(context, { session, change: sent, input });
      const undone = await readSettled(context, plan, ({ steps, unsentRows }) => [
        ...steps.map(({ item }) => ({ ...item, automation_id: item.automation_id ?? "" })),
        ...unsentRows,
      ]);
      return { ...toPlan(context, undone, session), undone };
    },
    subject: ({ subject }) => subject,
    toHistoryItem: recordStep,
    move: moveOf,
    send: (step, tools) => sendStep(context, step, { ...tools, printer }),
    detail: ({ action, subject }, success) => {
      if (success === undefined) return { reason: actionWords[action].planned };
      if (success.result === "unchanged" || action === "restore") return {};
      if (action === "delete") return { reason: "deleted" };
      return { automation_id: success.value, reason: `created again, was ${subject.automation_id}` };
    },
    after: async ({ results, plan: { undone } }) => {
      printRecordNote(undone, { printer, results });
      return duplicateNamesError(context, { places: placesOf(results), printer });
    },
  });
}

function moveOf(step: OpenStep): Move {
  if (step.action === "recreate") return [undefined, { enabled: true, ...step.fields }];
  return [step.current, step.action === "delete" ? undefined : { ...step.current, ...step.fields }];
}

function toPlan(
  context: Context,
  { change, steps, unsentRows, unselected, deployments }: UndoPlan,
  { allDeployments }: FleetSession,
): Plan<OpenStep> {
  const { id, at, by, command, reason, record } = change;
  const subjects = steps.map(({ subject }) => subject);
  const names = new Names([...subjects, ...unsentRows], deployments);
  const isBlind = steps.some(
    (step) => step.action !== "recreate" && step.item.act !== "update" && !step.current.updated_at,
  );
  const when = formatLocalBriefly(new Date(at), context.now());
  const separator = factSeparatorFor(context);
  const lead = [
    [id, `${when} by ${by.user}`, command].join(separator),
    ...(reason ? [`  reason: ${reason}`] : []),
    ...(isBlind ? [unseenText] : []),
  ];
  return {
    items: steps,
    unsentRows,
    unreadable: [],
    deployments,
    names,
    retryCommand: (left) => {
      const again = { arguments: [id] };
      const isKeys = left.every(({ isUnseen }) => isUnseen);
      return isKeys ? `with a key that sees it: ${rerunCommand(context, again)}` : again;
    },
    changeOptions: { undoes: id, record },
    isOneItem: steps.length === 1,
    question: steps.length === 0 ? undefined : `Undo ${id} for ${counted(steps.length, "automation")}?`,
    view: {
      target: targetLine(context, { chosen: deployments.length, total: allDeployments.length }),
      lead: redactTexts(lead, context.settings),
      counts: unselected > 0 ? [`${unselected} not selected`] : [],
      body: (look) => renderChangeGroups(redactTexts(steps.map(shown), context.settings), { ...look, names }),
    },
  };
}

function shown(step: OpenStep): ShownChange {
  const fields = step.action === "restore" ? Object.entries(step.fields) : [];
  const current: Record<string, unknown> = step.action === "restore" ? { ...step.current } : {};
  const changes = Object.fromEntries(fields.map(([field, to]) => [field, { from: current[field], to }]));
  const { sign, word } = actionWords[step.action];
  return { item: step.subject, sign, word, changes };
}

function placesOf(results: readonly ItemResult<OpenStep, string>[]) {
  const made = results.flatMap(({ item, outcome }) =>
    item.action === "recreate" && outcome.result === "done"
      ? [{ ...item, automation_id: outcome.value }]
      : [],
  );
  return [...groupBy(made, ({ subject }) => subject.deployment_id)].map(([deployment_id, steps]) => ({
    deployment_id,
    deployment: steps[0]?.subject.deployment_name ?? deployment_id,
    names: groupBy(steps, ({ fields }) => fields.name),
    known: steps[0]?.present.knownIn(deployment_id) ?? new Set<string>(),
  }));
}

/**
 * Prints what an undo leaves in the record of the apply that it undoes (src/manifest/README.md, "The record"), what the next
 * apply does so, and the command for what a person may want instead.
 */
function printRecordNote(
  { change: { record } }: Pick<UndoPlan, "change">,
  { printer, results }: { printer: Printer; results: readonly ItemResult<OpenStep, string>[] },
): void {
  if (record === undefined) return;
  const doneBy = (kind: OpenStep["action"]) =>
    results.flatMap(({ item: { action, subject }, outcome }) =>
      action === kind && outcome.result === "done" ? [{ ...subject, automation_id: outcome.value }] : [],
    );
  const itOrThem = ({ length }: readonly unknown[]) => (length === 1 ? "it" : "them");
  const deleted = doneBy("delete");
  if (deleted.length > 0)
    printer.note(
      `${record} still has what was deleted: apply creates ${itOrThem(deleted)} again only with --recreate`,
    );
  const recreated = doneBy("recreate");
  if (recreated.length === 0) return;
  const [only, other] = recreated;
  const [were, it] = [other === undefined ? "was" : "were", itOrThem(recreated)];
  const what = `${counted(recreated.length, "automation")} that ${were} created again, so --prune leaves ${it}`;
  const match = other === undefined ? ` --match ${quoteForShells(only?.name ?? "")}` : "";
  printer.note(`${record} doesn't have ${what}: put ${it} back into the file, then adopt -f <file>${match}`);
}

/**
 * Takes back what one command changed for its incident: of a pause by a resume of what that one paused, of a resume by a pause
 * of what it brought back, edited since or not (src/incident/README.md, "Taking back").
 */
async function undoIncident(
  context: Context,
  undoes: NonNullable<IncidentInput["undoes"]>,
  { dryRun, yes, concurrency, selection }: UndoRequest,
): Promise<void> {
  const { incident, items } = undoes.change;
  const how = { incident, dryRun, yes, concurrency, undoes };
  if (items.some(({ act }) => act === "resume")) {
    const { pauseIncident } = await import("../automations/pause/incident.js");
    const choice = { refs: [], selection, isSelection: false, isSingle: false };
    return pauseIncident(context, { ...how, choice });
  }
  const { resumeIncident } = await import("../automations/resume/incident.js");
  return resumeIncident(context, { ...how, refs: [], selection, includeChanged: false, catchUp: false });
}
