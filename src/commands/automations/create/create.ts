import type { Automation, AutomationFields } from "../../../api/types.js";
import { declareCommand, type InputOf, requestCodes } from "../../../command/declaration.js";
import { advanced, flag, inGroup, reasonFlag, text } from "../../../command/flags.js";
import { rerunCommand } from "../../../command/rerun-command.js";
import { commandLine } from "../../../command-line/next-command.js";
import type { Context } from "../../../context/context.js";
import { DeclinedError, hintTo, NotPossibleError, PartialFailureError } from "../../../errors/cli-errors.js";
import { heldText, isSameText } from "../../../manifest/plan/equality.js";
import { getIfThere } from "../../../manifest/state/listing.js";
import { nameInFleet } from "../../../operations/name-in-fleet.js";
import { sendSingle } from "../../../operations/run-operation.js";
import { listAutomations, resolveDeployment } from "../../../operations/selection/resolve.js";
import { type Created, createLocked } from "../../../operations/sending/create-locked.js";
import { duplicateNameText, findDuplicateNames } from "../../../operations/sending/duplicates.js";
import { createPrinter, type Printer } from "../../../output/printer.js";
import { textOrDash } from "../../../output/value-text.js";
import { schedulesEqual } from "../../../schedule/compare.js";
import { loadIncidentBadges } from "../shared/incident-badges.js";
import { instructionsFlags, readInstructions } from "../shared/instructions-flags.js";
import { changedFields, printChanged } from "../shared/print-changed.js";
import { checkScheduleFlags, nextRunMismatch, scheduleFlags } from "../shared/schedule-flags.js";
import { askForTakenName, idsNamed, refuseTakenName } from "../shared/taken-name.js";
import {
  askForMissing,
  askForName,
  type CreateInputs,
  confirmCreate,
  createCommand,
  isLong,
} from "./create-questions.js";

export const command = declareCommand({
  effect: "changes",
  isFrozen: ({ dryRun }) => !dryRun,
  flags: {
    name: text("name", "the automation's name"),
    ...scheduleFlags,
    ...instructionsFlags("the task for the agent on each run"),
    thread: advanced(text("id", "the thread each run appends to")),
    paused: flag("create the automation paused"),
    allowDuplicate: advanced(flag("allow a name that is already taken")),
    ...inGroup("Safety", { dryRun: flag("show what it would create without creating it") }),
    reason: advanced(reasonFlag),
  },
  help: {
    about: "Create an automation: a name, a schedule, and instructions for the agent.",
    use: "On a terminal, it asks for anything missing and prints the equivalent command. Elsewhere, name, schedule and instructions are required. --dry-run shows the automation and its next runs, and exits with 6 if create would.",
    inPipe: changedFields,
    exitCodes: requestCodes({
      4: "no such deployment",
      6: "the name is taken, a deployment's name matches several, a freeze, or another herm process is still busy there after --max-wait",
      8: "created, but another machine created one with the same name at the same time",
      12: "the outcome is unknown; the message says how to check",
    }),
    examples: [
      "herm automations create",
      'herm automations create --name "Weekly video variations" --schedule "every Monday at 9am" --instructions-file prompt.md',
      'herm automations create --name "Inbox triage" --schedule "every weekday at 8am" --tz Europe/Berlin --instructions "Sort the inbox." --paused',
    ],
  },
  run: (context, input): Promise<void> => createAutomation(context, input),
});

type CreateInput = InputOf<typeof command>;

/** Creates one automation and prints it. Sends no request until all the input is complete. */
async function createAutomation(context: Context, options: CreateInput): Promise<void> {
  checkScheduleFlags(options);
  const text = await readInstructions(context, options);
  const given: CreateInputs = { ...options, instructions: text };
  const isNoneGiven = [options.name, options.schedule, text].every((each) => each === undefined);
  const isAllAsked = context.io.canPrompt && isNoneGiven;
  const printer = await createPrinter(context);
  const asked = await askForAll(context, options, given).catch((error: unknown) => {
    const { name, schedule } = given;
    const deployments = context.pickedDeployment && [context.pickedDeployment.deployment_id];
    const again = rerunCommand(context, { deployments, flags: { name, schedule } });
    if (error instanceof DeclinedError && name !== options.name) printer.note(`to continue: ${again}`);
    throw error;
  });
  const { deployment_id, name, schedule, instructions, allowed } = asked;
  const fields: AutomationFields = {
    name,
    schedule: schedule.text,
    instructions,
    thread_id: options.thread,
    ...(options.paused ? { enabled: false } : {}),
  };
  const findExisting = async (present: readonly Automation[]) => {
    refuseDuplicate(name, present, allowed);
    await refuseHeldDuplicate(context, present, { deployment_id, fields });
    return undefined;
  };
  const draft = { deployment_id, deployment: deployment_id, fields, findExisting, printer, schedule };
  if (options.dryRun) {
    const { planCreate } = await import("./dry-run.js");
    await planCreate(context, draft, given);
    if (isAllAsked) printer.note(`to create it: ${createCommand(context, draft)}`);
    return;
  }
  if (isAllAsked) await confirmCreate(context, draft);
  const { created, change } = await sendSingle(context, undefined, async (tools) => ({
    created: await createLocked(context, tools, draft),
    change: tools.change,
  }));
  const { automation } = created;
  await printChanged(context, { automation, deployment_id, verb: "Created" });
  for (const note of schedule.notes) printer.note(note);
  if (change.isRecorded) printer.note(`undo: ${commandLine(context, ["undo", change.id])}`);
  const mismatch = await nextRunMismatch(automation, schedule.cron);
  if (mismatch !== undefined) printer.warn(mismatch);
  if (isAllAsked && !isLong(instructions))
    printer.note(`the same in one line: ${createCommand(context, draft)}`);
  await checkDuplicates(context, { ...created, deployment_id, printer });
  if (!isAllAsked) return;
  const { offerRun } = await import("./first-run.js");
  await offerRun(context, printer, {
    ref: `${deployment_id}/${automation.automation_id}`,
    isFirst: created.known.size === 1,
    isPaused: fields.enabled === false,
  });
}

