/** An incident's ledger, which is chosen and opened, and written to while a command sends changes. */

import { resolve } from "node:path";
import type { Context } from "../../context/context.js";
import { NotPossibleError, textOfError, UnrecordedError, UsageError } from "../../errors/cli-errors.js";
import { isRefusal } from "../../errors/exit-code.js";
import { FileError, ignoreErrors, toUnrecordedError, writeNamed } from "../../files/file-error.js";
import { mayBeChanged, type Outcome } from "../../fleet/outcome.js";
import { itemKey } from "../../fleet/refs.js";
import {
  type Change,
  type NewItem,
  type PossibleChange,
  type SwitchAct,
  servedTime,
} from "../../history/change.js";
import type { ChangeHeadLine } from "../../history/change-lines.js";
import {
  checkIncidentName,
  incidentKey,
  type LedgerLocation,
  makeIncidentName,
} from "../../history/incident-files.js";
import { newestChange } from "../../history/order.js";
import { ChangeItemLines, changeHeadLine, type LedgerLine } from "../../history/parse.js";
import { markSending } from "../../history/recent.js";
import { IncidentFolder } from "../../incident/incident-folder.js";
import { type Ledger, readLedger } from "../../incident/ledger.js";
import { withIndexedLedger } from "../../incident/ledger-index.js";
import { linesOfSkipped } from "../../incident/ledger-state.js";
import type { Candidate } from "../../incident/scope.js";
import type { ChangeAnswer } from "../../incident/switch-item.js";
import type { Journal } from "../../operations/operation.js";
import type { FleetSession } from "../../operations/rows/session.js";
import { changeHead } from "../../operations/sending/change-head.js";
import { type LockWait, lockWait } from "../../operations/sending/locks.js";
import { recordElsewhere, warnOf } from "../../operations/sending/record-elsewhere.js";
import type { Printer } from "../../output/printer.js";

export interface JournalLines {
  first?: readonly LedgerLine[];
  found: readonly LedgerLine[];
}

interface IncidentJournalWork<Planned> extends OpenIncident {
  change: SwitchAct;
  session: Pick<FleetSession, "api" | "printer">;
  input: LedgerFlags & { undoes?: { change: Pick<Change, "id"> } };
  /** Undefined if no automation needs an incident. */
  linesOf(plan: Planned): JournalLines | undefined;
}

interface FinishedItem {
  item: Candidate;
  outcome: Outcome<ChangeAnswer>;
  at: Date;
  then(): void;
}

/**
 * Writes a command's changes into its incident's ledger, a history file: each change to send, its start, and its
 * result. Results are written in batches once the next requests are on their way, so that the server needn't wait for
 * the ledger. A change without a result after a kill was sent, and its outcome is unknown.
 */
export class IncidentJournal<Planned> implements Journal<Candidate, ChangeAnswer, Planned> {
  readonly #changeRecords: PossibleChange[] = [];
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

