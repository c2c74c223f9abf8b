import { sentFields } from "../../../changes/fields.js";
import { commandLine } from "../../../command-line/next-command.js";
import type { Context } from "../../../context.js";
import type { Printer } from "../../../output/printer.js";
import type { KeptCopy } from "../shared/kept.js";
import { type UpdateUndo, undoChange, undoDelete, undoTwin, undoUpdate } from "../shared/undo.js";

/** How what an apply did is taken back: each by its very command, or all of it by the history's. */
export class UndoList {
  readonly #commands: string[] = [];
  #isChanged = false;

  /** `id`: of the change in the history, which is taken back as a whole where that is asked for. */
  constructor(
    private readonly context: Pick<Context, "settings">,
    private readonly change: { id: string; isByHistory: boolean },
  ) {}

  created(deploymentId: string, automationId: string): void {
    this.#add(() => [
      commandLine(this.context, ["automations", "delete", `${deploymentId}/${automationId}`]),
    ]);
  }

  updated(update: UpdateUndo): void {
    this.#add(() => {
      const { deploymentId, before, changes, copy } = update;
      const { enabled, ...fields } = changes;
      const isSwitched = enabled !== undefined;
      const words = ["automations", enabled ? "pause" : "resume", `${deploymentId}/${before.automation_id}`];
      return [
        ...(sentFields(fields).length > 0
          ? [undoUpdate(this.context, { deploymentId, before, changes: fields, copy })]
          : []),
        ...(isSwitched ? [commandLine(this.context, words)] : []),
      ];
    });
  }

  deleted(copy: KeptCopy): void {
    this.#add(() => [undoDelete(this.context, copy)]);
  }

  twinDeleted(twin: Omit<UpdateUndo, "changes">): void {
    this.#add(() => [undoTwin(this.context, twin)]);
  }

  /** Something that the history takes back was changed. */
  changed(): void {
    this.#isChanged = true;
  }

  /** Plain text. */
  print(printer: Pick<Printer, "note">): void {
    if (!this.#isChanged) return;
    const { id, isByHistory } = this.change;
    const commands = isByHistory ? [undoChange(this.context, id)] : this.#commands;
    for (const command of commands) printer.note(`undo: ${command}`);
  }

  #add(commands: () => string[]): void {
    this.#isChanged = true;
    if (!this.change.isByHistory) this.#commands.push(...commands());
  }
}
