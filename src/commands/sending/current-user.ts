import { hostname } from "node:os";
import type { Context } from "../../context.js";
import { systemUser } from "../../files/machine.js";

/** The user and host of ledgers and the history. */
export function currentUser({ settings }: Pick<Context, "settings">): { user: string; host: string } {
  const user = systemUser() ?? settings.env("USER") ?? settings.env("USERNAME") ?? "unknown";
  return { user, host: hostname() };
}
