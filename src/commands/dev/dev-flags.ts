import { resolve } from "node:path";
import { isObject, tryJson } from "../../api/json.js";
import { advanced, flag, text, type Values } from "../../command/flags.js";
import { commandLine, flagWords } from "../../command-line/next-command.js";
import type { AnsweringServer, Context } from "../../context/context.js";
import { NothingFoundError, NotPossibleError, UsageError } from "../../errors/cli-errors.js";
import { localDataFile } from "../../settings/config-folders.js";
import { exampleProfile, localProfile } from "../../settings/profile-name.js";

/** Reads `--port`; throws UsageError. */
export function readPort(given: string | undefined): number | undefined {
  if (given === undefined) return undefined;
  const port = /^\d{1,5}$/.test(given) ? Number(given) : Number.NaN;
  if (port <= 65_535) return port;
  throw new UsageError(`--port must be a number from 0 to 65535, not "${given}"`);
}

/** Milliseconds since 1970. Throws UsageError. */
export function readClock(given: string | undefined): number | undefined {
  if (given === undefined) return undefined;
  const time = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/i.test(given)
    ? Date.parse(given)
    : Number.NaN;
  if (!Number.isNaN(time)) return time;
  throw new UsageError(`--clock must be a time such as 2026-03-02T09:00:00Z, not "${given}"`);
}

export const dataFlags = {
  data: advanced(
    text("file", "data file (default: dev.db in the data folder)", { completes: "files", mayBeEmpty: true }),
  ),
  example: flag("use the example profile's data", { excludes: ["data"] }),
};

type DataChoice = Values<typeof dataFlags>;

export function chooseDataFile(
  { settings }: Pick<Context, "settings">,
  { data, example }: DataChoice,
): string {
  if (data !== undefined) return resolve(settings.environment.cwd, data);
  return localDataFile(settings.dataDir, example ? exampleProfile : settings.profile().name);
}

/** The flags that select the same data again. */
export function dataWords({ data, example }: DataChoice): string[] {
  return [...(data === undefined ? [] : flagWords("--data", data)), ...(example ? ["--example"] : [])];
}

/** The built-in profile that uses this data file. */
export function builtInProfile(
  { settings }: Pick<Context, "settings">,
  dataFile: string | undefined,
): string | undefined {
  return [localProfile, exampleProfile].find((name) => localDataFile(settings.dataDir, name) === dataFile);
}

/** Throws NothingFoundError if no server uses the data. */
export async function findServer(context: Context, choice: DataChoice): Promise<AnsweringServer> {
  const dataFile = chooseDataFile(context, choice);
  const { findOwner } = await import("../../dev-server/owner.js");
  const owner = await findOwner(context.settings.files, dataFile);
  if (owner !== undefined) return owner;
  throw new NothingFoundError(`no server uses ${dataFile}`, {
    hint:
      choice.data === undefined
        ? "use --local or --profile example with any command, or start one: herm dev"
        : `to start one: ${commandLine(context, ["dev", "--data", choice.data])}`,
  });
}

/**
 * Sends a request below `/_dev/` (src/dev-server/README.md). Throws UsageError, NothingFoundError or NotPossibleError
 * if it is refused, and what `findServer` throws.
 */
export async function askServer(
  context: Context,
  choice: DataChoice,
  { method, path, body }: { method: string; path: string; body?: object },
): Promise<unknown> {
  const { url, apiKey } = await findServer(context, choice);
  const { requestServer } = await import("../../dev-server/server-status.js");
  const headers = { authorization: `Bearer ${apiKey}`, "content-type": "application/json" };
  const answer = await requestServer(method, `${url}/_dev/${path}`, headers, body && JSON.stringify(body));
  if (answer === undefined) throw new NotPossibleError("the local server didn't respond within 10 s");
  const value = tryJson(answer.text);
  if (answer.status < 400) return value;
  const message = isObject(value) && typeof value.message === "string" ? value.message : answer.text;
  if (answer.status === 404) throw new NothingFoundError(message);
  throw answer.status === 400 ? new UsageError(message) : new NotPossibleError(message);
}