/** Asks for the values missing from `given` and adds them to it; compares a name as soon as it is entered. */
async function askForAll(context: Context, options: CreateInput, given: CreateInputs) {
  const place =
    context.io.canPrompt && given.name === undefined ? await resolveDeployment(context) : undefined;
  if (place !== undefined) given.name = await askForName(context);
  const ofName = (deployment_id: string, name = "") =>
    askForDuplicates(context, { deployment_id, name, options });
  const early = place === undefined ? undefined : await ofName(place, given.name);
  const answers = await askForMissing(context, given);
  const deployment_id = place ?? (await resolveDeployment(context));
  return { ...answers, deployment_id, allowed: early ?? (await ofName(deployment_id, answers.name)) };
}

/** Throws PartialFailureError if another machine created an automation with the same name at the same time. */
async function checkDuplicates(
  context: Context,
  { deployment_id, automation, known, printer }: Created & { deployment_id: string; printer: Printer },
): Promise<void> {
  const { automation_id, name } = automation;
  if (typeof name !== "string") return;
  const place = { deployment_id, deployment: deployment_id, names: new Map([[name, [automation]]]), known };
  const [duplicate] = await findDuplicateNames(context, { places: [place], printer });
  if (duplicate === undefined) return;
  throw new PartialFailureError(duplicateNameText(duplicate), {
    hint: (herm) =>
      `${automation_id} was created here: delete the one you don't want; to see them: ${herm("automations", "list", "-d", deployment_id, "--match", name)}`,
  });
}

/** Existing automations that may have the same name: `everything`, or those already shown to the user. */
type AllowedDuplicates = "everything" | ReadonlySet<string>;

/** Before creating a second automation with this name, asks if a prompt is possible. Throws DeclinedError. */
async function askForDuplicates(
  context: Context,
  { deployment_id, name, options }: { deployment_id: string; name: string; options: CreateInput },
): Promise<AllowedDuplicates> {
  if (options.allowDuplicate) return "everything";
  if (!context.io.canPrompt || options.dryRun) return new Set();
  const same = idsNamed(name, await listAutomations(context, deployment_id));
  const called = same.length === 0 ? name : await nameInFleet(context, { deployment_id, name });
  await askForTakenName(context, { name: called, ids: same, question: "Create another?" });
  return new Set(same);
}

function refuseDuplicate(name: string, present: readonly Automation[], allowed: AllowedDuplicates): void {
  if (allowed === "everything") return;
  const same = idsNamed(name, present).filter((id) => !allowed.has(id));
  refuseTakenName(
    name,
    same,
    hintTo("to create a second one, add --allow-duplicate; to change the first", "automations", "update"),
  );
}

/** Throws NotPossibleError if an open incident here holds the same automation, because a copy would run despite it. */
async function refuseHeldDuplicate(
  context: Context,
  present: readonly Automation[],
  { deployment_id, fields }: { deployment_id: string; fields: AutomationFields },
): Promise<void> {
  const badgesOf = await loadIncidentBadges(context);
  const reading = { client: await context.client(), signal: context.signal };
  for (const automation of present) {
    const [held] = badgesOf(deployment_id, automation);
    if (held === undefined || !schedulesEqual(automation.schedule ?? "", fields.schedule)) continue;
    const whole = await getIfThere({ deployment_id, automation_id: automation.automation_id }, reading);
    if (!isSameText(fields.instructions, whole?.instructions ?? undefined)) continue;
    throw new NotPossibleError(heldText({ ...automation, name: textOrDash(automation.name) }, held.text));
  }
}
