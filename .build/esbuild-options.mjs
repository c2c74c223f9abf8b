/** esbuild's options for everything that is built, and the names that it uses. */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = join(dirname(fileURLToPath(import.meta.url)), "..");

/** For a single piece of code, whatever its source. */
export const forNode = { platform: "node", target: "node20.19" };

/** For what is bundled from src/. */
export const bundled = { ...forNode, absWorkingDir: root, bundle: true, logLevel: "warning" };

/** Minifies the command so that it starts fast, but keeps names for errors. The licences have their own file. */
export const compact = { minifySyntax: true, minifyWhitespace: true, legalComments: "none" };

/** Modules that are installed only on request, or are part of the other runtime. */
export const optional = { external: ["libsql", "bun:sqlite"] };
