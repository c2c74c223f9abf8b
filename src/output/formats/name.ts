import { safe } from "../safe.js";
import { errorInWords, type Format, writePages } from "./format.js";

/** Prints only ids, one on each line, for loops and `xargs`. */
export const name: Format = {
  isNamesOnly: true,
  async one(target, result) {
    if (result.name === undefined) return result.table();
    const lines = [result.name].flat().map((line) => safe(line, "cell"));
    await target.out(`${lines.join("\n")}\n`);
  },
  list: (target, result, pages) =>
    writePages(target, pages, (rows) => {
      const names = rows.flatMap((row) => result.name(row) ?? []);
      return names.map((line) => `${safe(line, "cell")}\n`).join("");
    }),
  error: errorInWords,
};
