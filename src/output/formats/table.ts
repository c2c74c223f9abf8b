import { inLines, writePages } from "../batch.js";
import { pipedRow } from "../piped.js";
import { errorInWords } from "./error-text.js";
import type { Format } from "./format.js";

/** For people; in a pipe the same as fields with tabs between. */
export const table: Format = {
  isInWords: true,
  one: (_paper, result) => result.table(),
  async list(paper, { columns }, pages) {
    if (!paper.stdoutIsTty)
      return writePages(
        paper,
        pages,
        inLines((row) => pipedRow(row, columns)),
      );
    const { inBlocks, tableBlocks } = await import("../table.js");
    const { columns: width, style } = paper;
    for await (const block of tableBlocks(inBlocks(pages), columns, { width, style })) await paper.out(block);
  },
  events: (_paper, result) => result.table(),
  error: errorInWords,
};
