import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { buildSync } from "esbuild";
import { onTestFinished } from "vitest";
import { command, isExecutable } from "../support/command-file.js";

/** Below node_modules, so that the SQL driver is found. */
const cache = join(import.meta.dirname, "..", "..", "node_modules", ".cache", "herm-dev");
let script: string | undefined;

/** The server's own entry, bundled once, so that a process starts in a fraction of the time. */
function scriptFile(): string {
  script ??= bundle(join(import.meta.dirname, "serve-process.ts"));
  return script;
}

function bundle(entry: string): string {
  const { outputFiles } = buildSync({
    entryPoints: [entry],
    write: false,
    bundle: true,
    platform: "node",
    format: "cjs",
    external: ["libsql", "bun:sqlite"],
  });
  const text = outputFiles[0]?.text ?? "";
  const file = join(cache, `${createHash("sha256").update(text).digest("hex").slice(0, 16)}.cjs`);
  mkdirSync(cache, { recursive: true });
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, text);
  renameSync(draft, file);
  return file;
}

export interface ServerProcess {
  child: ChildProcess;
  url: string;
  apiKey: string;
  pid: number;
  call(method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }>;
}

/** The tests' server always reports it this way, and doesn't log activity. */
const asJson = ["-o", "json", "-q"];

/** The words that start a server for this data file: the executable's, if that is being tested. */
export function serverCommand(dataFile: string, ...flags: string[]): { file: string; args: string[] } {
  if (isExecutable) return { file: command.file, args: ["dev", "--data", dataFile, "--port", "0", ...flags] };
  return { file: process.execPath, args: [scriptFile(), dataFile, ...flags] };
}

/** A running server in its own process, killed when the test ends. */
export async function spawnServer(dataFile: string, ...flags: string[]): Promise<ServerProcess> {
  const { file, args } = serverCommand(dataFile, ...flags, ...asJson);
  const child = spawn(file, args, { stdio: ["ignore", "pipe", "pipe"], env: cleanEnvironment() });
  onTestFinished(() => void child.kill("SIGKILL"));
  for await (const line of createInterface({ input: child.stdout })) {
    const { url, api_key: apiKey, pid } = JSON.parse(line);
    return { child, url, apiKey, pid, call: callerOf({ url, apiKey }) };
  }
  throw new Error("the server ended before it said where it listens");
}

/** Runs a server that should end by itself; returns the reason why it did. */
export async function spawnToEnd(
  dataFile: string,
  ...flags: string[]
): Promise<{ code: number; message: string }> {
  const { file, args } = serverCommand(dataFile, ...flags, ...asJson);
  const child = spawn(file, args, { stdio: ["ignore", "ignore", "pipe"], env: cleanEnvironment() });
  onTestFinished(() => void child.kill("SIGKILL"));
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text) => {
    stderr += text;
  });
  const [code] = await once(child, "close");
  const message = isExecutable ? JSON.parse(stderr).error.message : /^error: (.*)$/m.exec(stderr)?.[1];
  return { code, message };
}

export function cleanEnvironment(): NodeJS.ProcessEnv {
  const { PATH, TZ, NODE_OPTIONS } = process.env;
  return { PATH, HOME: tmpdir(), TZ, NODE_OPTIONS };
}

export function callerOf(target: { url: string; apiKey: string }): ServerProcess["call"] {
  return async (method, path, body) => {
    const response = await fetch(target.url + path, {
      method,
      headers: {
        authorization: `Bearer ${target.apiKey}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    return { status: response.status, body: text === "" ? undefined : JSON.parse(text) };
  };
}

export async function kill(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const ended = once(child, "exit");
  child.kill(signal);
  await ended;
}
