import { connectionError } from "./connection-error.js";
import { HermError, RedirectError, TimeoutError } from "./errors.js";
import type { FetchAnswer, FetchInit, FetchLike } from "./fetch.js";
import type { Guard } from "./guard.js";
import { discardBody, OpenAnswer } from "./open-answer.js";

interface Exchange {
  fetch: FetchLike;
  url: string;
  host: string;
  method: string;
  headers: Record<string, string>;
  body: string | undefined;
  timeoutMs: number;
  guard: Guard;
}

const maxRedirects = 5;

/**
 * Sends one request once, up to the answer's headers; a same-origin redirect of a GET is followed. Throws
 * ConnectionError, TimeoutError, RedirectError, or the signal's reason.
 */
export async function exchange(input: Exchange): Promise<OpenAnswer> {
  const { timeoutMs, host, url, guard } = input;
  try {
    guard.limit(timeoutMs, () => {
      return new TimeoutError(`${host}: no answer`, {
        timeoutMs,
        neverArrived: guard.sending === "connecting",
      });
    });
    const first = await send(input, url);
    const answer = isRedirect(first) ? await follow(input, first) : first;
    guard.unlimit();
    return new OpenAnswer(answer, guard, host);
  } catch (error) {
    guard.release();
    if (guard.isOver) throw guard.reason;
    if (error instanceof HermError) throw error;
    throw connectionError(error, { host, sending: guard.sending });
  }
}

async function follow(input: Exchange, first: FetchAnswer): Promise<FetchAnswer> {
  let answer = first;
  let url = new URL(input.url);
  for (let redirects = 0; isRedirect(answer); redirects += 1) {
    const next = input.method === "GET" ? redirectTarget(answer, url) : undefined;
    discardBody(answer);
    if (next === undefined || redirects === maxRedirects) {
      const { status } = answer;
      throw new RedirectError(`${url.host} redirects (${status}): not followed`, status);
    }
    url = next;
    answer = await send(input, url.href);
  }
  return answer;
}

function redirectTarget(answer: FetchAnswer, from: URL): URL | undefined {
  const location = answer.headers.get("location");
  if (location === null || !URL.canParse(location, from.href)) return undefined;
  const target = new URL(location, from);
  const hasUser = target.username !== "" || target.password !== "";
  return target.origin === from.origin && !hasUser ? target : undefined;
}

function send({ fetch, method, headers, body, guard }: Exchange, url: string): Promise<FetchAnswer> {
  if (guard.isOver) throw guard.reason;
  guard.sending = "unknown";
  const init: FetchInit = { method, headers, watch: guard, redirect: "manual" };
  if (fetch.isWatching !== true) init.signal = guard.signal;
  if (body !== undefined) init.body = body;
  return guard.wait(fetch(url, init), discardBody);
}

function isRedirect({ status }: FetchAnswer): boolean {
  return status >= 300 && status <= 399;
}
