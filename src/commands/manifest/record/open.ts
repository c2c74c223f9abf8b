import type { Context } from "../../../context/context.js";
import { NotPossibleError } from "../../../errors/cli-errors.js";
import { readApiIdentity } from "../../../history/api-identity.js";
import { describeApi, isSameApi } from "../../../incident/scope.js";
import { AutomationRecord, type RecordApi } from "../../../manifest/record/automation-record.js";
import { type FoundRecord, readRecordNow } from "../../../manifest/record/choose.js";
import type { RecordReading } from "../../../manifest/record/read.js";
import type { Printer } from "../../../output/printer.js";
import { howToStart, NoRecordError } from "../planning/plan-failures.js";
import { lockRecord, OpenRecord, otherRecord, RecordWriter } from "./writer.js";

interface OpenRecordOptions {
  found: FoundRecord;
  printer: Printer;
  /** True if the command will write to the record, which it has to lock first. */
  isToBeWritten: boolean;
  /** The command that starts a record, for the error if there is none; absent in adopt itself. */
  adopt?: string;
  mayStart?: boolean;
}

/**
 * Opens the record for a set of manifests; `close` it when the command ends. Throws ManifestError for mistakes in it,
 * NoRecordError if it is missing and this command doesn't start it, and NotPossibleError if it belongs to another API,
 * can't be written, or is locked.
 */
export async function openRecord(context: Context, work: OpenRecordOptions): Promise<OpenRecord> {
  const { found, printer, isToBeWritten } = work;
  const { file } = found;
  const api = await readApiIdentity(context, await context.client());
  const files = context.settings.files.ofAnyone();
  const release = isToBeWritten ? await lockRecord(context, { files, file, printer }) : undefined;
  try {
    const reading = release === undefined && found.reading ? found.reading : await readRecordNow(file);
    const record = ourRecord(work, { reading, api });
    const isNew = reading?.record === undefined;
    const needsRewrite = isNew || reading.needsRewrite;
    const writer =
      release && new RecordWriter({ files, file, record, isToBeWritten: needsRewrite, printer, release });
    return new OpenRecord(record, file.shown, writer, printer, isNew);
  } catch (error) {
    release?.();
    throw error;
  }
}

function ourRecord(
  { found: { file }, adopt, mayStart }: OpenRecordOptions,
  { reading, api }: { reading: RecordReading | undefined; api: RecordApi },
): AutomationRecord {
  const record = reading?.record;
  if (record === undefined) {
    if (adopt === undefined || mayStart) return new AutomationRecord(api);
    const is = reading === undefined ? "is missing" : "is empty";
    throw new NoRecordError(`${file.shown} ${is}: nothing was sent`, { hint: howToStart(adopt) });
  }
  const { oldLine } = reading ?? {};
  if (oldLine !== undefined && adopt !== undefined)
    throw new NotPossibleError(`${file.shown} has lines in an older format (${oldLine}): nothing was sent`, {
      hint: `to write a new one: ${adopt}`,
    });
  if (isSameApi(record.api, api)) return record;
  const whose = `${file.shown} is the record of ${describeApi(record.api)}, not of ${describeApi(api)}`;
  throw new NotPossibleError(`${whose}: nothing was sent`, { hint: otherRecord });
}
