import { Batch } from "../batch.js";
import { toJson, toJsonLine } from "../json.js";
import { errorInJson } from "./error-text.js";
import type { Format, ListResult, Paper } from "./format.js";

/** For programs that read one value: an object, or all of a list in an array. */
export const json: Format = {
  whole: (paper, value) => paper.out(`${toJson(value, paper)}\n`),
  one: (paper, result) => paper.out(`${toJson(result.json, paper)}\n`),
  first: (paper, result) => paper.out(`${toJsonLine(result.json, paper)}\n`),
  list: printArray,
  error: errorInJson,
};

/** One array, written as its items come. After a failure it stays open, so that a part is never taken for the whole. */
async function printArray<Row>(
  paper: Paper,
  result: ListResult<Row>,
  pages: AsyncIterable<readonly Row[]>,
): Promise<void> {
  const batch = new Batch(paper.out);
  let before = "[";
  try {
    for await (const rows of pages) {
      if (rows.length === 0) continue;
      // The page's own array without its brackets: its items are indented as the whole array's.
      await batch.add(before + toJson(rows.map(result.json), paper).slice(1, -2));
      before = ",";
    }
    await batch.add(before === "[" ? "[]\n" : "\n]\n");
  } finally {
    await batch.flush();
  }
}
