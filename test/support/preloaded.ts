import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { type Command, command, commandFile, isExecutable } from "./command-file.js";

const folder = join(import.meta.dirname, "preloads");
const built = join(import.meta.dirname, "..", "..", "node_modules", ".cache", "herm-preloaded");

/** What may be loaded before the command: the modules of `preloads/`. */
export type Preload =
  | "ended-when"
  | "endless-waits"
  | "fixed-clock"
  | "killed-midway"
  | "no-zones"
  | "quick-clock"
  | "told-syncs";

/**
 * What a test starts as `herm` where something is loaded before it. Node loads a module when it is told to; an executable
 * takes no such word, so that one is built with the module in it (build-preloaded.ts), from the same sources.
 */
export function preloaded(preload: Preload | undefined): Command {
  if (preload === undefined) return command;
  if (isExecutable) return { file: executableOf(preload).file, args: [] };
  return { file: command.file, args: ["--import", join(folder, `${preload}.mjs`), commandFile] };
}

/** The executable with something loaded before it, and the entry that it is built from. */
export function executableOf(preload: string): { module: string; entry: string; file: string } {
  return {
    module: join(folder, `${preload}.mjs`),
    entry: join(built, preload, "entry.ts"),
    file: join(built, preload, "herm"),
  };
}

export const preloads = (): string[] => readdirSync(folder).map((file) => basename(file, ".mjs"));
