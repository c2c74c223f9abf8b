import type { Command } from "commander";
import type { Context } from "../../context.js";
import { createPrinter } from "../../output/printer.js";
import { lastFour, requireKey } from "../../settings/key.js";
import { originOf } from "../../settings/origin.js";
import { checkKey, type KeyReport, printKeyReport } from "./key-check.js";

export function addStatusCommand(parent: Command, context: Context): void {
  parent.command("status").action(() => showKeyStatus(context));
}

/** Prints the key's report, then throws what makes the key unusable. */
export async function showKeyStatus(context: Context): Promise<void> {
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
    await printKeyReport(printer, settings.output, { ...head, state: "none" });
    requireKey(target);
  }
  const { state, error } = await checkKey(await context.client(), signal);
  await printKeyReport(printer, settings.output, { ...head, state });
  if (error !== undefined) throw error;
}
