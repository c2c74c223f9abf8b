import { commandLine, flagWords } from "../../command-line/next-command.js";
import type { Context } from "../../context.js";
import type { ItemResult } from "../../fleet/outcome.js";
import { counted } from "../../output/count.js";
import type { Printer } from "../../output/printer.js";
import { Names } from "../fleet/names.js";
import type { OpenStep, UndoPlan } from "./plan.js";

/** More of them make no command that a person reads. */
const mostRefs = 5;

/**
 * Says what an undo leaves in the record of the apply that it takes back (src/manifest/README.md, "The record"), and so what
 * the next apply does, with the command for what a person may want instead.
 */
export function tellRecord(
  context: Pick<Context, "settings">,
  {
    change: { record },
    deployments,
    printer,
    results,
  }: Pick<UndoPlan, "change" | "deployments"> & {
    printer: Printer;
    results: readonly ItemResult<OpenStep, string>[];
  },
): void {
  if (record === undefined) return;
  const doneBy = (wanted: OpenStep["does"]) =>
    results.flatMap(({ item: { does, subject }, outcome }) =>
      does === wanted && "value" in outcome && outcome.result === "done"
        ? [{ ...subject, automation_id: outcome.value }]
        : [],
    );
  const deleted = doneBy("remove").length;
  if (deleted > 0) {
    const what = deleted === 1 ? "it" : "them";
    printer.note(
      `${record} still has what was deleted: apply doesn't create ${what} again without --recreate`,
    );
  }
  const remade = doneBy("remake");
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
