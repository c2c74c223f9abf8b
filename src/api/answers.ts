import {
  ApiError,
  AuthenticationError,
  ConflictError,
  InsufficientCreditsError,
  NotFoundError,
  PermissionDeniedError,
  RateLimitError,
  ServerError,
  UnexpectedAnswerError,
  UnprocessableError,
  ValidationError,
} from "./errors.js";
import type { OpenResponse } from "./exchange.js";
import { isObject, mostLevels, parseJson, TooDeepError, textOf, tryJson } from "./json.js";
import { readRetryAfterMs } from "./retry/retry.js";
import type { Schema } from "./schema.js";

/** The error of each status, and its code where the body has none. */
const kinds = new Map<number, readonly [kind: typeof ApiError, code: string]>([
  [400, [ValidationError, "validation_error"]],
  [401, [AuthenticationError, "unauthorized"]],
  [402, [InsufficientCreditsError, "insufficient_credits"]],
  [403, [PermissionDeniedError, "forbidden"]],
  [404, [NotFoundError, "not_found"]],
  [409, [ConflictError, "deployment_not_ready"]],
  [422, [UnprocessableError, "error"]],
  [429, [RateLimitError, "rate_limited"]],
]);

interface ErrorReading {
  waitMs(): number;
  /** Removes the key from a text, should the server repeat it. */
  redact(text: string): string;
  path: string;
  now: number;
}

/** Limit of a message: an answer may hold a page of text where one sentence is expected. */
const mostCharacters = 500;

/**
 * Reads the API's error in every form that src/api/README.md ("Errors") names, a problem (RFC 9457), plain text, an
 * empty and a foreign body included. Its message has 500 characters at most.
 */
export async function readError(answer: OpenResponse, reading: ErrorReading): Promise<ApiError> {
  const { status } = answer;
  // The status says enough where the body breaks off.
  const body = reading.redact(await answer.text(reading.waitMs).catch(() => ""));
  const said = wordsOf(body);
  // A page of what stands before the API doesn't say what is there.
  const isForeign = body.trim() !== "" && tryJson(body) === undefined;
  const retryAfterMs = readRetryAfterMs((name) => answer.header(name), reading.now);
  const isServers = status >= 500;
  const [Kind, code] = kinds.get(status) ?? (isServers ? [ServerError, "server_error"] : [ApiError, "error"]);
  return new Kind({
    status,
    code: said.code ?? (status === 404 && isForeign ? "error" : code),
    message: said.message === undefined ? fallbackMessage(status, body, said.code) : shortened(said.message),
    path: reading.path,
    requestId: answer.requestId === undefined ? said.requestId : reading.redact(answer.requestId),
    body,
    retryAfterMs,
    retryAt: retryAfterMs === undefined ? undefined : new Date(reading.now + retryAfterMs),
  });
}

function fallbackMessage(status: number, body: string, code: string | undefined): string {
  const bare = `the API answered ${status}`;
  const value = code ?? tryJson(body);
  if (body.trim() === "" || (value !== undefined && !saysAnything(value))) return bare;
  if (typeof value === "string") return `${bare}: ${shortened(inOneLine(value))}`;
  const kind = kindOf(body);
  return kind === "text" ? `${bare}: ${shortened(inOneLine(body))}` : `${bare} with ${kind} instead of JSON`;
}

function saysAnything(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return value !== null && value !== "";
  return Object.values(value).some(saysAnything);
}

function inOneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}

function shortened(text: string): string {
  const characters = Array.from(text.slice(0, 2 * mostCharacters + 1));
  return characters.length <= mostCharacters ? text : `${characters.slice(0, mostCharacters - 1).join("")}…`;
}

function wordsOf(body: string): { code?: string; message?: string; requestId?: string } {
  const object = tryJson(body);
  if (!isObject(object)) return {};
  const inner = isObject(object.error) ? object.error : {};
  const plain = textOf(object.error);
  const isWord = plain !== undefined && /^[a-z0-9_.-]+$/i.test(plain);
  return {
    code: textOf(inner.code) ?? textOf(inner.type) ?? (isWord ? plain : undefined) ?? textOf(object.code),
    message:
      textOf(inner.message) ??
      textOf(object.message) ??
      (isWord ? undefined : plain) ??
      textOf([object.title, object.detail].flatMap((each) => textOf(each) ?? []).join(" ")),
    requestId: textOf(object.request_id) ?? textOf(inner.request_id),
  };
}

/** True where the API itself says that there is no such thing. */
export function saysNotThere(failure: unknown): boolean {
  return failure instanceof NotFoundError && failure.code === "not_found";
}

/**
 * Reads a 2xx answer to a DELETE. Throws UnexpectedAnswerError unless it means that all was done: 204, or any but 202
 * with an empty body.
 */
export async function readDeletion(answer: OpenResponse, { leftMs }: { leftMs(): number }): Promise<void> {
  const body = await answer.text(leftMs).catch(() => undefined);
  const { status, requestId } = answer;
  if (status === 204 || (body === "" && status !== 202)) return;
  const what = body === undefined ? ", and only in part" : kindOf(body) === "HTML" ? " with HTML" : "";
  throw new UnexpectedAnswerError(`the API answered ${status}${what}`, { status, requestId });
}

/** Reads a 2xx answer's object. Throws UnexpectedAnswerError where it isn't one, or lacks its id. */
export async function readObject<T extends object>(
  answer: OpenResponse,
  { waitMs, schema }: { waitMs(): number; schema: Schema<T> },
): Promise<T> {
  const text = await answer.text(waitMs);
  const refused = (what: string, cause?: unknown) => {
    const { status, requestId } = answer;
    return new UnexpectedAnswerError(`the API answered ${status} with ${what}`, { status, requestId, cause });
  };
  try {
    const value = parseJson(text);
    const valid = schema.validate(value);
    if (valid !== undefined) return valid;
    throw refused(isObject(value) ? `no ${schema.idField} in it` : "JSON that isn't an object");
  } catch (error) {
    if (error instanceof UnexpectedAnswerError) throw error;
    if (error instanceof TooDeepError)
      throw refused(`JSON that is nested more than ${mostLevels} deep`, error);
    throw refused(`${kindOf(text)} instead of JSON`, error);
  }
}

function kindOf(text: string): string {
  if (text.trim() === "") return "nothing";
  return /^\s*(<!doctype|<html|<\?xml|<head|<body)/i.test(text) ? "HTML" : "text";
}
