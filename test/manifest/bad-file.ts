import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** A manifest that must be refused before anything is sent (src/manifest/README.md). */
export interface BadFile {
  title: string;
  /** Makes it in an empty folder, and gives its path. */
  make(folder: string): string;
  /** What is said, without the path: all of it, or its beginning where it ends in `…`. */
  says: string[];
}

/** The start of an item that is right, for whatever follows. */
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
