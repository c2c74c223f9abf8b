import { flagWords } from "../../command-line/next-command.js";
import type { Context } from "../../context.js";

export type ReasonGiven = Pick<Context, "settings" | "reason">;

/** `--reason` for a command that goes on with this one. Not that of HERM_REASON, which is there the next time too. */
export function reasonWords({ reason, settings }: ReasonGiven): string[] {
  return reason === settings.reason() ? [] : flagWords("--reason", reason ?? "");
}
