import type { FetchLike } from "../../src/api/fetch.js";
import { createTransport } from "../../src/api/http.js";
import { createPlainReads } from "../../src/api/plain-reads.js";

/** The executable's transport, with the `fetch` of whichever runtime the tests run under. */
export function runtimeReads(options?: { firstAnswers: number }): FetchLike {
  return createPlainReads(fetch, createTransport(), options);
}

/** What the program has that the tests stand for: under Bun the executable's transport, of which all is tried. */
export function ownTransport(): FetchLike {
  return process.versions.bun === undefined ? createTransport() : runtimeReads({ firstAnswers: 0 });
}
