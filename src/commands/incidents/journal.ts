import type { Context } from "../../context.js";
import { placeIncidentChange } from "../../history/folder.js";
import { type ChangeAnswer, IncidentRecord } from "../../incident/change.js";
import type { OutcomeLine } from "../../incident/ledger-lines.js";
import type { Candidate } from "../../incident/scope.js";
import type { Journal } from "../operations/operation.js";
import { TouchNotes } from "../sending/touch.js";
import { typedCommand } from "../sending/typed.js";
import { whoSends } from "../sending/who.js";
import type { OpenIncident } from "./ledger-choice.js";

interface IncidentJournalWork extends OpenIncident {
  change: OutcomeLine["change"];
  /** The change that this one takes back. */
  undoes?: string | undefined;
  /** How many are to be sent; known once the first is. */
  planned(): number;
  /** Writes what has to be in the ledger before the first change is sent. */
  begin(): Promise<void> | void;
}

/** Writes the changes of a command into its incident's ledger, and where in the history it stands. */
export class IncidentJournal<Item extends Candidate> implements Journal<Item, ChangeAnswer> {
  #record: IncidentRecord | undefined;
  readonly #touches: TouchNotes;

  constructor(
    private readonly context: Context,
    private readonly work: IncidentJournalWork,
  ) {
    this.#touches = new TouchNotes(context);
  }

  async begin(id: string): Promise<void> {
    const { context } = this;
    const { choice, ledger, change, planned } = this.work;
    const { incident } = choice;
    await this.work.begin();
    const at = context.now().toISOString();
    if (planned() > 0) placeIncidentChange(context.settings, { id, at, incident });
    this.#record = new IncidentRecord({
      context,
      ledger,
      touches: this.#touches,
      incident,
      change,
      begins: {
        id,
        at,
        by: whoSends(context),
        command: typedCommand(context),
        reason: context.reason,
        undoes: this.work.undoes,
      },
    });
  }

  sent(item: Item): void {
    this.#record?.sent(item);
  }

  over(...[item, outcome, then]: Parameters<Journal<Item, ChangeAnswer>["over"]>): void {
    this.#record?.over(item, outcome, then);
  }

  async end(): Promise<void> {
    await this.#record?.end();
  }

  async close(): Promise<void> {
    await this.#touches.close();
  }

  explain(error: unknown): unknown {
    return this.#record?.withCount(error, this.work.planned()) ?? error;
  }
}
