/** Errors from the API and from the connection to it, and the words for a failed connection. */

import { isObject } from "./json.js";

/** The base of the client's errors. A message may contain the server's own words, never the key. */
export class HermError extends Error {
  /**
   * How often the request was sent (0: refused before that), and over how long; absent if it wasn't tried. `outageMs`:
   * how long every request had been failing when all were given up.
   */
  declare tried?: { attempts: number; elapsedMs: number; outageMs?: number | undefined };
  /** A sentence about the whole operation, printed after the message. */
  declare aftermath?: string;

  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** An id that can't be part of a path, refused before sending. */
export class InvalidIdError extends HermError {}

/** Not a URL, plain http to another machine, or user info in the URL; refused before a name lookup. */
export class InvalidUrlError extends HermError {}

/** No key, or one that can't be part of a header. */
export class ApiKeyError extends HermError {}

/** The call's signal aborted before any change. `cause`: the signal's reason. */
export class AbortError extends HermError {}

export interface ApiErrorDetails {
  status: number;
  /** The API's code (src/api/README.md, "Errors"); derived from the status if the body has none. */
  code: string;
  message: string;
  /** The request's path, such as `/v1/deployments/dep_1`. */
  path?: string;
  requestId?: string;
  body?: string;
  /** Milliseconds to wait after the response before retrying. */
  retryAfterMs?: number;
  /** When `retryAfterMs` ends, by this machine's clock. */
  retryAt?: Date;
}

export class ApiError extends HermError {
  readonly status: number;
  readonly code: string;
  readonly path: string | undefined;
  readonly requestId: string | undefined;
  readonly body: string | undefined;
  readonly retryAfterMs: number | undefined;
  readonly retryAt: Date | undefined;

  constructor(details: ApiErrorDetails) {
    super(details.message);
    this.status = details.status;
    this.code = details.code;
    this.path = details.path;
    this.requestId = details.requestId;
    this.body = details.body;
    this.retryAfterMs = details.retryAfterMs;
    this.retryAt = details.retryAt;
  }
}

/** 400: the API refuses a schedule, body or query. */
export class ValidationError extends ApiError {}
/** 401: the key is missing, wrong or revoked. */
export class AuthenticationError extends ApiError {}
/** 402: not enough credits. */
export class InsufficientCreditsError extends ApiError {}
/** 403: the key doesn't have the required scope. */
export class PermissionDeniedError extends ApiError {}
/** 404: no such deployment, automation, thread or run. */
export class NotFoundError extends ApiError {}
/** 409: the deployment isn't ready. */
export class ConflictError extends ApiError {}
/** 422. */
export class UnprocessableError extends ApiError {}
/** 429, after the retries. */
export class RateLimitError extends ApiError {}
/** 5xx, after the retries. */
export class ServerError extends ApiError {}

/** A redirect that isn't followed: any except a GET to the same origin. */
export class RedirectError extends HermError {
  constructor(
    message: string,
    readonly status: number,
  ) {
    super(message);
  }
}

/** The connection failed or broke. */
export class ConnectionError extends HermError {
  /** The system's code, such as ECONNREFUSED. */
  readonly code: string | undefined;
  /** True only if the request provably never reached the server. */
  readonly neverArrived: boolean;

  constructor(message: string, details: { code?: string; neverArrived: boolean; cause?: unknown }) {
    super(message, { cause: details.cause });
    this.code = details.code;
    this.neverArrived = details.neverArrived;
  }
}

/** The proxy was unreachable or refused to connect to the API, which received no request. */
export class ProxyError extends ConnectionError {
  /** The proxy's status; undefined if it didn't respond. */
  readonly status: number | undefined;

  constructor(message: string, { status, cause }: { status?: number; cause?: unknown } = {}) {
    super(message, { neverArrived: true, cause });
    this.status = status;
  }
}

/** The response, or its next byte, didn't arrive in time. */
export class TimeoutError extends HermError {
  readonly timeoutMs: number;
  /** True only if the connection was never made. */
  readonly neverArrived: boolean;
  /** True if all attempts together exceeded their limit. */
  readonly isTotalTimeout: boolean;

