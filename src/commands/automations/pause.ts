import type { Command } from "commander";
import type { Context } from "../../context.js";
import { switchEnabled } from "./switch-enabled.js";

export function addPauseCommand(parent: Command, context: Context): void {
  parent
    .command("pause")
    .description("Stop automations from firing. Runs under way go on.")
    .argument("[ref...]", "ids or exact names")
    .addHelpText("after", '\nExample:\n  herm automations pause "Weekly video variations"')
    .action((refs: string[]) => switchEnabled(context, { refs, enabled: false }));
}
