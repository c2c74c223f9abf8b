import { commandLine, flagWords } from "../../command-line/next-command.js";
import type { Context } from "../../context.js";
import type { ItemResult } from "../../fleet/outcome.js";
import { counted } from "../../output/count.js";
import type { Printer } from "../../output/printer.js";
import { Names } from "../fleet/names.js";
import type { OpenStep, UndoPlan } from "./plan.js";

const mostRefs = 10;

/**
 * Prints what an undo leaves in the record of the apply that it undoes (src/manifest/README.md, "The record"), what the next
 * apply does so, and the command for what a person may want instead.
 */
export function printRecordNote(
  context: Pick<Context, "settings">,
  { change: { record }, deployments }: Pick<UndoPlan, "change" | "deployments">,
  { printer, results }: { printer: Printer; results: readonly ItemResult<OpenStep, string>[] },
): void {
  if (record === undefined) return;
  const doneBy = (kind: OpenStep["action"]) =>
    results.flatMap(({ item: { action, subject }, outcome }) =>
      action === kind && outcome.result === "done" ? [{ ...subject, automation_id: outcome.value }] : [],
    );
  const itOrThem = ({ length }: readonly unknown[]) => (length === 1 ? "it" : "them");
  const deleted = doneBy("remove");
  if (deleted.length > 0)
    printer.note(
      `${record} still has what was deleted: apply creates ${itOrThem(deleted)} again only with --recreate`,
    );
  const remade = doneBy("remake");
  if (remade.length === 0) return;
  const names = new Names(remade, deployments);
  const isEach = remade.length <= mostRefs;
  const refs = (isEach ? remade : remade.slice(0, 1)).map((each) => names.ref(each));
  const adopt = commandLine(context, ["automations", "adopt", ...refs, ...flagWords("--record", record)]);
  const [were, it] = [remade.length === 1 ? "was" : "were", itOrThem(remade)];
  const what = `${counted(remade.length, "automation")} that ${were} created again, so --prune leaves ${it}`;
  printer.note(`${record} doesn't have ${what}: ${adopt} adds ${isEach ? it : "one"}`);
}
