import { join } from "node:path";
import { type CommandWriter, type Hint, NothingFoundError, NotPossibleError, UsageError } from "../errors.js";
import { namesIn } from "../files/owned-files.js";
import type { PrivateFiles } from "../files/private-files.js";
import { type LedgerPlace, parseLedger, readLedger } from "./ledger.js";
import { parseLine } from "./ledger-lines.js";
import type { LedgerState } from "./ledger-state.js";
import { checkIncidentName, freeName, incidentKey } from "./names.js";

export interface IncidentPlaces {
  files: PrivateFiles;
  dataDir: string;
}

/** An incident that this data folder knows: its own ledger, or one elsewhere that was used with it. */
export interface KnownIncident {
  place: LedgerPlace;
  state: LedgerState;
}

/** A ledger that can't be read, and why. */
export interface BrokenIncident {
  name: string;
  error: unknown;
}

/** The incidents of a data folder. Ledgers are `<name>.jsonl`; `<name>.link` holds the path of one elsewhere. */
export class IncidentFolder {
  readonly #files: PrivateFiles;
  readonly #folder: string;

  constructor({ files, dataDir }: IncidentPlaces) {
    this.#files = files;
    this.#folder = join(dataDir, "incidents");
  }

  /** Where an incident's ledger is, or would be. Throws UsageError for what can't be a name. */
  placeOf(name: string): LedgerPlace {
    const key = incidentKey(checkIncidentName(name));
    const linked = this.#files.read(join(this.#folder, `${key}.link`))?.trimEnd();
    if (linked !== undefined) return { path: linked, isBeside: true };
    return { path: this.#ownPathOf(key), isBeside: false };
  }

  /**
   * Where a ledger elsewhere isn't linked to its name yet: the path to lock, so that nobody takes the name meanwhile. Its
   * own lock does not guard the name.
   */
  unlinkedPathOf({ incident, place }: { incident: string; place: LedgerPlace }): string | undefined {
    if (!place.isBeside || this.placeOf(incident).path === place.path) return undefined;
    return this.#ownPathOf(incidentKey(incident));
  }

  /** Remembers a ledger elsewhere. Throws NotPossibleError where the name is another ledger's. */
  link(name: string, path: string): void {
    const known = this.placeOf(name);
    if (known.path === path) return;
    if (known.isBeside || readLedger(this.#files, known) !== undefined) {
      throw new NotPossibleError(`incident ${name} is kept in ${known.path}`, {
        hint: (herm) => `leave out --ledger to go on with that one; ${this.#keepBoth(herm, { name, path })}`,
      });
    }
    this.#files.write(join(this.#folder, `${incidentKey(name)}.link`), `${path}\n`);
  }

  /**
   * Copies a ledger from elsewhere to here, perhaps under another name. Of one that is here already the longer copy stays;
   * throws NotPossibleError where neither continues the other, UsageError for a file that isn't a ledger, NothingFoundError
   * for none.
   */
  async import(path: string, as?: string): Promise<KnownIncident & { isChange: boolean }> {
    const text = this.#files.readShared(path);
    if (text === undefined) throw new NothingFoundError(`there is no file ${path}`);
    const { state, wholeText } = parseLedger(as === undefined ? text : renamed(text, { path, as }), path);
    const { incident } = state.head;
    const place = this.placeOf(incident);
    if (place.path === path) return { place, state, isChange: false };
    const hint: Hint = (herm) => this.#keepBoth(herm, { name: incident, path });
    if (place.isBeside) throw new NotPossibleError(`incident ${incident} is kept in ${place.path}`, { hint });
    const addMissing = () => {
      const own = this.#files.read(place.path) ?? "";
      if (!wholeText.startsWith(own) && !own.startsWith(wholeText)) {
        throw new NotPossibleError(`incident ${incident} is already here, and went another way`, { hint });
      }
      if (own.length >= wholeText.length) return { ...this.find(incident), isChange: false };
      this.#files.write(place.path, wholeText);
      return { place, state, isChange: true };
    };
    return this.#files.withLock(place.path, addMissing, { waitMs: 0, what: `incident ${incident}` });
  }

  /** Two people may have paused under one name, and each has what the other can't bring back. */
  #keepBoth(herm: CommandWriter, { name, path }: { name: string; path: string }): string {
    const as = freeName(name, (each) => this.isKnown(each));
    return `${herm("incidents", "import", path, "--as", as)} keeps both`;
  }

  /** The ledgers elsewhere that were used with this data folder, as `[name, place]`. */
  links(): [string, LedgerPlace][] {
    const names = namesIn(this.#folder).flatMap((file) => /^(.+)\.link$/.exec(file)?.[1] ?? []);
    return names.map((name) => [name, this.placeOf(name)]);
  }

  isKnown(name: string): boolean {
    return this.#keys().includes(incidentKey(name));
  }

  /** Throws NothingFoundError with the known names, and UsageError for a ledger that is none. */
  find(name: string): KnownIncident {
    const place = this.placeOf(name);
    const state = readLedger(this.#files, place);
    if (state !== undefined) return { place, state };
    if (place.isBeside)
      throw new NothingFoundError(`the ledger of incident ${name} isn't at ${place.path} any more`);
    const names = this.list().known.map((incident) => incident.state.head.incident);
    throw new NothingFoundError(`no incident named ${name}`, {
      hint: names.length === 0 ? "there are none here" : `known here: ${names.join(", ")}`,
    });
  }

  /** Every incident, newest first. */
  list(): { known: KnownIncident[]; broken: BrokenIncident[] } {
    return this.#read(this.#keys());
  }

  /** Those that aren't closed, newest first; a closed ledger is looked at only by its end. */
  listOpen(): { known: KnownIncident[]; broken: BrokenIncident[] } {
    const { known, broken } = this.#read(this.#keys().filter((key) => !this.#endsClosed(key)));
    return { known: known.filter(({ state }) => state.closed === undefined), broken };
  }

  /** Where every ledger is, or was. */
  places(): (LedgerPlace & { name: string })[] {
    return this.#keys().map((name) => ({ name, ...this.placeOf(name) }));
  }

  /** Where the ledgers are that don't end with a close: all that are open, and few others. */
  openPlaces(): (LedgerPlace & { name: string })[] {
    return this.places().filter(({ name }) => !this.#endsClosed(name));
  }

  #ownPathOf(key: string): string {
    return join(this.#folder, `${key}.jsonl`);
  }

  #read(keys: readonly string[]): { known: KnownIncident[]; broken: BrokenIncident[] } {
    const known: KnownIncident[] = [];
    const broken: BrokenIncident[] = [];
    for (const name of keys) {
      try {
        const place = this.placeOf(name);
        const state = readLedger(this.#files, place);
        if (state !== undefined) known.push({ place, state });
        else broken.push({ name, error: new UsageError(`its ledger isn't at ${place.path} any more`) });
      } catch (error) {
        broken.push({ name, error });
      }
    }
    known.sort((one, other) => (one.state.head.created_at < other.state.head.created_at ? 1 : -1));
    return { known, broken };
  }

  #keys(): string[] {
    const names = namesIn(this.#folder).flatMap(
      (file) => /^([a-z0-9][a-z0-9._-]{0,63})\.(?:jsonl|link)$/.exec(file)?.[1] ?? [],
    );
    return [...new Set(names)].sort();
  }

  #endsClosed(key: string): boolean {
    const { path } = this.placeOf(key);
    try {
      const lastLine = this.#files.readEnd(path, 512)?.trimEnd().split("\n").at(-1);
      return parseLine(lastLine ?? "")?.type === "closed";
    } catch {
      return false;
    }
  }
}

/** The text of a ledger, with another name in its head; fields that this version doesn't know stay. */
function renamed(text: string, { path, as }: { path: string; as: string }): string {
  const { wholeText } = parseLedger(text, path);
  const end = wholeText.indexOf("\n");
  const head = { ...JSON.parse(wholeText.slice(0, end)), incident: checkIncidentName(as) };
  return JSON.stringify(head) + wholeText.slice(end);
}
