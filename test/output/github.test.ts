import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { annotation, WorkflowGuard } from "../../src/output/github.js";

function guarded(...writes: string[]): string {
  const guard = new WorkflowGuard();
  return writes.map((write) => guard.guard(write)).join("");
}

const isCommand = /##\[|^\s*::/m;

describe("a workflow guard", () => {
  it.each([
    ["::error::x", ":\u200b:error::x"],
    ["  \t::error::x", "  \t:\u200b:error::x"],
    ["a\n\n ::set-output name=a::b", "a\n\n :\u200b:set-output name=a::b"],
    ["a\r::x", "a\r:\u200b:x"],
    ["name ##[error]x ##[", "name ##\u200b[error]x ##\u200b["],
    ["a::b #[c # #[", "a::b #[c # #["],
    [":::x", ":\u200b::x"],
  ])("turns %j into %j", (text, shown) => {
    expect(guarded(text)).toBe(shown);
  });

  it.each([
    [["#", "#", "["], "##\u200b["],
    [["a ##", "[x"], "a ##\u200b[x"],
    [[" ", ":", ":x"], " :\u200b:x"],
    [["a:", ":x"], "a::x"],
    [["a\n", "::x"], "a\n:\u200b:x"],
    [["", "::x", ""], ":\u200b:x"],
  ])("recognises a command across several writes: %j", (writes, shown) => {
    expect(guarded(...writes)).toBe(shown);
  });

  it("blocks every command, however it is split, with zero-width spaces only", () => {
    const piece = fc.constantFrom(":", "#", "[", " ", "\n", "\r", "\t", "a", "::", "##[", "\u00a0");
    fc.assert(
      fc.property(fc.array(fc.array(piece).map((pieces) => pieces.join(""))), (writes) => {
        const shown = guarded(...writes);
        expect(shown).not.toMatch(isCommand);
        expect(shown.replaceAll("\u200b", "")).toBe(writes.join(""));
      }),
      { numRuns: 1000 },
    );
  });
});

describe("the display in GitHub Actions", () => {
  it("keeps an annotation on one line", () => {
    expect(annotation("warning", "a\n%b")).toBe("::warning::a%0A%25b");
  });

  it("treats an annotation's text and file as plain text", () => {
    expect(annotation("error", "a\x1b[2J ##[group]\u202e", { file: "x\x1b,y\n##[z]" })).toBe(
      "::error file=x^[%2Cy\\n##\u200b[z]::a^[[2J ##\u200b[group]<U+202E>",
    );
  });
});
