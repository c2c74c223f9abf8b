import type { Command } from "commander";
import type { AutomationDetail } from "../../../api/types.js";
import { readCount } from "../../../command-line/flag-values.js";
import { commandLine } from "../../../command-line/next-command.js";
import type { Context } from "../../../context.js";
import { printOne } from "../../../output/one.js";
import { createPrinter } from "../../../output/printer.js";
import { requireRef } from "../../targets/pick.js";
import { resolveAutomation } from "../../targets.js";
import { automationJson } from "../shared/changed.js";
import { loadIncidentMarks } from "../shared/incident-marks.js";
import { renderDetail, renderPipedDetail } from "./view.js";

export interface GetOptions {
  ref: string | undefined;
  /** How many of the next times are shown. */
  next: number;
}

export function addGetCommand(parent: Command, context: Context): void {
  parent
    .command("get")
    .argument("[ref]", "an id or an exact name")
    .option("--next <n>", "how many of the next times (default 5)")
    .action((ref: string | undefined, flags: { next?: string }) =>
      getAutomation(context, { ref, next: readCount("--next", flags.next) ?? 5 }),
    );
}

/** Reads one automation and prints it whole. */
export async function getAutomation(context: Context, { ref, next }: GetOptions): Promise<void> {
  const wanted = await requireRef(context, { ref, verb: "get" });
  const { deploymentId, automationId } = await resolveAutomation(context, wanted);
  const client = await context.client();
  const automation = await client.automations.get(deploymentId, automationId, { signal: context.signal });
  const printer = await createPrinter(context);
  await printOne(printer, context.settings.output, {
    json: automationJson(automation, deploymentId),
    name: automation.automation_id,
    table: async () => {
      const render = printer.stdoutIsTty ? renderDetail : renderPipedDetail;
      const detail = await render({
        automation: withDeployment(automation, deploymentId),
        next,
        trigger: commandLine(context, ["automations", "trigger"]),
        marks: (await loadIncidentMarks(context, [deploymentId]))(deploymentId, automation),
        now: context.now(),
        style: printer.style,
        columns: printer.columns,
      });
      await printer.out(detail);
    },
  });
}

function withDeployment(
  automation: AutomationDetail,
  deploymentId: string,
): AutomationDetail & { deployment_id: string } {
  return { ...automation, deployment_id: automation.deployment_id ?? deploymentId };
}
