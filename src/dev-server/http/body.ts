import { BrokenConnectionError } from "../faults.js";
import type { PageRequest } from "../store/table.js";
import { answer, RefusedRequest } from "./answers.js";
import { readLimit } from "./validate.js";

const largestBody = 1024 * 1024;
const mostDropped = 16 * largestBody;

/** The request's JSON. Refuses other types (415), more than 1 MiB (413), and invalid UTF-8 or JSON (400). */
export async function readJson(request: Request): Promise<unknown> {
  requireJsonType(request);
  const text = decode(await readBytes(request));
  try {
    return JSON.parse(text);
  } catch {
    throw new RefusedRequest(400, text === "" ? "a JSON body is required" : "the body is not valid JSON");
  }
}

export async function refuseBody(request: Request): Promise<void> {
  if (request.headers.has("content-type")) requireJsonType(request);
  const text = decode(await readBytes(request)).trim();
  if (text !== "" && !/^\{\s*\}$/.test(text)) throw new RefusedRequest(400, "this call can't have a body");
}

function requireJsonType(request: Request): void {
  const [type = ""] = (request.headers.get("content-type") ?? "").split(";");
  if (type.trim().toLowerCase() === "application/json") return;
  throw new RefusedRequest(415, "the body must be application/json");
}

async function readBytes(request: Request): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Excess data is read and dropped, up to a limit, so that a client that is still writing sees the response.
  for await (const chunk of wholeBody(request)) {
    size += chunk.byteLength;
    if (size <= largestBody) chunks.push(chunk);
    if (size > mostDropped) break;
  }
  if (size > largestBody) throw new RefusedRequest(413, `the body is larger than ${largestBody} bytes`);
  return Buffer.concat(chunks);
}

/** A client that hangs up in the middle of its body gets no response, and isn't reported as an error. */
async function* wholeBody({ body }: Request): AsyncGenerator<Uint8Array> {
  try {
    yield* body ?? [];
  } catch {
    throw new BrokenConnectionError("the client hung up");
  }
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new RefusedRequest(400, "the body is not valid UTF-8");
  }
}

const newest = Number.MAX_SAFE_INTEGER;

/** Responds with one page of a list, newest first, with `limit` and `cursor` as in src/api/README.md, "Deployments". */
export function answerPage<Item extends { seq: number }, Shown>(options: {
  query: { limit?: string; cursor?: string };
  read(page: PageRequest): Item[];
  show(item: Item): Shown;
}): Response {
  const limit = readLimit(options.query.limit);
  const before = readCursor(options.query.cursor);
  const items = options.read({ before, rows: limit + 1 });
  const last = items.length > limit ? items[limit - 1] : undefined;
  const next_cursor = last ? Buffer.from(`seq:${last.seq}`).toString("base64url") : null;
  return answer(200, { data: items.slice(0, limit).map(options.show), next_cursor });
}

function readCursor(cursor: string | undefined): number {
  if (cursor === undefined) return newest;
  const seq = /^seq:(\d{1,15})$/.exec(Buffer.from(cursor, "base64url").toString())?.[1];
  if (seq === undefined) throw new RefusedRequest(400, "cursor is not from this list");
  return Number(seq);
}
