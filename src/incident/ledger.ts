import { UsageError } from "../errors/cli-errors.js";
import { ignoreErrors } from "../files/file-error.js";
import { plainLines } from "../files/json-text.js";
import type { LockOptions } from "../files/lock.js";
import type { LogFile } from "../files/log-file.js";
import type { PrivateFiles } from "../files/private-files.js";
import type { LedgerLocation } from "../history/incident-files.js";
import { formatChangeLines, type LedgerLine, parseLines } from "../history/parse.js";
import { LedgerState } from "./ledger-state.js";

/** `undefined` if there is none. Throws UsageError for a file that isn't a ledger, or is damaged before its end. */
export function readLedger(files: PrivateFiles, location: LedgerLocation): LedgerState | undefined {
  return load(files, location)?.state;
}

/** Opens a ledger for `work`; the first line creates its file. Throws what withLock and readLedger throw. */
export async function withLedger<T>(
  files: PrivateFiles,
  location: LedgerLocation,
  work: (ledger: Ledger) => Promise<T>,
  options: LockOptions,
): Promise<T> {
  const lock = location.isOutsideDataDir ? files.withLockBeside : files.withLock;
  return lock(
    location.path,
    async () => {
      const ledger = new Ledger(files, location);
      try {
        const result = await work(ledger);
        await ledger.flush();
        return result;
      } finally {
        await ledger.close();
      }
    },
    options,
  );
}

/** A kill doesn't lose written lines; a power cut loses at most those from this interval. */
const syncEveryMs = 100;

interface Loaded {
  state: LedgerState;
  /** True if its last line was cut off, and so isn't in the state. */
  isCut: boolean;
}

/** A ledger, locked by this process. */
export class Ledger {
  state: LedgerState | undefined;
  readonly #isCut: boolean;
  #log: LogFile | undefined;
  #failure: { error: unknown } | undefined;
  #syncSoon: NodeJS.Timeout | undefined;

  constructor(
    private readonly files: PrivateFiles,
    readonly location: LedgerLocation,
  ) {
    const loaded = load(files, location);
    this.state = loaded?.state;
    this.#isCut = loaded?.isCut ?? false;
  }

  /** Appends lines, which outlive this process at once and soon reach the disk, in batches. Throws FileError. */
  write(lines: readonly LedgerLine[]): void {
    if (lines.length === 0) return;
    if (this.#failure !== undefined) throw this.#failure.error;
    const log = this.#open();
    log.append(formatChangeLines(lines));
    for (const line of lines) {
      if ("incident" in line) this.state = new LedgerState(line);
      else this.state?.add(line);
    }
    this.#syncSoon ??= setTimeout(() => this.#sync(log), syncEveryMs);
  }

  /** Resolves once all lines are on the disk, or throws the failure. */
  async flush(): Promise<void> {
    clearTimeout(this.#syncSoon);
    this.#syncSoon = undefined;
    await this.#log?.flush();
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  async close(): Promise<void> {
    if (this.#log === undefined) return;
    const log = this.#log;
    this.#log = undefined;
    await this.flush().catch(() => undefined);
    // `flush` already reported lines that couldn't be written.
    ignoreErrors(() => log.close());
  }

  #sync(log: LogFile): void {
    this.#syncSoon = undefined;
    log.flush().catch((error: unknown) => {
      this.#failure ??= { error };
    });
  }

  #open(): LogFile {
    const { path, isOutsideDataDir } = this.location;
    const options = { cutsLastLine: this.#isCut };
    this.#log ??= isOutsideDataDir ? this.files.logBeside(path, options) : this.files.log(path, options);
    return this.#log;
  }
}

function load(files: PrivateFiles, { path, isOutsideDataDir }: LedgerLocation): Loaded | undefined {
  // A file that isn't a ledger is unchanged, even its mode; a ledger's mode is tightened on the first write.
  const text = isOutsideDataDir ? files.readShared(path) : files.read(path);
  return text === undefined || text === "" ? undefined : readText(text, path);
}

/** Parses a ledger; `wholeText` is in herm's form, without a truncated last line. Throws what readLedger throws. */
export function parseLedger(fileText: string, path: string): { state: LedgerState; wholeText: string } {
  const { state, isCut } = readText(fileText, path);
  const text = plainLines(fileText);
  return { state, wholeText: `${isCut ? text.slice(0, text.lastIndexOf("\n")) : text.trimEnd()}\n` };
}

/** An unterminated last line was cut off by a crash, unless it is whole. Any other invalid line is damage. */
function readText(text: string, path: string): Loaded {
  const [head, ...lines] = parseLines(text);
  if (head === undefined || !("incident" in head)) throw refused(path, "isn't a ledger");
  if (head.version !== 1) throw refused(path, `was written by a newer herm (version ${head.version})`);
  const isCut = lines.length > 0 && lines.at(-1) === undefined && !text.endsWith("\n");
  if (isCut) lines.pop();
  const state = new LedgerState(head);
  for (const [at, line] of lines.entries()) {
    if (line === undefined || "incident" in line) throw refused(path, `is damaged on line ${at + 2}`);
    state.add(line);
  }
  return { state, isCut };
}

function refused(path: string, what: string): UsageError {
  return new UsageError(`${path} ${what}`, { hint: "nothing was sent, and the file is unchanged" });
}
