import { openSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { isatty, ReadStream } from "node:tty";
import type { AnsweringServer, Io, JobControl, Runtime, SaveText, System } from "../context/context.js";
import type { Prompts } from "../context/prompts.js";
import { CliError, codeOf, exitCodes, InterruptedError, interruptions } from "../errors/cli-errors.js";
import { homeFolder, realPathOf } from "../files/machine.js";
import { believableWidth } from "../output/sink.js";
import { machineZone, zoneNameOf } from "../schedule/zone-setting.js";

interface SystemOptions {
  version: string;
  /** This program's file; absent if `process.execPath` is the program itself. */
  commandFile?: string;
  exit(code: number): void;
  onCommand?: System["onCommand"];
  /** Called if even reporting an error fails. */
  onUnreported?(): void;
}

/** The machine. Apart from the client's own entry, this is the only place that reads `process`. */
export function createSystem({ version, commandFile, exit, onCommand, onUnreported }: SystemOptions): {
  system: System;
  dispose(): void;
} {
  setTimeZone();
  // Node ignores this signal, so that a file at its size limit is an ordinary error. Removing a listener, as conf and
  // inquirer do, would change that.
  process.on("SIGXFSZ", () => undefined);
  const interrupts = listenForSignals();
  const isTty = { stdin: isatty(0), stdout: isatty(1), stderr: isatty(2) };
  const system: System = {
    version,
    program: [process.execPath, ...(commandFile === undefined ? [] : [commandFile])],
    runtime: runtime(),
    // Getters, because the first use opens the stream, and most commands never read stdin.
    get stdin() {
      return process.stdin;
    },
    get stdout() {
      return process.stdout;
    },
    get stderr() {
      return process.stderr;
    },
    isTty,
    columns: () => widthOf(isTty),
    env: process.env,
    get cwd() {
      return workingFolder();
    },
    home: homeFolder(),
    uid: process.getuid?.(),
    pid: process.pid,
    isRunning,
    now: () => new Date(),
    // The same clock as Node's `performance`, which takes a millisecond to load.
    monotonic: () => process.uptime() * 1000,
    sleep,
    signal: interrupts.signal,
    interrupt: interrupts.interrupt,
    jobControl: process.platform === "win32" ? undefined : jobControl,
    onCrash: (listener) => {
      const end = () => exit(1);
      process.once("uncaughtException", (error) => {
        process.once("uncaughtException", end);
        listener(error).then(end, () => {
          onUnreported?.();
          end();
        });
      });
    },
    onCommand,
    openTerminal,
    loadPrompts: (io, saveText) => loadPrompts(io, { signal: interrupts.signal, saveText }),
    runningServer,
    localServer: (options) => findLocalServer({ ...options, commandFile, signal: interrupts.signal }),
  };
  return { system, dispose: interrupts.dispose };
}

/** Bun also identifies itself as Node. */
function runtime(): Runtime {
  const { node, bun } = process.versions;
  return bun === undefined ? { name: "Node", version: node } : { name: "Bun", version: bun };
}

/** Sets a `TZ` that Node can read. */
function setTimeZone(): void {
  const { TZ: setting } = process.env;
  if (setting === undefined) return;
  // The machine's default if TZ isn't set, even if the file isn't a link to a zone's file.
  if (/^:?\/etc\/localtime$/.test(setting)) delete process.env.TZ;
  else if (setting === "") process.env.TZ = "UTC";
  else process.env.TZ = zoneNameOf(setting, realPathOf) ?? setting;
  machineZone.setting = process.env.TZ;
}

/** Throws CliError if the folder was removed; the executable's runtime itself reports that. */
function workingFolder(): string {
  try {
    return process.cwd();
  } catch (cause) {
    const message = "the current folder no longer exists";
    throw new CliError(message, exitCodes.unexpected, "file", { hint: "cd to another one", cause });
  }
}

function widthOf(isTty: System["isTty"]): number | undefined {
  const width = isTty.stdout ? process.stdout.columns : isTty.stderr ? process.stderr.columns : undefined;
  return width === undefined ? undefined : believableWidth(width);
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) === "EPERM";
  }
}

