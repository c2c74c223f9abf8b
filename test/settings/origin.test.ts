import { describe, expect, it } from "vitest";
import { originOf, readApiUrl } from "../../src/settings/origin.js";
import { refusal } from "./places.js";

describe("readApiUrl", () => {
  it.each([
    ["https://api.prismagents.com", "https://api.prismagents.com"],
    [" https://API.example.com:443/ ", "https://api.example.com"],
    ["https://proxy.example.com:8443/herm//", "https://proxy.example.com:8443/herm"],
    ["http://localhost:8080", "http://localhost:8080"],
    ["http://127.0.0.1:1", "http://127.0.0.1:1"],
    ["http://127.8.9.10", "http://127.8.9.10"],
    ["http://127.1:3000", "http://127.0.0.1:3000"],
    ["http://0x7f.1", "http://127.0.0.1"],
    ["http://[::1]:3000", "http://[::1]:3000"],
  ])("reads %s as %s", (text, url) => {
    expect(readApiUrl(text, "--api-url")).toBe(url);
  });

  it.each([
    ["", "--api-url is empty"],
    ["api.example.com", '--api-url: "api.example.com" isn\'t a URL'],
    ["ftp://example.com", "--api-url must start with https://, not ftp:"],
    ["file:///etc/passwd", "--api-url must start with https://, not file:"],
    ["https://api.example.com/?a=1", '--api-url must end with its path: no "?" and no "#"'],
    ["https://api.example.com/#a", '--api-url must end with its path: no "?" and no "#"'],
    ["https://api.example.com/v1/", "--api-url ends with /v1, which herm adds itself"],
    ["http://example.com", "--api-url is http:// to example.com: the key would be sent unencrypted"],
    ["http://0.0.0.0", "--api-url is http:// to 0.0.0.0: the key would be sent unencrypted"],
    ["http://128.0.0.1", "--api-url is http:// to 128.0.0.1: the key would be sent unencrypted"],
    [
      "http://127.0.0.1.nip.io",
      "--api-url is http:// to 127.0.0.1.nip.io: the key would be sent unencrypted",
    ],
    ["http://localhost.", "--api-url is http:// to localhost.: the key would be sent unencrypted"],
    ["http://a.localhost", "--api-url is http:// to a.localhost: the key would be sent unencrypted"],
    ["http://[::2]", "--api-url is http:// to [::2]: the key would be sent unencrypted"],
    [
      "http://[::ffff:127.0.0.1]",
      "--api-url is http:// to [::ffff:7f00:1]: the key would be sent unencrypted",
    ],
  ])("rejects %j", (text, message) => {
    expect(refusal(() => readApiUrl(text, "--api-url")).slice(0, 2)).toEqual([2, message]);
  });

  it.each(["https://user:s3cretpass@example.com", "https://s3cretpass@example.com", "://user:s3cretpass@x"])(
    "never repeats a password: %s",
    (text) => {
      const [exitCode, message, hint] = refusal(() => readApiUrl(text, "HERM_API_URL"));
      expect(exitCode).toBe(2);
      expect(`${message} ${hint}`).not.toContain("s3cretpass");
    },
  );
});

describe("originOf", () => {
  it.each([
    ["https://proxy.example.com:8443/herm", "https://proxy.example.com:8443"],
    ["http://[::1]:3000", "http://[::1]:3000"],
  ])("removes the path from %s", (url, origin) => {
    expect(originOf(url)).toBe(origin);
  });
});
