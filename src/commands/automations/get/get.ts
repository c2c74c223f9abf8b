import type { AutomationDetail } from "../../../api/types.js";
import { optional } from "../../../command/arguments.js";
import { declareCommand } from "../../../command/declaration.js";
import { count } from "../../../command/flags.js";
import { requestCodes } from "../../../command/help.js";
import { commandLine } from "../../../command-line/next-command.js";
import type { Context } from "../../../context.js";
import { runsSincePause } from "../../../observe/unexpected.js";
import { requireRef } from "../../../operations/selection/pick.js";
import { resolveAutomation } from "../../../operations/selection/resolve-automations.js";
import { createPrinter } from "../../../output/printer.js";
import { printOne } from "../../../output/single-result.js";
import { runsADay } from "../../../schedule/frequency.js";
import { automationJson } from "../shared/columns.js";
import { loadIncidentBadges } from "../shared/incident-badges.js";
import { loadKnownPauses } from "../shared/known-changes.js";
import { Lateness } from "../shared/lateness.js";
import { stateJson, usualGraceMs } from "../shared/status-column.js";
import { renderDetail, renderPipedDetail } from "./view.js";

export const command = declareCommand({
  effect: "reads",
  arguments: { ref: optional("ref", "an id, an exact name, or <deployment>/<name>", { completes: "refs" }) },
  flags: { next: count("how many next times to show", { usual: 5 }) },
  help: {
    about: "Show everything about one automation: instructions, recent runs, next times.",
    use: "To look at one before you change or run it. On a terminal you can leave the ref out and pick from a list.",
    inPipe: "a field and its value on each line",
    exitCodes: requestCodes(),
    examples: [
      'herm automations get "Weekly video variations"',
      "herm automations get auto_5cT2k9 --next 10 --output json",
    ],
  },
  async run(context, { ref, next }): Promise<void> {
    const requested = await requireRef(context, { ref, verb: "get" });
    const { deployment_id, automation_id } = await resolveAutomation(context, requested);
    const client = await context.client();
    const read = await client.automations.get(deployment_id, automation_id, { signal: context.signal });
    const automation = automationJson(read, deployment_id);
    const row = { automation, ...(await stateFactsOf(context, { automation, deployment_id })) };
    const printer = await createPrinter(context);
    await printOne(printer, {
      json: { ...automation, ...stateJson(row), runs_a_day: runsADay(automation.schedule ?? "") ?? null },
      name: automation.automation_id,
      table: async () => {
        const render = printer.stdoutIsTty ? renderDetail : renderPipedDetail;
        const detail = await render({
          ...row,
          next,
          trigger: commandLine(context, ["automations", "trigger", `${deployment_id}/${automation_id}`]),
          now: context.serverNow(),
          style: printer.style,
          columns: printer.columns,
        });
        await printer.out(detail);
      },
    });
  },
});

/** Loads what is known beside its reading: who holds it, since when it is due, whether it ran although paused. */
async function stateFactsOf(
  context: Context,
  { automation, deployment_id }: { automation: AutomationDetail; deployment_id: string },
) {
  const item = { automation, automation_id: automation.automation_id, deployment_id };
  const [held] = (await loadIncidentBadges(context))(deployment_id, automation);
  // A history that can't be read makes an automation no less readable: nothing is said of it then.
  const late = await new Lateness(context, usualGraceMs).factsOf(item).catch(() => ({}));
  const [{ pausedMs } = {}] = automation.enabled === false ? (await loadKnownPauses(context))([item]) : [];
  const since = pausedMs === undefined ? undefined : runsSincePause(automation, pausedMs);
  return { held, ...late, isUnexpected: since !== undefined && since.unexpected.length > 0 };
}
