import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** A manifest that must be refused before anything is sent (src/manifest/README.md). */
export interface BadFile {
  title: string;
  /** Makes it in an empty folder; returns its path. */
  make(folder: string): string;
  /** The message without the path: all of it, or only its start if this ends in `…`. */
  says: string[];
}

/** The start of a valid item, to which more is added. */
export const item = "automations:\n  - name: A\n    schedule: every day at 9am\n    instructions: x\n";
/** A file of YAML. */
export function text(title: string, content: string | Buffer, ...says: string[]): BadFile {
  return {
    title,
    says,
    make(folder) {
      const path = join(folder, "herm.yaml");
      writeFileSync(path, content);
      return path;
    },
  };
}
