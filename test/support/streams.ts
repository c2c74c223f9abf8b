import { Writable } from "node:stream";

/** A stream that keeps its input as text. */
export class Captured extends Writable {
  readonly #chunks: string[] = [];

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: () => void): void {
    this.#chunks.push(chunk.toString("utf8"));
    callback();
  }

  get text(): string {
    return this.#chunks.join("");
  }

  /** The number of writes. */
  get writes(): number {
    return this.#chunks.length;
  }
}

/** A pipe whose reader has left. */
export function closedPipe(): Writable {
  return new Writable({
    write: (_chunk, _encoding, done) => done(Object.assign(new Error("closed"), { code: "EPIPE" })),
  });
}
