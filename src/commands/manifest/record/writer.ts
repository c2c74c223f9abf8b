/** The record of the files' automations: opens, locks and writes it. */

import { dirname } from "node:path";
import type { Context } from "../../../context/context.js";
import { NotPossibleError, UnrecordedError } from "../../../errors/cli-errors.js";
import { FileError, hintOfUnwritten, ignoreErrors, withFileErrors } from "../../../files/file-error.js";
import { makeFolders } from "../../../files/folders.js";
import { untilReleased } from "../../../files/lock.js";
import type { LogFile } from "../../../files/log-file.js";
import type { PrivateFiles } from "../../../files/private-files.js";
import { type DeploymentTarget, listDeployments } from "../../../fleet/selection.js";
import { messageOf } from "../../../invocation/report-error.js";
import type { DeploymentPlan } from "../../../manifest/plan/fleet-plan.js";
import { type PlanItem, unknownItem } from "../../../manifest/plan/plan-item.js";
import {
  type AutomationRecord,
  entryLine,
  keyOf,
  keyOfName,
  nameInKey,
  type PendingCreate,
  pendingCreateLine,
  pendingDeletionLine,
  type RecordEntry,
  recordText,
} from "../../../manifest/record/automation-record.js";
import type { RecordFile } from "../../../manifest/record/choose.js";
import { mostRecordBytes } from "../../../manifest/record/read.js";
import { reconcileRecord } from "../../../manifest/record/reconcile.js";
import type { DeploymentState } from "../../../manifest/state/deployment-state.js";
import type { DesiredItems } from "../../../manifest/state/desired-items.js";
import type { DesiredState } from "../../../manifest/state/desired-state.js";
import type { UnknownDeploymentError } from "../../../operations/rows/session.js";
import { lockWait } from "../../../operations/sending/locks.js";
import { counted, joinNames } from "../../../output/count.js";
import type { Printer } from "../../../output/printer.js";

interface WriterOptions {
  files: PrivateFiles;
  file: RecordFile;
  record: AutomationRecord;
  /** True if the file differs from the text to be written. */
  isToBeWritten: boolean;
  printer: Printer;
  release(): void;
}

/**
 * Appends a line for each step; sorts the whole file at the end, and at the start if it needs it. A command that is
 * killed leaves its lines at the end of the file, and the next command sorts them.
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

  /** Starts recording. Throws UnrecordedError if the file can't be written. */
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

  /** Call it before a create is sent. Throws UnrecordedError, so that the create isn't sent. */
  async beginCreate(create: PendingCreate): Promise<void> {
    await this.#append(pendingCreateLine(create));
    this.options.record.addPendingCreate(create);
  }

  /** Records the new id. Never throws, because the automation exists. */
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
        `${file.shown} can't be written; the next apply will find the created automations: ${messageOf(error)}`,
      );
    }
  }

  /** Call it if the create was refused or never sent. */
  cancelCreate(create: PendingCreate): void {
    this.options.record.removePendingCreate(create);
  }

  /** Records the id of an existing automation, if its create was never finished here. */
  async finishIfPending(deployment_id: string, name: string, automation_id: string): Promise<void> {
    const open = this.options.record.pendingCreates.find(
      (create) => create.deployment_id === deployment_id && create.name === name,
    );
    if (open !== undefined) await this.finishCreate(open, automation_id);
  }

  /** Call it before a deletion is sent. Throws UnrecordedError, so that the deletion isn't sent. */
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

  /** Rewrites and sorts the file if any steps were recorded. If that fails, the next command does it. */
  close(): void {
    const { record, file, printer, release } = this.options;
    // A failure here loses no line, because each was on disk before the next step.
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

  /** Appends a line unless it is already there, because two equal lines would be a mistake. */
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
    // After an append, the file differs from the text that was written.
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
  return new UnrecordedError(`nothing was sent, because it couldn't be recorded: ${error.message}`, {
    hint: hintOfUnwritten(error, elsewhere),
    cause: error,
  });
}

/** Locks the record until the returned function is called; waits as `lockWait` does. Throws NotPossibleError. */
export async function lockRecord(
  context: Context,
  { files, file, printer }: Pick<WriterOptions, "files" | "file" | "printer">,
): Promise<() => void> {
  const options = lockWait(context, { printer, what: `the record ${file.shown}` });
  try {
    // In CI, a cached folder doesn't exist the first time.
    withFileErrors(file.path, "can't be created", () => makeFolders(dirname(file.path)));
    return await untilReleased((work) => files.withLockBeside(file.path, work, options));
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    const text = `nothing was sent, because the record can't be written: ${messageOf(error)}`;
    throw new NotPossibleError(text, { hint: hintOfUnwritten(error, elsewhere), cause: error });
  }
}

export const otherRecord = "to choose the API: --profile, --api-url or --local; the record: --record";

type NameFilter = (automation: { automation_id: string; name: string }) => boolean;

const mostNamed = 3;

/** The record that a command plans from, and may write (src/manifest/README.md, "The record"). */
export class OpenRecord {
  readonly #desired = new Map<string, DesiredItems>();

  /** `recorder` records each step of an apply; undefined if the record is only read. */
  constructor(
    readonly contents: AutomationRecord,
    readonly file: string,
    readonly recorder: RecordWriter | undefined,
    private readonly printer: Pick<Printer, "warn" | "note" | "hint">,
    readonly isNew: boolean,
  ) {}

