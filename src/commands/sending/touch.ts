import type { Context } from "../../context.js";
import { openTouches, type Touch, type TouchLog } from "../../fleet/touches.js";
import type { NewItem } from "../../history/change.js";
import { createPrinter } from "../../output/printer.js";
import { judgeItem } from "../../report.js";
import type { Settings } from "../../settings/settings.js";
import { switchAct } from "./items.js";

type TouchContext = Pick<Context, "io" | "settings" | "now" | "serverNow">;
type NewTouch = Omit<Touch, "at">;

/** Where a command keeps which automations it changed; `close` it when it is done. */
export interface TouchNotes {
  /** Once the requests went out and may have taken effect. Never throws. */
  add(...touches: NewTouch[]): void;
  /**
   * What couldn't be kept here, or told to a ledger elsewhere, is one warning: the changes themselves stand. Answers
   * whether there was one.
   */
  close(): Promise<boolean>;
}

/** What was there before and is another now; of what is new `created_at` tells. */
export function touchOf({ act, after }: NewItem): Touch["change"] | undefined {
  if (act === "create" || act === "trigger" || act === "answer") return undefined;
  return act === "update" && typeof after?.enabled === "boolean" ? switchAct(after.enabled) : act;
}

/**
 * Keeps which automations were changed, without ever throwing, in the data folder, and in the ledgers elsewhere that it
 * knows: an incident's resume leaves alone what was changed outside it.
 */
export async function openTouchNotes(context: TouchContext): Promise<TouchNotes> {
  const { settings } = context;
  const touches: Touch[] = [];
  let log: TouchLog | undefined;
  let failure: { error: unknown } | undefined;
  let written = 0;
  let soon: NodeJS.Immediate | undefined;
  try {
    log = await openTouches(settings);
  } catch (error) {
    failure = { error };
  }
  const write = () => {
    soon = undefined;
    const unwritten = touches.slice(written);
    written = touches.length;
    try {
      log?.add(...unwritten);
    } catch (error) {
      failure ??= { error };
    }
  };
  return {
    add: (...added) => {
      const at = context.now();
      const served = context.serverNow();
      const servedAt = Math.abs(served.getTime() - at.getTime()) < 1000 ? undefined : served;
      touches.push(...added.map((touch) => ({ ...touch, at, servedAt })));
      // All that come before the process waits again go into the file at once.
      soon ??= setImmediate(write);
    },
    close: async () => {
      clearImmediate(soon);
      write();
      try {
        log?.close();
        if (touches.length > 0) await tellElsewhere(settings, touches);
      } catch (error) {
        failure ??= { error };
      }
      if (failure === undefined || touches.length === 0) return false;
      await warn(context, failure.error);
      return true;
    },
  };
}

async function tellElsewhere(settings: Settings, touches: readonly Touch[]): Promise<void> {
  const { tellLinkedLedgers } = await import("../../incident/linked-ledgers.js");
  await tellLinkedLedgers(settings, touches);
}

async function warn(context: TouchContext, error: unknown): Promise<void> {
  const printer = await createPrinter(context);
  const { message, hint } = judgeItem(error, context.settings);
  printer.warn(`what was changed can't be recorded, and a resume of an incident won't see it: ${message}`);
  if (hint !== undefined) printer.hint(hint);
}
