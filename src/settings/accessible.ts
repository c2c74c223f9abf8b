import { readFileSync } from "node:fs";
import { join } from "node:path";
import { UsageError } from "../errors.js";
import { configFolder, type FolderEnvironment } from "./folders.js";

/** The variable that switches accessible mode on or off (`herm help accessibility`). */
export const accessibleVariable = "HERM_ACCESSIBLE";

const answers = new Map([
  ["1", true],
  ["true", true],
  ["0", false],
  ["false", false],
]);

/** Reads a value of `name`. Throws UsageError for one that is neither on nor off. */
export function readAccessible(text: string, name: string): boolean {
  const answer = answers.get(text.trim().toLowerCase());
  if (answer !== undefined) return answer;
  throw new UsageError(`${name}: ${JSON.stringify(text)} is neither on nor off`, {
    hint: "1 or true switches it on, 0 or false off",
  });
}

/** Throws UsageError where the variable says neither. */
export function checkAccessible(env: FolderEnvironment["env"]): void {
  const text = env[accessibleVariable];
  if (text) readAccessible(text, accessibleVariable);
}

/**
 * Whether accessible mode is asked for: by the environment, else by the settings file. Never throws, since errors are
 * told in it too: a value that can't be read counts as on. The settings file is looked at by itself, since help is shown
 * without the settings.
 */
export function isAccessibleRequested(environment: FolderEnvironment): boolean {
  const text = environment.env[accessibleVariable];
  if (text) return answers.get(text.trim().toLowerCase()) ?? true;
  try {
    const config: unknown = JSON.parse(readFileSync(join(configFolder(environment), "config.json"), "utf8"));
    return (
      typeof config === "object" && config !== null && "accessible" in config && config.accessible === true
    );
  } catch {
    return false;
  }
}
