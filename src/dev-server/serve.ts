import { rmSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { codeOf, NotPossibleError, UsageError } from "../errors/cli-errors.js";
import { type EmbeddedServer, type EmbedOptions, embedDevServer, isKey, loadOrCreateKey } from "./embed.js";
import { collectGarbage, ownPid } from "./environment.js";
import type { ExampleNews } from "./example/news.js";
import { watchIdleness } from "./idleness.js";
import { findOwner, type Owner, type ServerFileAccess, serverPaths, stopOwner, writeOwner } from "./owner.js";
import { DataFileBusyError, sqliteCodeOf, UnreadableDataError } from "./store/database.js";

/** A background server stops after this long without a request, stream or run (`idleness.ts`). */
const idleMs = 10 * 60_000;

const takeOverWaitMs = 5_000;

interface ServeOptions
  extends Pick<EmbedOptions, "agentCommand" | "startAt" | "stepDelayMs" | "onError" | "onActivity"> {
  /** The data file; if absent, data is in memory, which `--local` doesn't find. */
  dataFile?: string;
  /** True if an empty store starts with the example fleet, and an unreadable one is recreated. */
  isExample?: boolean;
  files: ServerFileAccess;
  apiKey?: string;
  /** 0: a free port. */
  port: number;
  /** True if any free port will do when this one is in use. */
  isPortFlexible: boolean;
  isBackground: boolean;
  onStep?: ((text: string) => void) | undefined;
  signal: AbortSignal;
}

class ServedAlreadyError extends NotPossibleError {
  constructor(
    dataFile: string,
    readonly owner: Owner | undefined,
  ) {
    const other = owner ? `the server at ${owner.url} (pid ${owner.pid})` : "another process";
    super(`${dataFile} is used by ${other}`, {
      hint: "to start another one, add --data or --memory; to stop this one: herm dev stop",
    });
  }
}

/**
 * Serves a data file, or memory, on 127.0.0.1, where other commands find it. Takes over from a background server,
 * unless it is to be one itself. Throws NotPossibleError if the data or the port belongs to another server,
 * UsageError for an invalid port or key, and what `openStore` throws. `stopped` resolves when the server should stop:
 * on request, or idle.
 */
export async function serve(options: ServeOptions) {
  const { files, isBackground } = options;
  if (options.apiKey !== undefined && !isKey(options.apiKey)) {
    throw new UsageError("HERM_DEV_KEY must be printable ASCII without spaces");
  }
  const paths = options.dataFile === undefined ? undefined : serverPaths(options.dataFile);
  if (paths) files.ensureFolder(paths.folder);
  options.onStep?.(`opening ${paths?.data ?? "memory"}`);
  const keyFile = options.apiKey === undefined ? paths?.key : undefined;
  const apiKey = options.apiKey ?? (keyFile && (await loadOrCreateKey(files, keyFile)));
  const activity = watchIdleness(isBackground ? idleMs : undefined);
  const example = options.isExample ? await import("./example/seed.js") : undefined;
  const embedOptions: EmbedOptions = {
    ...options,
    seed: example && ((begun) => example.seed(begun, options.onStep)),
    apiKey,
    dataFile: paths?.data,
    onStop: activity.stop,
    onRequest: activity.touch,
    stay: activity.stay,
  };
  const { server, news } = await (paths && !isBackground
    ? takeOver(options, embedOptions)
    : open(options, embedOptions));
  try {
    const { url } = await listenOn(server, options);
    if (paths)
      writeOwner(files, paths.owner, { url, apiKey: server.apiKey, pid: ownPid, isBackground, news });
    // The example's due runs don't keep the server running.
    activity.watch(() => (options.isExample ? { ...server.look(), dueInMs: undefined } : server.look()));
    return {
      url,
      apiKey: server.apiKey,
      pid: ownPid,
      dataFile: paths?.data,
      keyFile,
      deploymentIds: server.deploymentIds(),
      news,
      stopped: activity.stopped,
      close: async () => {
        activity.end();
        if (paths) rmSync(paths.owner, { force: true });
        await server.close();
      },
    };
  } catch (error) {
    await server.close();
    throw error;
  }
}

interface Opened {
  server: EmbeddedServer;
  news: ExampleNews | undefined;
}

async function open(options: ServeOptions, embedOptions: EmbedOptions): Promise<Opened> {
  try {
    const { dataFile, files, signal, isExample = false } = options;
    const start = () => openData(embedOptions, { isExample });
    if (dataFile === undefined) return await start();
    return await files.withLock(serverPaths(dataFile).opening, start, { signal, what: "the data file" });
  } catch (error) {
    if (!(error instanceof DataFileBusyError) || options.dataFile === undefined) throw error;
    throw new ServedAlreadyError(options.dataFile, await findOwner(options.files, options.dataFile));
  }
}

/** A damaged example, or one from another version, is recreated, because it contains none of the user's work. */
async function openData(embedOptions: EmbedOptions, { isExample }: { isExample: boolean }): Promise<Opened> {
  const { dataFile } = embedOptions;
  try {
    const server = await embedDevServer(embedOptions);
    return { server, news: isExample && server.isNew ? "new" : undefined };
  } catch (error) {
    if (!isExample || dataFile === undefined || !isDamaged(error)) throw error;
    await collectGarbage();
    for (const part of ["", "-wal", "-journal"]) rmSync(dataFile + part, { force: true });
    return { server: await embedDevServer(embedOptions), news: "replaced" };
  }
}

/** True if the data file itself is broken. False for a full disk or an unwritable file, whose data is intact. */
function isDamaged(error: unknown): boolean {
  const isUnreadable = error instanceof UnreadableDataError;
  if (isUnreadable && error.cause === undefined) return true;
  return /^SQLITE_(NOTADB|CORRUPT)/.test(sqliteCodeOf(isUnreadable ? error.cause : error));
}

async function listenOn(
  server: EmbeddedServer,
  { port, isPortFlexible }: Pick<ServeOptions, "port" | "isPortFlexible">,
): Promise<{ url: string }> {
  try {
    return await server.listen({ port });
  } catch (error) {
    const code = codeOf(error);
    if (code === "EADDRINUSE" && isPortFlexible) return server.listen({ port: 0 });
    if (code === "EADDRINUSE") {
      throw new NotPossibleError(`port ${port} is taken`, {
        hint: "--port 0 picks a free one",
        cause: error,
      });
    }
    if (code === "EACCES")
      throw new UsageError(`port ${port} isn't allowed`, { hint: "choose one above 1023" });
    throw error;
  }
}

/** Asks a background server to stop, then opens the data once it has. */
async function takeOver(options: ServeOptions, embedOptions: EmbedOptions): Promise<Opened> {
  const giveUpMs = performance.now() + takeOverWaitMs;
  for (;;) {
    try {
      return await open(options, embedOptions);
    } catch (error) {
      if (!(error instanceof ServedAlreadyError) || performance.now() > giveUpMs) throw error;
      if (error.owner && !error.owner.isBackground) throw error;
      if (error.owner) await stopOwner(error.owner, options.signal);
      // The file's server doesn't respond yet, or no longer does.
      else await pause(50, undefined, { signal: options.signal });
    }
  }
}
