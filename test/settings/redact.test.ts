import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRedactor } from "../../src/settings/key.js";

const src = join(import.meta.dirname, "../../src");

/** Quoted texts in the source that contain a space, without their values. */
const sentences = readdirSync(src, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts"))
  .flatMap((file) => readFileSync(join(src, file), "utf8").match(/"[^"\n]* [^"\n]*"|`[^`]* [^`]*`/g) ?? [])
  .map((text) => text.slice(1, -1).replaceAll(/\$\{[^}]*\}/g, "…"));

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
    ["twice, and another key", `${key} ${key} other-key-1234`, "[redacted] [redacted] [redacted]"],
    ["not at all", "an ordinary text", "an ordinary text"],
  ])("removes a key %s", (_where, text, redacted) => {
    expect(redact(text)).toBe(redacted);
  });

  it("leaves text unchanged if there is no key, or if it is like a word", () => {
    expect([createRedactor([])("a b c"), createRedactor(["a", ""])("a b c")]).toEqual(["a b c", "a b c"]);
  });

  describe("a redactor for a key that is a plain word", () => {
    it.each([
      ["wrong", "no: Bearer wrong", "no: Bearer [redacted]", "no: Bearer [redacted]"],
      [
        "wrong",
        "the key is missing, wrong or revoked",
        "the key is missing, [redacted] or revoked",
        undefined,
      ],
      ["auto", "an automation, auto_1", undefined, undefined],
      ["error", '{"error":{"message":"error"}}', '{"error":{"message":"[redacted]"}}', undefined],
      ["2026", "on 2026-03-02", "on [redacted]-03-02", undefined],
      ["api-key", "an api-key", "an [redacted]", undefined],
      ["wrong", "Basic d3Jvbmc=", "Basic [redacted]", "Basic [redacted]"],
    ])("removes, for %s in %j, the possible key", (word, text, foreign, ours) => {
      expect(createRedactor([word])(text)).toBe(foreign ?? text);
      expect(createRedactor([word], "ours")(text)).toBe(ours ?? text);
    });

    it("keeps herm's own sentences whole, whatever the word", () => {
      const redactors = new Map<string, (text: string) => string>();
      const redact = (word: string, sentence: string) => {
        const known = redactors.get(word) ?? createRedactor([word], "ours");
        redactors.set(word, known);
        return known(sentence);
      };
      const harmed = sentences.flatMap((sentence) =>
        [...new Set(sentence.match(/[A-Za-z]{4,}/g))]
          .filter((word) => word.length < 12 || /^[A-Za-z][a-z]+$/.test(word))
          .filter((word) => redact(word, sentence) !== sentence)
          .map((word) => `${word}: ${sentence}`),
      );
      expect(sentences.length).toBeGreaterThan(500);
      expect(harmed).toEqual([]);
    });
  });

  it("removes a key of twelve characters even from herm's own sentences", () => {
    const notAWord = anyKey.filter((secret) => /[^A-Za-z]/.test(secret) || secret.length > 16);
    fc.assert(
      fc.property(notAWord, (secret) => {
        expect(createRedactor([secret], "ours")(`no automation named "${secret}x"`)).toBe(
          'no automation named "[redacted]x"',
        );
      }),
    );
  });

  it("removes a whole key even if another is part of it", () => {
    expect(createRedactor(["abcdefgh", "abcdefgh-longer"])("abcdefgh-longer abcdefgh")).toBe(
      "[redacted] [redacted]",
    );
  });

  it("leaves at most the base64 characters shared with adjacent text", () => {
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
