import { ConnectionError } from "./errors.js";
import { isObject } from "./json.js";

const broke = "the connection broke";
const untrusted = "its certificate isn't signed by anyone this machine trusts";

/**
 * Known codes. `refused`: by its nature it comes before a request is written, whichever transport reports it.
 * `certificate`: so too, and no further attempt changes it.
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
  ["EADDRNOTAVAIL", ["this machine has no route there"]],
  ["CONNECT_TIMEOUT", ["no connection in time", "refused"]],
  ["UND_ERR_CONNECT_TIMEOUT", ["no connection in time", "refused"]],
  ["ETIMEDOUT", ["no answer in time"]],
  ["EPROTO", ["the TLS handshake failed"]],
  ["ERR_TLS_CERT_ALTNAME_INVALID", ["its certificate is for another name", "certificate"]],
  ["CERT_HAS_EXPIRED", ["its certificate has expired", "certificate"]],
  ["CERT_NOT_YET_VALID", ["its certificate isn't valid yet", "certificate"]],
  ["DEPTH_ZERO_SELF_SIGNED_CERT", [untrusted, "certificate"]],
  ["INVALID_PURPOSE", ["its certificate isn't for a server", "certificate"]],
  ["SELF_SIGNED_CERT_IN_CHAIN", [untrusted, "certificate"]],
  ["UNABLE_TO_GET_ISSUER_CERT", [untrusted, "certificate"]],
  ["UNABLE_TO_GET_ISSUER_CERT_LOCALLY", [untrusted, "certificate"]],
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", [untrusted, "certificate"]],
]);

/**
 * Turns whatever a transport threw into a ConnectionError. `sending`: the transport's report; without one, only codes
 * that can't come later prove that nothing arrived.
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

/** True when this machine doesn't know who signed the server's certificate. */
export function isUnknownIssuer(fault: unknown): boolean {
  return faults.get(codeOf(fault))?.[0] === untrusted;
}

export function isCertificateFault(fault: unknown): boolean {
  return faults.get(codeOf(fault))?.[1] === "certificate";
}

/** The system's code for a connection's failure, in Node's words; undefined for anything else. */
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
