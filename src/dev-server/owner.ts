import { spawn } from "node:child_process";
import { createHmac, randomBytes } from "node:crypto";
import { closeSync, constants, openSync, readFileSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { isObject, tryJson } from "../api/json.js";
import { CliError, exitCodes } from "../errors/cli-errors.js";
import { isRunning, killed } from "./environment.js";
import type { ExampleNews } from "./example/news.js";
import { requestServer } from "./server-status.js";

export interface Owner {
  url: string;
  apiKey: string;
  pid: number;
  /** True if a command started it for its own use: such a server stops when idle, and makes way for `herm dev`. */
  isBackground: boolean;
  news?: ExampleNews | undefined;
}

/** The longest pause in a starting server's output, on the slowest machine. */
const silentStartMs = 20_000;
const longestStartMs = 10 * 60_000;
const stopWaitMs = 10_000;
const pollMs = 25;
const busyWaitMs = 250;

export function writeOwner(files: ServerFileAccess, path: string, owner: Owner): void {
  const { url, apiKey, pid, isBackground, news } = owner;
  files.write(path, `${JSON.stringify({ url, api_key: apiKey, pid, background: isBackground, news })}\n`);
}

/**
 * Finds the server of a data file. An owner file counts only if a server at its address proves that it has the key, so
 * that a dead server's file is recognised, and its key isn't revealed to the port's new user. Any request except for
 * `statusPath` keeps a background server running.
 */
export async function findOwner(
  files: ServerFileAccess,
  dataFile: string,
  path = "/_dev/store",
): Promise<Owner | undefined> {
  const owner = readOwner(files.read(serverPaths(dataFile).owner));
  return owner && answering(owner, path);
}

/**
 * Returns the server of a data file: the running one, or one started in the background, which `announce` reports
 * once. Concurrent callers start only one. Throws CliError if it ends, or neither responds nor prints for 20 s, and
 * what PrivateFiles throws; rejects with the signal's reason when it aborts.
 */
export async function ensureLocalServer(options: {
  dataFile: string;
  isExample?: boolean;
  files: ServerFileAccess;
  startCommand: { file: string; args: string[]; env: NodeJS.ProcessEnv };
  announce(facts: readonly string[]): void;
  signal: AbortSignal;
  silentMs?: number | undefined;
}): Promise<Owner> {
  const { dataFile, files, signal } = options;
  const paths = serverPaths(dataFile);
  const there = await findOwner(files, dataFile);
  if (there) return there;
  files.ensureFolder(dirname(paths.data));
  files.ensureFolder(paths.folder);
  const start = async () => {
    const started = await findOwner(files, dataFile);
    if (started) return started;
    const owner = await startServer(paths, options);
    if (options.isExample) {
      options.announce(["example server started", "stops when idle", "herm dev stop --example"]);
      const { exampleNews } = await import("./example/news.js");
      for (const line of exampleNews(owner.news, options.startCommand.env)) options.announce([line]);
    } else {
      options.announce(["local server started", "stops when idle and nothing is due soon", "herm dev stop"]);
    }
    return owner;
  };
  return files.withLock(paths.owner, start, { waitMs: longestStartMs, signal, what: "the local server" });
}

/**
 * Asks a server to stop and waits until its process has ended; kills it after 10 s, which loses no data. Throws
 * CliError if that fails too.
 */
export async function stopOwner(owner: Owner, signal: AbortSignal, waitMs = stopWaitMs): Promise<void> {
  await requestServer("POST", `${owner.url}/_dev/stop`, { authorization: `Bearer ${owner.apiKey}` });
  const giveUpMs = performance.now() + waitMs;
  while (isRunning(owner.pid)) {
    if (performance.now() > giveUpMs && !killed(owner.pid) && isRunning(owner.pid))
      throw failure(`the local server with pid ${owner.pid} didn't stop`, "end that process yourself");
    await pause(pollMs, undefined, { signal });
  }
}

async function startServer(
  paths: ServerPaths,
  options: Parameters<typeof ensureLocalServer>[0],
): Promise<Owner> {
  let child = spawnServer(paths, options.startCommand);
  for (let printed = -1, giveUpMs = 0; ; ) {
    const owner = await findOwner(options.files, paths.data);
    if (owner) return owner;
    const { size } = statSync(paths.log);
    if (size !== printed) giveUpMs = performance.now() + (options.silentMs ?? silentStartMs);
    printed = size;
    if (child.failure === exitCodes.conflict) {
      // Another server that is starting or ending still has the file open.
      await pause(busyWaitMs, undefined, { signal: options.signal });
      child = spawnServer(paths, options.startCommand);
    } else if (child.failure !== undefined || performance.now() > giveUpMs) {
      throw failure(`the local server didn't start: ${lastComplaint(paths.log)}`, `its log is ${paths.log}`);
    }
    await pause(pollMs, undefined, { signal: options.signal });
  }
}

/** Starts a server without any real key, in its own session, so that our Ctrl-C doesn't reach it. */
function spawnServer(
  paths: ServerPaths,
  command: { file: string; args: string[]; env: NodeJS.ProcessEnv },
): { failure?: number | string } {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_APPEND;
  const log = openSync(paths.log, flags | (constants.O_NOFOLLOW ?? 0), 0o600);
  const state: { failure?: number | string } = {};
  try {
    const { HERM_API_KEY: _herm, PRISM_API_KEY: _prism, ...env } = command.env;
    const child = spawn(command.file, command.args, {
      env,
      cwd: paths.folder,
      detached: true,
      windowsHide: true,
      stdio: ["ignore", log, log],
    });
    child.on("error", (error) => {
      state.failure = error.message;
    });
    child.on("exit", (code, killer) => {
      state.failure = code ?? killer ?? "gone";
    });
    child.unref();
  } finally {
    closeSync(log);
  }
  return state;
}

function failure(message: string, hint: string): CliError {
  return new CliError(message, exitCodes.unexpected, "local_server", { hint });
}

function readOwner(text = ""): Owner | undefined {
  const owner = tryJson(text);
  if (!isObject(owner)) return undefined;
  const { url, api_key, pid, background, news } = owner;
  if (typeof url !== "string" || !/^http:\/\/127\.0\.0\.1:\d{1,5}$/.test(url)) return undefined;
  if (typeof api_key !== "string" || !isPid(pid)) return undefined;
  const isNews = news === "new" || news === "replaced";
  return { url, apiKey: api_key, pid, isBackground: background === true, news: isNews ? news : undefined };
}

/** Accepts only the id of a single process: zero and negative numbers mean whole process groups. */
function isPid(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value > 0;
}

async function answering(owner: Owner, path: string): Promise<Owner | undefined> {
  const { url, apiKey } = owner;
  const challenge = randomBytes(16).toString("hex");
  const headers = (await requestServer("GET", url + path, { [challengeHeader]: challenge }))?.headers;
  if (headers?.[proofHeader] !== prove(challenge, { apiKey, host: new URL(url).host })) return undefined;
  return owner;
}

function lastComplaint(log: string): string {
  try {
    const lines = readFileSync(log, "utf8").trim().split("\n");
    const complaint = lines.findLast((line) => line.startsWith("error: ")) ?? lines.at(-1);
    return complaint?.replace("error: ", "") || "it printed nothing";
  } catch {
    return "it left no log";
  }
}

/** A caller may ask the server to prove that it has the key before sending it the key (as owner.ts does). */
export const challengeHeader = "herm-challenge";
export const proofHeader = "herm-proof";

/** Computes the answer to a challenge at this host and port, which requires the key. */
export function prove(challenge: string, options: { apiKey: string; host: string }): string {
  return createHmac("sha256", options.apiKey).update(`${options.host} ${challenge}`).digest("hex");
}

/** Reads and writes private files safely: `PrivateFiles` of src/files implements it. */
export interface ServerFileAccess {
  ensureFolder(path: string): void;
  read(path: string): string | undefined;
  write(path: string, text: string): void;
  withLock<T>(
    path: string,
    work: () => T | Promise<T>,
    options?: { waitMs?: number; signal?: AbortSignal; what?: string },
  ): Promise<T>;
}

type ServerPaths = ReturnType<typeof serverPaths>;

export function serverPaths(dataFile: string) {
  const data = resolve(dataFile);
  // Private, because the data's own folder may belong to another user.
  const folder = `${data}.server`;
  return {
    data,
    folder,
    /** The random key, unless HERM_DEV_KEY is set. */
    key: join(folder, "key"),
    /** The address, key and pid of the data's current server. */
    owner: join(folder, "owner.json"),
    /** Locked while the data is opened or renamed. */
    opening: join(folder, "opening"),
    log: join(folder, "log"),
  };
}
