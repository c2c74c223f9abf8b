import type { Context } from "../../../../context.js";
import { NotPossibleError } from "../../../../errors.js";
import { describeApi, isSameApi } from "../../../../incident/identity.js";
import type { ManifestSet } from "../../../../manifest/read/manifest-set.js";
import { AutomationRecord, type RecordApi } from "../../../../manifest/record/automation-record.js";
import { readRecordNow } from "../../../../manifest/record/choose.js";
import type { RecordReading } from "../../../../manifest/record/read.js";
import type { Printer } from "../../../../output/printer.js";
import { readApiIdentity } from "../../../fleet/identity.js";
import { lockRecord, RecordKeeper } from "./keeper.js";
import { NoRecordError } from "./no-record.js";
import { OpenRecord, otherRecord } from "./open-record.js";

export interface RecordWork {
  found: NonNullable<ManifestSet["record"]>;
  printer: Printer;
  /** It is written too: nobody else does meanwhile. */
  isToBeWritten: boolean;
  /** What starts one where there is none; absent: this command does. */
  adopt?: string;
}

/**
 * Opens the record of a set of manifests; `close` it when the command is done. Throws ManifestError for what is wrong with
 * it, NoRecordError where there is none and this command doesn't start it, and NotPossibleError where it is another API's,
 * can't be written, or somebody else keeps it.
 */
export async function openRecord(context: Context, work: RecordWork): Promise<OpenRecord> {
  const { found, printer, isToBeWritten } = work;
  const { place } = found;
  const api = await readApiIdentity(context, await context.client());
  const files = context.settings.files.ofAnyone();
  const release = isToBeWritten ? await lockRecord(context, { files, place, printer }) : undefined;
  try {
    const reading = release === undefined && found.reading ? found.reading : await readRecordNow(place);
    const record = ourRecord(work, { reading, api });
    const isNew = reading?.record === undefined;
    const isUnsettled = isNew || reading.isUnsettled;
    const keeper =
      release && new RecordKeeper({ files, place, record, isToBeWritten: isUnsettled, printer, release });
    return new OpenRecord({ place, printer, record, keeper, isNew });
  } catch (error) {
    release?.();
    throw error;
  }
}

function ourRecord(
  { found: { place }, adopt }: RecordWork,
  { reading, api }: { reading: RecordReading | undefined; api: RecordApi },
): AutomationRecord {
  const record = reading?.record;
  if (record === undefined) {
    if (adopt === undefined) return new AutomationRecord(api);
    const is = reading === undefined ? "isn't there" : "is empty";
    const hint = `${adopt} creates one with what exists already; if there was one, restore it from git or the cache`;
    throw new NoRecordError(`${place.shown} ${is}: nothing was sent`, { hint });
  }
  if (isSameApi(record.api, api)) return record;
  const whose = `${place.shown} is the record of ${describeApi(record.api)}, not of ${describeApi(api)}`;
  throw new NotPossibleError(`${whose}: nothing was sent`, { hint: otherRecord });
}
