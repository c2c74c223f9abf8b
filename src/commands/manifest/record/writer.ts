import { dirname } from "node:path";
import type { Context } from "../../../context/context.js";
import { NotPossibleError, UnrecordedError } from "../../../errors/errors.js";
import { FileError, hintOfUnwritten, ignoreErrors, withFileErrors } from "../../../files/file-error.js";
import { makeFolders } from "../../../files/folders.js";
import { untilReleased } from "../../../files/lock.js";
import type { LogFile } from "../../../files/log-file.js";
import type { PrivateFiles } from "../../../files/private-files.js";
import { messageOf } from "../../../invocation/report.js";
import {
  type AutomationRecord,
  entryLine,
  type PendingCreate,
  pendingCreateLine,
  pendingDeletionLine,
  recordText,
} from "../../../manifest/record/automation-record.js";
import type { RecordFile } from "../../../manifest/record/choose.js";
import { keyOf } from "../../../manifest/record/key.js";
import { mostRecordBytes } from "../../../manifest/record/read.js";
import { lockWait } from "../../../operations/sending/wait-for-lock.js";
import type { Printer } from "../../../output/printer.js";

interface WriterOptions {
  files: PrivateFiles;
  file: RecordFile;
  record: AutomationRecord;
  /** True when the file isn't as it would be written now. */
  isToBeWritten: boolean;
  printer: Printer;
  release(): void;
}

/**
 * Appends a line for each step; rewrites the whole, sorted, at the end, and at the beginning where needed. A killed
 * command leaves lines at the end, which the next one sorts in.
 */
export class RecordWriter {
  #log: LogFile | undefined;
  #bytes = 0;
  #written: string;
  readonly #appended = new Set<string>();
  #isWarned = false;

  constructor(private readonly options: WriterOptions) {
    this.#written = recordText(options.record);
  }

  get file(): string {
    return this.options.file.path;
  }

  /** Starts recording. Throws UnrecordedError where the file can't be written. */
  begin(): void {
    const { files, file, record, isToBeWritten } = this.options;
    const text = recordText(record);
    this.#bytes = Buffer.byteLength(text);
    this.#try(() => {
      if (isToBeWritten) this.#write(text);
      this.#log = files.logBeside(file.path, { cutsLastLine: true });
    });
  }

  writeNow(): void {
    this.#try(() => this.#write(recordText(this.options.record)));
  }

  /** Called before a create is sent. Throws UnrecordedError: then it isn't. */
  async beginCreate(create: PendingCreate): Promise<void> {
    await this.#append(pendingCreateLine(create));
    this.options.record.addPendingCreate(create);
  }

  /** Records the id. Never throws: it is created. */
  async finishCreate(create: PendingCreate, automation_id: string): Promise<void> {
    const { record, file, printer } = this.options;
    const { deployment_id, mark } = create;
    const entry = { deployment_id, automation_id, key: keyOf(create), mark };
    record.add(entry);
    record.removePendingCreate(create);
    try {
      await this.#append(entryLine(entry));
    } catch (error) {
      if (this.#isWarned) return;
      this.#isWarned = true;
      printer.warn(
        `${file.shown} can't be written; the next apply finds what was created: ${messageOf(error)}`,
      );
    }
  }

  /** The create was refused, or never sent. */
  cancelCreate(create: PendingCreate): void {
    this.options.record.removePendingCreate(create);
  }

  /** Records the id of what is there, if a create of it was left open. */
  async finishIfPending(deployment_id: string, name: string, automation_id: string): Promise<void> {
    const open = this.options.record.pendingCreates.find(
      (create) => create.deployment_id === deployment_id && create.name === name,
    );
    if (open !== undefined) await this.finishCreate(open, automation_id);
  }

  /** Called before a deletion is sent. Throws UnrecordedError: then it isn't. */
  async beginDelete(deployment_id: string, automation_id: string): Promise<void> {
    const { record } = this.options;
    const entry = record.entryOf(deployment_id, automation_id);
    if (entry === undefined) return;
    await this.#append(pendingDeletionLine(entry));
    record.addPendingDeletion(entry);
  }

  finishDelete(deployment_id: string, automation_id: string): void {
    this.options.record.remove({ deployment_id, automation_id });
  }

  /** Rewrites the whole, sorted, if steps were recorded. If that fails the next command does it. */
  close(): void {
    const { record, file, printer, release } = this.options;
    // Each line was on the disk before the next step.
    ignoreErrors(() => this.#log?.close());
    try {
      const text = recordText(record);
      if (this.#log !== undefined && text !== this.#written) this.#write(text);
    } catch (error) {
      printer.warn(
        `${file.shown} lists everything that was created, but couldn't be sorted: ${messageOf(error)}`,
      );
    } finally {
      release();
    }
  }

  /** Appends a line once: two equal ones would be a mistake. */
  async #append(line: string): Promise<void> {
    try {
      if (!this.#appended.has(line)) this.#grow(line);
      await this.#log?.flush();
    } catch (error) {
      throw unrecordable(error);
    }
  }

  #grow(line: string): void {
    this.#bytes += Buffer.byteLength(line);
    if (this.#bytes > mostRecordBytes) throw tooLarge(this.options.file);
    this.#log?.append(line);
    this.#appended.add(line);
    // Whatever was appended makes the file another than was written.
    this.#written = "";
  }

  #write(text: string): void {
    const { files, file } = this.options;
    if (Buffer.byteLength(text) > mostRecordBytes) throw tooLarge(file);
    files.writeShared(file.path, text);
  }

  #try(work: () => void): void {
    try {
      work();
    } catch (error) {
      throw unrecordable(error);
    }
  }
}

function tooLarge({ path }: RecordFile): FileError {
  return new FileError(path, `would be larger than ${mostRecordBytes / 1024 / 1024} MiB`);
}

const elsewhere = "name a writable file with --record";

function unrecordable(error: unknown): unknown {
  if (!(error instanceof FileError)) return error;
  return new UnrecordedError(`nothing was sent, since it can't be recorded: ${error.message}`, {
    hint: hintOfUnwritten(error, elsewhere),
    cause: error,
  });
}

/** Locks the record, waiting as `lockWait`, until the returned function is called. Throws NotPossibleError where that can't be. */
export async function lockRecord(
  context: Context,
  { files, file, printer }: Pick<WriterOptions, "files" | "file" | "printer">,
): Promise<() => void> {
  const options = lockWait(context, { printer, what: `the record ${file.shown}` });
  try {
    // A folder that CI caches isn't there the first time.
    withFileErrors(file.path, "can't be created", () => makeFolders(dirname(file.path)));
    return await untilReleased((work) => files.withLockBeside(file.path, work, options));
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    const text = `nothing was sent, since the record can't be written: ${messageOf(error)}`;
    throw new NotPossibleError(text, { hint: hintOfUnwritten(error, elsewhere), cause: error });
  }
}
