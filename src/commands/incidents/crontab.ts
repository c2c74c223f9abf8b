import { targetWords } from "../../command-line/next-command.js";
import type { Context } from "../../context.js";
import { safe } from "../../output/safe.js";
import { systemTimeZone } from "../../schedule/time-zone.js";
import { cronTime, quoteForCron } from "./cron-words.js";

/**
 * The line of this machine's crontab that runs a command of herm's at a time, as the one in force runs: full paths, the
 * same folders, profile and URL, never a key. Undefined where there is no crontab, or where none can hold it.
 */
export function crontabLine(context: Context, words: readonly string[], at: Date): string | undefined {
  const { settings, program } = context;
  if (settings.places.uid === undefined) return undefined;
  const command = [...program, ...targetWords(settings.flags), ...words].map(quoteForCron);
  const variables = [...environmentOf(context)].map(([name, value]) => `${name}=${quoteForCron(value)}`);
  const line = [cronTime(at, systemTimeZone()), ...variables, ...command].join(" ");
  return safe(line, "cell") === line ? line : undefined;
}

/** What decides folders, profile and URL here and isn't there where cron runs. */
function environmentOf({ settings }: Context): Map<string, string> {
  const { env, flags, configDir, dataDir } = settings;
  const found = new Map<string, string>();
  const isSet = (...names: string[]) => names.some((name) => env(name) !== undefined);
  if (isSet("HERM_CONFIG_DIR", "XDG_CONFIG_HOME")) found.set("HERM_CONFIG_DIR", configDir);
  if (isSet("HERM_DATA_DIR", "XDG_DATA_HOME")) found.set("HERM_DATA_DIR", dataDir);
  const { name, source } = settings.profile();
  if (["HERM_PROFILE", ".herm.json", "config"].includes(source)) found.set("HERM_PROFILE", name);
  const url = flags.profile === undefined && flags.apiUrl === undefined ? env("HERM_API_URL") : undefined;
  if (url !== undefined && !flags.local) found.set("HERM_API_URL", url);
  return found;
}
