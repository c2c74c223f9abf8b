import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const folder = join(import.meta.dirname, "..", "src");

/** Words that begin neither with a verb nor with a noun what they say. */
const vague =
  /^(What|Whether|How|Where|Of|As|Why|So|Those|It|For|When|In|By|Which|From|That|With|Whose|Who|Also|At|On|To|Until|After|Before|If|Is|Are|Only|Not|Nothing|None)\b/;

/** The first words of every doc comment, behind the name that it may explain. */
function beginnings(text: string): string[] {
  return [...text.matchAll(/\/\*\*(.*?)\*\//gs)].map(([, comment = ""]) =>
    comment
      .replace(/^\s*\* ?/gm, "")
      .trim()
      .replace(/^`[^`]*`:? ?/, ""),
  );
}

describe("doc comments", () => {
  it("begin with a verb or a noun", () => {
    const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) =>
      file.endsWith(".ts"),
    );
    const found = files.flatMap((file) =>
      beginnings(readFileSync(join(folder, file), "utf8"))
        .filter((comment) => vague.test(comment))
        .map((comment) => `${file}: ${comment.slice(0, 60)}`),
    );
    expect(found).toEqual([]);
  });
});
