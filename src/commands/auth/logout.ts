import { declareCommand } from "../../command/declaration.js";
import { UsageError } from "../../errors/cli-errors.js";
import { printFields } from "../../output/field-list.js";
import { createPrinter } from "../../output/printer.js";
import { removeKey } from "../../settings/config-file.js";
import { keyVariables } from "../../settings/key.js";
import { isBuiltIn } from "../../settings/profile-name.js";

export const command = declareCommand({
  effect: "local",
  help: {
    about: "Remove a profile's saved API key (--profile, or the current one).",
    use: "Stop using the account on this machine. The key itself stays valid: revoke it if others may have it.",
    exitCodes: { 6: "another herm process is writing the file" },
    examples: ["herm auth logout", "herm auth logout --profile prod"],
  },
  async run(context): Promise<void> {
    const { settings } = context;
    const { name: profile } = settings.profile();
    if (isBuiltIn(profile)) {
      throw new UsageError("the local server's key isn't stored in a profile", {
        hint: "to stop the server: herm dev stop",
      });
    }
    const removed = await removeKey(settings, profile);
    const printer = await createPrinter(context);
    await printFields(printer, {
      piped: [
        ["profile", profile],
        ["removed", String(removed)],
      ],
      shown: [["profile", `${profile}: ${removed ? "key removed" : "no key to remove"}`]],
      json: { profile, removed },
      name: profile,
    });
    for (const variable of keyVariables) {
      if (settings.env(variable) !== undefined) printer.warn(`${variable} is set, so its key is still used`);
    }
  },
});
