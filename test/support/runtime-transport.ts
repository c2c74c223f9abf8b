import type { FetchLike } from "../../src/api/fetch.js";
import { createTransport } from "../../src/api/transport/http.js";
import {
  createRuntimeTransport,
  type RuntimeFetch,
  type RuntimeTransportOptions,
} from "../../src/api/transport/runtime-fetch.js";

const isBun = process.versions.bun !== undefined;

/**
 * The `fetch` of the runtime that runs the tests. Node's decodes an encoded body, but keeps the header that names the
 * coding.
 */
export const ownFetch: RuntimeFetch = isBun
  ? fetch
  : async (url, init) => {
      const answer = await fetch(url, init);
      const get = (name: string) => (name === "content-encoding" ? null : answer.headers.get(name));
      const { status, body } = answer;
      return { status, headers: { get }, body, arrayBuffer: () => answer.arrayBuffer() };
    };

/** The executable's transport, with that. */
export function runtimeTransport(options?: RuntimeTransportOptions): FetchLike {
  return createRuntimeTransport(ownFetch, createTransport(), options);
}

/** The transport of the program that is tested: under Bun the executable's, all of which is tested. */
export function ownTransport(): FetchLike {
  return isBun ? runtimeTransport({ firstAnswers: 0 }) : createTransport();
}
