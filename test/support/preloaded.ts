import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { type Command, command, commandFile, isExecutable } from "./command-file.js";

const folder = join(import.meta.dirname, "preloads");
const built = join(import.meta.dirname, "..", "..", "node_modules", ".cache", "herm-preloaded");

/** The modules that may be loaded before the command: those in `preloads/`. */
export type Preload =
  | "ended-when"
  | "endless-waits"
  | "fixed-clock"
  | "killed-midway"
  | "no-zones"
  | "quick-clock"
  | "told-syncs";

/**
 * The program that tests start as `herm` with a module loaded before it. Node has an option for that; an executable
 * doesn't, so one is built from the same sources with the module inside (build-preloaded.ts).
 */
export function preloaded(preload: Preload | undefined): Command {
  if (preload === undefined) return command;
  if (isExecutable) return { file: executableOf(preload).file, args: [] };
  return { file: command.file, args: ["--import", join(folder, `${preload}.mjs`), commandFile] };
}

/** The executable with a preloaded module, and the entry from which it is built. */
export function executableOf(preload: string): { module: string; entry: string; file: string } {
  return {
    module: join(folder, `${preload}.mjs`),
    entry: join(built, preload, "entry.ts"),
    file: join(built, preload, "herm"),
  };
}

export const preloads = (): string[] => readdirSync(folder).map((file) => basename(file, ".mjs"));
