import { mkdirSync, mkdtempSync, realpathSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { hintText } from "../../src/command-line/next-command.js";
import { CliError } from "../../src/errors/cli-errors.js";
import { loadSettings, type SettingsEnvironment } from "../../src/settings/load.js";
import type { GlobalFlags, Settings } from "../../src/settings/settings.js";
import { self } from "./self.js";

const noFlags: GlobalFlags = {
  deployments: [],
  local: false,
  noColor: false,
  noInput: false,
  quiet: false,
  debug: false,
};

/** The process that runs the tests, with its own home below a new temporary folder. */
export function freshPlaces(env: SettingsEnvironment["env"] = {}): SettingsEnvironment {
  const home = join(realpathSync(mkdtempSync(join(tmpdir(), "herm-settings-"))), "home");
  const cwd = join(home, "project");
  mkdirSync(cwd, { recursive: true });
  return { env, home, cwd, ...self };
}

export function settingsFor(places: SettingsEnvironment, flags: Partial<GlobalFlags> = {}): Settings {
  return loadSettings({ ...noFlags, ...flags }, places);
}

/** Writes a file for a test; an object is written as JSON. */
export function put(path: string, content: unknown): string {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content), { mode: 0o600 });
  return path;
}

/** The error that a call throws, as `[exit code, message, hint]`. */
export function refusal(work: () => unknown): [unknown, string, unknown] {
  try {
    work();
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    const { exitCode, message, hint } = error;
    return [exitCode, message, hint && hintText(hint, { settings: { flags: noFlags } })];
  }
  throw new Error("nothing was refused");
}
