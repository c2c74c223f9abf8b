import { once } from "node:events";
import { declareCommand } from "../../command/declaration.js";
import { advanced, flag, text } from "../../command/flags.js";
import type { Context } from "../../context/context.js";
import { textOfError } from "../../errors/cli-errors.js";
import { createPrinter } from "../../output/printer.js";
import { exampleProfile } from "../../settings/profile-name.js";
import { builtInProfile, chooseDataFile, dataFlags, readClock, readPort } from "./dev-flags.js";
import { printServer } from "./dev-view.js";

const usualPort = 4376;

/** Milliseconds for each word of the scripted agent: slow enough to look like a stream. */
const stepDelayMs = 25;

export type ServerContext = Pick<Context, "io" | "settings" | "signal">;

export interface DevOptions {
  port?: number | undefined;
  /** If undefined, data is kept only in memory. */
  dataFile?: string | undefined;
  agentCommand?: string | undefined;
  isExample?: boolean;
  /** Milliseconds since 1970. */
  startAt?: number | undefined;
  isBackground: boolean;
}

export const command = declareCommand({
  effect: "local",
  flags: {
    port: text("n", `port on 127.0.0.1; 0 picks a free one (default: ${usualPort})`, {
      mayBeEmpty: true,
    }),
    ...dataFlags,
    memory: flag("keep data in memory; --local won't find this server", { excludes: ["data"] }),
    agent: text("command", "program that carries out each run, and reads its instructions from stdin", {
      mayBeEmpty: true,
    }),
    clock: advanced(text("time", "start the server's clock at this RFC 3339 time", { mayBeEmpty: true })),
    background: flag("", { isHidden: true }),
  },
  help: {
    about: "Run the local API server: real HTTP, events and schedules, with data in a file.",
    use: "Develop and test without an account. To try herm out, add --local to any command: that starts a server for you.",
    notes:
      "With --output json, the first line has its address and key. Changes and runs are printed to stderr unless --quiet is given.",
    exitCodes: {
      0: "stopped, or Ctrl-C",
      6: "another server uses this data or port",
    },
    examples: [
      "herm dev",
      "herm dev --memory --port 0 --output json",
      "herm dev --agent ./my-agent --data ./dev.db",
    ],
  },
  async run(context, { port, data, memory, example, agent, clock, background }): Promise<void> {
    const dataFile = memory ? undefined : chooseDataFile(context, { data, example });
    return runServer(context, {
      port: readPort(port),
      dataFile,
      isExample: example || builtInProfile(context, dataFile) === exampleProfile,
      agentCommand: agent,
      startAt: readClock(clock),
      isBackground: background,
    });
  },
});

/** Serves until it is interrupted, told to stop, or left idle in the background (src/dev-server/README.md). */
export async function runServer(context: ServerContext, options: DevOptions): Promise<void> {
  const { settings, signal } = context;
  const printer = await createPrinter(context);
  const profile = builtInProfile(context, options.dataFile);
  if (profile !== undefined) settings.files.ensureFolder(settings.dataDir);
  const givenKey = settings.env("HERM_DEV_KEY");
  const isSilent = options.isBackground || settings.flags.quiet;
  const activity = isSilent ? undefined : await (await import("./activity.js")).createActivity(context);
  const { serve } = await import("../../dev-server/serve.js");
  const server = await serve({
    ...options,
    files: settings.files,
    apiKey: givenKey,
    port: options.port ?? (options.isBackground ? 0 : usualPort),
    isPortFlexible: options.port === undefined,
    stepDelayMs,
    signal,
    onActivity: activity?.show,
    onStep: options.isBackground ? (text) => printer.note(text) : undefined,
    onError: (error) => printer.warn(`the server failed: ${textOfError(error)}`),
  });
  try {
    await printServer(printer, { server, profile, isKeyGiven: givenKey !== undefined });
    if (profile !== undefined && !options.isBackground && server.news !== undefined) {
      const { exampleNews } = await import("../../dev-server/example/news.js");
      for (const line of exampleNews(server.news, { HERM_PROFILE: settings.env("HERM_PROFILE") }))
        printer.note(line);
    }
    activity?.open();
    if (!signal.aborted) await Promise.race([server.stopped, once(signal, "abort")]);
  } finally {
    await server.close();
    activity?.close();
  }
}
