import { rerunCommand } from "../../command/rerun-command.js";
import { commandLine } from "../../command-line/next-command.js";
import type { Context } from "../../context/context.js";
import { exitCodes, NothingFoundError, QuietExit, UsageError } from "../../errors/errors.js";
import { mayBeChanged } from "../../fleet/outcome.js";
import { alreadySo, type Change } from "../../history/change.js";
import { listStored, wasForgotten } from "../../history/folder.js";
import type { ApiIdentity } from "../../history/incident-lines.js";
import { changesAfter, readChange, readChanges } from "../../history/read.js";
import { describeApi, isSameApi } from "../../incident/identity.js";
import { originInUse } from "../../operations/rows/identity.js";
import type { FleetSession } from "../../operations/rows/session.js";
import { waitForLock } from "../../operations/sending/wait-for-lock.js";
import type { Printer } from "../../output/printer.js";
import { readConfig, readCredentials } from "../../settings/config-file.js";
import { defaultApiUrl, originOf } from "../../settings/origin.js";
import { flagsOfBuiltIn, isBuiltIn } from "../../settings/profile-name.js";
import type { Settings } from "../../settings/settings.js";

/**
 * The change that is meant: that of the id, or else the last that isn't an undo itself; where an undo came after that and didn't
 * come to its end, what that one takes back. Throws UsageError where it is another API's, and NothingFoundError where there is
 * none.
 */
export function chooseChange(
  context: Context,
  id: string | undefined,
  { api, printer }: Pick<FleetSession, "api" | "printer">,
): Change {
  if (id !== undefined && id !== "last") return namedChange(context, { id, api });
  const next = newestLeft(context, api);
  const nextCommand = context.settings.redact(next?.command ?? "");
  if (id === undefined && !context.io.canPrompt) {
    if (next === undefined) {
      printer.note("no change is left to undo");
      throw new QuietExit(exitCodes.ok);
    }
    const again = rerunCommand(context, { arguments: [next.id], flags: { yes: true } });
    throw new UsageError("no change given", { hint: `to undo the newest, ${nextCommand}: ${again}` });
  }
  const { change, unfinished, refused } = lastChange(context, api);
  if (unfinished !== undefined)
    printer.note(`${unfinished}, which undoes ${change.id}, was cut off: this continues it`);
  if (refused !== undefined) {
    const part = refused.items.some(({ result }) => result === "done") ? " in part" : "";
    const then = refused.undoes === change.id ? "this tries again" : `the last change is ${change.id}`;
    printer.note(`${refused.id}, which undoes ${refused.undoes}, was refused${part}: ${then}`);
  }
  if ((unfinished ?? refused) === undefined && next?.id !== change.id) {
    const how = `to undo the change before it, ${nextCommand}: ${commandLine(context, ["undo", next?.id ?? ""])}`;
    printer.note(next === undefined ? "no other change is left to undo" : how);
  }
  return change;
}

/** The newest change that no undo has brought back. */
function newestLeft(context: Context, api: ApiIdentity): Change | undefined {
  const undone = new Set<string>();
  for (const change of readChanges(context.settings)) {
    const { id, undoes, items } = change;
    if (!isSameApi(change.target, api) || undone.has(id)) continue;
    if (undoes === undefined && items.some(mayBeChanged)) return change;
    if (undoes !== undefined && isOver(change) && !isRefused(change)) undone.add(undoes);
  }
  return undefined;
}

function namedChange(context: Context, { id, api }: { id: string; api: ApiIdentity }): Change {
  const change = readChange(context.settings, id);
  if (change === undefined) {
    if (wasForgotten(context.settings, id))
      throw new NothingFoundError(`change ${id} is no longer in the history`);
    throw new NothingFoundError(`there is no change ${JSON.stringify(id)} in this data folder`, {
      hint: (herm) => `${herm("history")} lists the changes`,
    });
  }
  if (!isSameApi(change.target, api)) throw madeElsewhere(context.settings, change);
  return change;
}

/** The error for a change of another API, where the one in use isn't reached; undefined for any other. */
export function otherApiError(context: Context, id: string | undefined): UsageError | undefined {
  const change = id === undefined ? undefined : readChange(context.settings, id);
  if (change === undefined) return undefined;
  const { origin, store_id, profile } = change.target;
  // A local server may listen elsewhere now.
  const mayBeHere = store_id !== undefined && profile === context.settings.profile().name;
  if (mayBeHere || origin === originInUse(context).origin) return undefined;
  return madeElsewhere(context.settings, change);
}

function madeElsewhere(settings: Settings, { id, target }: Change): UsageError {
  const { profile, origin } = target;
  const hasKey = readCredentials(settings).get(profile)?.origin === origin;
  const isOwnUrl = originOf(readConfig(settings).profiles.get(profile)?.api_url ?? defaultApiUrl) === origin;
  const flags = isBuiltIn(profile)
    ? flagsOfBuiltIn(profile)
    : { local: false, ...(hasKey ? { profile } : {}), ...(hasKey && isOwnUrl ? {} : { apiUrl: origin }) };
  return new UsageError(`change ${id} was made at ${describeApi(target)}, not here`, {
    hint: `nothing was sent; use ${commandLine({ settings: { flags } }, ["undo", id])}`,
  });
}

interface LastChange {
  change: Change;
  /** The id of the undo of it that was cut off. */
  unfinished?: string;
  /** The undo that came last, where it was refused. */
  refused?: Change | undefined;
}

function lastChange(context: Context, api: ApiIdentity): LastChange {
  const undone = new Set<string>();
  let refused: Change | undefined;
  for (const change of readChanges(context.settings)) {
    if (!isSameApi(change.target, api)) continue;
    const { id, undoes, items } = change;
    if (undoes === undefined) {
      // A change of which every item failed, or was never sent, has nothing to undo.
      if (items.some(mayBeChanged)) return { change, refused };
      continue;
    }
    if (undone.size === 0 && isRefused(change)) refused = change;
    const isOpen = !isOver(change) && !undone.has(undoes) && !undone.has(id);
    undone.add(undoes);
    const before = isOpen ? readChange(context.settings, undoes) : undefined;
    if (before !== undefined) return { change: before, unfinished: id };
  }
  throw new NothingFoundError("there is no change to undo", {
    hint: (herm) => `${herm("config", "list")} shows which data folder and API are in use`,
  });
}

/**
 * True when an undo has nothing to continue: what an incident's undo skipped was sent and checked, what an interruption
 * stopped wasn't, or says so.
 */
function isOver(undo: Change): boolean {
  const { incident, items } = undo;
  const isFinished = items.every(
    ({ result, sent_at, error }) =>
      result === "done" ||
      error === alreadySo ||
      (incident !== undefined && result === "skipped" && sent_at !== undefined && error !== "interrupted"),
  );
  return isFinished || isRefused(undo);
}

function isRefused({ items, is_over, was_killed }: Change): boolean {
  if (!is_over || was_killed || items.some(({ result }) => result === "unknown")) return false;
  return items.some(({ refused }) => refused);
}

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