  /** `missing`: the missing part, and who should have sent it. */
  constructor(
    readonly missing: string,
    details: TimeoutDetails,
  ) {
    const { timeoutMs, neverArrived, isTotalTimeout = false, cause } = details;
    const earlier = cause instanceof Error ? `; before that: ${cause.message}` : "";
    super(`${missing} in ${Number((timeoutMs / 1000).toFixed(2))} s${earlier}`, { cause });
    this.timeoutMs = timeoutMs;
    this.neverArrived = neverArrived;
    this.isTotalTimeout = isTotalTimeout;
  }
}

interface TimeoutDetails {
  timeoutMs: number;
  neverArrived: boolean;
  isTotalTimeout?: boolean;
  cause?: unknown;
}

/** A response that isn't from the API: HTML, truncated JSON, a page without its items. */
export class UnexpectedAnswerError extends HermError {
  readonly status: number;
  readonly requestId: string | undefined;

  constructor(message: string, details: { status: number; requestId?: string; cause?: unknown }) {
    super(message, { cause: details.cause });
    this.status = details.status;
    this.requestId = details.requestId;
  }
}

/** An endless list: a repeated cursor, or a page without a new item. */
export class EndlessListError extends HermError {}

/** One event of a stream exceeds the client's limit (8 MiB). */
export class EventTooLargeError extends HermError {}

/** A change with an unknown outcome, with enough data to find it on the server. */
export interface SentChange {
  kind: "create" | "update" | "delete" | "trigger" | "message" | "create_deployment";
  deployment_id?: string;
  automation_id?: string;
  fields?: object;
}

const nounOf: Record<SentChange["kind"], string> = {
  create: "the automation",
  update: "the change",
  delete: "the deletion",
  trigger: "the trigger",
  message: "the message",
  create_deployment: "the deployment",
};

/** A change was sent, but its outcome is unknown; the caller can look for it. `cause`: the failure. */
export class AmbiguousError extends HermError {
  readonly sent: SentChange;
  /** When it was first sent, by this machine's clock. */
  readonly sentAt: Date;
  /** The run that `run` started but couldn't follow to its end. */
  readonly run_id: string | undefined;

  constructor(details: { sent: SentChange; sentAt: Date; cause: unknown; run_id?: string }) {
    const { sent, sentAt, run_id } = details;
    const cause = details.cause instanceof AbortError ? details.cause.cause : details.cause;
    const why = cause instanceof Error ? `: ${cause.message}` : "";
    const what =
      run_id === undefined
        ? `${nounOf[sent.kind]} was sent, but may not have taken effect`
        : `the run ${run_id} was started, but its outcome is unknown`;
    super(what + why, { cause });
    this.sent = sent;
    this.sentAt = sentAt;
    this.run_id = run_id;
  }
}

/** The response to a PATCH or DELETE didn't show its outcome, and later reads show that it changed nothing. */
export class UnchangedError extends HermError {
  readonly sent: SentChange;

