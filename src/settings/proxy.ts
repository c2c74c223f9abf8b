// Imports the whole module, because importing BlockList by name would load it at once.
import net from "node:net";
import { UsageError } from "../errors/cli-errors.js";
import { isLoopback } from "./origin.js";

export interface ProxyChoice {
  /** The URL without user info, safe to show. */
  url: URL;
  source: (typeof proxyVariables)[number];
  /** The value of `Proxy-Authorization`, if the variable contains a user name or password. */
  authorization: string | undefined;
}

const proxyVariables = ["https_proxy", "HTTPS_PROXY"] as const;

/**
 * The proxy that the environment names for `target`; undefined if NO_PROXY matches, or for this machine, which a proxy
 * can't reach. Throws UsageError for an unsupported kind.
 */
export function chooseProxy(target: URL, env: (name: string) => string | undefined): ProxyChoice | undefined {
  const source = proxyVariables.find((name) => env(name) !== undefined);
  if (source === undefined || isLoopback(target.hostname)) return undefined;
  if (isExempt(target, env("no_proxy") ?? env("NO_PROXY") ?? "")) return undefined;
  const url = parseProxy(env(source) ?? "");
  if (url === undefined) {
    throw new UsageError(`${source} isn't the URL of a proxy that herm can use`, {
      hint: "for example http://proxy.example.com:3128, or https://; SOCKS and other kinds aren't supported",
    });
  }
  const authorization = authorizationOf(url);
  url.username = "";
  url.password = "";
  return { url, source, authorization };
}

export function proxyPasswords(env: (name: string) => string | undefined): string[] {
  return proxyVariables.flatMap((name) => {
    const { password = "" } = parseProxy(env(name) ?? "") ?? {};
    return password === "" ? [] : [...new Set([decoded(password), password])];
  });
}

/** Assumes http:// without a scheme, as curl does. */
function parseProxy(text: string): URL | undefined {
  const address = text.includes("://") ? text : `http://${text}`;
  if (!URL.canParse(address)) return undefined;
  const url = new URL(address);
  return url.protocol === "http:" || url.protocol === "https:" ? url : undefined;
}

function authorizationOf({ username, password }: URL): string | undefined {
  if (username === "" && password === "") return undefined;
  return `Basic ${Buffer.from(`${decoded(username)}:${decoded(password)}`).toString("base64")}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * True if a NO_PROXY list names the URL's host. Commas or white space separate entries: `*`, a name (with all names
 * below it, a leading dot or not), an address, or a network such as `10.0.0.0/8`; each may end with a port.
 */
function isExempt(url: URL, list: string): boolean {
  const host = url.hostname.replace(/^\[|\]$|\.$/g, "");
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  return list.split(/[\s,]+/).some((entry) => entry !== "" && names(entry.toLowerCase(), { host, port }));
}

/** `host`: a lower-case name, or an address without brackets. */
function names(entry: string, { host, port }: { host: string; port: string }): boolean {
  // A single colon may also belong to an IPv6 address.
  const [, bracketed, plain, entryPort] = /^(?:\[(.+)\]|([^:]+))(?::(\d+))?$/.exec(entry) ?? [];
  const entryHost = bracketed ?? plain ?? entry;
  if (entryPort !== undefined && entryPort !== port) return false;
  if (entryHost === "*") return true;
  if (net.isIP(host) !== 0) return isIn(entryHost, host);
  const name = entryHost.replace(/^\*?\.|\.$/g, "");
  return name !== "" && (host === name || host.endsWith(`.${name}`));
}

function isIn(network: string, host: string): boolean {
  const [address = "", bits] = network.split("/");
  const version = net.isIP(address);
  if (version !== net.isIP(host) || (bits !== undefined && !/^\d{1,3}$/.test(bits))) return false;
  const longest = version === 4 ? 32 : 128;
  const prefix = Number(bits ?? longest);
  if (prefix > longest) return false;
  const family = version === 4 ? "ipv4" : "ipv6";
  const list = new net.BlockList();
  list.addSubnet(address, prefix, family);
  return list.check(host, family);
}
