import { pipedRow } from "../columns.js";
import { errorInWords, type Format, writePages } from "./format.js";

export const table: Format = {
  isForReading: true,
  one: (_target, result) => result.table(),
  async list(target, { columns }, pages) {
    if (!target.stdoutIsTty) {
      let fields: ReturnType<typeof columns> = [];
      return writePages(target, pages, (rows) => {
        if (fields.length === 0) fields = columns();
        return rows.map((row) => `${pipedRow(row, fields)}\n`).join("");
      });
    }
    const { inBlocks, tableBlocks } = await import("../render-table.js");
    const { columns: width, style } = target;
    const blocks = tableBlocks(inBlocks(pages), columns, { width, style });
    for await (const block of blocks) await target.out(block);
  },
  events: (_target, result) => result.table(),
  error: errorInWords,
};
