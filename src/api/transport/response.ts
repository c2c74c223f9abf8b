import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import { bytesOf, type FetchResponse, type PushBody } from "../fetch.js";

/** A response whose body is read only as it is asked for, and decoded where it is encoded. */
export function answerOf(response: IncomingMessage): FetchResponse {
  // Without a listener Node forgets how a body broke off that nobody reads at that moment.
  response.on("error", () => {});
  return {
    status: response.statusCode ?? 0,
    headers: {
      get(name) {
        const value = response.headers[name.toLowerCase()];
        return Array.isArray(value) ? value.join(", ") : (value ?? null);
      },
    },
    body: bodyOf(response),
  };
}

function bodyOf(response: IncomingMessage): FetchResponse["body"] {
  const coding = codingOf(response.headers["content-encoding"]);
  return coding === undefined
    ? new ResponseBody(response)
    : decodedLater(response, { coding, status: response.statusCode ?? 0 });
}

/** Decodes the body of a `fetch` that was told to leave it as it comes. */
export function withDecodedBody(answer: FetchResponse): FetchResponse {
  const coding = codingOf(answer.headers.get("content-encoding"));
  if (coding === undefined) return answer;
  const { status, headers } = answer;
  const bytes = { [Symbol.asyncIterator]: () => bytesOf(answer.body) };
  return { status, headers, body: decodedLater(bytes, { coding, status }) };
}

function codingOf(header: string | null | undefined): string | undefined {
  const coding = header?.trim().toLowerCase() ?? "";
  return coding === "" || coding === "identity" ? undefined : coding;
}

/** Loads the decoder on demand: `Accept-Encoding: identity` asks for no coding. */
async function* decodedLater(
  body: Readable | AsyncIterable<Uint8Array>,
  encoding: { coding: string; status: number },
): AsyncGenerator<Uint8Array> {
  const { decoded } = await import("./decode.js");
  yield* decoded(body, encoding);
}

class ResponseBody implements PushBody, AsyncIterator<Uint8Array, undefined> {
  #wake: (() => void) | undefined;
  #isWatched = false;

  constructor(private readonly response: IncomingMessage) {}

  [Symbol.asyncIterator](): this {
    return this;
  }

  push(take: (bytes: Uint8Array) => void): Promise<void> {
    const response = this.response;
    return new Promise((resolve, reject) => {
      const lost = () => {
        if (!response.readableEnded) reject(lossOf(response));
      };
      if (response.destroyed) return lost();
      response.on("end", resolve);
      response.on("close", lost);
      response.on("data", take);
    });
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    const response = this.response;
    this.#watch();
    for (;;) {
      const bytes = response.destroyed ? null : readAll(response);
      if (bytes !== null) return { done: false, value: bytes };
      if (response.errored) throw response.errored;
      if (response.readableEnded) return { done: true, value: undefined };
      if (response.destroyed) throw lossOf(response);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async return(): Promise<{ done: true; value: undefined }> {
    this.response.destroy();
    return { done: true, value: undefined };
  }

  #watch(): void {
    if (this.#isWatched) return;
    this.#isWatched = true;
    const look = () => this.#wake?.();
    for (const event of ["readable", "end", "error", "close"]) this.response.on(event, look);
  }
}

/**
 * Reads everything that has come, which Node's `read` gives at once, and Bun's a piece of the server's at a time. More
 * than the mark isn't asked for by its length: that would raise the mark, and slow down all that follows.
 */
function readAll(response: IncomingMessage): Uint8Array | null {
  const { readableLength, readableHighWaterMark } = response;
  const isFew = readableLength > 0 && readableLength <= readableHighWaterMark;
  return isFew ? response.read(readableLength) : response.read();
}

function lossOf({ errored }: IncomingMessage): Error {
  return errored ?? Object.assign(new Error("aborted"), { code: "ECONNRESET" });
}