  /** Adds the effects so far to an error in writing; returns other errors unchanged. */
  explain(error: unknown): unknown {
    if (!(error instanceof FileError) || this.#total === 0) return error;
    const were = this.#done === 1 ? "was" : "were";
    const again = `${error.isFull ? "free some space, then " : ""}run the same command again to finish`;
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
    // If the history is unreadable, the timestamp determines the order.
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

export interface LedgerChoice {
  incident: string;
  location: LedgerLocation;
  /** True if neither the command line nor the ledger names it. */
  isGenerated: boolean;
}

export interface LedgerFlags {
  incident?: string | undefined;
  ledger?: string | undefined;
}

export interface OpenIncident {
  choice: LedgerChoice;
  ledger: Ledger;
}

interface NameOptions {
  at: Date;
  /** Keys of the names that another herm is using at this moment. */
  taken: ReadonlySet<string>;
}

/** The ledger that flags name, or a generated one. Throws UsageError for a bad name, or another incident's ledger. */
export function chooseLedger(
  context: Context,
  { incident, ledger }: LedgerFlags,
  { at, taken }: NameOptions = { at: context.now(), taken: new Set() },
): LedgerChoice {
  const folder = new IncidentFolder(context.settings);
  if (incident !== undefined) checkIncidentName(incident);
  const isTaken = (made: string) => taken.has(incidentKey(made)) || folder.isKnown(made);
  if (ledger === undefined) {
    const name = incident ?? makeIncidentName(at, isTaken);
    return { incident: name, location: folder.locate(name), isGenerated: incident === undefined };
  }
  const path = resolve(context.settings.environment.cwd, ledger);
  const known = writeNamed(() => readLedger(context.settings.files, { path, isOutsideDataDir: true }))?.head
    .incident;
  if (known !== undefined && incident !== undefined && incidentKey(known) !== incidentKey(incident)) {
    throw new UsageError(`${path} is the ledger of incident ${known}, not of ${incident}`);
  }
  const name = known ?? incident ?? makeIncidentName(at, isTaken);
  const own = folder.locate(name);
  const location = own.path === path ? own : { path, isOutsideDataDir: true };
  return { incident: name, location, isGenerated: (known ?? incident) === undefined };
}

/**
 * Opens the chosen ledger during `work`, after waiting for another herm's lock. Checks the choice again once locked:
 * a generated name that another herm has since used is replaced by the next. Throws what `waitForLock` throws for a
 * named incident, UnrecordedError if it can't be locked, and what chooseLedger and withLedger throw.
 */
export async function withChosenLedger<T>(
  context: Context,
  { printer, ...flags }: LedgerFlags & Pick<LockWait, "printer">,
  work: (open: OpenIncident) => Promise<T>,
): Promise<T> {
  const { settings } = context;
  const naming = { at: context.now(), taken: new Set<string>() };
  for (;;) {
    const choice = chooseLedger(context, flags, naming);
    const { incident, location, isGenerated } = choice;
    let hasName = false;
    let isOpen = false;
    const open = async (ledger: Ledger) => {
      hasName = true;
      const now = chooseLedger(context, flags, naming);
      const isSameName = incidentKey(now.incident) === incidentKey(incident);
      if (!isSameName || now.location.path !== location.path) return undefined;
      isOpen = true;
      return { result: await work({ choice, ledger }) };
    };
    const wait = lockWait(context, { printer, what: `incident ${incident}` });
    // If another herm has just used a generated name, there is no need to wait.
    const nameWait = isGenerated ? { ...wait, waitMs: 0 } : wait;
    const openLedger = () =>
      withIndexedLedger(settings, location, open, location.isOutsideDataDir ? wait : nameWait);
    const openNamed = async (namePath: string) => {
      const withName = () => {
        hasName = true;
        return openLedger();
      };
      return settings.files.withLock(namePath, withName, nameWait);
    };
    const namePath = new IncidentFolder(settings).unlinkedPathOf({ incident, location });
    try {
      const done =
        namePath === undefined
          ? await openLedger()
          : await openNamed(namePath).catch((error: unknown) => {
              // If no ledger can be saved, no other herm is using the name either.
              if (hasName || !(error instanceof FileError)) throw error;
              hasName = true;
              return openLedger();
            });
      if (done !== undefined) return done.result;
    } catch (error) {
      if (isOpen) throw error;
      const isTaken = !hasName && isGenerated && error instanceof NotPossibleError;
      if (!isTaken) throw unrecordedLedger(error, flags);
    }
    if (isGenerated) naming.taken.add(incidentKey(incident));
  }
}

/** The error if no request was sent because the ledger can't be written; returns other errors unchanged. */
function unrecordedLedger(error: unknown, { ledger }: Pick<LedgerFlags, "ledger">): unknown {
  return toUnrecordedError(error, ledger === undefined ? undefined : "name a writable file with --ledger");
}

/**
 * Registers a ledger outside the data folder, so that `incidents` and `list` find it. If that fails, it only warns,
 * because the ledger itself is saved. Throws NotPossibleError if the name is taken.
 */
function rememberLedger(
  { settings }: Pick<Context, "settings">,
  printer: Printer,
  { incident, location }: LedgerChoice,
): void {
  if (!location.isOutsideDataDir) return;
  try {
    new IncidentFolder(settings).link(incident, location.path);
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    warnOf(printer, `incident ${incident} can only be found with --ledger`, { error, settings });
  }
}
