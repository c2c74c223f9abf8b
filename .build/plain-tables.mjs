/**
 * A cli-table3 for cells whose characters are all one column wide, as src/output/block.ts passes them. Leaves out its
 * measuring, colours, debug messages and search for gaps, which took most of the time for a long list.
 */
import { readFileSync } from "node:fs";
import { basename } from "node:path";

const replaced = {
  "utils.js": [
    ["const stringWidth = require('string-width');", ""],
    ["function strlen(str) {", "function strlen(str) {\n  return str.length;"],
    ["function colorizeLines(input) {", "function colorizeLines(input) {\n  return input;"],
  ],
  "cell.js": [
    [
      "let chars = (this.chars = {});\n    CHAR_NAMES.forEach(",
      "let chars = (this.chars = tableOptions.cellChars ??= {});\n    if (chars.top === undefined) CHAR_NAMES.forEach(",
    ],
    ["let content = utils.truncate(this.content, 10, this.truncate);\n    if (!lineNum) {", "if (false) {"],
  ],
  "layout-manager.js": [["    fillInTable(cellRows);", ""]],
};

/** For both esbuild and Bun. Fails if cli-table3 has changed. */
export const plainTables = {
  name: "plain tables",
  setup({ onLoad }) {
    onLoad({ filter: /cli-table3[\\/]src[\\/](?:utils|cell|layout-manager)\.js$/ }, ({ path }) => {
      let contents = readFileSync(path, "utf8");
      for (const [text, ours] of replaced[basename(path)]) {
        if (contents.split(text).length !== 2)
          throw new Error(`to be replaced, ${path} needs this exactly once: ${text}`);
        contents = contents.replace(text, ours);
      }
      return { contents, loader: "js" };
    });
  },
};
