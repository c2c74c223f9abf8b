import { commandLine, flagWords } from "../../command-line/next-command.js";
import type { Context } from "../../context.js";
import type { ItemResult } from "../../fleet/outcome.js";
import { counted } from "../../output/count.js";
import { Names } from "../fleet/names.js";
import type { OpenStep, PreparedUndo } from "./prepared.js";

/** More of them make no command that a person reads. */
const mostRefs = 5;

/**
 * What an undo leaves in the record of the apply that it takes back (src/manifest/README.md, "The record"), and so what the
 * next apply does, with the command for what a person may want instead.
 */
export function tellRecord(
  context: Pick<Context, "settings">,
  { change: { record }, session: { printer }, deployments }: PreparedUndo,
  results: readonly ItemResult<OpenStep, string>[],
): void {
  if (record === undefined) return;
  const done = results.flatMap(({ item: { does, item }, outcome }) =>
    "value" in outcome && outcome.result === "done"
      ? [{ does, callable: { ...item, automation_id: outcome.value } }]
      : [],
  );
  const deleted = done.filter(({ does }) => does === "remove").length;
  const remade = done.filter(({ does }) => does === "remake").map(({ callable }) => callable);
  if (deleted > 0) {
    printer.note(
      `${record} still has what was deleted: apply doesn't create ${deleted === 1 ? "it" : "them"} again without --recreate`,
    );
  }
  if (remade.length === 0) return;
  const names = new Names(remade, deployments);
  const isMany = remade.length > mostRefs;
  const refs = isMany ? [] : remade.map((each) => names.ref(each));
  const adopt = commandLine(context, ["automations", "adopt", ...refs, ...flagWords("--record", record)]);
  const [were, them] = remade.length === 1 ? ["was", "it"] : ["were", "them"];
  const what = `${counted(remade.length, "automation")} that ${were} created again, so --prune leaves ${them}`;
  printer.note(
    `${record} doesn't have ${what}: ${adopt}${isMany ? ", with the manifests as --file," : ""} takes ${them} in`,
  );
}
