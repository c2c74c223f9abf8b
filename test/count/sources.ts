import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import ts from "typescript";

const src = join(import.meta.dirname, "..", "..", "src");

export interface Source {
  /** Below `src`. */
  file: string;
  text: string;
}

export function readSources(): Source[] {
  return readdirSync(src, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => ({ file, text: readFileSync(join(src, file), "utf8") }));
}

export function linesOf(sources: readonly Source[]): number {
  return sources.reduce((sum, { text }) => sum + text.split("\n").length - 1, 0);
}

/** The folder with the most files in itself, and how many. */
export function fullestFolder(sources: readonly Source[]): { folder: string; files: number } {
  const counts = new Map<string, number>();
  for (const { file } of sources) counts.set(dirname(file), (counts.get(dirname(file)) ?? 0) + 1);
  const [[folder, files] = ["", 0]] = [...counts].sort(([, one], [, other]) => other - one);
  return { folder, files };
}

/** Texts of three words or more that a person may meet, and the words of comments that say what a thing promises. */
export function textsOf(sources: readonly Source[]): { sentences: number; commentWords: number } {
  let sentences = 0;
  let commentWords = 0;
  for (const { file, text } of sources) {
    const tree = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
    const visit = (node: ts.Node): void => {
      if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return;
      if (
        ts.isStringLiteral(node) ||
        ts.isNoSubstitutionTemplateLiteral(node) ||
        ts.isTemplateExpression(node)
      ) {
        const said = ts.isTemplateExpression(node)
          ? [node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)].join("x")
          : node.text;
        if (/[a-z]/i.test(said) && said.trim().split(/\s+/).length >= 3) sentences += 1;
      }
      ts.forEachChild(node, visit);
    };
    visit(tree);
    for (const comment of text.match(/\/\*\*[\s\S]*?\*\//g) ?? [])
      commentWords += comment.replace(/[/*]+/g, " ").trim().split(/\s+/).length;
  }
  return { sentences, commentWords };
}
