import { join } from "node:path";

/** The built command. */
export const commandFile = join(import.meta.dirname, "..", "..", "bin", "herm.cjs");
