import { commandLine, type TargetFlags } from "../../../command-line/next-command.js";
import type { DeploymentPlan } from "../../../manifest/fleet-plan.js";
import type { Printer } from "../../../output/printer.js";
import { selectionWords } from "../../targets/selection.js";
import type { ManifestOptions } from "./flags.js";
import type { OpenRecord } from "./record.js";
import { fileWords } from "./repeat.js";

interface Hinting {
  record: OpenRecord;
  plans: readonly DeploymentPlan[];
  options: ManifestOptions;
  printer: Pick<Printer, "note" | "hint">;
}

/** After an apply, or once its plan is saved: how what was left is made again, and how the record gets what the files found by name. */
export function hintAtRecord(context: TargetFlags, { record, plans, options, printer }: Hinting): void {
  const changes = plans.flatMap(({ target: { deploymentId }, items, error }) =>
    error === undefined ? items.map((change) => ({ deploymentId, ...change })) : [],
  );
  if (changes.some(({ action }) => action === "left")) {
    printer.hint("--recreate creates again what was deleted since");
  }
  if (record.keeping === undefined && record.trouble !== undefined) return;
  const found = changes.filter(
    ({ action, place, automationId = "", deploymentId }) =>
      ["unchanged", "kept", "update", "rename"].includes(action) &&
      place !== undefined &&
      !record.has(deploymentId, automationId),
  );
  if (found.length === 0) return;
  const are = found.length === 1 ? "automation was" : "automations were";
  printer.note(
    `${found.length} ${are} found by name, and not in ${record.file}: ${adoptCommand(context, options)}`,
  );
}

function adoptCommand(context: TargetFlags, options: ManifestOptions): string {
  const { selection } = options;
  return commandLine(context, [
    "automations",
    "adopt",
    ...fileWords(options),
    ...selectionWords({ ...selection, except: selection.except.values }),
  ]);
}
