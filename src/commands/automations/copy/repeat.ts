import { commandAgain } from "../../../command/again.js";
import type { Context } from "../../../context.js";
import { isSkipReason, wentWrong } from "../../../fleet/outcome.js";
import { Names } from "../../fleet/names.js";
import type { ChangeRow } from "../manifest/rows.js";
import type { CopyInput, Copying } from "./choose.js";

/** The command that copies again where something failed; nothing where nothing did. What is done it finds unchanged. */
export function copyCommand(
  context: Context,
  { copying, input, rows }: { copying: Copying; input: CopyInput; rows: readonly ChangeRow[] },
): string | undefined {
  const failed = rows.filter((row) => wentWrong(row) || isSkipReason(row.reason));
  if (failed.length === 0) return undefined;
  const names = new Names([], copying.everyone);
  const places = [...new Set(failed.map((row) => names.deployment(row.deployment_id)))];
  return commandAgain(context, { flags: input.to.length > 0 ? { to: places } : {} });
}
