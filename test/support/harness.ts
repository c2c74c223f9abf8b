import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Writable } from "node:stream";
import { onTestFinished } from "vitest";
import type { FetchLike, StartTimer } from "../../src/api/fetch.js";
import type { Io, System } from "../../src/context/context.js";
import type { Prompts } from "../../src/context/prompts.js";
import { type EmbeddedServer, type EmbedOptions, embedDevServer } from "../../src/dev-server/embed.js";
import { main } from "../../src/main.js";
import { command } from "./command-file.js";
import { scriptedPrompts } from "./scripted-prompts.js";

export interface HermOptions {
  /** The embedded server for requests; absent: every request fails as if nothing listened. */
  server?: Pick<EmbeddedServer, "apiKey" | "fetch">;
  /** A terminal on all three streams; default: none. */
  tty?: boolean;
  columns?: number;
  /** The user's answers, in order; a question without an answer fails the test. Implies a terminal. */
  answers?: readonly unknown[];
  /** False: no terminal can be opened beside stdin. */
  terminal?: false;
  /** Default: the server's. `null`: no key at all. */
  key?: string | null;
  now?: Date;
  env?: Record<string, string>;
  stdin?: string;
  cwd?: string;
  /** The folder for config, data and home; default: a new folder that is removed with the test. */
  home?: string;
  /** Called instead of the server's app: for servers that fail. */
  fetch?: FetchLike;
  sleep?(ms: number, signal?: AbortSignal): Promise<void>;
  /** The time since the command's start, by which its clock is later. Default: only sleeps move it. */
  monotonic?(): number;
  /** Time limits; default: real ones. */
  timer?: StartTimer;
  /** For jitter; random by default. */
  random?(): number;
  signal?: AbortSignal;
  interrupt?(reason: unknown): void;
  /**
   * The process in whose name it acquires locks; default: this one. Any other counts as ended to readers of its locks.
   */
  pid?: number;
  stdout?: Writable;
  /** Default: the oldest supported version. */
  nodeVersion?: string;
}

export interface HermResult {
  code: number;
  stdout: string;
  stderr: string;
}

export const embeddedUrl = "http://127.0.0.1";

/** Runs the real main with the real client and the real app in this process, without a port or a spawn. */
export async function herm(argv: readonly string[], options: HermOptions = {}): Promise<HermResult> {
  const stdout = new Collector();
  const stderr = new Collector();
  const code = await main(argv, testSystem(options, options.stdout ?? stdout, stderr));
  return { code, stdout: stdout.text, stderr: stderr.text };
}

/** A server in memory, closed when the test ends. */
export async function startServer(options: EmbedOptions = {}): Promise<EmbeddedServer> {
  const server = await embedDevServer(options);
  onTestFinished(() => server.close());
  return server;
}

/** A new folder that is removed when the test ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "herm-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The app as the client's transport. */
export function fetchFrom(server: Pick<EmbeddedServer, "fetch">): FetchLike {
  return async (url, { method, headers, body, signal }) => {
    signal?.throwIfAborted();
    const request = new Request(url, {
      method,
      headers,
      ...(body === undefined ? {} : { body }),
      ...(signal === undefined ? {} : { signal }),
    });
    return server.fetch(request);
  };
}

/** A machine for main, made from the options. */
export function testSystem(
  options: HermOptions = {},
  stdout: Writable = new Collector(),
  stderr: Writable = new Collector(),
): System {
  const home = options.home ?? temporaryFolder();
  const isTerminal = options.tty ?? options.answers !== undefined;
  const stdin = new PassThrough();
  stdin.end(options.stdin ?? "");
  return {
    version: "0.0.0-test",
    program: [command.file, ...command.args],
    runtime: { name: "Node", version: options.nodeVersion ?? "20.19.0" },
    stdin,
    stdout,
    stderr,
    isTty: { stdin: isTerminal, stdout: isTerminal, stderr: isTerminal },
    columns: () => (isTerminal ? (options.columns ?? 80) : undefined),
    env: testEnvironment(options),
    cwd: options.cwd ?? home,
    home,
    uid: process.getuid?.(),
    pid: options.pid ?? process.pid,
    isRunning: (pid) => pid === process.pid,
    now: () => options.now ?? new Date(),
    ...sleepingClock(options),
    ...(options.timer === undefined ? {} : { timer: options.timer }),
    ...(options.random === undefined ? {} : { random: options.random }),
    signal: options.signal ?? new AbortController().signal,
    interrupt: options.interrupt,
    fetch: options.fetch ?? (options.server === undefined ? nobodyListens : fetchFrom(options.server)),
    openTerminal: () => (options.terminal === false ? undefined : new PassThrough()),
    loadPrompts: async (_io: Io): Promise<Prompts> => scriptedPrompts(options.answers ?? []),
    runningServer: async () => undefined,
    localServer: async () => {
      throw new Error("the harness has no local server: spawn the command for --local");
    },
  };
}

/** The start value of a clock that never jumps, so that nobody mistakes its values for durations. */
const startMs = 100_000_000;

function sleepingClock(options: HermOptions): Pick<System, "sleep" | "monotonic"> {
  const sleep: System["sleep"] = options.sleep ?? (async (_ms, signal) => signal?.throwIfAborted());
  let nowMs = 0;
  const elapsedMs = options.monotonic ?? (() => nowMs);
  return {
    monotonic: () => startMs + elapsedMs(),
    sleep: async (ms, signal) => {
      // At least a little time passes, because a wait below the clock's precision would never end.
      const wakesAtMs = Math.max(nowMs + ms, ms > 0 ? nowMs + 0.001 : nowMs);
      await sleep(ms, signal);
      nowMs = Math.max(nowMs, wakesAtMs);
    },
  };
}

function testEnvironment(options: HermOptions): Record<string, string> {
  const key = options.key === undefined ? options.server?.apiKey : options.key;
  return {
    HERM_API_URL: embeddedUrl,
    NO_COLOR: "1",
    ...(key === undefined || key === null ? {} : { HERM_API_KEY: key }),
    ...options.env,
  };
}

/** Fails as if nothing listened. */
export const nobodyListens: FetchLike = async () => {
  throw Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:80"), { code: "ECONNREFUSED" });
};

class Collector extends Writable {
  readonly #chunks: Buffer[] = [];

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#chunks.push(chunk);
    done();
  }

  get text(): string {
    return Buffer.concat(this.#chunks).toString("utf8");
  }
}
