import { readFileSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { Script } from "node:vm";
import { homeFolder } from "../files/machine.js";
import { CodeCache } from "./code-cache.js";

export interface StartOptions {
  folder: string;
  require: Load;
  env: Record<string, string | undefined>;
  /** The user's id; undefined on systems without users, which save no compiled code. */
  uid: number | undefined;
  pid: number;
  /** Node's version and architecture, which must match the compiled code. */
  node: string;
}

export interface Started {
  /** Loads a built piece by name, such as `base/main`, or any module through Node. */
  load: Load;
  /** Announces the next command, whose compiled code has its own file, because all commands' code takes 3 ms. */
  begins(path: readonly string[]): void;
  /** Names of the pieces that have run. */
  loaded(): string[];
  /** Saves compiled code for the next start. Call it after the work. */
  keepCompiled(): void;
}

/** Set by the build from the text of the pieces, because code compiled from any other text must not run. */
declare const BUILD_ID: string;

/** Files with several pieces (`.build/packs.mjs`). */
const packs = new Set(["base", "core", "more", "rest"]);

/** Modules that pieces import only for functions that are rarely used; loaded on the first call. */
const lazily = new Set(["node:crypto", "node:child_process", "node:timers/promises"]);

let started: Started | undefined;

/** Makes the built pieces loadable; once per process. */
export function start(options: StartOptions): Started {
  const opened = new Map<string, Pack>();
  let command = "none";
  const open = (name: string): Pack => {
    const pack = opened.get(name);
    if (pack !== undefined) return pack;
    const made = new Pack({
      file: join(options.folder, `${name}.js`),
      cache: cacheOf(name === "base" ? name : `${name}-${command}`, options),
      require: loadPiece,
    });
    opened.set(name, made);
    return made;
  };
  const loadPiece = (name: string): Exports => {
    const [pack = ""] = name.split("/", 1);
    if (packs.has(pack)) return open(pack).load(name);
    if (lazily.has(name)) return lazyFunctions(() => options.require(name));
    return options.require(name.startsWith("./") ? join(options.folder, name) : name);
  };
  started = {
    load: loadPiece,
    begins: (path) => {
      command = path.join("-");
    },
    loaded: () => [...opened.values()].flatMap((pack) => pack.loaded),
    keepCompiled: () => {
      for (const pack of opened.values()) pack.keepCompiled();
    },
  };
  return started;
}

/** Functions that load their module on the first call. */
function lazyFunctions(load: () => Exports): Exports {
  let module: Exports | undefined;
  const call = (key: string | symbol, args: unknown[]) => {
    module = load();
    return Reflect.apply(Reflect.get(module, key), undefined, args);
  };
  const get = (_: object, key: string | symbol) =>
    module === undefined ? (...args: unknown[]) => call(key, args) : Reflect.get(module, key);
  return new Proxy({}, { get });
}

export function load(name: string): Exports {
  if (started === undefined) throw new Error("a piece was loaded before the start");
  return started.load(name);
}

/** The pieces that have run, for the test of what each command loads. */
export function loaded(): string[] {
  return started?.loaded() ?? [];
}

function cacheOf(pack: string, { env, uid, pid, node }: StartOptions): CodeCache | undefined {
  if (uid === undefined || (env.NODE_DISABLE_COMPILE_CACHE ?? "") !== "") return undefined;
  const { XDG_CACHE_HOME: shared = "" } = env;
  const folder = join(isAbsolute(shared) ? shared : join(homeFolder(), ".cache"), "herm");
  return new CodeCache({ folder, name: `${pack}-${BUILD_ID}-${node}`, uid, pid });
}

type Exports = Record<string, unknown>;
type Load = (name: string) => Exports;
type Pieces = Record<string, (exports: Exports, require: Load) => void>;

interface PackOptions {
  file: string;
  /** The file for its compiled code, if it has one. */
  cache: CodeCache | undefined;
  require: Load;
}

/** Several built pieces in one file, because each file costs a third of a millisecond. Each piece runs on request. */
class Pack {
  readonly #script: Script;
  readonly #pieces: Pieces;
  /** The pieces that had run when the current code was compiled. */
  readonly #compiled: ReadonlySet<string>;
  readonly #loaded = new Map<string, Exports>();

  constructor(private readonly options: PackOptions) {
    const { file, cache } = options;
    const cached = cache?.read();
    this.#script = new Script(readFileSync(file, "latin1"), { filename: file, cachedData: cached?.code });
    this.#compiled = new Set(this.#script.cachedDataRejected === true ? [] : cached?.pieces);
    this.#pieces = this.#script.runInThisContext();
  }

  /** The exports of one of its pieces. Throws for an unknown name. */
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

  get loaded(): string[] {
    return [...this.#loaded.keys()];
  }

  /** Saves compiled code if a piece has run for the first time. */
  keepCompiled(): void {
    if (this.loaded.every((name) => this.#compiled.has(name))) return;
    this.options.cache?.write({
      code: this.#script.createCachedData(),
      pieces: [...new Set([...this.#compiled, ...this.loaded])],
    });
  }
}
