import ts from "typescript";
import { readSources, type Source } from "./sources.js";

/** A text of three words or more that a person may meet; `…` stands for what is put in. */
export interface Sentence {
  /** Below `src`. */
  file: string;
  line: number;
  text: string;
}

export function sentencesOf({ file, text }: Source): Sentence[] {
  const tree = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const found: Sentence[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return;
    const said = textOf(node);
    if (said !== undefined && /[a-z]/i.test(said) && said.trim().split(/\s+/).length >= 3)
      found.push({ file, line: tree.getLineAndCharacterOfPosition(node.getStart()).line + 1, text: said });
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return found;
}

function textOf(node: ts.Node): string | undefined {
  if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) return node.text;
  if (!ts.isTemplateExpression(node)) return undefined;
  return [node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)].join("…");
}

if (process.argv[1]?.endsWith("sentences.ts"))
  for (const source of readSources())
    for (const { file, line, text } of sentencesOf(source))
      process.stdout.write(`${file}:${line}\t${text.replaceAll("\n", "⏎")}\n`);
