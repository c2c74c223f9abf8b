import { toJson, toJsonLine } from "../printed-json.js";
import { Batch, errorInJson, type Format, type ListResult, type OutputTarget } from "./format.js";

export const json: Format = {
  whole: (target, value) => target.out(`${toJson(value, target)}\n`),
  one: (target, result) => target.out(`${toJson(result.json, target)}\n`),
  first: (target, result) => target.out(`${toJsonLine(result.json, target)}\n`),
  list: printArray,
  error: errorInJson,
};

/** Prints an array item by item. If that fails, leaves it open, so that a part is never taken for the whole. */
async function printArray<Row>(
  target: OutputTarget,
  result: ListResult<Row>,
  pages: AsyncIterable<readonly Row[]>,
): Promise<void> {
  const batch = new Batch(target.out);
  let before = "[";
  try {
    for await (const rows of pages) {
      if (rows.length === 0) continue;
      // The array for the page without its brackets; its items are indented just like those of the whole array.
      await batch.add(before + toJson(rows.map(result.json), target).slice(1, -2));
      before = ",";
    }
    await batch.add(before === "[" ? "[]\n" : "\n]\n");
  } finally {
    await batch.flush();
  }
}
