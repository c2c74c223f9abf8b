import { isSentOnce } from "../../changes/fields.js";
import type { ReadyChange } from "../../changes/planned-change.js";
import type { SendHooks, Sending } from "../../changes/sending.js";
import { commandLine } from "../../command-line/next-command.js";
import type { Context } from "../../context/context.js";
import { ChangeIgnoredError, InterruptedError, OutcomeUnknownError } from "../../errors/cli-errors.js";
import { isOutcomeUnknown, isRefusal, mayHaveChanged } from "../../errors/exit-code.js";
import { toUnrecordedError } from "../../files/file-error.js";
import { mayBeChanged, wasHeldBack } from "../../fleet/outcome.js";
import { readApiIdentity } from "../../history/api-identity.js";
import {
  alreadySo,
  type ChangeHead,
  changeKindOf,
  type ItemOutcome,
  type NewItem,
  type PossibleChange,
  servedTime,
} from "../../history/change.js";
import { ChangeFile } from "../../history/change-file.js";
import { newChangeId } from "../../history/folder.js";
import { messageOf } from "../../invocation/report-error.js";
import { createPrinter } from "../../output/printer.js";
import { changeHead } from "./change-head.js";
import { checkOf, factsOf, idOf } from "./items.js";
import { type SettleLater, sendSettled } from "./lost-changes.js";
import { recordElsewhere, warnOf } from "./record-elsewhere.js";

export interface ChangeOptions extends Pick<ChangeHead, "undoes" | "record"> {
  /** For a pause: sends even if recording fails, with one warning. */
  isUrgent?: boolean;
}

export interface RecordedItem extends NewItem {
  /** The number in the history; undefined if it is urgent and couldn't be recorded. */
  number: number | undefined;
}

/** This command's changes in the history (src/history/README.md), from the first item on. Call `close` at the end. */
export class OpenChange {
  readonly id: string;
  readonly #changeRecords: PossibleChange[] = [];
  readonly #created = new Set<string>();
  #opening: Promise<ChangeFile> | undefined;
  #file: ChangeFile | undefined;
  #failure: { error: unknown } | undefined;

  constructor(
    private readonly context: Context,
    private readonly options: ChangeOptions = {},
  ) {
    this.id = newChangeId(context.settings);
  }

  get isRecorded(): boolean {
    return this.#failure === undefined;
  }

  /**
   * Records items before any is sent; they are on the disk when it resolves. A batch waits for the disk once, and so do
   * concurrent calls. If it throws UnrecordedError, none of them may be sent.
   */
  async add(items: readonly NewItem[]): Promise<RecordedItem[]> {
    if (items.length === 0) return [];
    try {
      this.#opening ??= this.#open();
      this.#file = await this.#opening;
      const numbers = await this.#file.add(items);
      return items.map((item, at) => ({ ...item, number: numbers[at] }));
    } catch (error) {
      if (!this.options.isUrgent) throw toUnrecordedError(error);
      this.#failure ??= { error };
      return items.map((item) => ({ ...item, number: undefined }));
    }
  }

  /**
   * Sends an item, recording it first if necessary, and records its outcome. Throws what `add` and `send` throw; if
   * the effect is unknown, OutcomeUnknownError with the command that checks.
   */
  async send<T>(added: NewItem | RecordedItem, sending: Sending<T>, settleLater?: SettleLater): Promise<T> {
    const item = await this.#addOne(added);
    this.#recordSending(item);
    return this.#sendNow(item, sending, settleLater);
  }

