import type { Context } from "../context.js";
import { recordTouch, type Touch } from "../fleet/touches.js";
import { createPrinter } from "../output/printer.js";
import { isUnknown, messageOf } from "./verdicts.js";

/**
 * Keeps that a change was sent to an automation, so that no incident's resume undoes it; to be called once the request
 * went out, whatever came back. What can't be kept is a warning: the change itself stands.
 */
export async function noteTouch(
  context: Pick<Context, "io" | "settings" | "now">,
  touch: Omit<Touch, "at">,
): Promise<void> {
  try {
    await recordTouch(context.settings, { ...touch, at: context.now() });
  } catch (error) {
    const printer = await createPrinter(context);
    printer.warn(
      `this change can't be recorded, and a resume of an incident won't see it: ${messageOf(error)}`,
    );
  }
}

export interface TouchingChange {
  deploymentId: string;
  automationId: string;
  change: Touch["change"];
}

/**
 * Sends a change and keeps that it was sent, also where it isn't known whether it took effect. What surely changed
 * nothing isn't kept.
 */
export async function sendTouching<T>(
  context: Context,
  touch: TouchingChange,
  send: () => Promise<T>,
): Promise<T> {
  let mayHaveTakenEffect = true;
  try {
    return await send();
  } catch (error) {
    mayHaveTakenEffect = isUnknown(error);
    throw error;
  } finally {
    if (mayHaveTakenEffect) await noteTouch(context, touch);
  }
}