  constructor({ sent, cause }: { sent: SentChange; cause: HermError }) {
    const why = cause instanceof NotFoundError ? `the API answered ${cause.status}` : cause.message;
    super(`${why}; ${sent.kind === "delete" ? "it still exists" : "it wasn't changed"}`, { cause });
    this.sent = sent;
  }
}

const broke = "the connection broke";
const untrusted = "its certificate isn't signed by an authority that this machine trusts";

/**
 * Known codes. `refused`: always occurs before the request is written, whichever transport reports it. `certificate`:
 * the same, but retrying doesn't help.
 */
const faults = new Map<unknown, readonly [words: string, kind?: "refused" | "certificate"]>([
  ["ECONNREFUSED", ["connection refused", "refused"]],
  ["ECONNRESET", [broke]],
  ["EPIPE", [broke]],
  ["ERR_STREAM_PREMATURE_CLOSE", [broke]],
  ["UND_ERR_SOCKET", [broke]],
  ["InvalidHTTPResponse", [broke]],
  ["ENOTFOUND", ["no such host", "refused"]],
  ["EAI_AGAIN", ["the host's name can't be looked up right now", "refused"]],
  ["EHOSTUNREACH", ["no route to the host"]],
  ["ENETUNREACH", ["the network is unreachable"]],
  ["EADDRNOTAVAIL", ["this machine has no route to it"]],
  ["CONNECT_TIMEOUT", ["the connection timed out", "refused"]],
  ["UND_ERR_CONNECT_TIMEOUT", ["the connection timed out", "refused"]],
  ["ETIMEDOUT", ["the response timed out"]],
  ["EPROTO", ["the TLS handshake failed"]],
  ["ERR_TLS_CERT_ALTNAME_INVALID", ["its certificate is for a different name", "certificate"]],
  ["CERT_HAS_EXPIRED", ["its certificate has expired", "certificate"]],
  ["CERT_NOT_YET_VALID", ["its certificate isn't valid yet", "certificate"]],
  ["DEPTH_ZERO_SELF_SIGNED_CERT", [untrusted, "certificate"]],
  ["INVALID_PURPOSE", ["it isn't a server certificate", "certificate"]],
  ["SELF_SIGNED_CERT_IN_CHAIN", [untrusted, "certificate"]],
  ["UNABLE_TO_GET_ISSUER_CERT", [untrusted, "certificate"]],
  ["UNABLE_TO_GET_ISSUER_CERT_LOCALLY", [untrusted, "certificate"]],
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", [untrusted, "certificate"]],
]);

/**
 * Turns any transport error into a ConnectionError. `sending`: what the transport reports; without it, only codes
 * for early failures prove that the request never arrived.
 */
export function connectionError(
  fault: unknown,
  { host, sending }: { host: string; sending: "unknown" | "connecting" | "connected" },
): ConnectionError {
  if (fault instanceof ConnectionError) return fault;
  const code = codeOf(fault);
  const neverArrived = sending === "connecting" || (sending === "unknown" && isBeforeSending(fault));
  return new ConnectionError(`${host}: ${failureWords(fault)}`, { code, neverArrived, cause: fault });
}

export function failureWords(fault: unknown): string {
  const [known] = faults.get(codeOf(fault)) ?? [];
  const what = known ?? (fault instanceof Error && fault.message !== "" ? fault.message : broke);
  const code = connectionCodeOf(fault);
  return code === undefined ? what : `${what} (${code})`;
}

/** True if this machine doesn't know the signer of the server's certificate. */
export function isUnknownIssuer(fault: unknown): boolean {
  return faults.get(codeOf(fault))?.[0] === untrusted;
}

export function isCertificateFault(fault: unknown): boolean {
  return faults.get(codeOf(fault))?.[1] === "certificate";
}

/** The system code for a connection failure, as Node spells it; undefined for other errors. */
export function connectionCodeOf(fault: unknown): string | undefined {
  const code = codeOf(fault);
  return code !== undefined && /^E[A-Z]+$/.test(code) ? code : undefined;
}

function codeOf(fault: unknown): string | undefined {
  if (!isObject(fault)) return undefined;
  if (typeof fault.code === "string") return commonCode(fault.code);
  if (Array.isArray(fault.errors)) return fault.errors.map(codeOf).find((code) => code !== undefined);
  return codeOf(fault.cause);
}

function commonCode(code: string): string {
  if (code === "ERR_SOCKET_CLOSED") return "ECONNRESET";
  return code.startsWith("ERR_SSL_") ? "EPROTO" : code;
}

function isBeforeSending(fault: unknown): boolean {
  if (!isObject(fault)) return false;
  if (Array.isArray(fault.errors)) return fault.errors.length > 0 && fault.errors.every(isBeforeSending);
  if (fault.syscall === "connect") return true;
  if (typeof fault.code === "string") return faults.get(fault.code)?.[1] !== undefined;
  return isBeforeSending(fault.cause);
}