  async #sendNow<T>(item: RecordedItem, sending: Sending<T>, settleLater?: SettleLater): Promise<T> {
    const onLost = (error: unknown) => {
      this.#note(item, outcomeOf(error));
      sending.onLost?.(error);
    };
    const { act, deployment_id } = item;
    const hooks: SendHooks = { resend: (state) => this.#recordSending(item, state) };
    const options = { deployment_id, hooks, settleLater };
    // An equal item of the same change isn't mistaken for this one.
    const find: typeof sending.find = async (look) =>
      (await sending.find(look)).filter((each) => !this.#created.has(idOf(each) ?? ""));
    try {
      const answer = await sendSettled(this.context, { ...sending, find, onLost }, options);
      if (act === "create") this.#created.add(idOf(answer) ?? "-");
      this.#recordOutcome(item, { result: "done", ...factsOf(answer) });
      return answer;
    } catch (error) {
      this.#recordOutcome(item, this.#wasNeverSent(item, error) ? { result: "skipped" } : outcomeOf(error));
      throw isOutcomeUnknown(error) ? this.#withCheck(error, item) : error;
    }
  }

  /**
   * Sends a planned change like `send`, after recording it and reading once more. Undefined if the change was already
   * in place and so wasn't sent. Throws what `send` and `ready` throw.
   */
  async sendReady<T>(
    added: NewItem | RecordedItem,
    ready: ReadyChange<T>,
    settleLater?: SettleLater,
  ): Promise<{ answer: T } | undefined> {
    const item = await this.#addOne(added);
    // No writes come between the last read and the request.
    this.#recordSending(item);
    const isAlreadyDone = await ready.isDone().catch((error: unknown) => {
      this.#recordOutcome(item, { result: "skipped", ...reasonOf(error) });
      throw error;
    });
    if (!isAlreadyDone) return { answer: await this.#sendNow(item, ready, settleLater) };
    this.#recordOutcome(item, { result: "skipped", error: alreadySo });
    return undefined;
  }

  #recordSending({ number }: RecordedItem, { isLost = false } = {}): void {
    try {
      const now = this.context.now();
      const times = { at: now.toISOString(), served_at: this.#servedAt(now) };
      if (number !== undefined)
        this.#file?.sending({ sending: number, ...times, again: isLost || undefined });
    } catch (error) {
      if (!this.options.isUrgent) throw toUnrecordedError(error);
      this.#failure ??= { error };
    }
  }

  async #addOne(item: NewItem | RecordedItem): Promise<RecordedItem> {
    if ("number" in item) return item;
    const [recorded] = await this.add([item]);
    return recorded ?? { ...item, number: undefined };
  }

  #recordOutcome(item: RecordedItem, outcome: ItemOutcome): void {
    const { deployment_id } = item;
    const automation_id = outcome.automation_id ?? item.automation_id;
    const at = this.#note(item, outcome);
    const change = changeKindOf(item);
    if (!mayBeChanged(outcome) || change === undefined || automation_id === null) return;
    this.#changeRecords.push({ deployment_id, automation_id, change, at });
  }

  /** Writes an outcome, which a later outcome replaces; returns its time. */
  #note({ number }: RecordedItem, outcome: ItemOutcome): Date {
    const at = this.context.now();
    if (number !== undefined) this.#file?.outcome(number, at, { ...outcome, served_at: this.#servedAt(at) });
    return at;
  }

  #servedAt(at: Date): string | undefined {
    return servedTime(at, this.context.serverNow())?.toISOString();
  }

  /** Marks items without an outcome as never sent. Never throws. */
  async close(): Promise<void> {
    let lost = this.#failure;
    try {
      await this.#file?.close(this.context.now());
    } catch (error) {
      lost ??= { error };
    }
    const isPrinted = await recordElsewhere(this.context, this.#changeRecords);
    if (lost === undefined || isPrinted) return;
    const what =
      lost === this.#failure
        ? "the history can't be written: this change won't be in it"
        : "the result of this change may be missing from the history";
    const { settings } = this.context;
    warnOf(await createPrinter(this.context), what, { error: lost.error, settings });
  }

  async #open(): Promise<ChangeFile> {
    const { context } = this;
    const { isUrgent: _isUrgent, ...options } = this.options;
    const at = context.now();
    const api = await readApiIdentity(context, await context.client());
    return new ChangeFile(context.settings, changeHead(context, { id: this.id, at, api, ...options }));
  }

  /** True if Ctrl-C preceded a request that is sent at most once. */
  #wasNeverSent({ act }: NewItem, error: unknown): boolean {
    return isSentOnce(act) && this.context.signal.aborted && error === this.context.signal.reason;
  }

  #withCheck(cause: unknown, item: NewItem): OutcomeUnknownError {
    const check = commandLine(this.context, checkOf(item));
    const hint = `${isSentOnce(item.act) ? "check before you retry" : "to see its state now"}: ${check}`;
    return new OutcomeUnknownError(messageOf(cause), { hint, cause });
  }
}

function outcomeOf(error: unknown): ItemOutcome {
  if (wasHeldBack(error)) return { result: "skipped", error: messageOf(error) };
  // Includes a created automation that differs from the request.
  const made = error instanceof ChangeIgnoredError ? error.createdId : undefined;
  const isInDoubt = mayHaveChanged(error) || made !== undefined || error instanceof InterruptedError;
  return { result: isInDoubt ? "unknown" : "failed", automation_id: made, ...reasonOf(error) };
}

function reasonOf(error: unknown): Pick<ItemOutcome, "error" | "refused"> {
  return { error: messageOf(error), refused: isRefusal(error) || undefined };
}
