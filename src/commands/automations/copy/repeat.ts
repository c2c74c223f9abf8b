import { commandLine, flagWords } from "../../../command-line/next-command.js";
import { isSkipReason, wentWrong } from "../../../fleet/outcome.js";
import { Names } from "../../fleet/names.js";
import { mannerWords } from "../../sending/again.js";
import type { ReasonGiven } from "../../sending/reason.js";
import { selectionWords } from "../../targets/selection.js";
import type { ChangeRow } from "../manifest/rows.js";
import type { CopyInput, Copying } from "./choose.js";

/** The command that copies again where something failed; nothing where nothing did. What is done it finds unchanged. */
export function copyCommand(
  context: ReasonGiven,
  { copying, input, rows }: { copying: Copying; input: CopyInput; rows: readonly ChangeRow[] },
): string | undefined {
  const failed = rows.filter((row) => wentWrong(row) || isSkipReason(row.reason));
  if (failed.length === 0) return undefined;
  const { refs, selection, everyone } = copying;
  const { to, toCustomer, toAllDeployments, paused, update } = input;
  const names = new Names([], everyone);
  const places = new Set(failed.map((row) => row.deployment_id));
  return commandLine(context, [
    "automations",
    "copy",
    ...refs,
    ...selectionWords({ ...selection, except: selection.except.values }),
    ...(to.length > 0 ? [...places].flatMap((id) => flagWords("--to", names.deployment(id))) : []),
    ...(toCustomer === undefined ? [] : flagWords("--to-customer", toCustomer)),
    ...(toAllDeployments ? ["--to-all-deployments"] : []),
    ...(paused ? ["--paused"] : []),
    ...(update ? ["--update"] : []),
    ...mannerWords(context, input),
  ]);
}
