import { ConnectionError } from "./errors.js";

const words = new Map([
  ["ECONNREFUSED", "connection refused"],
  ["ECONNRESET", "the connection broke"],
  ["EPIPE", "the connection broke"],
  ["ERR_STREAM_PREMATURE_CLOSE", "the connection broke"],
  ["UND_ERR_SOCKET", "the connection broke"],
  ["ENOTFOUND", "no such host"],
  ["EAI_AGAIN", "the host's name can't be looked up now"],
  ["EHOSTUNREACH", "no route to the host"],
  ["ENETUNREACH", "the network is unreachable"],
  ["CONNECT_TIMEOUT", "no connection in time"],
  ["UND_ERR_CONNECT_TIMEOUT", "no connection in time"],
  ["ETIMEDOUT", "no answer in time"],
  ["EPROTO", "the TLS handshake failed"],
  ["ERR_TLS_CERT_ALTNAME_INVALID", "its certificate is for another name"],
  ["CERT_HAS_EXPIRED", "its certificate has expired"],
  ["CERT_NOT_YET_VALID", "its certificate isn't valid yet"],
]);

const unknownIssuer = new Set([
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);

const refusedCertificate = new Set([
  ...unknownIssuer,
  "ERR_TLS_CERT_ALTNAME_INVALID",
  "CERT_HAS_EXPIRED",
  "CERT_NOT_YET_VALID",
]);

/** By their nature these come before a request is written, whichever transport reports them. */
const beforeSending = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "CONNECT_TIMEOUT",
  "UND_ERR_CONNECT_TIMEOUT",
  ...refusedCertificate,
]);

interface SystemFault {
  code?: unknown;
  syscall?: unknown;
  cause?: unknown;
  errors?: unknown;
  message?: unknown;
}

/**
 * Whatever a transport threw, as a ConnectionError. `sending`: what the transport said of this request, if it said
 * anything; where it didn't, only codes that can't come later prove that nothing arrived.
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

/** What a connection's failure was, in words, with the system's code for it. */
export function failureWords(fault: unknown): string {
  const code = codeOf(fault);
  if (isUnknownIssuer(fault)) return "nobody that is trusted here signed its certificate";
  const known = code === undefined ? undefined : words.get(code);
  const what =
    known ?? (fault instanceof Error && fault.message !== "" ? fault.message : "the connection broke");
  const suffix = code === undefined || !/^E[A-Z]+$/.test(code) ? "" : ` (${code})`;
  return `${what}${suffix}`;
}

/** Whether a TLS connection was refused because this machine doesn't know who signed the server's certificate. */
export function isUnknownIssuer(fault: unknown): boolean {
  return unknownIssuer.has(codeOf(fault) ?? "");
}

/** Whether a TLS connection was refused because of the server's certificate, which no further attempt changes. */
export function isCertificateFault(fault: unknown): boolean {
  return refusedCertificate.has(codeOf(fault) ?? "");
}

function isObject(value: unknown): value is SystemFault {
  return typeof value === "object" && value !== null;
}

function codeOf(fault: unknown): string | undefined {
  if (!isObject(fault)) return undefined;
  if (typeof fault.code === "string") return fault.code;
  if (Array.isArray(fault.errors)) return fault.errors.map(codeOf).find((code) => code !== undefined);
  return codeOf(fault.cause);
}

function isBeforeSending(fault: unknown): boolean {
  if (!isObject(fault)) return false;
  if (Array.isArray(fault.errors)) return fault.errors.length > 0 && fault.errors.every(isBeforeSending);
  if (fault.syscall === "connect") return true;
  if (typeof fault.code === "string") return beforeSending.has(fault.code);
  return isBeforeSending(fault.cause);
}
