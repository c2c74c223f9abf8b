import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isObject } from "../api/json.js";
import { UsageError } from "../errors/cli-errors.js";
import { configFolder, type FolderEnvironment } from "./config-folders.js";

export const accessibleVariable = "HERM_ACCESSIBLE";

const answers = new Map([
  ["1", true],
  ["true", true],
  ["0", false],
  ["false", false],
]);

/** Reads a value of `name`. Throws UsageError unless it is on or off. */
export function readAccessible(text: string, name: string): boolean {
  const answer = answers.get(text.trim().toLowerCase());
  if (answer !== undefined) return answer;
  throw new UsageError(`${name}: ${JSON.stringify(text)} is neither on nor off`, {
    hint: "to switch it on, use 1 or true; to switch it off, 0 or false",
  });
}

export function checkAccessible(env: FolderEnvironment["env"]): void {
  const text = env[accessibleVariable];
  if (text) readAccessible(text, accessibleVariable);
}

/**
 * True if the environment, or else the settings file, requests accessible mode. Reads the file itself, because help
 * doesn't load settings. Never throws, because reporting errors needs it too; an unreadable value counts as on.
 */
export function isAccessibleRequested(environment: FolderEnvironment): boolean {
  const text = environment.env[accessibleVariable];
  if (text) return answers.get(text.trim().toLowerCase()) ?? true;
  try {
    const config: unknown = JSON.parse(readFileSync(join(configFolder(environment), "config.json"), "utf8"));
    return isObject(config) && config.accessible === true;
  } catch {
    return false;
  }
}
