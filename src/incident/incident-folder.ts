import { join } from "node:path";
import {
  type CommandWriter,
  type Hint,
  NothingFoundError,
  NotPossibleError,
  UsageError,
} from "../errors/cli-errors.js";
import type { LockOptions } from "../files/lock.js";
import type { PrivateFiles } from "../files/private-files.js";
import type { HistoryStorage } from "../history/folder.js";
import {
  checkIncidentName,
  freeName,
  incidentKey,
  incidentKeys,
  incidentsFolder,
  type LedgerLocation,
  locateLedger,
  ownLedgerPath,
} from "../history/incident-files.js";
import type { ApiIdentity } from "../history/incident-lines.js";
import { newestChange } from "../history/order.js";
import { formatChangeLines, parseLines } from "../history/parse.js";
import { parseLedger, readLedger } from "./ledger.js";
import type { LedgerState } from "./ledger-state.js";
import { isSameApi } from "./scope.js";

/** An incident whose ledger is in this data folder, or was used with it. */
export interface KnownIncident {
  location: LedgerLocation;
  state: LedgerState;
}

export interface BrokenIncident {
  name: string;
  error: unknown;
}

export class IncidentFolder {
  readonly #files: PrivateFiles;

  constructor(private readonly storage: HistoryStorage) {
    this.#files = storage.files;
  }

  /** Locates an incident's ledger, which may not exist. Throws UsageError for an invalid name. */
  locate(name: string): LedgerLocation {
    return locateLedger(this.storage, name);
  }

  /** The path to lock until a ledger elsewhere is linked to its name, because its own lock doesn't guard the name. */
  unlinkedPathOf({ incident, location }: { incident: string; location: LedgerLocation }): string | undefined {
    if (!location.isOutsideDataDir || this.locate(incident).path === location.path) return undefined;
    return ownLedgerPath(this.storage, incident);
  }