  withRecord({ target, desired }: DesiredState, isAdopting = false): DesiredState {
    const { deployment_id } = target;
    const entries = this.contents.entriesOf(deployment_id);
    this.#desired.set(deployment_id, desired);
    return { target, desired: { ...desired, recorded: { entries, isAdopting } } };
  }

  /** Resolves creates that an earlier apply didn't finish; returns the states with the lines now in the record. */
  reconcile(states: readonly DeploymentState[]): DeploymentState[] {
    for (const { name, deployment_id, ids } of reconcileRecord(this.contents, states)) {
      this.printer.warn(
        `"${name}" in ${deployment_id}: unclear which of ${joinNames(ids)} an earlier apply created; none is in ${this.file}`,
      );
    }
    return states.map((state) => {
      const { isAdopting } = state.desired.recorded ?? {};
      return { ...state, ...this.withRecord(state, isAdopting) };
    });
  }

  /** Adds entries and drops those of whole deployments; both are on disk before it returns. Throws UnrecordedError. */
  change({ entries, forget }: { entries: readonly RecordEntry[]; forget: readonly string[] }): void {
    for (const id of forget) this.contents.forget(id);
    for (const entry of entries) {
      const same = this.contents.entriesOf(entry.deployment_id).filter(({ key }) => key === entry.key);
      for (const old of same) this.contents.remove(old);
      this.contents.add(entry);
    }
    this.recorder?.writeNow();
  }

  /** Throws NotPossibleError if none of its deployments, except `gone`, is visible. `targets` are known to be. */
  async checkSeen(
    context: Context,
    { targets = [], gone = [] }: { targets?: readonly DeploymentTarget[]; gone?: readonly string[] },
  ): Promise<void> {
    const ids = new Set(this.contents.deploymentIds.filter((id) => !gone.includes(id)));
    if (ids.size === 0 || targets.some(({ deployment_id }) => ids.has(deployment_id))) return;
    const existing = await listDeployments(await context.client(), undefined, context.signal);
    if (existing.some(({ deployment_id }) => ids.has(deployment_id))) return;
    const these = ids.size === 1 ? "the deployment" : `any of the ${ids.size} deployments`;
    throw new NotPossibleError(`this key can't see ${these} in ${this.file}: nothing was sent`, {
      hint: `it may be another environment's key; ${otherRecord}`,
    });
  }

  /** The plan for an unknown deployment; undefined if it contains no selected automation. */
  unknownPlan(error: UnknownDeploymentError, includes: NameFilter): DeploymentPlan | undefined {
    const { deployment_id } = error;
    const entries = this.contents.entriesOf(deployment_id);
    const items = entries.map((entry) => unknownItem(entry, error));
    const included = items.filter(({ automation_id = "", name }) => includes({ automation_id, name }));
    if (included.length === 0) return undefined;
    const existingIds = new Set(entries.map(({ automation_id }) => automation_id));
    const target = { deployment_id, name: deployment_id, isNamed: false };
    return { target, items: included, existingIds, isSkipped: false, isUnseen: true };
  }

  /** Reports, once, recorded automations in deployments outside the run. `named`: the ids of deployments in the run. */
  reportUnreached({ named, includes }: { named: ReadonlySet<string>; includes: NameFilter }): void {
    const elsewhere = this.contents.entries.filter(
      ({ deployment_id, automation_id, key }) =>
        !named.has(deployment_id) && includes({ automation_id, name: nameInKey(key) }),
    );
    if (elsewhere.length === 0) return;
    const ids = [...new Set(elsewhere.map(({ deployment_id }) => deployment_id))];
    this.printer.note(
      `${this.file} has ${counted(elsewhere.length, "automation")} in ${joinNames(ids, mostNamed)}, which this run doesn't cover: nothing is pruned there`,
    );
    this.printer.hint("to delete those, name the deployment in both deployments: and not:");
  }

  /**
   * Updates the keys after everything is sent. Drops missing automations that have a successor or are in `removed`, and
   * with `prune` also those that aren't in any file.
   */
  update(plans: readonly DeploymentPlan[], { prune }: { prune: boolean }): void {
    for (const plan of plans.filter(({ error, isSkipped }) => error === undefined && !isSkipped)) {
      for (const change of plan.items) this.#rename(plan.target.deployment_id, change);
      this.#forgetGone(plan, prune);
    }
  }

  #forgetGone({ target: { deployment_id }, existingIds }: DeploymentPlan, prune: boolean): void {
    const desired = this.#desired.get(deployment_id);
    if (desired === undefined) return;
    const named = new Set(desired.items.map(keyOf));
    const removed = new Set(desired.removed.flatMap(({ ref }) => [ref, keyOfName(ref)]));
    const entries = this.contents.entriesOf(deployment_id);
    const there = new Set(entries.flatMap((each) => (existingIds.has(each.automation_id) ? each.key : [])));
    for (const entry of entries.filter(({ automation_id }) => !existingIds.has(automation_id))) {
      const isUnnamed = prune && !named.has(entry.key);
      if (isUnnamed || there.has(entry.key) || removed.has(entry.key)) this.contents.remove(entry);
    }
  }

  #rename(deployment_id: string, { key, automation_id = "", error, mark }: PlanItem): void {
    const isKnown = this.contents.entryOf(deployment_id, automation_id) !== undefined;
    if (error === undefined && key !== undefined && isKnown)
      this.contents.add({ deployment_id, automation_id, key, mark });
  }

  close(): void {
    this.recorder?.close();
  }
}
