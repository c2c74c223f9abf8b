import { EventTooLargeError } from "../errors.js";
import type { OpenResponse } from "../exchange.js";
import type { RawEvent } from "../types.js";

interface ParsedChunk {
  events: RawEvent[];
  /** The id in each event's own block, or "" if `id` is from an earlier block. */
  ownIds: string[];
  lastId: string;
  retryMs: number | undefined;
  size: number;
}

interface ReadOptions {
  lastId: string;
  /** Milliseconds without a byte after which the connection counts as dead. */
  silentMs: number;
}

/**
 * Reads one connection with `eventsource`, which parses and dispatches; yields each chunk's events, and continues
 * reading when the next chunk is requested. Rethrows read errors, and throws EventTooLargeError. Drops an incomplete
 * event at the end. Closes `eventsource` at the end and on failure, before its own timer reconnects it.
 */
export async function* readEvents(
  answer: Pick<OpenResponse, "chunks">,
  { lastId, silentMs }: ReadOptions,
): AsyncGenerator<ParsedChunk, void> {
  const { EventSource } = await import("eventsource");
  const normaliser = new Normaliser(lastId);
  let dispatched: MessageEvent[] = [];
  let give: (step: { done: false; value: Uint8Array }) => void = () => {};
  let onAsked: () => void = () => {};
  let onError: (reason: Error) => void = () => {};

  const read = () =>
    new Promise<{ done: false; value: Uint8Array }>((resolve) => {
      give = resolve;
      onAsked();
    });
  /** Resolves when the package requests more, because it has used up its input. */
  const asksForMore = () =>
    new Promise<void>((resolve, reject) => {
      onAsked = resolve;
      onError = reject;
    });

  // A listener receives only events with the name that it registers for; this receives every event.
  class Tap extends EventSource {
    override dispatchEvent(event: Event): boolean {
      if (event instanceof MessageEvent) dispatched.push(event);
      else if (event.type === "error") onError(new Error("the event stream's parser stopped"));
      return true;
    }
  }

  const isOpen = asksForMore();
  const source = new Tap("http://localhost/", {
    fetch: async () => ({
      url: "",
      status: 200,
      redirected: false,
      headers: { get: () => "text/event-stream" },
      body: { getReader: () => ({ read, cancel: async () => {} }) },
    }),
  });
  try {
    await isOpen;
    for await (const chunk of answer.chunks(() => silentMs)) {
      const { bytes, ids, lastId } = normaliser.push(chunk);
      const isParsed = asksForMore();
      give({ done: false, value: bytes });
      await isParsed;
      const events = dispatched.map(({ type, data }, at) => ({ event: type, id: ids[at] ?? "", data }));
      const ownIds = dispatched.map(({ lastEventId }) => lastEventId);
      dispatched = [];
      yield { events, ownIds, lastId, retryMs: normaliser.retryMs, size: chunk.length };
    }
  } finally {
    source.close();
  }
}

interface NormalisedChunk {
  /** Bytes for the parser: no byte order mark, lines end with LF. */
  bytes: Uint8Array;
  /** The last id set at the end of each event that the parser will dispatch from these bytes. */
  ids: string[];
  /** The id to continue after: the last sendable id of a complete block, even of a block without data. */
  lastId: string;
}

/** In UTF-16 units, like a string's length: the event's size in memory. */
const maxEventLength = 8 * 1024 * 1024;
/** Longer ids are ignored, like ids with NUL. */
const maxIdBytes = 4096;

/**
 * Runs before a connection's parser (src/api/README.md, "The stream of events"; WHATWG HTML, 9.2): removes one byte
 * order mark, turns CR and CRLF into LF even across chunks, and reads `id:` and `retry:` itself, because the parser
 * drops the id of a block without data.
 */
class Normaliser {
  retryMs: number | undefined;
  readonly #decoder = new TextDecoder();
  #isFirst = true;
  #isAfterCr = false;
  #rest = "";
  #restLength = 0;
  #blockLength = 0;
  #hasData = false;
  #ownId: string | undefined;
  #idInForce: string;
  #endedIds: string[] = [];
  #lastId: string;

  constructor(lastId: string) {
    this.#idInForce = lastId;
    this.#lastId = lastId;
  }

