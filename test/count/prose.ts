import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { commandFile } from "../support/command-file.js";

const root = join(import.meta.dirname, "..", "..");

/** The project's prose by where readers see it: sentences, each on one line, without code, tables and pictures. */
export function surfaces(): Record<string, string[]> {
  const sources = filesIn("src", ".ts").map(read);
  const comments = sources.flatMap(commentsIn);
  const help = new Set(
    helpTexts(
      JSON.parse(
        execFileSync(process.execPath, [commandFile, "commands", "-o", "json"], { encoding: "utf8" }),
      ),
    ),
  );
  const messages = sources.flatMap(literalsIn).filter((text) => isProse(text) && !help.has(text));
  const titles = filesIn("test", ".test.ts").map(read).flatMap(titlesIn);
  return {
    pages: ["README.md", "CHANGELOG.md", "src/api/CLIENT.md"].map(read).flatMap(sentencesOfPage),
    topics: filesIn("src/help/topics", ".md").map(read).flatMap(sentencesOfPage),
    help: [...help].flatMap(sentencesOf),
    messages: [...new Set(messages)].flatMap(sentencesOf),
    "rooms' READMEs": filesIn("src", "README.md").map(read).flatMap(sentencesOfPage),
    comments: comments.flatMap(sentencesOf),
    titles: [...new Set(titles)],
  };
}

function filesIn(folder: string, ending: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(ending))
    .sort()
    .map((file) => join(folder, file));
}

const read = (file: string) => readFileSync(join(root, file), "utf8");

/** Paragraphs and list items on a page, without headings, code, tables and pictures. */
function sentencesOfPage(page: string): string[] {
  const prose = page.replaceAll(/^```[\s\S]*?^```$|<!--[\s\S]*?-->|^\s*[|#<!].*$|^ {4,}\S.*$/gm, "\n");
  return prose
    .split(/\n\s*\n|\n(?=\s*(?:[-*]|\d+\.) )/)
    .flatMap((text) => sentencesOf(text.replace(/^\s*(?:[-*]|\d+\.) /, "")));
}

function sentencesOf(text: string): string[] {
  const line = text
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replaceAll(/\s+/g, " ")
    .trim();
  return line.split(/(?<=[.!?:][)"”]?) (?=[A-Z"`“])/).filter(isProse);
}

const isProse = (text: string) => (text.match(/\p{L}{2,}/gu) ?? []).length > 2;

/** Comments on consecutive lines are one text. */
function commentsIn(source: string): string[] {
  const found = source.match(/\/\*\*[\s\S]*?\*\/|(?:^[ \t]*\/\/.*\n)+/gm) ?? [];
  return found.map((text) =>
    text
      .replaceAll(/^\s*(?:\/\*\*|\*\/|\*|\/\/)|\*\/$/gm, "")
      .replaceAll(/@\w+|\{@link (\w+)\}/g, "$1")
      .trim(),
  );
}

/** Texts in quotes, with `…` in place of each value. */
function literalsIn(source: string): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return;
    if (ts.isStringLiteralLike(node)) found.push(node.text);
    if (ts.isTemplateExpression(node))
      found.push([node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)].join("…"));
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile("source.ts", source, ts.ScriptTarget.Latest));
  return found.filter((text) => /\p{L} \p{L}/u.test(text));
}

function titlesIn(source: string): string[] {
  return [...source.matchAll(/\b(?:it|describe)(?:\.\w+)*(?:\([\s\S]{0,2000}?\]\))?\(\s*(["`])(.+?)\1/g)].map(
    (found) => found[2] ?? "",
  );
}

function helpTexts(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(helpTexts);
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) =>
    typeof each === "string" ? (/summary|description/.test(key) ? [each] : []) : helpTexts(each),
  );
}
