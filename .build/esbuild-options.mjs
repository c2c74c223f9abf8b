/** What esbuild is told for everything that is built, and how it names things. */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = join(dirname(fileURLToPath(import.meta.url)), "..");

/** For one piece of code, wherever it came from. */
export const forNode = { platform: "node", target: "node20.19" };

/** For what is bundled from src/. */
export const bundled = { ...forNode, absWorkingDir: root, bundle: true, logLevel: "warning" };

/** The command is small for its start's sake; the names stay, for errors. The licences are in a file of their own. */
export const compact = { minifySyntax: true, minifyWhitespace: true, legalComments: "none" };

/** Installed only where it is wanted, or part of the other runtime. */
export const optional = { external: ["libsql", "bun:sqlite"] };
