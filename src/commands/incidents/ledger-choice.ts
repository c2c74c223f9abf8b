import { resolve } from "node:path";
import type { Context } from "../../context/context.js";
import { NotPossibleError, UsageError } from "../../errors/errors.js";
import { FileError, toUnrecordedError, writeNamed } from "../../files/file-error.js";
import {
  checkIncidentName,
  incidentKey,
  type LedgerLocation,
  makeIncidentName,
} from "../../history/incident-files.js";
import { IncidentFolder } from "../../incident/incident-folder.js";
import { type Ledger, readLedger } from "../../incident/ledger.js";
import { withIndexedLedger } from "../../incident/ledger-index.js";
import { warnOf } from "../../operations/sending/record-elsewhere.js";
import { type LockWait, lockWait } from "../../operations/sending/wait-for-lock.js";
import type { Printer } from "../../output/printer.js";

export interface LedgerChoice {
  incident: string;
  location: LedgerLocation;
  /** Neither the command line nor the ledger has the name. */
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
  /** Names that another herm is taking right now, as keys. */
  taken: ReadonlySet<string>;
}

/**
 * The ledger that the flags name; without a name one is generated. Throws UsageError for a bad name, or a ledger of another
 * incident.
 */
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
 * Opens the ledger that the flags name for as long as `work` lasts, after waiting for another herm at work on it. What
 * was chosen is looked at again once no other herm can change it: a made-up name that another one took meanwhile isn't
 * joined, the next is taken. Throws as `waitForLock` for the incident that was named, UnrecordedError where it can't be
 * locked, and as chooseLedger and withLedger.
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
    // A made-up name that another herm has just taken isn't waited for.
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
              // Where nothing can be kept, nobody else takes the name either.
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

/** The error where nothing was sent because a ledger couldn't be written; another as it is. */
export function unrecordedLedger(error: unknown, { ledger }: Pick<LedgerFlags, "ledger">): unknown {
  return toUnrecordedError(error, ledger === undefined ? undefined : "name a writable file with --ledger");
}

/**
 * Lets the data folder know of a ledger elsewhere, so that `incidents` and `list` find it. That this can't be kept is a
 * warning: the ledger itself can. Throws NotPossibleError where the name is taken.
 */
export function rememberLedger(
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
