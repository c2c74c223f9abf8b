import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { xmlElement, xmlText } from "../../src/output/text/xml.js";
import { readXml } from "../support/xml.js";

const head = '<?xml version="1.0" encoding="UTF-8"?>\n';
/** Characters that XML can't contain, and their replacements. */
const shown = (text: string) =>
  text.replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, (character) => {
    return `<U+${character.codePointAt(0)?.toString(16).toUpperCase().padStart(4, "0")}>`;
  });
const anyText = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({
    unit: fc.constantFrom(
      "\0",
      "\x1b",
      "\r",
      "\n",
      "\t",
      "]]>",
      "&",
      "<",
      '"',
      "'",
      "\ufffe",
      "\ud800",
      "😀",
    ),
  }),
);

describe("text in XML", () => {
  it("is read back unchanged, with invalid characters as numbers", () => {
    fc.assert(
      fc.property(anyText, anyText, (attribute, text) => {
        const read = readXml(head + xmlElement("a", { b: attribute, c: undefined, d: 1 }, xmlText(text)));
        expect(read).toEqual({
          name: "a",
          attributes: { b: shown(attribute), d: "1" },
          children: [],
          text: shown(text),
        });
      }),
      { numRuns: 2000 },
    );
  });

  it("is escaped as briefly as possible", () => {
    expect(xmlElement("a", { b: 'x"\n' })).toBe('<a b="x&quot;&#10;"/>');
    expect(xmlElement("a", {}, xmlText("\x07 \"'>"))).toBe("<a>&lt;U+0007&gt; \"'&gt;</a>");
  });
});
