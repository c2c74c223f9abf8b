import { once } from "node:events";
import { pipeline, Readable, type Transform } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from "node:zlib";
import { UnexpectedAnswerError } from "../errors.js";

const decoders = new Map<string, () => Transform>([
  ["gzip", createGunzip],
  ["x-gzip", createGunzip],
  ["br", createBrotliDecompress],
]);

interface Encoding {
  coding: string;
  status: number;
}

/**
 * Decodes a body while it is read, according to its `Content-Encoding`. Throws UnexpectedAnswerError for an unknown
 * coding, and an Error for invalid bytes.
 */
export async function* decoded(
  body: Readable | AsyncIterable<Uint8Array>,
  { coding, status }: Encoding,
): AsyncGenerator<Uint8Array> {
  const source = body instanceof Readable ? body : Readable.from(body, { objectMode: false });
  const decoder = coding === "deflate" ? await inflateFor(source) : decoders.get(coding)?.();
  if (decoder === undefined) throw unknownCoding(source, { coding, status });
  try {
    // A failure reaches the decoder's reader.
    yield* pipeline(source, decoder, () => {});
  } catch (error) {
    throw misencoded(error, coding);
  }
}

const zlibMethod = 8;

/** Some servers send `deflate` without a zlib header; the first byte shows which it is. */
async function inflateFor(source: Readable): Promise<Transform> {
  if (source.readableLength === 0 && !source.destroyed)
    await Promise.race([once(source, "readable"), once(source, "end")]);
  const first: Uint8Array | null = source.read(1);
  if (first === null) return createInflate();
  source.unshift(first);
  return ((first[0] ?? 0) & 0x0f) === zlibMethod ? createInflate() : createInflateRaw();
}

function unknownCoding(source: Readable, { coding, status }: Encoding): UnexpectedAnswerError {
  source.destroy();
  const name = /^[a-z0-9-]{1,20}$/.test(coding) ? `: ${coding}` : "";
  const message = `the API answered ${status} in an encoding that herm doesn't know${name}`;
  return new UnexpectedAnswerError(message, { status });
}

function misencoded(error: unknown, coding: string): unknown {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "Z_BUF_ERROR") return new Error("the response was cut off", { cause: code });
  const isWrong = code.startsWith("Z_") || code.startsWith("ERR__ERROR_FORMAT");
  return isWrong ? new Error(`the response isn't valid ${coding}`, { cause: code }) : error;
}
