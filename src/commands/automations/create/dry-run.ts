import type { Context } from "../../../context/context.js";
import { listAutomations } from "../../../operations/selection/resolve.js";
import { labelledRows } from "../../../output/block.js";
import { printOne } from "../../../output/printer.js";
import { safe } from "../../../output/safe.js";
import { statusText } from "../../../output/status-words.js";
import { factSeparatorFor } from "../../../output/style.js";
import { formatRfc3339 } from "../../../output/time.js";
import { textOrDash } from "../../../output/value-text.js";
import { runsADay } from "../../../schedule/frequency.js";
import { previewSchedule, type SchedulePreview } from "../../../schedule/preview.js";
import { describeProfile } from "../../../settings/profile-name.js";
import { previewLines } from "../../schedule/preview-lines.js";
import { printPiped } from "../shared/print-changed.js";
import type { ScheduleFlags, ScheduleToSend } from "../shared/schedule-flags.js";
import { type CreateDraft, instructionLines } from "./create-questions.js";

/** Shows the automation to create and its target, unless create would refuse it. Makes no changes. */
export async function planCreate(context: Context, draft: CreateDraft, given: ScheduleFlags): Promise<void> {
  const { deployment_id, fields, findExisting, printer, schedule } = draft;
  await findExisting(await listAutomations(context, deployment_id));
  // This format prints only ids, and a planned automation has no id yet.
  if (printer.format.isNamesOnly) return;
  const preview = await previewOf(context, schedule, given);
  await printOne(printer, {
    json: {
      deployment_id,
      ...fields,
      runs_a_day: runsADay(fields.schedule) ?? null,
      result: "planned",
    },
    table: () => (printer.stdoutIsTty ? printForPerson(context, draft, preview) : printRow(draft, preview)),
  });
  for (const note of schedule.notes) printer.note(note);
}

/** Returns undefined for a schedule that only the platform can read. */
async function previewOf(
  context: Context,
  { cron }: ScheduleToSend,
  given: ScheduleFlags,
): Promise<SchedulePreview | undefined> {
  if (cron === undefined) return undefined;
  const text = given.schedule ?? cron;
  const preview = await previewSchedule({ text, timeZone: given.tz, now: context.serverNow() });
  return preview.ok ? preview : undefined;
}

/** Prints the row that create would print, without an id and with the next time as we compute it. */
function printRow({ fields, printer }: CreateDraft, preview: SchedulePreview | undefined): Promise<void> {
  const next = preview?.next[0]?.at;
  const automation = {
    automation_id: "",
    name: fields.name,
    schedule: fields.schedule,
    enabled: fields.enabled ?? true,
    next_run_at: next === undefined ? null : formatRfc3339(next),
  };
  return printPiped(printer, automation);
}

async function printForPerson(
  context: Context,
  { deployment_id, fields, printer }: CreateDraft,
  preview: SchedulePreview | undefined,
): Promise<void> {
  const { style, columns } = printer;
  const facts: [string, string][] = [
    ["in", safe(await placeText(context, deployment_id), "cell")],
    ["status", statusText(fields.enabled === false ? "paused" : "enabled", style)],
  ];
  if (fields.thread_id !== undefined) facts.push(["thread", safe(fields.thread_id, "cell")]);
  if (preview === undefined)
    facts.push(["schedule", `${safe(fields.schedule, "cell")} (as typed; the platform interprets it)`]);
  const lines = [
    `Would create ${style.bold(safe(fields.name, "cell"))}`,
    ...(await labelledRows(facts, { width: 8, style })),
    ...(preview === undefined
      ? []
      : await previewLines(preview, { style, columns, now: context.serverNow() })),
    "",
    ...instructionLines(fields.instructions, columns),
  ];
  await printer.line(lines.join("\n"));
}

/** `Acme (dep_7xK9s2) · prod (--profile) · api.prismagents.com`. */
async function placeText(context: Context, deployment_id: string): Promise<string> {
  const client = await context.client();
  const { name } = await client.deployments.get(deployment_id, { signal: context.signal });
  const target = context.settings.target();
  const { baseUrl } = target;
  const host = baseUrl === undefined ? [] : [new URL(baseUrl).host];
  return [`${textOrDash(name)} (${deployment_id})`, describeProfile(target), ...host].join(
    factSeparatorFor(context),
  );
}
