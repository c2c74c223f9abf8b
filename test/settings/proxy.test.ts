import { describe, expect, it } from "vitest";
import { createRedactor } from "../../src/settings/key.js";
import { chooseProxy, proxyPasswords } from "../../src/settings/proxy.js";
import { refusal } from "./places.js";

const api = new URL("https://api.prismagents.com/v1");
const envOf = (values: Record<string, string>) => (name: string) => values[name] || undefined;
const shown = (values: Record<string, string>, target = api) => {
  const proxy = chooseProxy(target, envOf(values));
  return proxy && `${proxy.url.href} ${proxy.source} ${proxy.authorization ?? ""}`.trim();
};

describe("the proxy", () => {
  it.each<[string, Record<string, string>, string | undefined]>([
    ["none", {}, undefined],
    ["HTTPS_PROXY", { HTTPS_PROXY: "http://p:3128" }, "http://p:3128/ HTTPS_PROXY"],
    ["https_proxy", { https_proxy: "http://p:3128" }, "http://p:3128/ https_proxy"],
    [
      "the lower case first",
      { https_proxy: "http://low", HTTPS_PROXY: "http://up" },
      "http://low/ https_proxy",
    ],
    [
      "the variable that isn't empty",
      { https_proxy: "", HTTPS_PROXY: "http://up" },
      "http://up/ HTTPS_PROXY",
    ],
    ["without a scheme", { HTTPS_PROXY: "p.example.com:3128" }, "http://p.example.com:3128/ HTTPS_PROXY"],
    ["over TLS", { HTTPS_PROXY: "https://p:8443" }, "https://p:8443/ HTTPS_PROXY"],
    ["an IPv6 address", { HTTPS_PROXY: "http://[::1]:3128" }, "http://[::1]:3128/ HTTPS_PROXY"],
    [
      "a URL and its credentials, kept apart",
      { HTTPS_PROXY: "http://me:p%40ss%ZZ@p:3128" },
      `http://p:3128/ HTTPS_PROXY Basic ${Buffer.from("me:p%40ss%ZZ").toString("base64")}`,
    ],
    [
      "decoded credentials",
      { HTTPS_PROXY: "http://m%C3%A9:p%40ss@p:3128" },
      `http://p:3128/ HTTPS_PROXY Basic ${Buffer.from("mé:p@ss").toString("base64")}`,
    ],
    [
      "a user name without a password",
      { HTTPS_PROXY: "http://me@p" },
      `http://p/ HTTPS_PROXY Basic ${btoa("me:")}`,
    ],
    [
      "a password without a user name",
      { HTTPS_PROXY: "http://:pass@p" },
      `http://p/ HTTPS_PROXY Basic ${btoa(":pass")}`,
    ],
    ["not HTTP_PROXY", { HTTP_PROXY: "http://p", http_proxy: "http://p", ALL_PROXY: "http://p" }, undefined],
    ["not where NO_PROXY says so", { HTTPS_PROXY: "http://p", NO_PROXY: "prismagents.com" }, undefined],
    ["not where no_proxy says so", { HTTPS_PROXY: "http://p", no_proxy: "*" }, undefined],
    [
      "the lower case of NO_PROXY first",
      { HTTPS_PROXY: "http://p", no_proxy: "other.example", NO_PROXY: "*" },
      "http://p/ HTTPS_PROXY",
    ],
  ])("comes from %s", (_name, values, expected) => {
    expect(shown(values)).toBe(expected);
  });

  it.each(["http://127.0.0.1:4010", "http://localhost:4010", "https://[::1]:4010", "https://127.8.9.10"])(
    "is never used for this machine: %s",
    (target) => {
      expect(shown({ HTTPS_PROXY: "http://p:3128" }, new URL(target))).toBeUndefined();
    },
  );

  it.each([
    "socks5://me:pa55word@p:1080",
    "http://",
    "http://me:pa55word@:3128",
    "ftp://p",
    "file:///etc/passwd",
  ])("is rejected if unsupported, and never shown: %s", (value) => {
    const [code, message] = refusal(() => chooseProxy(api, envOf({ HTTPS_PROXY: value })));
    expect([code, message]).toEqual([2, "HTTPS_PROXY isn't the URL of a proxy that herm can use"]);
  });

  it("has a password that the redactor knows in every spelling", () => {
    const env = envOf({ HTTPS_PROXY: "http://me:p%40ss%2Fword@p:3128", https_proxy: "socks5://me:other@p" });
    const redact = createRedactor(proxyPasswords(env));
    const basic = Buffer.from("me:p@ss/word").toString("base64");
    expect(redact(`p@ss/word p%40ss%2Fword ${basic}`)).toMatch(
      /^\[redacted\] \[redacted\] \w{0,6}\[redacted\]/,
    );
    expect(redact(basic)).not.toContain(Buffer.from("p@ss/word").toString("base64").slice(0, 6));
  });
});

describe("NO_PROXY", () => {
  it.each<[string, string, boolean]>([
    ["", "https://api.example.com", false],
    [" , ,", "https://api.example.com", false],
    ["*", "https://api.example.com", true],
    ["*:8443", "https://api.example.com", false],
    ["example.com", "https://example.com", true],
    ["example.com", "https://api.example.com", true],
    ["example.com", "https://notexample.com", false],
    ["example.com", "https://example.com.evil.org", false],
    [".example.com", "https://api.example.com", true],
    [".example.com", "https://example.com", true],
    ["*.example.com", "https://api.example.com", true],
    ["EXAMPLE.com", "https://API.Example.COM", true],
    ["example.com.", "https://api.example.com.", true],
    ["com", "https://api.example.com", true],
    ["other.org, example.com", "https://api.example.com", true],
    ["other.org example.com", "https://api.example.com", true],
    ["example.com:443", "https://api.example.com", true],
    ["example.com:8443", "https://api.example.com", false],
    ["example.com:8443", "https://api.example.com:8443", true],
    ["10.1.2.3", "https://10.1.2.3", true],
    ["10.1.2.3", "https://10.1.2.30", false],
    ["10.1.2.3:8443", "https://10.1.2.3:8443", true],
    ["10.0.0.0/8", "https://10.1.2.3", true],
    ["10.0.0.0/8", "https://11.1.2.3", false],
    ["10.0.0.0/33", "https://10.1.2.3", false],
    ["10.0.0.0/x", "https://10.1.2.3", false],
    ["10.0.0.0/8", "https://api.example.com", false],
    ["0.0.0.0/0", "https://10.1.2.3", true],
    ["2001:db8::1", "https://[2001:db8::1]", true],
    ["2001:0DB8:0::1", "https://[2001:db8::1]", true],
    ["[2001:db8::1]", "https://[2001:db8::1]", true],
    ["[2001:db8::1]:443", "https://[2001:db8::1]", true],
    ["[2001:db8::1]:8443", "https://[2001:db8::1]", false],
    ["2001:db8::/32", "https://[2001:db8:1::1]", true],
    ["2001:db8::/32", "https://[2001:db9::1]", false],
    ["2001:db8::/32", "https://10.1.2.3", false],
    ["::/0", "https://10.1.2.3", false],
    [".", "https://api.example.com", false],
    ["[", "https://api.example.com", false],
    [":", "https://api.example.com", false],
  ])("decides, for %j and %s: %s", (list, url, expected) => {
    const env: Record<string, string> = { HTTPS_PROXY: "http://proxy.example.com", NO_PROXY: list };
    expect(chooseProxy(new URL(url), (name) => env[name]) === undefined).toBe(expected);
  });
});
