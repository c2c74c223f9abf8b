import { ApiKeyError } from "./errors.js";
import type { ApiKey } from "./request-options.js";

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
export async function askedKey(ask: Exclude<ApiKey, string>): Promise<string> {
  try {
    return checkedKey(await ask());
  } catch (cause) {
    throw cause instanceof ApiKeyError
      ? cause
      : new ApiKeyError("the function apiKey gave no key", { cause });
  }
}
