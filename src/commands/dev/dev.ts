import type { Command } from "commander";
import type { Context } from "../../context.js";
import { createPrinter } from "../../output/printer.js";
import { chooseDataFile, defaultDataFile, readClock, readPort } from "./flags.js";
import { printServer, printStatus, printStopped } from "./view.js";

/** Tried first where no port is named, so that the address stays the same from one day to the next. */
const usualPort = 4376;

/** How long the scripted agent takes for a word: long enough to be seen as a stream. */
const stepDelayMs = 25;

/** What a server needs of the context. */
export type ServerContext = Pick<Context, "io" | "settings" | "signal">;

export interface DevOptions {
  /** Left out: the usual one, or a free one. */
  port?: number | undefined;
  /** Left out: in memory. */
  dataFile?: string | undefined;
  agentCommand?: string | undefined;
  /** In ms. */
  startAt?: number | undefined;
  isBackground: boolean;
}

interface DevFlags {
  port?: string;
  data?: string;
  memory?: true;
  agent?: string;
  clock?: string;
  stop?: true;
  status?: true;
  background?: true;
}

export function addDevCommand(parent: Command, context: Context): void {
  const command = parent.command("dev");
  command
    .option("--port <n>", `port on 127.0.0.1; 0: a free one (default: ${usualPort}, or a free one)`)
    .option("--data <file>", "keep the data there (default: dev.db in the data folder)")
    .addOption(command.createOption("--memory", "keep nothing; --local doesn't find it").conflicts("data"))
    .option("--agent <command>", "program for each run: instructions on stdin, answer on stdout")
    .option("--clock <time>", "start the server's clock at this RFC 3339 time")
    .addOption(command.createOption("--stop", "stop the server of this data").conflicts(["memory", "status"]))
    .addOption(command.createOption("--status", "say whether it is running").conflicts("memory"))
    .addOption(command.createOption("--background").hideHelp())
    .action((flags: DevFlags) => {
      const dataFile = flags.memory ? undefined : chooseDataFile(context, flags.data);
      if (dataFile !== undefined && flags.status) return showStatus(context, dataFile);
      if (dataFile !== undefined && flags.stop) return stopServer(context, dataFile);
      return runServer(context, {
        port: readPort(flags.port),
        dataFile,
        agentCommand: flags.agent,
        startAt: readClock(flags.clock),
        isBackground: flags.background === true,
      });
    });
}

/** Serves until it is interrupted, asked to stop, or idle in the background (cli.md, "The local server"). */
export async function runServer(context: ServerContext, options: DevOptions): Promise<void> {
  const { settings, signal } = context;
  const printer = await createPrinter(context);
  const isDefault = options.dataFile === defaultDataFile(context);
  if (isDefault) settings.files.ensureFolder(settings.dataDir);
  const givenKey = settings.env("HERM_DEV_KEY");
  const { serve } = await import("../../dev-server/serve.js");
  const server = await serve({
    ...options,
    files: settings.files,
    apiKey: givenKey,
    port: options.port ?? (options.isBackground ? 0 : usualPort),
    isPortFlexible: options.port === undefined,
    stepDelayMs,
    signal,
    onError: (error) => printer.warn(`the server failed: ${error instanceof Error ? error.message : error}`),
  });
  try {
    await printServer(printer, {
      format: settings.output,
      server,
      isDefault,
      isKeyGiven: givenKey !== undefined,
    });
    const interrupted = new Promise<void>((done) => {
      if (signal.aborted) done();
      signal.addEventListener("abort", () => done(), { once: true });
    });
    await Promise.race([server.stopped, interrupted]);
  } finally {
    await server.close();
  }
}

async function showStatus(context: Context, dataFile: string): Promise<void> {
  const { findOwner } = await import("../../dev-server/owner.js");
  const owner = await findOwner(context.settings.files, dataFile);
  await printStatus(await createPrinter(context), { format: context.settings.output, dataFile, owner });
}

async function stopServer(context: Context, dataFile: string): Promise<void> {
  const { findOwner, stopOwner } = await import("../../dev-server/owner.js");
  const owner = await findOwner(context.settings.files, dataFile);
  if (owner) await stopOwner(owner, context.signal);
  await printStopped(await createPrinter(context), { format: context.settings.output, dataFile, owner });
}
