import type { Command } from "commander";
import type { Context } from "../../context.js";
import { UsageError } from "../../errors.js";
import { createPrinter } from "../../output/printer.js";
import { removeKey } from "../../settings/credentials.js";
import { keyVariables } from "../../settings/key.js";
import { localProfile } from "../../settings/profile-name.js";
import { printFacts } from "../config/facts.js";

export function addLogoutCommand(parent: Command, context: Context): void {
  parent.command("logout").action(() => logOut(context));
}

/** Removes the profile's key; without one nothing changes, and that is no failure. */
export async function logOut(context: Context): Promise<void> {
  const { settings } = context;
  const { name: profile } = settings.profile();
  if (profile === localProfile) {
    throw new UsageError("the local server's key isn't kept in a profile", {
      hint: "herm dev --stop stops the server",
    });
  }
  const removed = await removeKey(settings, profile);
  const printer = await createPrinter(context);
  await printFacts(printer, settings.output, {
    piped: [
      ["profile", profile],
      ["removed", String(removed)],
    ],
    shown: [["profile", `${profile}: ${removed ? "its key is forgotten" : "it had no key"}`]],
    json: { profile, removed },
    name: profile,
  });
  for (const variable of keyVariables) {
    if (settings.env(variable) !== undefined) printer.warn(`${variable} is set: its key is still in force`);
  }
}