  /** Throws EventTooLargeError after 8 MiB without the end of an event. */
  push(chunk: Uint8Array): NormalisedChunk {
    const text = this.#withLineFeeds(this.#decoder.decode(chunk, { stream: true }));
    // The parser strips a leading byte order mark; a line feed in front prevents that.
    const made: NormalisedChunk = {
      bytes: utf8Bytes(this.#isFirst ? `\n${text}` : text),
      ids: [],
      lastId: "",
    };
    this.#isFirst = false;
    this.#readLines(text, made);
    // Checks once per chunk, because checking every character of every id would slow down a fast stream by 5%.
    this.#lastId = this.#endedIds.reverse().find(isSendableId) ?? this.#lastId;
    this.#endedIds = [];
    made.lastId = this.#lastId;
    return made;
  }

  #withLineFeeds(raw: string): string {
    const text = this.#isAfterCr && raw.startsWith("\n") ? raw.slice(1) : raw;
    if (raw !== "") this.#isAfterCr = raw.endsWith("\r");
    return text.includes("\r") ? text.replace(/\r\n?/g, "\n") : text;
  }

  #readLines(piece: string, made: NormalisedChunk): void {
    const text = this.#rest === "" ? piece : this.#rest + piece;
    const cut = this.#restLength - this.#rest.length;
    let start = 0;
    for (let end = text.indexOf("\n"); end !== -1; end = text.indexOf("\n", start)) {
      if (end === start) this.#endBlock(made);
      else this.#readLine(text, { start, end, length: end - start + (start === 0 ? cut : 0) });
      start = end + 1;
    }
    this.#keepRest(text.slice(start), start === 0 ? cut : 0);
  }

  #readLine(text: string, line: { start: number; end: number; length: number }): void {
    const { start, end, length } = line;
    const first = text.charCodeAt(start);
    if (first === 58 /* : */) return;
    this.#grow(length);
    if (first === 100 /* d */) {
      if (fieldValue(text, "data", line) !== undefined) this.#hasData = true;
      return;
    }
    if (first === 105 /* i */) {
      const id = fieldValue(text, "id", { start, end });
      if (id !== undefined && length <= maxIdBytes && !id.includes("\0")) this.#ownId = id;
    } else if (first === 114 /* r */) {
      const retry = fieldValue(text, "retry", { start, end });
      if (retry !== undefined && /^\d+$/.test(retry)) this.retryMs = Number(retry);
    }
  }

  #endBlock(made: NormalisedChunk): void {
    if (this.#ownId !== undefined) {
      this.#idInForce = this.#ownId;
      this.#endedIds.push(this.#ownId);
    }
    if (this.#hasData) made.ids.push(this.#idInForce);
    this.#ownId = undefined;
    this.#hasData = false;
    this.#blockLength = 0;
  }

  #keepRest(rest: string, cut: number): void {
    this.#restLength = rest.length + cut;
    const isRead = rest.startsWith("i") || rest.startsWith("r");
    this.#rest = rest.slice(0, isRead ? maxIdBytes + 1 : 6);
    if (this.#blockLength + this.#restLength > maxEventLength) this.#grow(this.#restLength);
  }

  #grow(length: number): void {
    this.#blockLength += length;
    if (this.#blockLength <= maxEventLength) return;
    throw new EventTooLargeError("an event of the stream is larger than 8 MiB");
  }
}

/** True if an id can be sent as `Last-Event-ID`: no control characters, 4 KiB at most. */
export function isSendableId(id: string): boolean {
  return !/[\u0000-\u0008\u000a-\u001f\u007f]/.test(id) && utf8Bytes(id).length <= maxIdBytes;
}

/** The text after the field's colon and one optional space; undefined for a line with another field. */
function fieldValue(
  text: string,
  field: string,
  { start, end }: { start: number; end: number },
): string | undefined {
  if (!text.startsWith(field, start)) return undefined;
  const colon = start + field.length;
  if (colon === end) return "";
  if (text.charCodeAt(colon) !== 58 /* : */) return undefined;
  return text.slice(text.charCodeAt(colon + 1) === 32 ? colon + 2 : colon + 1, end);
}

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

export function utf8Bytes(text: string): Uint8Array {
  return encoder.encode(text);
}

export function utf8Text(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}
