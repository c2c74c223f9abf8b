import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type BadFile, item, text } from "./bad-file.js";
import { badValues } from "./bad-values.js";

const mib = 1024 * 1024;
const known =
  "name, schedule, instructions, instructions_file, tz, spread, enabled, initial, formerly, id, for, not";

function json(title: string, content: string, ...says: string[]): BadFile {
  return {
    title: `JSON: ${title}`,
    says,
    make(folder) {
      const path = join(folder, "herm.json");
      writeFileSync(path, content);
      return path;
    },
  };
}

function special(title: string, make: BadFile["make"], ...says: string[]): BadFile {
  return { title, make, says };
}

const utf16 = (content: string, isBig: boolean) => {
  const bytes = Buffer.from(`\ufeff${content}`, "utf16le");
  return isBig ? bytes.swap16() : bytes;
};

const tooDeep = "more than 32 levels of nested lists and maps";
const aliasBomb = [
  "a: &a [x, x, x, x, x, x, x, x, x]",
  ..."bcdefghi".split("").map((key, at) => {
    const before = "abcdefgh"[at];
    return `${key}: &${key} [${Array.from({ length: 9 }, () => `*${before}`).join(", ")}]`;
  }),
].join("\n");

export const badFiles: BadFile[] = [
  text(
    "a record in place of a manifest",
    '# By herm.\nrecord: 1\napi: "x"\nmade:\n',
    "1:1: this is a record: use --record",
  ),
  ...badValues,
  // Nothing there, or not a file.
  special(
    "a glob",
    (folder) => join(folder, "*.yaml"),
    "1:1: no such file (globs aren't expanded: pass the folder, or each file)",
  ),
  special("no such file", (folder) => join(folder, "none.yaml"), "1:1: no such file"),
  special(
    "a path through a file",
    (folder) => {
      writeFileSync(join(folder, "herm.yaml"), item);
      return join(folder, "herm.yaml", "x");
    },
    "1:1: no such file",
  ),
  special(
    "a FIFO",
    (folder) => {
      execFileSync("mkfifo", [join(folder, "herm.yaml")]);
      return join(folder, "herm.yaml");
    },
    "1:1: isn't a regular file",
  ),
  special("a device that never ends", () => "/dev/zero", "1:1: isn't a regular file"),
  special(
    "a link to a device",
    (folder) => {
      symlinkSync("/dev/zero", join(folder, "herm.yaml"));
      return join(folder, "herm.yaml");
    },
    "1:1: isn't a regular file",
  ),
  special(
    "a circular link",
    (folder) => {
      symlinkSync("herm.yaml", join(folder, "herm.yaml"));
      return join(folder, "herm.yaml");
    },
    "1:1: can't be read (ELOOP)",
  ),
  special(
    "a folder without manifests",
    (folder) => {
      mkdirSync(join(folder, "sub"));
      writeFileSync(join(folder, "sub", "readme.md"), "x");
      return join(folder, "sub");
    },
    "1:1: the folder has no .yaml, .yml or .json file",
  ),
  special(
    "a folder of files that aren't manifests",
    (folder) => {
      mkdirSync(join(folder, "sub"));
      writeFileSync(join(folder, "sub", "package.json"), '{"name": "x", "scripts": {"removed": "y"}}');
      writeFileSync(join(folder, "sub", "helm.yaml"), "{{ .Values.automations }}\n");
      return join(folder, "sub");
    },
    "1:1: no file in the folder has a top-level automations: or removed: key",
  ),
  special(
    "a folder whose manifest has a mistake that hides its tree",
    (folder) => {
      mkdirSync(join(folder, "sub"));
      writeFileSync(join(folder, "sub", "herm.yaml"), "automations:\n\t- name: A\n");
      return join(folder, "sub");
    },
    "/herm.yaml:2:1: a tab as indentation; YAML needs spaces",
  ),
  special(
    "a folder in place of a manifest",
    (folder) => {
      mkdirSync(join(folder, "sub", "herm.yaml"), { recursive: true });
      return join(folder, "sub");
    },
    "/herm.yaml:1:1: is a folder",
  ),
  special(
    "a folder of 10,001 files",
    (folder) => {
      mkdirSync(join(folder, "sub"));
      for (let at = 0; at <= 10_000; at += 1) writeFileSync(join(folder, "sub", `${at}.yaml`), "");
      return join(folder, "sub");
    },
    "1:1: the folder has more than 10000 manifests",
  ),
  // Bytes that aren't text.
  text("empty", "", "1:1: it is empty (a manifest starts with `automations:`)"),
  text("nothing but a comment", "# later\n", "1:1: it is empty (a manifest starts with `automations:`)"),
  text("NUL bytes", "automations:\0\n", "1:13: the character U+0000 isn't allowed in a manifest"),
  text("only NUL bytes", Buffer.alloc(4096), "1:1: the character U+0000 isn't allowed in a manifest"),
  text("UTF-16, little end first", utf16(item, false), "1:1: is UTF-16; save it as UTF-8"),
  text("UTF-16, big end first", utf16(item, true), "1:1: is UTF-16; save it as UTF-8"),
  text(
    "UTF-16 without a mark",
    utf16(item, false).subarray(2),
    "1:2: the character U+0000 isn't allowed in a manifest",
  ),
  text(
    "a broken byte",
    Buffer.concat([Buffer.from("automations:\n  - name: é"), Buffer.from([0xff])]),
    "2:12: is not UTF-8",
  ),
  text(
    "half a character",
    Buffer.concat([Buffer.from(item), Buffer.from([0xe2, 0x82])]),
    "5:1: is not UTF-8",
  ),
  text("a surrogate as bytes", Buffer.from([0x61, 0x3a, 0x20, 0xed, 0xa0, 0x80]), "1:4: is not UTF-8"),
  text("an overlong slash", Buffer.from([0x61, 0x3a, 0x20, 0xc0, 0xaf]), "1:4: is not UTF-8"),
  text(
    "two byte order marks",
    `\ufeff\ufeff${item}`,
    "1:1: the character U+FEFF isn't allowed in a manifest",
  ),
  text(
    "a byte order mark in the middle",
    item.replace("name", "na\ufeffme"),
    "2:7: the character U+FEFF isn't allowed in a manifest",
  ),
  text("only a byte order mark", "\ufeff", "1:1: it is empty (a manifest starts with `automations:`)"),
  text(
    "an escape sequence",
    item.replace("x\n", "\u001b[2J\n"),
    "4:19: the character U+001B isn't allowed in a manifest",
  ),
  text(
    "lines that end in carriage returns only",
    item.replaceAll("\n", "\r"),
    "1:13: a carriage return without a line feed isn't allowed in a manifest",
  ),
  text(
    "CRLF and a mistake in the third line",
    item.replace("schedule", "shedule").replaceAll("\n", "\r\n"),
    "2:5: this automation has no schedule",
    "3:5: unknown key shedule (did you mean schedule?)",
  ),
  // Too much.
  text("ten megabytes", Buffer.alloc(10 * mib, "# padding\n"), "1:1: is larger than 1 MiB"),
  text("a byte too many", Buffer.alloc(mib + 1, "#"), "1:1: is larger than 1 MiB"),
  text("100,000 nested brackets", "[".repeat(100_000), `1:33: ${tooDeep}`),
  text("100,000 nested brackets, closed", "[".repeat(100_000) + "]".repeat(100_000), `1:33: ${tooDeep}`),
  text("maps in each other", "{a: ".repeat(100_000), `1:129: ${tooDeep}`),
  text("dashes in a row", "- ".repeat(100_000), `1:65: ${tooDeep}`),
  text("questions in a row", "? ".repeat(100_000), `1:65: ${tooDeep}`),
  text(
    "a staircase",
    Array.from({ length: 1000 }, (_, at) => `${" ".repeat(at)}a:`).join("\n"),
    `33:33: ${tooDeep}`,
  ),
  text("half a million empty lists", "[]".repeat(mib / 2), `1:…`),
  text("a million commas", `[${",".repeat(900_000)}]`, `1:…`),
  text("a hundred thousand keys", Array.from({ length: 100_000 }, (_, at) => `k${at}: 1`).join("\n"), "…"),
  text(
    "1,001 automations",
    `automations:\n${"  - {}\n".repeat(1001)}`,
    "2:3: automations has 1001 items; the limit is 1000 per file",
  ),
  text("half a million wrong escapes", `a: "${"\\q".repeat(500_000)}"`, "1:…"),
  text(
    "a tower of aliases",
    aliasBomb,
    "1:1: a manifest needs a top-level automations: or removed: key; this has a, b, c, d, …",
  ),
  // Not YAML.
  text(
    "an open bracket",
    "automations: [",
    "1:15: Flow sequence in block collection must be sufficiently indented and end with a ]",
  ),
  text("an open quote", `automations:\n  - name: "A`, "2:11: a quote that isn't closed"),
  text(
    "an open quote far above the end",
    item.replace("A", "'A''") + item,
    "2:11: a quote that isn't closed",
  ),
  text("an item without its dash", "- - a\n  b\n", "2:1: a list's item needs `- ` before it"),
  text("a key alone", `${item}    tz\n`, "5:5: a key needs `: ` after it"),
  ...["@daily", "%name", "`date`"].map((start) =>
    text(
      `text that begins with ${start[0]}`,
      item.replace("every day at 9am", `${start} at 9 # often`),
      `3:15: in YAML, text can't start with ${start[0]} (put it in quotes: "${start} at 9")`,
    ),
  ),
  text(
    "text that starts with @ in a one-line map",
    "automations:\n  - {schedule: @daily, name: A}\n",
    "2:16: in YAML, text can't start with @ (put it in quotes)",
  ),
  text("tabs as indentation", "automations:\n\t- name: A\n", "2:1: a tab as indentation; YAML needs spaces"),
  text(
    "a second colon",
    "automations:\n  - name: Weekly: report\n",
    '2:11: a second `: ` on one line; text that contains `: ` needs quotes: "…"',
  ),
  text("a list after a map", `${item}- b\n`, "…"),
  text("several documents", `${item}---\n${item}`, "5:1: a second document (give each a file of its own)"),
  text("a directive", `%YAML 1.1\n---\n${item}`, "1:1: a manifest can't contain YAML directives"),
  text(
    "a list as a key",
    `${item}? [a]\n: b\n`,
    '5:3: a key must be text; text that starts with { or [ needs quotes: "…"',
  ),
  text(
    "another tool's template",
    `${item.replace("A", "{{ .Values.name }}")}`,
    '2:12: a key must be text; text that starts with { or [ needs quotes: "…"',
  ),
  text(
    "an HTML page",
    "<!doctype html>\n<html><body>502 Bad Gateway</body></html>\n",
    "1:1: a manifest must be a map of automations, deployments, removed, not text",
  ),
  // YAML that manifests don't accept.
  text(
    "aliases",
    "automations: &a\n  - *a\n",
    "2:5: *a is an alias, which a manifest can't contain (write it out)",
  ),
  text("an alias of nothing", "automations: *none\n", "1:14: …"),
  ...["*/5 * * * *", "* * * * *", "*/10 9-17 * * mon-fri"].map((cron) =>
    text(
      `a cron without quotes: ${cron}`,
      item.replace("every day at 9am", `${cron} # often`),
      `3:15: in YAML, * starts an alias (put the cron in quotes: "${cron}")`,
    ),
  ),
  text(
    "a merge key",
    item.replace("    instructions", "    <<: {tz: UTC}\n    instructions"),
    "4:5: unknown key << (merge keys aren't supported; write the keys out)",
  ),
  text("a custom tag", "automations: !env HOME\n", "1:19: !env is a tag, which a manifest can't contain"),
  text(
    "a tag that runs code elsewhere",
    "automations: !!js/function 'function () {}'\n",
    "1:28: !!js/function is a tag, which a manifest can't contain",
  ),
  text(
    "binary",
    "automations: !!binary aGVsbG8=\n",
    "1:23: !!binary is a tag, which a manifest can't contain",
  ),
  text(
    "a list at the top level",
    "- name: A\n",
    "1:1: a manifest must be a map of automations, deployments, removed, not a list",
  ),
  text(
    "a number at the top level",
    "12\n",
    "1:1: a manifest must be a map of automations, deployments, removed, not the number 12",
  ),
  // Not a manifest.
  text(
    "neither automations nor removed",
    "deployments: [dep_1]\n",
    "1:1: a manifest needs a top-level automations: or removed: key",
  ),
  text(
    "a file for something else",
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: x}\nspec: {a: *b}\n",
    "1:1: a manifest needs a top-level automations: or removed: key; this has apiVersion, kind, metadata, spec",
  ),
  text(
    "names and paths that keep the line end of a block",
    `${item.replace("A\n", "|\n      A\n")}    formerly: >\n      B\n  - name: "C \${team}"\n    schedule: "@daily"\n    instructions_file: |\n      c.md\nremoved:\n  - |\n    D\nvalues:\n  team: |\n    growth\n`,
    "2:11: name ends with a newline, from its block (to leave it out, use |- instead of |)",
    "6:15: formerly ends with a newline, from its block (to leave it out, use |- instead of |)",
    "10:24: instructions_file ends with a newline, from its block (to leave it out, use |- instead of |)",
    "13:5: a name in removed ends with a newline, from its block (to leave it out, use |- instead of |)",
    "16:9: the value of team puts a newline in name; used in …",
  ),
  text("automations that hold nothing", "automations:\n", "1:13: automations must be a list, not empty"),
  text(
    "initial as a list",
    `${item}    initial: [name]\n`,
    "5:14: initial must be true or false, not a list (initial: true creates it once, and then never changes it)",
  ),
  text(
    "an item's key that is gone",
    `${item}    dst_ok: true\n`,
    "5:5: unknown key dst_ok (omit it: hours that clocks skip or repeat are reported as notes)",
  ),
  text(
    "a removed key",
    "leaving: [Acme]\n",
    "1:1: unknown key leaving (to delete there too, use --prune, with not: {deployments: [Acme]} at the top of the file)",
  ),
  text(
    "unknown keys with inherited names",
    `${item}    __proto__: {enabled: false}\n    constructor: x\n    toString: y\n`,
    `5:5: unknown key __proto__ (known here: ${known})`,
    `6:5: unknown key constructor (known here: ${known})`,
    `7:5: unknown key toString (known here: ${known})`,
  ),
  text(
    "duplicate keys",
    `${item}    name: B\nautomations: []\n`,
    "5:5: name is given twice (first on line 2)",
    "6:1: automations is given twice (first on line 1)",
  ),
  text(
    "a number too large to keep",
    item.replace("name: A", "name: 12345678901234567890"),
    '2:11: name must be text, not the number 12345678901234567890, which would lose digits (put it in quotes: "12345678901234567890")',
  ),
  text(
    "wrong types everywhere",
    "deployments: dep_1\nautomations:\n  - name: 12\n    schedule: {at: 9}\n    instructions: [x]\n    enabled: yes\n    initial: tz\n    id: dep_1\n  - A\n  -\nremoved: [null, 3]\n",
    "1:14: deployments must be a list, not text ([dep_1])",
    '3:11: name must be text, not the number 12 (put it in quotes: "12")',
    "4:15: schedule must be text, not a map",
    "5:19: instructions must be text, not a list",
    "6:14: enabled must be true or false, not text (did you mean true?)",
    "7:14: initial must be true or false, not text (initial: true creates it once, and then never changes it)",
    "8:9: dep_1 isn't an id (use letters, digits and -, at most 128)",
    "9:5: an automation must be a map of name, schedule, instructions, not text",
    "10:4: an automation must be a map of name, schedule, instructions, not empty",
    "11:11: a name in removed must be text, not empty",
    '11:17: a name in removed must be text, not the number 3 (put it in quotes: "3")',
  ),
  text(
    "missing and empty fields",
    "automations:\n  - name: ' '\n    instructions: ''\n  - {}\n",
    "2:5: this automation has no schedule",
    "2:11: name is empty",
    "3:19: instructions is empty",
    "4:5: this automation has no name and no schedule and no instructions",
  ),
  text(
    "threads",
    `${item}    thread_id: thr_1\n`,
    "5:5: unknown key thread_id (a manifest doesn't manage threads)",
  ),
  text(
    "names that contradict each other",
    `${item}  - name: A\n    schedule: every hour\n    instructions: y\n    formerly: B\n  - name: B\n    schedule: every hour\n    instructions: z\nremoved: [B, C]\n`,
    '5:11: "A" appears twice (the other one: line 2)',
    '8:15: formerly "B" is also a current name (the other one: line 9)',
    '12:11: "B" is both in removed and in automations (the other one: line 9)',
  ),
  text(
    "unknown variables",
    `${item.replace("x\n", '"${who} and ${deployment.nam}\\n${"\n')}`,
    "4:20: the variable who isn't set (to set it, use --values <file> or --var who=…; for a literal ${, write $${)",
    "4:31: the variable deployment.nam isn't set (did you mean deployment.name?)",
    "4:50: a variable is written ${name} or ${name:-default} (for a literal ${, write $${)",
  ),
  text(
    "unknown time zones",
    `${item}    tz: Europe/Berln\n  - name: B\n    schedule: every hour\n    tz: local\n    instructions: x\n  - name: C\n    schedule: every hour\n    tz: "+02:00"\n    instructions: x\n`,
    '5:9: "Europe/Berln" isn\'t a time zone (did you mean Europe/Berlin?)',
    "8:9: tz must be a zone's name: local differs between machines",
    '12:9: "+02:00" isn\'t a time zone (for example Europe/Berlin)',
  ),
  text(
    "a missing instructions file",
    item.replace("instructions: x", "instructions_file: none.md"),
    "4:24: …",
  ),
  text(
    "instructions from a device",
    item.replace("instructions: x", "instructions_file: ../../../../../../../dev/zero"),
    "4:24: …",
  ),
  text(
    "instructions from an absolute path",
    item.replace("instructions: x", "instructions_file: /etc/hostname"),
    "4:24: instructions_file is a path relative to the manifest",
  ),
  text(
    "two kinds of instructions",
    `${item}    instructions_file: a.md\n`,
    "5:24: both instructions and instructions_file are given",
  ),
  // JSON goes through the same reader.
  json(
    "a duplicate key",
    '{"automations": [],\n "automations": []}',
    "2:2: automations is given twice (first on line 1)",
  ),
  json("an open map", '{"automations": [', "…"),
  json("a value too many", '{"automations": []} {}', "…"),
  json("an empty map", "{}", "1:1: a manifest needs a top-level automations: or removed: key"),
  json(
    "an unknown key",
    '{\n\t"automation": []\n}',
    "1:1: a manifest needs a top-level automations: or removed: key",
    "2:2: unknown key automation (did you mean automations?)",
  ),
];
