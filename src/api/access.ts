import { ApiKeyError, InvalidIdError, InvalidUrlError } from "./errors.js";

const loopback = /^(localhost|\[::1\]|127\.\d{1,3}\.\d{1,3}\.\d{1,3})$/;
// A slash would climb, % could be decoded twice, the rest ends or splits a path.
const notInAnId = /[\s/\\?#%\p{Cc}\p{Cf}\p{Cs}]/u;

/**
 * Throws InvalidUrlError unless a key may be sent there: https, or http to this machine, and no user info. No name is
 * looked up.
 */
export function assertSendable(
  url: Record<"protocol" | "username" | "password" | "hostname" | "host", string>,
): void {
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    throw new InvalidUrlError(`${url.protocol} can't be used to reach the API: use https://`);
  }
  if (url.username !== "" || url.password !== "") {
    throw new InvalidUrlError("the API's URL must not hold a user name or password");
  }
  if (url.protocol === "http:" && !loopback.test(url.hostname)) {
    throw new InvalidUrlError(`plain http is only for this machine: use https://${url.host}`);
  }
}

/** Removes a slash at the end; throws InvalidUrlError. */
export function parseBaseUrl(text: string): string {
  if (!URL.canParse(text)) throw new InvalidUrlError("the API's URL is not a URL");
  const url = new URL(text);
  assertSendable(url);
  if (url.search !== "" || url.hash !== "") {
    throw new InvalidUrlError("the API's URL must not have a query or a fragment");
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, "")}`;
}

/** Tag for paths: every id in it is encoded, and one that isn't a single plain segment throws InvalidIdError. */
export function path(texts: TemplateStringsArray, ...ids: readonly string[]): string {
  return texts.reduce((made, text, index) => made + encodeId(ids[index - 1]) + text);
}

function encodeId(id: unknown): string {
  if (typeof id !== "string" || id === "") throw new InvalidIdError("an id is missing");
  if (id === "." || id === ".." || notInAnId.test(id)) {
    throw new InvalidIdError(`${JSON.stringify(id)} is not an id`);
  }
  return encodeURIComponent(id);
}

export type Query = Readonly<Record<string, string | number | undefined>>;

export function withQuery(bare: string, query: Query | undefined): string {
  if (query === undefined) return bare;
  const pairs = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null) pairs.append(name, String(value));
  }
  return pairs.size === 0 ? bare : `${bare}?${pairs}`;
}

/** Throws ApiKeyError for none, and for one that can't stand in a header. */
export function checkedKey(key: string | undefined): string {
  if (key === undefined || key === "") {
    throw new ApiKeyError("there is no API key: pass apiKey, or set HERM_API_KEY or PRISM_API_KEY");
  }
  if (!/^[\x21-\x7e]+$/.test(key)) {
    throw new ApiKeyError("the API key has characters that can't be in a key");
  }
  return key;
}

/** The key that the function gives. Throws ApiKeyError where it gives none: then nothing is sent. */
export async function askedKey(ask: () => string | Promise<string>): Promise<string> {
  try {
    return checkedKey(await ask());
  } catch (cause) {
    throw cause instanceof ApiKeyError
      ? cause
      : new ApiKeyError("the function apiKey gave no key", { cause });
  }
}
