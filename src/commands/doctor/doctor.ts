import { declareCommand } from "../../command/declaration.js";
import { exitCodes, QuietExit } from "../../errors.js";
import { drawBlock } from "../../output/block.js";
import { column, pipedFields } from "../../output/columns.js";
import { counted } from "../../output/count.js";
import { printList } from "../../output/list.js";
import { createPrinter, type Printer } from "../../output/printer.js";
import { safe } from "../../output/safe.js";
import { wrap } from "../../output/width.js";
import {
  type CheckResult,
  checkFiles,
  checkProxy,
  checkServer,
  checkSettings,
  checkTrust,
  checkVersion,
} from "./checks.js";

const columns = [
  column<CheckResult>("state", ({ isWell }) => (isWell ? "ok" : "problem"), { pipedAs: "ok or problem" }),
  column<CheckResult>("check", ({ check }) => check),
  column<CheckResult>("found", ({ found }) => found, {}),
  column<CheckResult>("advice", ({ advice }) => advice ?? "", { title: "WHAT TO DO" }),
];

export const command = declareCommand({
  effect: "reads",
  help: {
    about: "Check your setup: Node, settings, files, the server, the key, the deployment, the clock.",
    use: "Use it when something doesn't work. It says how to fix each problem, and changes nothing.",
    inPipe: pipedFields(columns),
    exitCodes: { 0: "all is well", 1: "there are problems" },
    examples: ["herm doctor", "herm doctor --profile prod --output json"],
  },
  async run(context): Promise<void> {
    // Before anything reads the files: reading tightens their modes.
    const files = checkFiles(context);
    const findings = [
      checkVersion(context),
      checkSettings(context),
      ...files,
      ...checkProxy(context),
      ...checkTrust(context),
      ...(await checkServer(context)),
    ];
    const printer = await createPrinter(context);
    if (printer.isForPerson) {
      for (const finding of findings) await printer.line((await findingLines(finding, printer)).join("\n"));
    } else await printFindings(printer, findings);
    const problems = findings.filter(({ isWell }) => !isWell).length;
    printer.note(problems === 0 ? "all is well" : counted(problems, "problem"));
    if (problems > 0) throw new QuietExit(exitCodes.unexpected);
  },
});

async function printFindings(printer: Printer, findings: readonly CheckResult[]): Promise<void> {
  await printList<CheckResult>(printer, {
    items: findings,
    columns,
    json: ({ isWell, ...rest }) => ({ ...rest, state: isWell ? "ok" : "problem" }),
    name: ({ check }) => check,
    empty: "",
  });
}

const besideMargin = "✓ deployment  ".length;
const narrow = 40;

/** Puts the advice below the finding, so that neither is cut. */
async function findingLines(
  { check, isWell, found, advice }: CheckResult,
  { style, columns }: Pick<Printer, "style" | "columns">,
): Promise<string[]> {
  const mark = isWell ? style.ok : style.failed;
  const isNarrow = columns < narrow;
  const margin = isNarrow ? 4 : besideMargin;
  const body = (text: string) => wrap(safe(text, "cell"), Math.max(10, columns - margin));
  const indented = (line: string) => `${" ".repeat(margin)}${line}`;
  const lines = [...body(found), ...(advice === undefined ? [] : body(advice).map(style.bold))];
  if (style.isInWords)
    return [
      `${mark} ${check}: ${safe(found, "cell")}`,
      ...(advice === undefined ? [] : [`to do: ${safe(advice, "cell")}`]),
    ];
  if (isNarrow) return [`${mark} ${check}`, ...lines.map(indented)];
  return drawBlock([[`${mark} ${check}`, lines.join("\n")]], { gap: "", widths: [margin] });
}
