import { writePages } from "../batch.js";
import { safe } from "../safe.js";
import { errorInWords } from "./error-text.js";
import type { Format } from "./format.js";

/** Ids alone, a line each: for loops and `xargs`. */
export const name: Format = {
  isNamesOnly: true,
  async one(paper, result) {
    if (result.name === undefined) return result.table();
    const lines = [result.name].flat().map((line) => safe(line, "cell"));
    await paper.out(`${lines.join("\n")}\n`);
  },
  list: (paper, result, pages) =>
    writePages(paper, pages, (rows) => {
      const names = rows.flatMap((row) => result.name(row) ?? []);
      return names.map((line) => `${safe(line, "cell")}\n`).join("");
    }),
  error: errorInWords,
};
