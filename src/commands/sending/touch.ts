import { commandLine } from "../../command-line/next-command.js";
import type { Context } from "../../context.js";
import { OutcomeUnknownError } from "../../errors.js";
import { isUnknown, mayHaveChanged } from "../../exit-code.js";
import { openTouches, type Touch, type TouchLog } from "../../fleet/touches.js";
import { createPrinter } from "../../output/printer.js";
import { judgeItem, messageOf } from "../../report.js";
import type { Settings } from "../../settings/settings.js";

type TouchContext = Pick<Context, "io" | "settings" | "now" | "serverNow">;
type NewTouch = Omit<Touch, "at">;

interface SentTouch extends NewTouch {
  /** Called where the change failed and yet may have taken effect: to say how it is taken back. */
  onUnknown?(): void;
}

/** Where a command keeps which automations it changed; `close` it when it is done. */
export interface TouchNotes {
  /** Once the requests went out and may have taken effect. Never throws. */
  add(...touches: NewTouch[]): void;
  /** What couldn't be kept here, or told to a ledger elsewhere, is one warning: the changes themselves stand. */
  close(): Promise<void>;
}

/**
 * Keeps which automations were changed, without ever throwing, in the data folder, and in the ledgers elsewhere that it knows: an incident's
 * resume leaves alone what was changed outside it. For a command of many changes; see `sendTouching` for one.
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
      if (failure !== undefined && touches.length > 0) await warn(context, failure.error);
    },
  };
}

async function tellElsewhere(settings: Settings, touches: readonly Touch[]): Promise<void> {
  const { tellLinkedLedgers } = await import("../../incident/linked-ledgers.js");
  await tellLinkedLedgers(settings, touches);
}

/**
 * Sends one change and keeps that it was sent, also where it isn't known whether it took effect: that throws
 * OutcomeUnknownError, with the command that checks. What surely changed nothing isn't kept. That it can't be kept is a
 * warning.
 */
export async function sendTouching<T>(
  context: TouchContext,
  { onUnknown, ...touch }: SentTouch,
  send: () => Promise<T>,
): Promise<T> {
  let mayHaveTakenEffect = true;
  try {
    return await send();
  } catch (error) {
    mayHaveTakenEffect = mayHaveChanged(error);
    if (mayHaveTakenEffect) onUnknown?.();
    throw isUnknown(error) ? outcomeUnknown(context, touch, error) : error;
  } finally {
    if (mayHaveTakenEffect) await keepTouch(context, touch);
  }
}

function outcomeUnknown(
  context: TouchContext,
  { deploymentId, automationId }: NewTouch,
  cause: unknown,
): OutcomeUnknownError {
  const check = commandLine(context, ["automations", "get", `${deploymentId}/${automationId}`]);
  return new OutcomeUnknownError(messageOf(cause), { hint: `${check} shows how it stands`, cause });
}

async function keepTouch(context: TouchContext, touch: NewTouch): Promise<void> {
  const notes = await openTouchNotes(context);
  notes.add(touch);
  await notes.close();
}

async function warn(context: TouchContext, error: unknown): Promise<void> {
  const printer = await createPrinter(context);
  const { message, hint } = judgeItem(error, context.settings);
  printer.warn(`what was changed can't be recorded, and a resume of an incident won't see it: ${message}`);
  if (hint !== undefined) printer.hint(hint);
}
