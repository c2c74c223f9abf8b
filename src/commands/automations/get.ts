import type { Command } from "commander";
import type { AutomationDetail } from "../../api/types.js";
import type { Context } from "../../context.js";
import { createPrinter } from "../../output/printer.js";
import { safe } from "../../output/safe.js";
import { readCount } from "../flag-values.js";
import { loadIncidentMarks } from "../incident-marks.js";
import { resolveAutomation } from "../targets.js";
import { automationJson } from "./automation-view.js";
import { renderDetail, renderPipedDetail } from "./detail-view.js";
import { requireRef } from "./pick.js";

export interface GetOptions {
  ref: string | undefined;
  /** How many of the next times are shown. */
  next: number;
}

export function addGetCommand(parent: Command, context: Context): void {
  parent
    .command("get")
    .description("Show everything about one automation: instructions, recent runs, next times.")
    .argument("[ref]", "an id or an exact name")
    .option("--next <n>", "how many of the next times (default 5)")
    .addHelpText("after", '\nExample:\n  herm automations get "Weekly video variations"')
    .action((ref: string | undefined, flags: { next?: string }) =>
      getAutomation(context, { ref, next: readCount("--next", flags.next) ?? 5 }),
    );
}

/** Reads one automation and prints it whole. */
export async function getAutomation(context: Context, { ref, next }: GetOptions): Promise<void> {
  const wanted = await requireRef(context, { ref, verb: "show" });
  const { deploymentId, automationId } = await resolveAutomation(context, wanted);
  const client = await context.client();
  const automation = await client.automations.get(deploymentId, automationId, { signal: context.signal });
  const printer = await createPrinter(context);
  switch (context.settings.output) {
    case "json":
      return printer.json(automationJson(automation, deploymentId));
    case "jsonl":
      return printer.jsonLine(automationJson(automation, deploymentId));
    case "name":
      return printer.line(safe(automation.automation_id, "cell"));
    case "table":
      return printer.out(
        await (printer.stdoutIsTty ? renderDetail : renderPipedDetail)({
          automation: withDeployment(automation, deploymentId),
          next,
          marks: (await loadIncidentMarks(context))(deploymentId, automation),
          now: context.now(),
          style: printer.style,
          columns: printer.columns,
        }),
      );
  }
}

function withDeployment(
  automation: AutomationDetail,
  deploymentId: string,
): AutomationDetail & { deployment_id: string } {
  return { ...automation, deployment_id: automation.deployment_id ?? deploymentId };
}