/**
 * The first signal asks the command to stop, the second ends the process; but a closed terminal sends two hang-ups, one
 * from the kernel and one from the shell.
 */
function listenForSignals() {
  const controller = new AbortController();
  const listeners = interruptions.map((name) => {
    const listener = () => {
      if (controller.signal.aborted) {
        if (name === "SIGHUP") return;
        dispose();
        process.kill(process.pid, name);
        return;
      }
      controller.abort(new InterruptedError(name));
    };
    process.on(name, listener);
    return { name, listener };
  });
  const dispose = () => {
    for (const { name, listener } of listeners) if (name !== "SIGHUP") process.off(name, listener);
  };
  return { signal: controller.signal, interrupt: (reason: unknown) => controller.abort(reason), dispose };
}

/** Windows has no such path. */
function openTerminal(): ReadStream | undefined {
  try {
    return new ReadStream(openSync("/dev/tty", "r"));
  } catch {
    return undefined;
  }
}

const continueMs = 50;

/** Stops the process with the signal itself. If no shell can continue it, a timer notices the missing SIGCONT. */
const jobControl: JobControl = {
  listen: ({ onStop, onContinue = () => undefined }) => {
    const stop = () => {
      onStop?.();
      process.off("SIGTSTP", stop);
      process.kill(process.pid, "SIGTSTP");
      process.on("SIGTSTP", stop);
      clearTimeout(timer);
      timer = globalThis.setTimeout(onContinue, continueMs);
    };
    let timer: NodeJS.Timeout | undefined;
    process.on("SIGTSTP", stop).on("SIGCONT", onContinue);
    return () => {
      clearTimeout(timer);
      process.off("SIGTSTP", stop).off("SIGCONT", onContinue);
    };
  },
  stop: () => process.kill(0, "SIGTSTP"),
};

async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await setTimeout(ms, undefined, { signal });
  } catch {
    throw signal?.reason;
  }
}

async function loadPrompts(
  io: Io,
  { signal, saveText }: { signal: AbortSignal; saveText: SaveText },
): Promise<Prompts> {
  const options = { io, signal, editorEnv: process.env, saveText, jobControl };
  if (io.inWords === undefined) return (await import("../prompts/inquirer.js")).createDrawnPrompts(options);
  return (await import("../prompts/line-prompts.js")).createLinePrompts(options);
}

async function findLocalServer(
  options: Parameters<System["localServer"]>[0] & Pick<SystemOptions, "commandFile"> & Pick<System, "signal">,
): Promise<AnsweringServer> {
  const [{ ensureLocalServer }, { createPrivateFiles }, { localDataFile }, { exampleProfile }] =
    await Promise.all([
      import("../dev-server/owner.js"),
      import("../files/private-files.js"),
      import("../settings/config-folders.js"),
      import("../settings/profile-name.js"),
    ]);
  const { dataDir, profile, announce, signal } = options;
  const isExample = profile === exampleProfile;
  const program = options.commandFile === undefined ? [] : [options.commandFile];
  return ensureLocalServer({
    dataFile: localDataFile(dataDir, profile),
    isExample,
    files: createPrivateFiles(self()),
    startCommand: {
      file: process.execPath,
      args: [...program, "--profile", profile, "dev", "--background"],
      env: { ...process.env, HERM_DATA_DIR: dataDir },
    },
    announce,
    signal,
  });
}

async function runningServer(dataDir: string, profile: string): Promise<AnsweringServer | undefined> {
  const [{ findOwner }, { createPrivateFiles }, { localDataFile }] = await Promise.all([
    import("../dev-server/owner.js"),
    import("../files/private-files.js"),
    import("../settings/config-folders.js"),
  ]);
  return findOwner(createPrivateFiles(self()), localDataFile(dataDir, profile));
}

function self() {
  return { uid: process.getuid?.(), pid: process.pid, isRunning };
}
