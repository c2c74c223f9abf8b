import { writePages } from "../batch.js";
import { toJsonLine, toJsonLines } from "../json.js";
import { errorInJson } from "./error-text.js";
import type { Format } from "./format.js";

/** For programs that read a line at a time. */
export const jsonl: Format = {
  one: (paper, result) => paper.out(`${toJsonLine(result.json, paper)}\n`),
  list: (paper, result, pages) =>
    writePages(paper, pages, (rows) => toJsonLines(rows.map(result.json), paper)),
  events: (paper, result) => paper.out(result.jsonLines()),
  error: errorInJson,
};
