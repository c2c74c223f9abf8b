import { connectionCodeOf } from "./connection-error.js";
import type { FetchAnswer, FetchInit, FetchLike, RequestWatch } from "./fetch.js";

/** As much of a runtime's own `fetch` as is needed. */
export type RuntimeFetch = (
  url: string,
  init: { headers: Record<string, string>; signal: AbortSignal; redirect: "manual"; decompress: false },
) => Promise<FetchAnswer>;

/**
 * A transport for an executable with Bun, whose node:http takes five times what its own `fetch` does for a request. That
 * one tells nothing of the connection, and may send anew what a kept connection that had died took along. So it is for
 * reads of a server that has answered. What changes something goes by `otherwise`, also a PATCH, since nothing may send
 * that again before it is known that nobody else changed the thing meanwhile. So do a stream, the first requests, and
 * reads whose answer `fetch` finds odd: `otherwise` tells how far a request got and what is odd. `fetch` must take no
 * proxy of its own choice. Whoever sends no more than `firstAnswers` is as fast without it.
 */
export function createRuntimeTransport(
  fetch: RuntimeFetch,
  otherwise: FetchLike,
  { firstAnswers = 2 }: { firstAnswers?: number } = {},
): FetchLike {
  const answered = new Map<string, number>();
  const transport = async (url: string, init: FetchInit): Promise<FetchAnswer> => {
    const origin = originOf(url);
    const count = answered.get(origin) ?? 0;
    if (count >= firstAnswers) {
      const answer = await sendByFetch(fetch, url, init);
      if (answer !== undefined) return answer;
    }
    const answer = await otherwise(url, init);
    answered.set(origin, count + 1);
    return answer;
  };
  return Object.assign(transport, { isWatching: true });
}

/** Up to the path, whatever stands before it. */
function originOf(url: string): string {
  return url.slice(0, url.indexOf("/", url.indexOf("//") + 2));
}

/** The answer; undefined where it isn't for `fetch`. Rejects as a connection does, or because the request is to end. */
async function sendByFetch(
  fetch: RuntimeFetch,
  url: string,
  { method, headers, watch }: FetchInit,
): Promise<FetchAnswer | undefined> {
  if (method !== "GET" || headers.accept !== "application/json" || watch === undefined) return undefined;
  const ending = endingOf(watch);
  try {
    const answer = await fetch(url, {
      headers,
      signal: ending.signal,
      redirect: "manual",
      decompress: false,
    });
    if (answer.headers.get("content-encoding") === null) return answer;
    ending.abort();
    return undefined;
  } catch (fault) {
    if (watch.isOver || connectionCodeOf(fault) !== undefined) throw fault;
    return undefined;
  }
}

function endingOf(watch: RequestWatch): AbortController {
  const ending = new AbortController();
  watch.destroyAtEnd({ destroy: (reason) => ending.abort(reason) });
  return ending;
}
