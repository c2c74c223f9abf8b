import type { Command } from "commander";
import type { Context } from "../../context.js";
import { refuseFrozen } from "../freeze.js";
import { switchEnabled } from "./switch-enabled.js";

export function addResumeCommand(parent: Command, context: Context): void {
  parent
    .command("resume")
    .description("Let automations fire again.")
    .argument("[ref...]", "ids or exact names")
    .addHelpText("after", '\nExample:\n  herm automations resume "Weekly video variations"')
    .action(async (refs: string[]) => {
      refuseFrozen(context);
      await switchEnabled(context, { refs, enabled: true });
    });
}
