import { resolve } from "node:path";
import { commandLine, flagWords } from "../../../../command-line/next-command.js";
import type { Context } from "../../../../context.js";
import { UsageError } from "../../../../errors.js";
import type { SavedPlan } from "../../../../manifest/plan-file/read.js";
import {
  noSuchFile,
  OutsideError,
  realNamedPath,
  TextFileError,
} from "../../../../manifest/read/text-file.js";
import type { RecordFile } from "../../../../manifest/record/choose.js";
import type { Printer } from "../../../../output/printer.js";
import type { OpenRecord } from "../record/open-record.js";

/**
 * Opens the record of a saved plan, if it has one; `close` it then. Throws UsageError where it lies outside of the
 * repository, unless a flag names it.
 */
export async function openPlannedRecord(
  context: Context,
  {
    saved,
    plan,
    flag,
    ...opening
  }: { saved: SavedPlan; plan: string; flag: string | undefined; isToBeWritten: boolean; printer: Printer },
): Promise<OpenRecord | undefined> {
  const { cwd } = context.settings.environment;
  const shown = flag ?? saved.record;
  if (shown === undefined) return undefined;
  const file = flag === undefined ? await fileIn(cwd, { shown, plan }) : { path: resolve(cwd, flag), shown };
  const { openRecord } = await import("../record/open.js");
  const found = { file, reading: undefined };
  const words = ["adopt", ...flagWords("--record", shown)];
  const adopt = `${commandLine(context, words)}, with the files of the plan,`;
  const record = await openRecord(context, { ...opening, found, adopt });
  try {
    record.checkPlanned(saved.plans);
    return record;
  } catch (error) {
    record.close();
    throw error;
  }
}

/**
 * Hints that a record outside of the repository has to be named again to apply the plan, since openPlannedRecord
 * refuses it otherwise.
 */
export async function hintAtRecordOutside(
  context: Context,
  { plan, record, printer }: { plan: string; record: string; printer: Printer },
): Promise<void> {
  const { cwd } = context.settings.environment;
  const refusal = await realNamedPath(resolve(cwd, record), cwd).catch((error: unknown) => error);
  if (!(refusal instanceof OutsideError)) return;
  const words = [...flagWords("--plan", plan), ...flagWords("--record", record)];
  const command = commandLine(context, ["apply", ...words]);
  printer.hint(`the record is ${outside}, so name it again to apply the plan: ${command}`);
}

const outside = "outside this folder and its git repository";

async function fileIn(cwd: string, { shown, plan }: { shown: string; plan: string }): Promise<RecordFile> {
  try {
    return { path: await realNamedPath(resolve(cwd, shown), cwd), shown };
  } catch (error) {
    if (!(error instanceof TextFileError)) throw error;
    throw new UsageError(whyNot(error, { shown, plan }), {
      hint: "nothing was sent; --record <file> says where it is",
    });
  }
}

function whyNot(error: TextFileError, { shown, plan }: { shown: string; plan: string }): string {
  if (error instanceof OutsideError) return `the record of ${plan} is ${outside}: ${shown}`;
  const why = error.message === noSuchFile ? "is in a folder that doesn't exist" : error.message;
  return `the record of ${plan}, ${shown}, ${why}`;
}
