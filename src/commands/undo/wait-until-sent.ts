import type { Context } from "../../context.js";
import type { Change } from "../../history/change.js";
import { listStored } from "../../history/folder.js";
import { changesAfter, readChange } from "../../history/read.js";
import type { Printer } from "../../output/printer.js";
import { waitForLock } from "../sending/wait-for-lock.js";

/**
 * Waits until nobody sends a change any more, nor another undo of it, and gives it as it is then: of one that is still being
 * sent what comes last would come after its undo. Throws NotPossibleError after `--max-wait`. Who was killed isn't waited for.
 */
export async function waitUntilSent(
  context: Context,
  change: Change,
  printer: Pick<Printer, "note">,
): Promise<Change> {
  const { settings } = context;
  const undos = changesAfter(settings, change).filter(({ undoes }) => undoes === change.id);
  const open = new Set([change, ...undos].flatMap(({ id, is_over }) => (is_over ? [] : [id])));
  for (const { id, path } of listStored(settings).filter((each) => open.has(each.id))) {
    const what = id === change.id ? id : `${id}, which undoes ${change.id},`;
    const lock = await waitForLock(context, {
      path,
      textOf: ({ who }) => `${what} is still being sent by ${who}`,
      printer,
    });
    lock.release();
  }
  return readChange(settings, change.id) ?? change;
}
