import { declareCommand, requestCodes } from "../../command/declaration.js";
import { createPrinter } from "../../output/printer.js";
import { lastFour, requireKey } from "../../settings/key.js";
import { originOf } from "../../settings/origin.js";
import { checkKey, type KeyReport, printKeyReport } from "./key-check.js";

export const command = declareCommand({
  effect: "reads",
  help: {
    about: "Show which key is used, where it comes from, where it is sent, and whether the API accepts it.",
    use: "Run it after exit code 3. Only the last 4 characters of the key are shown.",
    exitCodes: requestCodes({
      0: "the key is valid",
      3: "there is no key, or it was refused",
      4: "the address isn't the API's",
      6: "the account has no credits left",
    }),
    examples: ["herm auth status", "herm auth status --profile prod --output json"],
  },
  async run(context): Promise<void> {
    const { settings, signal } = context;
    const target = settings.target();
    const printer = await createPrinter(context);
    const head: Omit<KeyReport, "state"> = {
      profile: target.profile,
      origin: target.baseUrl === undefined ? "local" : originOf(target.baseUrl),
      source: target.keySource,
      last4: target.apiKey === undefined ? null : lastFour(target.apiKey),
    };
    if (!target.isLocal && target.apiKey === undefined) {
      await printKeyReport(printer, { ...head, state: "none" });
      requireKey(target);
    }
    const { state, error } = await checkKey(await context.client(), signal);
    await printKeyReport(printer, { ...head, state });
    if (error !== undefined) throw error;
  },
});
