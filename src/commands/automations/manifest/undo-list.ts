import { sentFields } from "../../../changes/fields.js";
import { commandLine } from "../../../command-line/next-command.js";
import type { Context } from "../../../context.js";
import type { Printer } from "../../../output/printer.js";
import { type KeptCopy, keptFolder } from "../shared/kept.js";
import { type UpdateUndo, undoDelete, undoTwin, undoUpdate } from "../shared/undo.js";

const mostInOne = 100;
const mostCommands = 10;

/** Collects what an apply changed, and says how each is taken back (src/changes/README.md, "Nothing is lost"). */
export class UndoList {
  readonly #created: string[] = [];
  readonly #updates: string[] = [];
  readonly #deleted: KeptCopy[] = [];

  constructor(private readonly context: Pick<Context, "settings">) {}

  created(deploymentId: string, automationId: string): void {
    this.#created.push(`${deploymentId}/${automationId}`);
  }

  updated(update: UpdateUndo): void {
    const { deploymentId, before, changes, copy } = update;
    const { enabled, ...fields } = changes;
    if (sentFields(fields).length > 0) {
      this.#updates.push(undoUpdate(this.context, { deploymentId, before, changes: fields, copy }));
    }
    if (enabled === undefined) return;
    const words = ["automations", enabled ? "pause" : "resume", `${deploymentId}/${before.automation_id}`];
    this.#updates.push(commandLine(this.context, words));
  }

  deleted(copy: KeptCopy): void {
    this.#deleted.push(copy);
  }

  twinDeleted(twin: Omit<UpdateUndo, "changes">): void {
    this.#updates.push(undoTwin(this.context, twin));
  }

  /** The commands, the most useful first; plain text. */
  print(printer: Pick<Printer, "note">): void {
    const commands = [
      ...inPortions(this.#deleted).map((copies) => undoDelete(this.context, copies)),
      ...this.#updates,
      ...inPortions(this.#created).map((refs) =>
        commandLine(this.context, ["automations", "delete", ...refs]),
      ),
    ];
    for (const command of commands.slice(0, mostCommands)) printer.note(`undo: ${command}`);
    const more = commands.length - mostCommands;
    if (more > 0)
      printer.note(`undo: and ${more} more; what was there is kept in ${keptFolder(this.context)}`);
  }
}

function inPortions<Item>(items: readonly Item[]): Item[][] {
  const portions: Item[][] = [];
  for (let at = 0; at < items.length; at += mostInOne) portions.push(items.slice(at, at + mostInOne));
  return portions;
}
