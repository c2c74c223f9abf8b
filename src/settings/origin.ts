import { hintTo, refuseEmpty, UsageError } from "../errors/cli-errors.js";

export const defaultApiUrl = "https://api.prismagents.com";

/**
 * Reads a base URL, without a trailing slash. Throws UsageError for anything but https, or http to loopback, and for
 * a user name, query or fragment. Makes no DNS lookup.
 */
export function readApiUrl(text: string, source: string): string {
  const url = parse(text.trim(), source);
  if (url.username !== "" || url.password !== "") {
    throw new UsageError(`${source} must not contain a user name or password`, {
      hint: hintTo("set the key in HERM_API_KEY, or save it", "auth", "login"),
    });
  }
  if (url.search !== "" || url.hash !== "") {
    throw new UsageError(`${source} must end with its path: no "?" and no "#"`);
  }
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    throw new UsageError(`${source} must start with https://, not ${url.protocol}`);
  }
  if (url.protocol === "http:" && !isLoopback(url.hostname)) {
    throw new UsageError(`${source} is http:// to ${url.hostname}: the key would be sent unencrypted`, {
      hint: `use https://${url.host}, or http:// to 127.0.0.1, ::1 or localhost only`,
    });
  }
  const path = url.pathname.replace(/\/+$/, "");
  if (path.endsWith("/v1")) {
    throw new UsageError(`${source} ends with /v1, which herm adds itself`, {
      hint: `use ${url.origin}${path.slice(0, -"/v1".length)}`,
    });
  }
  return url.origin + path;
}

/** The scheme, host and port that a key is bound to. */
export function originOf(apiUrl: string): string {
  return new URL(apiUrl).origin;
}

/** True for 127.0.0.0/8, ::1 and `localhost`. Expects a URL's hostname, already normalised by the parser. */
export function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

function parse(text: string, source: string): URL {
  refuseEmpty(source, text);
  if (URL.canParse(text)) return new URL(text);
  // Text before an @ may be a password.
  const shown = text.includes("@") ? "its value" : JSON.stringify(text);
  throw new UsageError(`${source}: ${shown} isn't a URL`, { hint: `for example ${defaultApiUrl}` });
}
