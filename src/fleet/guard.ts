import type { HermClient } from "../api/client.js";
import { UnchangedError } from "../api/errors.js";
import { saysNotThere } from "../api/exchange.js";
import type { AutomationCall } from "../api/resources.js";
import { laterLooksMs, longestLookMs, lookAgain } from "../api/retry/attempts.js";
import type { Context } from "../context/context.js";
import { readPages, seenBy } from "./lists.js";
import { UnknownPresenceError } from "./outcome.js";
import { unlessGone } from "./read-many.js";

interface GuardOptions {
  client: HermClient;
  clock: Pick<Context, "sleep" | "monotonic" | "signal">;
}

/** Maximum automations that are read again, in all. */
const mostDoubted = 500;

/** The age, in ms, below which a list is recent enough. */
const newListMs = 1_000;

/** Makes a client's call. If this command has seen the automation before, doesn't trust a 404 without checking it. */
export async function guardCall<T>(options: GuardOptions, call: AutomationCall<T>): Promise<T> {
  const seen = seenBy(options.client);
  const answer = await call.send().catch(async (error: unknown) => {
    const cause = error instanceof UnchangedError ? error.cause : error;
    const isMissing = saysNotThere(cause);
    if (isMissing && seen.shows(call)) return settleMissing(options, call, cause);
    if (call.isDeletion && !isMissing) seen.delete(call);
    throw error;
  });
  if (call.isDeletion) seen.delete(call);
  else seen.show(call);
  return answer;
}

/**
 * Reads again an automation that was in a list but got a 404, then lists its deployment once more. Continues the call
 * if the automation is found; otherwise throws `cause` if it isn't in that list either, or else UnknownPresenceError.
 */
async function settleMissing<T>(
  { client, clock }: GuardOptions,
  call: AutomationCall<T>,
  cause: unknown,
): Promise<T> {
  const seen = seenBy(client);
  const { signal = call.options?.stopSignal ?? clock.signal } = call.options ?? {};
  const afterMs = seen.doubted < mostDoubted ? laterLooksMs : [];
  seen.doubted += 1;
  for await (const interruption of lookAgain(clock, { afterMs, signal })) {
    if (interruption !== undefined) throw interruption;
    const reading = await unlessGone(call.read({ signal, maxWaitMs: longestLookMs }));
    const answer = reading && (await unlessGone(call.found(reading).then((value) => ({ value }))));
    if (answer !== undefined) return answer.value;
  }
  const ms = clock.monotonic();
  let list = seen.listedAgain.get(call.deployment_id);
  if (list === undefined || ms - list.ms >= newListMs) {
    list = { ms, done: readPages(client, call.deployment_id, { signal }) };
    seen.listedAgain.set(call.deployment_id, list);
  }
  await list.done.catch((error: Error) => {
    throw new UnknownPresenceError(`its deployment can't be listed: ${error.message}`, { cause: error });
  });
  if (!seen.shows(call)) throw cause;
  throw new UnknownPresenceError("it is listed, but the API reports that it doesn't exist");
}
