import { resolve } from "node:path";
import type { Context } from "../../../../context.js";
import { UsageError } from "../../../../errors.js";
import type { SavedPlan } from "../../../../manifest/plan-file/read.js";
import type { RecordPlace } from "../../../../manifest/record/choose.js";
import { checkNamedPlace, nothingThere, TextFileError } from "../../../../manifest/text-file.js";
import type { Printer } from "../../../../output/printer.js";
import type { OpenRecord } from "../record.js";

export interface PlannedRecord {
  saved: SavedPlan;
  /** As the plan's file was named. */
  plan: string;
  /** `--record`; absent: where the plan says. */
  flag: string | undefined;
  printer: Printer;
}

/**
 * Opens the record that a saved plan is carried out with, if it has one; `close` it then. Throws UsageError where the plan
 * names one that lies outside of the repository: a flag has to say that.
 */
export async function openPlannedRecord(
  context: Context,
  { saved, plan, flag, printer }: PlannedRecord,
): Promise<OpenRecord | undefined> {
  const { cwd } = context.settings.places;
  const shown = flag ?? saved.record;
  if (shown === undefined) return undefined;
  const place =
    flag === undefined ? await placeIn(cwd, { shown, plan }) : { path: resolve(cwd, flag), shown };
  const { openRecord } = await import("../record.js");
  const found = { place, reading: undefined };
  const record = await openRecord(context, { found, printer, isToBeWritten: true });
  record.tell({ prune: false });
  return record;
}

async function placeIn(cwd: string, { shown, plan }: { shown: string; plan: string }): Promise<RecordPlace> {
  try {
    return { path: await checkNamedPlace(resolve(cwd, shown), cwd), shown };
  } catch (error) {
    if (!(error instanceof TextFileError)) throw error;
    const why = error.message === nothingThere ? "lies in a folder that isn't there" : error.message;
    throw new UsageError(`the record of ${plan}, ${shown}, ${why}`, {
      hint: "nothing was sent; --record <file> says where it is",
    });
  }
}