  /** Links to a ledger elsewhere. Throws NotPossibleError if the name belongs to another ledger. */
  link(name: string, path: string): void {
    const known = this.locate(name);
    if (known.path === path) return;
    if (known.isOutsideDataDir || readLedger(this.#files, known) !== undefined) {
      throw new NotPossibleError(`incident ${name} is in ${known.path}`, {
        hint: (herm) => `to use that one, leave out --ledger; ${this.#keepBoth(herm, { name, path })}`,
      });
    }
    this.#files.write(join(incidentsFolder(this.storage), `${incidentKey(name)}.link`), `${path}\n`);
  }

  /**
   * Copies a ledger from elsewhere, perhaps under another name; if it is already here, keeps the longer copy. Adds a
   * line to record that the imported commands arrived now, after all that are here. Throws NotPossibleError if neither
   * continues the other, UsageError for a file that isn't a ledger, NothingFoundError for a missing one. `wait`: how to
   * wait for another herm that is using it.
   */
  async import(
    path: string,
    { as, at, wait }: { as?: string | undefined; at: Date; wait: LockOptions },
  ): Promise<KnownIncident & { isChange: boolean }> {
    const text = this.#files.readShared(path);
    if (text === undefined) throw new NothingFoundError(`there is no file ${path}`);
    const { state, wholeText } = parseLedger(as === undefined ? text : renamed(text, { path, as }), path);
    const { incident } = state.head;
    const location = this.locate(incident);
    if (location.path === path) return { location, state, isChange: false };
    const hint: Hint = (herm) => this.#keepBoth(herm, { name: incident, path });
    if (location.isOutsideDataDir)
      throw new NotPossibleError(`incident ${incident} is in ${location.path}`, { hint });
    const addMissing = () => {
      const text = this.#files.read(location.path);
      const known = text ? parseLedger(text, location.path) : undefined;
      const own = withoutImports(known?.wholeText ?? "");
      const theirs = withoutImports(wholeText);
      if (!theirs.startsWith(own) && !own.startsWith(theirs)) {
        throw new NotPossibleError(`incident ${incident} has diverged from the copy here`, { hint });
      }
      if (known !== undefined && own.length >= theirs.length)
        return { location, state: known.state, isChange: false };
      const [head = ""] = theirs.split("\n", 1);
      const added = theirs.slice(own.length || head.length + 1);
      const count = added.match(/^\{"change":/gm)?.length ?? 0;
      const came = { imported: count, at: at.toISOString(), after: newestChange(this.storage) };
      const before = known?.wholeText ?? `${head}\n`;
      this.#files.write(location.path, before + formatChangeLines(count > 0 ? [came] : []) + added);
      return { location, state, isChange: true };
    };
    return this.#files.withLock(location.path, addMissing, { ...wait, what: `incident ${incident}` });
  }

  #keepBoth(herm: CommandWriter, { name, path }: { name: string; path: string }): string {
    const as = freeName(name, (each) => this.isKnown(each));
    return `to keep both: ${herm("incidents", "import", path, "--as", as)}`;
  }

  links(): [string, LedgerLocation][] {
    return this.#keys()
      .map((name): [string, LedgerLocation] => [name, this.locate(name)])
      .filter(([, { isOutsideDataDir }]) => isOutsideDataDir);
  }

  isKnown(name: string): boolean {
    return this.#keys().includes(incidentKey(name));
  }

  /** Throws NothingFoundError with the known names, and UsageError for an invalid ledger. */
  find(name: string): KnownIncident {
    const location = this.locate(name);
    const state = readLedger(this.#files, location);
    if (state !== undefined) return { location, state };
    if (location.isOutsideDataDir)
      throw new NothingFoundError(`the ledger of incident ${name} is no longer at ${location.path}`);
    const names = this.list().known.map((incident) => incident.state.head.incident);
    const known = names.length === 0 ? "there are none here" : `known here: ${names.join(", ")}`;
    throw new NothingFoundError(`no incident named ${name}`, {
      hint: (herm) => `${known}; ${elsewhereHint(herm)}`,
    });
  }

  list(): { known: KnownIncident[]; broken: BrokenIncident[] } {
    return this.#read(this.#keys());
  }

  /** Lists open incidents, newest first; reads only the ends of closed ledgers. */
  listOpen(): { known: KnownIncident[]; broken: BrokenIncident[] } {
    const { known, broken } = this.#read(this.#keys().filter((key) => !this.#endsClosed(key)));
    return { known: known.filter(({ state }) => state.closed === undefined), broken };
  }

  locations(): (LedgerLocation & { name: string })[] {
    return this.#keys().map((name) => ({ name, ...this.locate(name) }));
  }

  /** Locates the ledgers that don't end with a close: all open ones, and a few others. */
  openLocations(): (LedgerLocation & { name: string })[] {
    return this.locations().filter(({ name }) => !this.#endsClosed(name));
  }

  #read(keys: readonly string[]): { known: KnownIncident[]; broken: BrokenIncident[] } {
    const known: KnownIncident[] = [];
    const broken: BrokenIncident[] = [];
    for (const name of keys) {
      try {
        const location = this.locate(name);
        const state = readLedger(this.#files, location);
        if (state !== undefined) known.push({ location, state });
        else broken.push({ name, error: new UsageError(`its ledger is no longer at ${location.path}`) });
      } catch (error) {
        broken.push({ name, error });
      }
    }
    known.sort((one, other) => (one.state.head.created_at < other.state.head.created_at ? 1 : -1));
    return { known, broken };
  }

  #keys(): string[] {
    return incidentKeys(this.storage);
  }

  #endsClosed(key: string): boolean {
    const { path } = this.locate(key);
    try {
      const last = parseLines(this.#files.readEnd(path, 512) ?? "").at(-1);
      return last !== undefined && "closed" in last;
    } catch {
      return false;
    }
  }
}

/** Explains how to work on an incident that isn't known here. */
export function elsewhereHint(herm: CommandWriter): string {
  return `for an incident started elsewhere, pass --ledger <file> to pause or resume, or import its ledger: ${herm("incidents", "import")} <file>`;
}

/** Changes the name in a ledger's head, and keeps fields that this version doesn't know. */
function renamed(text: string, { path, as }: { path: string; as: string }): string {
  const { wholeText } = parseLedger(text, path);
  const end = wholeText.indexOf("\n");
  const head = { ...JSON.parse(wholeText.slice(0, end)), incident: checkIncidentName(as) };
  return JSON.stringify(head) + wholeText.slice(end);
}

function withoutImports(text: string): string {
  return text.replaceAll(/^\{"imported":.*\n/gm, "");
}

export function readOpenStates(
  storage: HistoryStorage,
  { api, except }: { api: ApiIdentity; except?: string },
): { states: LedgerState[]; broken: BrokenIncident[] } {
  const { known, broken } = new IncidentFolder(storage).listOpen();
  const states = known
    .map(({ state }) => state)
    .filter(
      ({ head: { incident, target } }) =>
        (except === undefined || incidentKey(incident) !== incidentKey(except)) && isSameApi(target, api),
    );
  return { states, broken };
}
