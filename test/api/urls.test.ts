import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseBaseUrl, path, withQuery } from "../../src/api/fetch.js";

describe("parseBaseUrl", () => {
  it.each([
    ["https://api.prismagents.com", "https://api.prismagents.com"],
    ["https://api.prismagents.com/", "https://api.prismagents.com"],
    ["https://proxy.example:8443/herm//", "https://proxy.example:8443/herm"],
    ["http://127.0.0.1:4100", "http://127.0.0.1:4100"],
    ["http://127.9.8.7", "http://127.9.8.7"],
    ["http://127.1:80/", "http://127.0.0.1"],
    ["http://[::1]:4100", "http://[::1]:4100"],
    ["http://localhost:4100", "http://localhost:4100"],
  ])("accepts %s", (text, base) => expect(parseBaseUrl(text)).toBe(base));

  it.each([
    "",
    "api.prismagents.com",
    "ftp://api.prismagents.com",
    "file:///etc/passwd",
    "http://api.prismagents.com",
    "http://localhost.example.com",
    "http://127.0.0.1.example.com",
    "http://127.example.com",
    "http://0.0.0.0:4100",
    "http://[::ffff:127.0.0.1]",
    "http://10.0.0.1",
    "http://localhost.",
    "https://user@api.prismagents.com",
    "https://user:pass@api.prismagents.com",
    "https://api.prismagents.com/?key=1",
    "https://api.prismagents.com/#x",
  ])("rejects %j", (text) => {
    expect(() => parseBaseUrl(text)).toThrow(expect.objectContaining({ name: "InvalidUrlError" }));
  });
});

describe("path", () => {
  it.each([
    "",
    ".",
    "..",
    "../x",
    "a/b",
    "a\\b",
    "a?b",
    "a#b",
    "%2e%2e",
    "a b",
    "a\nb",
    "a\u200bb",
    "\ud800",
    "\0",
  ])("rejects %j", (id) => {
    expect(() => path`/v1/deployments/${id}`).toThrow(expect.objectContaining({ name: "InvalidIdError" }));
  });

  it("keeps every accepted id in a single segment", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (id) => {
        let made: string;
        try {
          made = path`/v1/deployments/${id}/automations`;
        } catch {
          return;
        }
        const segments = new URL(made, "https://api.prismagents.com").pathname.split("/");
        expect(segments.map(decodeURIComponent)).toEqual(["", "v1", "deployments", id, "automations"]);
      }),
    );
  });
});

describe("withQuery", () => {
  it.each([
    [{}, "/v1"],
    [{ limit: undefined, cursor: undefined }, "/v1"],
    [{ limit: 0, cursor: "a&b=c" }, "/v1?limit=0&cursor=a%26b%3Dc"],
    [{ cursor: "\ud800" }, "/v1?cursor=%EF%BF%BD"],
  ])("turns %j into %s", (query, made) => expect(withQuery("/v1", query)).toBe(made));
});
