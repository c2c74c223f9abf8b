import { createHash, timingSafeEqual } from "node:crypto";
import { RefusedRequest } from "./answers.js";

/** Refuses requests that a web page made: a foreign `Origin`, or `Sec-Fetch-Site` from elsewhere (403). */
export function refuseForeignPages(request: Request): void {
  const origin = request.headers.get("origin");
  if (origin !== null && origin !== new URL(request.url).origin)
    throw new RefusedRequest(403, "foreign origin");
  const site = request.headers.get("sec-fetch-site");
  if (site !== null && site !== "same-origin" && site !== "none")
    throw new RefusedRequest(403, "cross-site request");
}

export function requireServerKey(request: Request, apiKey: string): void {
  const authorization = request.headers.get("authorization") ?? "";
  if (isAuthorization(authorization, apiKey)) return;
  const message = keyIn(authorization) === "" ? "an API key is required" : "the API key is not valid";
  throw new RefusedRequest(401, message, { "www-authenticate": "Bearer" });
}

/** True where the header brings the server's key. The comparison takes the same time whatever was sent. */
export function isAuthorization(header: string, apiKey: string): boolean {
  return timingSafeEqual(digest(keyIn(header)), digest(apiKey));
}

function keyIn(authorization: string): string {
  return /^Bearer +(.+)$/i.exec(authorization)?.[1] ?? "";
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
