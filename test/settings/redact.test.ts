import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRedactor } from "../../src/settings/redact.js";

const key = 'hk_live/+"\\%&=9f2c';
const redact = createRedactor([key, "other-key-1234"]);
const anyKey = fc.string({
  unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
  minLength: 12,
  maxLength: 64,
});

describe("createRedactor", () => {
  it.each([
    ["as it is", `Bearer ${key}`, "Bearer [redacted]"],
    ["in JSON", JSON.stringify({ authorization: key }), '{"authorization":"[redacted]"}'],
    ["in a URL", `https://x/?k=${encodeURIComponent(key)}&b=1`, "https://x/?k=[redacted]&b=1"],
    [
      "in a URL with small hexadecimal digits",
      encodeURIComponent(key).replace(/%../g, (hex) => hex.toLowerCase()),
      "[redacted]",
    ],
    ["in base64", Buffer.from(key).toString("base64"), "[redacted]"],
    ["in base64url", Buffer.from(key).toString("base64url"), "[redacted]"],
    ["twice, and another one", `${key} ${key} other-key-1234`, "[redacted] [redacted] [redacted]"],
    ["not at all", "an ordinary text", "an ordinary text"],
  ])("takes a key out %s", (_where, text, redacted) => {
    expect(redact(text)).toBe(redacted);
  });

  it("leaves texts alone where it has no key, or one too short to tell from a word", () => {
    expect([createRedactor([])("a b c"), createRedactor(["a", ""])("a b c")]).toEqual(["a b c", "a b c"]);
  });

  it("takes a whole key out where another key is a part of it", () => {
    expect(createRedactor(["abcdefgh", "abcdefgh-longer"])("abcdefgh-longer abcdefgh")).toBe(
      "[redacted] [redacted]",
    );
  });

  it("leaves at most the characters of base64 that the key shares with what stands beside it", () => {
    fc.assert(
      fc.property(
        anyKey,
        fc.string(),
        fc.string(),
        fc.constantFrom<BufferEncoding>("base64", "base64url"),
        (secret, before, after, code) => {
          const encoded = Buffer.from(before + secret + after).toString(code);
          const left = createRedactor([secret])(encoded);
          expect(left).toContain("[redacted]");
          const shown = Buffer.from(left.replace("[redacted]", ""), code).length;
          expect(shown).toBeLessThanOrEqual(Buffer.byteLength(before + after) + 2);
        },
      ),
    );
  });
});
