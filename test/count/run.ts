import { countAll } from "./counts.js";
import { habitsPerThousand } from "./habits.js";
import { sizeOf, wordsOfHelpPages } from "./sources.js";

const [src, test] = [sizeOf("src"), sizeOf("test")];
const rows = Object.entries({
  ...(await countAll()),
  "files of src": src.files,
  "lines of test": test.lines,
  "files of test": test.files,
  "words of help pages": wordsOfHelpPages(),
});
const width = Math.max(...rows.map(([label]) => label.length));
for (const [label, count] of rows) process.stdout.write(`${label.padEnd(width)}  ${count}\n`);
process.stdout.write("\nhabits of prose, per 1,000 words\n");
console.table(habitsPerThousand());
process.exit();
