import type { Context } from "../../context/context.js";
import { textOfError, UnrecordedError } from "../../errors/errors.js";
import { isRefusal } from "../../errors/exit-code.js";
import { FileError, ignoreErrors } from "../../files/file-error.js";
import { mayBeChanged, type Outcome } from "../../fleet/outcome.js";
import { itemKey } from "../../fleet/refs.js";
import {
  type Change,
  type NewItem,
  type SentChange,
  type SwitchAct,
  servedTime,
} from "../../history/change.js";
import type { ChangeHeadLine } from "../../history/change-lines.js";
import { ChangeItemLines, changeHeadLine } from "../../history/format-lines.js";
import { newestChange } from "../../history/order.js";
import type { LedgerLine } from "../../history/parse.js";
import { markSending } from "../../history/recent.js";
import { linesOfSkipped } from "../../incident/ledger-state.js";
import type { Candidate } from "../../incident/scope.js";
import type { ChangeAnswer } from "../../incident/switch-item.js";
import type { Journal } from "../../operations/operation.js";
import type { FleetSession } from "../../operations/rows/session.js";
import { changeHead } from "../../operations/sending/change-head.js";
import { recordElsewhere } from "../../operations/sending/record-elsewhere.js";
import { type LedgerFlags, type OpenIncident, rememberLedger, unrecordedLedger } from "./ledger-choice.js";

/** Lines before the items that are sent, and after them. */
export interface JournalLines {
  first?: readonly LedgerLine[];
  found: readonly LedgerLine[];
}

interface IncidentJournalWork<Planned> extends OpenIncident {
  change: SwitchAct;
  session: Pick<FleetSession, "api" | "printer">;
  input: LedgerFlags & { undoes?: { change: Pick<Change, "id"> } };
  /** Undefined where there is nothing for which an incident would begin. */
  linesOf(plan: Planned): JournalLines | undefined;
}

interface FinishedItem {
  item: Candidate;
  outcome: Outcome<ChangeAnswer>;
  at: Date;
  then(): void;
}

/**
 * Writes the changes of a command into its incident's ledger, which is a file of the history: what is to be sent, that it goes
 * out, and, all that came together at once and only when the next requests are on their way, what became of it: the server
 * needn't wait for the ledger. What a kill keeps from being written was sent, as the ledger knows, and is in doubt.
 */
export class IncidentJournal<Planned> implements Journal<Candidate, ChangeAnswer, Planned> {
  readonly #changeRecords: SentChange[] = [];
  #finished: FinishedItem[] = [];
  #soon: NodeJS.Immediate | undefined;
  #failure: { error: unknown } | undefined;
  #total = 0;
  #done = 0;

  constructor(
    private readonly context: Context,
    private readonly work: IncidentJournalWork<Planned>,
  ) {}

  async begin(id: string, items: readonly NewItem[], plan: Planned): Promise<void> {
    const { ledger, choice, input, session } = this.work;
    const opening = this.work.linesOf(plan);
    if (opening === undefined) return;
    rememberLedger(this.context, session.printer, choice);
    const { first = [], found } = opening;
    const from = ledger.state?.nextNumber ?? 1;
    this.#total = items.length;
    const lines = items.length === 0 ? [] : [this.#head(id), ...new ChangeItemLines().of(items, from)];
    try {
      ledger.write([...first, ...lines, ...found]);
      await ledger.flush();
    } catch (error) {
      throw unrecordedLedger(error, input);
    }
  }

  recordSending(item: Candidate, { isLost = false } = {}): void {
    this.#throwIfFailed();
    const now = this.context.now();
    this.work.ledger.write([
      {
        sending: this.#numberOf(item),
        at: now.toISOString(),
        served_at: this.#servedAt(now),
        again: isLost || undefined,
      },
    ]);
    markSending(this.context.settings);
  }

  recordOutcome(item: Candidate, outcome: Outcome<ChangeAnswer>, then: () => void): void {
    if (outcome.result === "done") this.#done += 1;
    this.#finished.push({ item, outcome, at: this.context.now(), then });
    this.#soon ??= setImmediate(() => {
      try {
        this.#flush();
      } catch (error) {
        this.#failure ??= { error };
      }
    });
  }

  async end(): Promise<void> {
    this.#flush();
    await this.work.ledger.flush();
  }

  async close(): Promise<void> {
    await recordElsewhere(this.context, this.#changeRecords);
  }

  /** Adds to an error of writing what had taken effect before; gives another as it is. */
  explain(error: unknown): unknown {
    if (!(error instanceof FileError) || this.#total === 0) return error;
    const were = this.#done === 1 ? "was" : "were";
    const again = `${error.isFull ? "make room, then " : ""}run the same command again to finish`;
    return new UnrecordedError(error.message, {
      hint: `${this.#done} of ${this.#total} ${were} already ${this.work.change}d; ${again}`,
      cause: error,
    });
  }

  #throwIfFailed(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  #flush(): void {
    clearImmediate(this.#soon);
    this.#soon = undefined;
    this.#throwIfFailed();
    const finished = this.#finished;
    this.#finished = [];
    const { ledger, choice, change } = this.work;
    ledger.write(finished.flatMap((each) => outcomeLines(this.#numberOf(each.item), each)));
    markSending(this.context.settings);
    const sent = finished.filter(({ outcome }) => mayBeChanged(outcome));
    this.#changeRecords.push(
      ...sent.map(({ item: { deployment_id, automation_id }, at }) => ({
        ...{ deployment_id, automation_id, change, incident: choice.incident, at },
      })),
    );
    for (const { then } of finished) then();
  }

  #numberOf(item: Candidate): number {
    const { ledger, change } = this.work;
    const number = ledger.state?.items.get(itemKey(item))?.numbers[change];
    if (number === undefined) throw new Error("only recorded changes are sent");
    return number;
  }

  #head(id: string): ChangeHeadLine {
    const { context } = this;
    const { session, input } = this.work;
    const now = context.now();
    const head = changeHead(context, { id, at: now, api: session.api, undoes: input.undoes?.change.id });
    let after: string | undefined;
    // Where the history can't be read its clock tells.
    ignoreErrors(() => {
      after = newestChange(context.settings);
    });
    return { ...changeHeadLine(head), served_at: this.#servedAt(now), after };
  }

  #servedAt(now: Date): string | undefined {
    return servedTime(now, this.context.serverNow())?.toISOString();
  }
}

function outcomeLines(outcome: number, { item, outcome: became, at }: FinishedItem): LedgerLine[] {
  const line = { outcome, at: at.toISOString() };
  if ("value" in became) {
    const { result, reason, date: served_at, updated_at, instructions_sha256 } = became.value;
    if (result === "paused" || result === "enabled")
      return linesOfSkipped(item, { result, reason, at, number: outcome });
    const outcomeNow = result === "gone" ? "failed" : result;
    return [{ ...line, result: outcomeNow, error: reason, served_at, updated_at, instructions_sha256 }];
  }
  const { result } = became;
  if (result === "skipped") return [{ ...line, result, error: became.reason }];
  return [
    { ...line, result, error: textOfError(became.error), refused: isRefusal(became.error) || undefined },
  ];
}
