import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { onTestFinished } from "vitest";
import { compiledFolder } from "./command-file.js";
import { temporaryFolder } from "./harness.js";
import { type Preload, preloaded } from "./preloaded.js";

export interface SpawnOptions {
  env?: Record<string, string | undefined>;
  /** HOME of the process; default: a new folder that is removed with the test. */
  home?: string;
  stdin?: string;
  /** The working folder; default: that of the tests. */
  cwd?: string;
  /** A program with arguments that starts it. */
  through?: readonly string[];
  /** The user that it runs as; default: the one who runs the tests. */
  uid?: number;
  /** The module to load before the command. */
  preload?: Preload;
}

/** Starts the built command as a separate process, which ends with the test. */
export function startHerm(
  words: readonly string[],
  options: SpawnOptions = {},
): ChildProcess & { stdout: NodeJS.ReadableStream; stderr: NodeJS.ReadableStream } {
  const command = preloaded(options.preload);
  const [file = "", ...args] = [...(options.through ?? []), command.file, ...command.args, ...words];
  const child = spawn(file, args, {
    stdio: ["pipe", "pipe", "pipe"],
    cwd: options.cwd,
    env: {
      PATH: process.env.PATH,
      TZ: process.env.TZ,
      HOME: options.home ?? temporaryFolder(),
      XDG_CACHE_HOME: compiledFolder(words),
      ...options.env,
    },
    ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  child.stdin.on("error", () => undefined);
  child.stdin.end(options.stdin ?? "");
  return child;
}

/** Runs the built command to its end. */
export async function spawnHerm(words: readonly string[], options: SpawnOptions = {}) {
  const child = startHerm(words, options);
  const [stdout, stderr, [code]] = await Promise.all([
    readAll(child.stdout),
    readAll(child.stderr),
    once(child, "close"),
  ]);
  return { code, stdout, stderr };
}

/** A `herm dev` process and its output; it ends with the test. */
export async function spawnServer(words: readonly string[] = ["--memory"], options: SpawnOptions = {}) {
  const child = startHerm(["dev", "--port", "0", "-o", "json", ...words], options);
  for await (const line of createInterface({ input: child.stdout })) {
    const said = JSON.parse(line);
    return {
      child,
      said,
      env: {
        HERM_API_URL: String(said.url),
        HERM_API_KEY: String(said.api_key),
        HERM_DEPLOYMENT: "dep_local",
      },
    };
  }
  throw new Error("the server ended before it said where it listens");
}

async function readAll(stream: NodeJS.ReadableStream): Promise<string> {
  let text = "";
  for await (const chunk of stream) text += String(chunk);
  return text;
}
