import { connectionError } from "./connection-error.js";
import { HermError, RedirectError, TimeoutError } from "./errors.js";
import type { ExchangeAbort } from "./exchange-abort.js";
import type { FetchInit, FetchLike, FetchResponse } from "./fetch.js";
import { discardBody, OpenResponse } from "./open-response.js";

interface Exchange {
  fetch: FetchLike;
  url: string;
  host: string;
  method: string;
  headers: Record<string, string>;
  body: string | undefined;
  timeoutMs: number;
  exchangeAbort: ExchangeAbort;
}

const maxRedirects = 5;

/**
 * Sends one request once, up to the answer's headers; a same-origin redirect of a GET is followed. Throws
 * ConnectionError, TimeoutError, RedirectError, or the signal's reason.
 */
export async function exchange(input: Exchange): Promise<OpenResponse> {
  const { timeoutMs, host, url, exchangeAbort } = input;
  try {
    exchangeAbort.limit(timeoutMs, () => {
      return new TimeoutError(`${host}: no answer`, {
        timeoutMs,
        neverArrived: exchangeAbort.sending === "connecting",
      });
    });
    const first = await send(input, url);
    const answer = isRedirect(first) ? await follow(input, first) : first;
    exchangeAbort.unlimit();
    return new OpenResponse(answer, exchangeAbort, host);
  } catch (error) {
    exchangeAbort.release();
    if (exchangeAbort.isOver) throw exchangeAbort.reason;
    if (error instanceof HermError) throw error;
    throw connectionError(error, { host, sending: exchangeAbort.sending });
  }
}

async function follow(input: Exchange, first: FetchResponse): Promise<FetchResponse> {
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

function redirectTarget(answer: FetchResponse, from: URL): URL | undefined {
  const location = answer.headers.get("location");
  if (location === null || !URL.canParse(location, from.href)) return undefined;
  const target = new URL(location, from);
  const hasUser = target.username !== "" || target.password !== "";
  return target.origin === from.origin && !hasUser ? target : undefined;
}

function send(
  { fetch, method, headers, body, exchangeAbort }: Exchange,
  url: string,
): Promise<FetchResponse> {
  if (exchangeAbort.isOver) throw exchangeAbort.reason;
  exchangeAbort.sending = "unknown";
  const init: FetchInit = { method, headers, watch: exchangeAbort, redirect: "manual" };
  if (fetch.isWatching !== true) init.signal = exchangeAbort.signal;
  if (body !== undefined) init.body = body;
  return exchangeAbort.wait(fetch(url, init), discardBody);
}

function isRedirect({ status }: FetchResponse): boolean {
  return status >= 300 && status <= 399;
}
