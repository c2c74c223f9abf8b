import type { Context } from "../context.js";
import { InterruptedError, QuietExit } from "../errors.js";

/**
 * What a command throws that ends by Ctrl-C alone, or has said already what becomes of it: the code of the interruption,
 * and to a person no word. Any other error comes back as it is.
 */
export function watchEnd(error: unknown, { settings }: Pick<Context, "settings">): unknown {
  const isTold = error instanceof InterruptedError && settings.output === "table";
  return isTold ? new QuietExit(error.exitCode) : error;
}
