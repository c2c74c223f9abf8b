import type { Automation } from "../../../api/types.js";
import type { Context } from "../../../context/context.js";
import { nameInFleet } from "../../../operations/name-in-fleet.js";
import { column, idColumn, nameColumn, pipedFields, pipedRow } from "../../../output/columns.js";
import { createPrinter, type Printer, printOne } from "../../../output/printer.js";
import type { Column } from "../../../output/render-table.js";
import { safe } from "../../../output/safe.js";
import { enabledStatus, paintStatus, statusText } from "../../../output/status-words.js";
import { factSeparator } from "../../../output/style.js";
import { formatLocalTime } from "../../../output/time.js";
import { dash, textOrDash } from "../../../output/value-text.js";
import { automationJson, statusColumn } from "./automation-columns.js";

export interface ChangedAutomation {
  automation: Automation;
  deployment_id: string;
  verb: string;
}

/** Prints a created or changed automation (src/output/README.md). */
export async function printChanged(
  context: Context,
  { automation, deployment_id, verb }: ChangedAutomation,
): Promise<void> {
  const printer = await createPrinter(context);
  await printOne(printer, {
    json: automationJson(automation, deployment_id),
    name: automation.automation_id,
    table: async () => {
      if (!printer.stdoutIsTty) return printPiped(printer, automation);
      const now = context.serverNow();
      const called = await nameInFleet(context, { deployment_id, name: automation.name });
      return printSummary(printer, { automation, called, verb, now });
    },
  });
}

async function printSummary(
  printer: Printer,
  { automation, called, verb, now }: Omit<ChangedAutomation, "deployment_id"> & { called: string; now: Date },
): Promise<void> {
  const { describeSchedule } = await import("../../../schedule/describe.js");
  const scheduleWords = await describeSchedule(automation.schedule);
  const { style } = printer;
  const status = enabledStatus(automation);
  const time = nextRunText(automation, formatLocalTime(automation.next_run_at, now, factSeparator(style)));
  const next = time === untilResumed ? "no next run until it is resumed" : `next run ${time}`;
  await printer.line(
    `${style.ok} ${verb} ${style.bold(safe(called, "cell"))}  ${safe(automation.automation_id, "cell")}`,
  );
  // A schedule that is already in words appears only once.
  const schedule = new Set([scheduleWords, textOrDash(automation.schedule)]);
  await printer.line(`  ${[...schedule].map((text) => safe(text, "cell")).join("  ")}`);
  await printer.line(
    `  ${paintStatus(statusText(status, style), status, style)}${factSeparator(style)}${safe(next, "cell")}`,
  );
}

const pipedColumns: readonly Column<{ automation: Automation }>[] = [
  nameColumn(({ automation }) => textOrDash(automation.name)),
  column("schedule", ({ automation }) => textOrDash(automation.schedule)),
  statusColumn,
  column("last run", ({ automation }) =>
    [automation.last_run_status, automation.last_run_at].filter(Boolean).join(" "),
  ),
  column("next run", ({ automation }) => automation.next_run_at ?? ""),
  idColumn(({ automation }) => automation.automation_id),
];

export const changedFields = pipedFields(pipedColumns);

export function printPiped(printer: Printer, automation: Automation): Promise<void> {
  return printer.line(pipedRow({ automation }, pipedColumns));
}

const untilResumed = "none until it is resumed";

/** The server's next time; if there is none, that the automation is paused or, if it isn't, a dash. */
export function nextRunText({ next_run_at, enabled }: Automation, time: string): string {
  if (next_run_at) return time;
  return enabled === false ? untilResumed : dash;
}
