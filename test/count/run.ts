import { commandFile } from "../support/command-file.js";
import { costsOf } from "./costs.js";
import { calls, entered } from "./entered.js";
import { sentencesOf } from "./sentences.js";
import { commentWordsOf, fullestFolder, linesOf, readSources } from "./sources.js";

/** What changes many, by where it lives. */
const verbs: Record<string, RegExp> = {
  answer: /^commands\/runs\/answer\//,
  "catch-up": /^commands\/automations\/catch-up\//,
  delete: /^commands\/automations\/delete/,
  pause: /^commands\/automations\/pause\//,
  resume: /^commands\/automations\/resume\//,
  trigger: /^commands\/automations\/trigger/,
  undo: /^commands\/undo\//,
  update: /^commands\/automations\/update\//,
};

const sources = readSources();
const { folder, files } = fullestFolder(sources);
const perCall: [string, string][] = [];
for (const [name, words] of Object.entries(calls)) {
  const { files, functions } = await entered(words);
  perCall.push([`files / functions that ${name} enters`, `${files} / ${functions}`]);
}
const rows: [string, string][] = [
  ["lines of src, files", `${linesOf(sources)}, ${sources.length}`],
  ...perCall,
  ["texts of three words and more", `${sources.flatMap(sentencesOf).length}`],
  ["words in doc comments", `${commentWordsOf(sources)}`],
  ["most files in one folder", `${files} (src/${folder})`],
  ...Object.entries(verbs).map(([verb, path]): [string, string] => [
    `lines of ${verb}`,
    `${linesOf(sources.filter((source) => path.test(source.file)))}`,
  ]),
];
const width = Math.max(...rows.map(([label]) => label.length));
for (const [label, value] of rows) process.stdout.write(`${label.padEnd(width)}  ${value}\n`);

const [before] = process.argv.slice(2);
const now = await costsOf(commandFile);
const earlier = before === undefined ? now : await costsOf(before);
process.stdout.write(`\n${"command".padEnd(width)}  requests  waits for the disk  KB of code\n`);
for (const [name, cost] of now) {
  const old = earlier.get(name) ?? cost;
  const cell = (one: number, other: number) => (before === undefined ? `${other}` : `${one} → ${other}`);
  const requests = cell(old.requests, cost.requests).padEnd(8);
  const waits = cell(old.waits, cost.waits).padEnd(18);
  const kb = cell(Math.round(old.bytes / 1024), Math.round(cost.bytes / 1024));
  process.stdout.write(`${name.padEnd(width)}  ${requests}  ${waits}  ${kb}\n`);
}
process.exit();
