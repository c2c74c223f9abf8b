import { join, resolve } from "node:path";
import { declareCommand, type InputOf } from "../../command/declaration.js";
import { flag, text } from "../../command/flags.js";
import type { Context } from "../../context.js";
import { DeclinedError, NotPossibleError, UsageError } from "../../errors.js";
import { writeNamed } from "../../files/file-error.js";
import { statOf } from "../../files/owned-files.js";
import { writeTogether } from "../../files/write-together.js";
import { skillName, skillPages } from "../../help/skill/pages.js";
import { counted } from "../../output/count.js";
import { printList } from "../../output/list.js";
import { createPrinter, type Printer } from "../../output/printer.js";
import { safe } from "../../output/safe.js";
import { backUpReplaced, type PlannedFile, planFiles, undoLines } from "./plan.js";

export const command = declareCommand({
  effect: "local",
  flags: {
    dir: text(
      "folder",
      "where the agent looks for skills: .claude/skills, .agents/skills; herm gets a folder of its own there",
      {
        completes: "files",
      },
    ),
    force: flag("replace files that differ; the old ones are saved"),
    yes: flag("don't ask"),
  },
  help: {
    about: "Write the skill into the folder where an AI agent looks for skills.",
    use: "Run once per agent, and again after updating herm. It shows what it would write, asks, and says how to undo it.",
    inPipe: "file, result (written, replaced, unchanged)",
    exitCodes: {
      1: "you answered no",
      6: "a file differs and --force is missing, something is in the way, or the folder can't be written",
    },
    examples: ["herm skill install --dir .claude/skills", "herm skill install --dir ~/.claude/skills --yes"],
  },
  run: (context, input): Promise<void> => installSkill(context, input),
});

/**
 * Writes what isn't there yet, all or nothing. Throws NotPossibleError for files that differ unless `force` is given, and
 * for what is in their way; UsageError where nobody agreed.
 */
async function installSkill(
  context: Context,
  { dir, force: isForced, yes: isConfirmed }: InputOf<typeof command>,
): Promise<void> {
  if (dir === undefined) {
    throw new UsageError("where to? --dir names the folder where the agent looks for skills", {
      hint: ".claude/skills for Claude Code, .agents/skills for Codex and others; prefix ~/ for every project",
    });
  }
  const { settings, io, prompts } = context;
  const texts = await Promise.all(skillPages.map(async ({ path, load }) => ({ path, text: await load() })));
  const folder = resolve(settings.environment.cwd, dir);
  const plan = () => writeNamed(() => planFiles(texts, { folder, shown: dir }));
  const planned = plan();
  const printer = await createPrinter(context);
  const pending = planned.filter(({ state }) => state !== "same");
  if (pending.length > 0) {
    printPlan(printer, pending);
    refuseDifferent(pending, isForced);
    if (!isConfirmed && !io.canPrompt) throw new UsageError("skill install needs --yes when herm can't ask");
    if (!isConfirmed && !(await prompts.confirm({ message: `Write ${counted(pending.length, "file")}?` })))
      throw new DeclinedError();
    const asBefore = (files: readonly PlannedFile[]) => JSON.stringify(files);
    if (asBefore(plan()) !== asBefore(planned))
      throw new NotPossibleError("a file has changed since; nothing was written", {
        hint: "run the same command again",
      });
  }
  const own = join(folder, skillName);
  const newFolder = statOf(own) === undefined ? own : undefined;
  const backups = backUpReplaced(context, pending);
  writeTogether(pending);
  await printResult(printer, planned, join(dir, skillName));
  for (const line of undoLines(pending, { backups, newFolder })) printer.note(`undo: ${line}`);
}

const marks = { new: "+", differs: "~" } as const;

function printPlan(printer: Printer, pending: readonly PlannedFile[]): void {
  for (const { state, shown } of pending) {
    if (state === "same") continue;
    printer.note(`${marks[state]} ${shown}${state === "differs" ? " (replaces a file that differs)" : ""}`);
  }
}

function refuseDifferent(pending: readonly PlannedFile[], isForced: boolean): void {
  const different = pending.filter(({ state }) => state === "differs");
  const [first] = different;
  if (first === undefined || isForced) return;
  const others = different.length === 1 ? "" : `, and ${different.length - 1} more`;
  throw new NotPossibleError(`${first.shown} differs${others}; nothing was written`, {
    hint: "--force replaces it, and saves the old one",
  });
}

const results = { new: "written", differs: "replaced", same: "unchanged" } as const;

async function printResult(printer: Printer, planned: readonly PlannedFile[], folder: string): Promise<void> {
  const changed = planned.filter(({ state }) => state !== "same");
  if (printer.isForPerson) {
    const words =
      changed.length === 0
        ? `the skill in ${folder} is up to date`
        : `${counted(changed.length, "file")} of the skill written to ${folder}`;
    return printer.line(`${printer.style.fine("✓")} ${safe(words, "cell")}`);
  }
  await printList(printer, {
    items: planned.map(({ shown, state }) => ({ file: shown, result: results[state] })),
    columns: [
      { key: "file", title: "FILE", cell: (row) => row.file },
      { key: "result", title: "RESULT", cell: (row) => row.result },
    ],
    json: (row) => row,
    name: (row) => row.file,
    empty: "nothing to write",
  });
}
