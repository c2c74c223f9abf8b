import { BrokenConnectionError } from "../faults.js";
import { RefusedRequest } from "./answers.js";

const largestBody = 1024 * 1024;
const mostDropped = 16 * largestBody;

/** The request's JSON. Refuses another type (415), more than 1 MiB (413), and what isn't UTF-8 or JSON (400). */
export async function readJson(request: Request): Promise<unknown> {
  requireJsonType(request);
  const text = decode(await readBytes(request));
  try {
    return JSON.parse(text);
  } catch {
    throw new RefusedRequest(400, text === "" ? "a JSON body is required" : "the body is not valid JSON");
  }
}

/** Refuses a body other than an empty object. */
export async function refuseBody(request: Request): Promise<void> {
  if (request.headers.has("content-type")) requireJsonType(request);
  const text = decode(await readBytes(request)).trim();
  if (text !== "" && !/^\{\s*\}$/.test(text)) throw new RefusedRequest(400, "this call takes no body");
}

function requireJsonType(request: Request): void {
  const [type = ""] = (request.headers.get("content-type") ?? "").split(";");
  if (type.trim().toLowerCase() === "application/json") return;
  throw new RefusedRequest(415, "the body must be application/json");
}

async function readBytes(request: Request): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  // What is too much is read to its end and dropped, up to a point: a sender that is still writing sees the answer.
  for await (const chunk of wholeBody(request)) {
    size += chunk.byteLength;
    if (size <= largestBody) chunks.push(chunk);
    if (size > mostDropped) break;
  }
  if (size > largestBody) throw new RefusedRequest(413, `the body is larger than ${largestBody} bytes`);
  return Buffer.concat(chunks);
}

/** A client that hangs up before its body's end gets no answer, and is no fault of ours. */
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
