import type { AutomationDetail } from "../../api/types.js";
import { prepareDelete } from "../../changes/planned.js";
import { several } from "../../command/arguments.js";
import { declareCommand, type InputOf } from "../../command/declaration.js";
import { reasonFlag, seldom, yes } from "../../command/flags.js";
import { requestCodes } from "../../command/help.js";
import type { Context } from "../../context.js";
import { DeclinedError, UsageError } from "../../errors.js";
import { readAllOrThrow } from "../../fleet/read-ahead.js";
import { listed } from "../../output/count.js";
import { printOne } from "../../output/one.js";
import { createPrinter } from "../../output/printer.js";
import { safe } from "../../output/safe.js";
import { told } from "../../output/value-text.js";
import { calledTargets, changeEach } from "../fleet/change-each.js";
import { type OpenChange, openChange } from "../sending/change.js";
import { deletionItem } from "../sending/items.js";
import { type ResolvedAutomation, resolveAutomations } from "../targets/automations.js";
import { requireRefs } from "../targets/pick.js";
import { keepCopy } from "./shared/kept.js";
import { undoChange, undoDelete } from "./shared/undo.js";

export const command = declareCommand({
  effect: "destroys",
  arguments: { refs: several("ref", "ids, exact names, or <deployment>/<name>", { completes: "refs" }) },
  flags: {
    yes: yes("don't ask"),
    verbose: yes("a row for every automation; otherwise equal names share one"),
    reason: seldom(reasonFlag),
  },
  help: {
    about: "Delete automations. They stop at once; past runs and their outputs stay.",
    use: "For automations you won't need again; otherwise pause them. It asks first, or needs --yes when there is nobody to ask. The command that brings them back is printed; of one a copy is kept as a file too.",
    inPipe: "name, result, id, why",
    exitCodes: requestCodes({
      1: "you answered no",
      6: "a name matches several, or somebody changed it meanwhile",
      8: "some of several failed",
      12: "the outcome is unknown; the message says how to check",
    }),
    examples: [
      'herm automations delete "Weekly video variations"',
      "herm automations delete auto_5cT2k9 auto_9mW3x1 --yes",
    ],
  },
  run: (context, input): Promise<void> => deleteAutomations(context, input),
});

/** Deletes what the refs name, after a question. Throws UsageError where nobody can be asked and `--yes` is missing. */
async function deleteAutomations(
  context: Context,
  { refs, yes: isConfirmed, verbose: isVerbose }: InputOf<typeof command>,
): Promise<void> {
  if (!isConfirmed && !context.io.canPrompt) {
    throw new UsageError("delete needs --yes when there is nobody to ask");
  }
  const wanted = await requireRefs(context, { refs, verb: "delete" });
  const resolved = await resolveAutomations(context, wanted);
  const targets = await readAllOrThrow(resolved, (target) => read(context, target));
  if (!isConfirmed) await ask(context, targets);
  const [only] = wanted.length === 1 ? targets : [];
  const deletion = new Deletion(context, {
    change: await openChange(context),
    keepsCopy: only !== undefined,
  });
  try {
    if (only !== undefined) {
      await deletion.remove(only);
      await printDeleted(context, only);
    } else
      await changeEach(context, {
        targets,
        verb: "delete",
        yes: isConfirmed,
        change: (target) => deletion.remove(target),
        isVerbose,
      });
  } finally {
    await deletion.close();
  }
}

/** Deletions that are one change of the history; at its end it says what brings back what was deleted. */
class Deletion {
  #undo: string | undefined;

  constructor(
    private readonly context: Context,
    /** `keepsCopy`: the history takes back several, so a copy is kept of one alone. */
    private readonly options: { change: OpenChange; keepsCopy: boolean },
  ) {}

  async remove({ deploymentId, automationId, automation }: FullTarget): Promise<true> {
    const { context } = this;
    const { change, keepsCopy } = this.options;
    const ready = await prepareDelete(context, { deploymentId, automationId, planned: automation });
    const { before } = ready;
    const copy = keepsCopy
      ? await keepCopy(context, { deploymentId, automation: before, change: "delete" })
      : undefined;
    const keepUndo = () => {
      this.#undo = copy === undefined ? undoChange(context, change.id) : undoDelete(context, copy);
    };
    await change.sendReady(deletionItem({ deploymentId, before }), ready, keepUndo);
    keepUndo();
    return true;
  }

  async close(): Promise<void> {
    await this.options.change.close();
    if (this.#undo !== undefined) (await createPrinter(this.context)).note(`undo: ${this.#undo}`);
  }
}

interface FullTarget extends ResolvedAutomation {
  automation: AutomationDetail;
}

async function read(context: Context, target: ResolvedAutomation): Promise<FullTarget> {
  const client = await context.client();
  const automation = await client.automations.get(target.deploymentId, target.automationId, {
    signal: context.signal,
  });
  return { ...target, automation };
}

const mostNamed = 20;

async function ask(context: Context, targets: readonly ResolvedAutomation[]): Promise<void> {
  const { items, names } = calledTargets(targets);
  const called = names.once(items).map(({ what, items: [first, ...others] }) => {
    return others.length === 0 ? `"${what}"` : `"${first.name}" ×${others.length + 1}`;
  });
  const message = `Delete ${listed(called, mostNamed)}?`;
  const isWished = await context.prompts.confirm({ message, default: false });
  if (!isWished) throw new DeclinedError();
}

async function printDeleted(context: Context, target: FullTarget): Promise<void> {
  const printer = await createPrinter(context);
  const { deploymentId, automationId, automation } = target;
  const answer = { deployment_id: deploymentId, automation_id: automationId, deleted: true };
  await printOne(printer, {
    json: answer,
    name: automationId,
    table: () => {
      const name = safe(told(automation.name), "cell");
      if (!printer.stdoutIsTty) return printer.line(`${name}\tdeleted\t${automationId}`);
      const { style } = printer;
      return printer.line(`${style.ok} Deleted ${style.bold(name)}  ${style.dim(automationId)}`);
    },
  });
}
