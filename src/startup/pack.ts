import { readFileSync } from "node:fs";
import { Script } from "node:vm";
import type { CodeCache } from "./code-cache.js";

export type Exports = Record<string, unknown>;
export type Load = (name: string) => Exports;
type Pieces = Record<string, (exports: Exports, require: Load) => void>;

export interface PackOptions {
  file: string;
  /** The file of its compiled code; undefined: none. */
  cache: CodeCache | undefined;
  require: Load;
}

/** Built pieces that lie in one file, since each file costs a third of a millisecond. Each runs when it is asked for. */
export class Pack {
  readonly #script: Script;
  readonly #pieces: Pieces;
  /** The pieces that had run when the code at hand was compiled. */
  readonly #compiled: ReadonlySet<string>;
  readonly #loaded = new Map<string, Exports>();

  constructor(private readonly options: PackOptions) {
    const { file, cache } = options;
    const cached = cache?.read();
    this.#script = new Script(readFileSync(file, "latin1"), { filename: file, cachedData: cached?.code });
    this.#compiled = new Set(this.#script.cachedDataRejected === true ? [] : cached?.pieces);
    this.#pieces = this.#script.runInThisContext();
  }

  /** The exports of one of its pieces. Throws where there is none of that name. */
  load(name: string): Exports {
    const known = this.#loaded.get(name);
    if (known !== undefined) return known;
    const run = this.#pieces[name];
    if (run === undefined) throw new Error(`${name} isn't in ${this.options.file}`);
    const exports = {};
    this.#loaded.set(name, exports);
    run(exports, this.options.require);
    return exports;
  }

  /** The names of the pieces that have run. */
  get loaded(): string[] {
    return [...this.#loaded.keys()];
  }

  /** Keeps what was compiled, if a piece has run that no earlier call ran. */
  keepCompiled(): void {
    if (this.loaded.every((name) => this.#compiled.has(name))) return;
    this.options.cache?.write({
      code: this.#script.createCachedData(),
      pieces: [...new Set([...this.#compiled, ...this.loaded])],
    });
  }
}
