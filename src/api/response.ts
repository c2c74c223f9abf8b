import type { IncomingMessage } from "node:http";
import type { FetchAnswer, GivingBody } from "./fetch.js";

/** A response's status and headers, and its body, read only as it is asked for; decoded where it is encoded. */
export function answerOf(response: IncomingMessage): FetchAnswer {
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

function bodyOf(response: IncomingMessage): FetchAnswer["body"] {
  const coding = response.headers["content-encoding"]?.trim().toLowerCase() ?? "";
  return coding === "" || coding === "identity" ? new ResponseBody(response) : decodedLater(response, coding);
}

/** Nobody asked for it (`Accept-Encoding: identity`), so what decodes it is seldom needed. */
async function* decodedLater(response: IncomingMessage, coding: string): AsyncGenerator<Uint8Array> {
  const { decoded } = await import("./encoded.js");
  yield* decoded(response, coding);
}

/** Leaving closes the connection. */
class ResponseBody implements GivingBody, AsyncIterator<Uint8Array, undefined> {
  readonly #response: IncomingMessage;
  #wake: (() => void) | undefined;
  #isWatched = false;

  constructor(response: IncomingMessage) {
    this.#response = response;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  give(take: (bytes: Uint8Array) => void): Promise<void> {
    const response = this.#response;
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
    const response = this.#response;
    this.#watch();
    for (;;) {
      const bytes: Uint8Array | null = response.destroyed ? null : response.read();
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
    this.#response.destroy();
    return { done: true, value: undefined };
  }

  #watch(): void {
    if (this.#isWatched) return;
    this.#isWatched = true;
    const look = () => this.#wake?.();
    for (const event of ["readable", "end", "error", "close"]) this.#response.on(event, look);
  }
}

function lossOf({ errored }: IncomingMessage): Error {
  return errored ?? Object.assign(new Error("aborted"), { code: "ECONNRESET" });
}
