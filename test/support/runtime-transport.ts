import type { FetchLike } from "../../src/api/fetch.js";
import { createTransport } from "../../src/api/http.js";
import { createRuntimeTransport } from "../../src/api/runtime-fetch.js";

/** The executable's transport, with the `fetch` of whichever runtime the tests run under. */
export function runtimeTransport(options?: { firstAnswers: number }): FetchLike {
  return createRuntimeTransport(fetch, createTransport(), options);
}

/** What the program has that the tests stand for: under Bun the executable's transport, of which all is tried. */
export function ownTransport(): FetchLike {
  return process.versions.bun === undefined ? createTransport() : runtimeTransport({ firstAnswers: 0 });
}
