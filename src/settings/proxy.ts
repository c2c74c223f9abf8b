// As a whole: BlockList by its name would be loaded at once.
import net from "node:net";
import { UsageError } from "../errors/cli-errors.js";
import { isLoopback } from "./origin.js";

export interface ProxyChoice {
  /** The URL without user info, so that it may be shown. */
  url: URL;
  source: (typeof proxyVariables)[number];
  /** The value of `Proxy-Authorization`, where the variable holds a user name or a password. */
  authorization: string | undefined;
}

const proxyVariables = ["https_proxy", "HTTPS_PROXY"] as const;

/**
 * The proxy of the environment for `target`; undefined where NO_PROXY names it, and for this machine, which a proxy would
 * look for on itself. Throws UsageError for a kind that herm can't use.
 */
export function chooseProxy(target: URL, env: (name: string) => string | undefined): ProxyChoice | undefined {
  const source = proxyVariables.find((name) => env(name) !== undefined);
  if (source === undefined || isLoopback(target.hostname)) return undefined;
  if (isExempt(target, env("no_proxy") ?? env("NO_PROXY") ?? "")) return undefined;
  const url = parseProxy(env(source) ?? "");
  if (url === undefined) {
    throw new UsageError(`${source} isn't the URL of a proxy that herm can use`, {
      hint: "for example http://proxy.example.com:3128, or https://; SOCKS and other kinds don't work",
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

/** Without a scheme it is http://, as curl has it. */
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
 * True when a NO_PROXY list names the URL's host. Entries are separated by commas or white space: `*`, a name (it and
 * all below it, with or without a dot in front), an address, or a network such as `10.0.0.0/8`; each may end with a
 * port.
 */
function isExempt(url: URL, list: string): boolean {
  const host = url.hostname.replace(/^\[|\]$|\.$/g, "");
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  return list.split(/[\s,]+/).some((entry) => entry !== "" && names(entry.toLowerCase(), { host, port }));
}

/** `host`: a lower-case name, or an address without brackets. */
function names(entry: string, { host, port }: { host: string; port: string }): boolean {
  // A colon alone may also be an IPv6 address's own.
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
