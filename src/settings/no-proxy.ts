// As a whole: BlockList by its name would be loaded at once.
import net from "node:net";

/**
 * True when a NO_PROXY list names the URL's host. Entries are separated by commas or white space: `*`, a name (it and
 * all below it, with or without a dot in front), an address, or a network such as `10.0.0.0/8`; each may end with a
 * port.
 */
export function isExempt(url: URL, list: string): boolean {
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
