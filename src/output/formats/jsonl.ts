import { toJsonLine, toJsonLines } from "../printed-json.js";
import { errorInJson, type Format, writePages } from "./format.js";

export const jsonl: Format = {
  one: (target, result) => target.out(`${toJsonLine(result.json, target)}\n`),
  list: (target, result, pages) =>
    writePages(target, pages, (rows) => toJsonLines(rows.map(result.json), target)),
  events: (target, result) => target.out(result.jsonLines()),
  error: errorInJson,
};
