import { NotFoundError } from "../api/errors.js";
import type { Automation } from "../api/types.js";
import type { ChangesContext } from "../changes/changes-context.js";
import { patchAutomation } from "../changes/patch.js";
import type { Context } from "../context.js";
import { CliError, textOfError } from "../errors.js";
import { FileError } from "../files/file-error.js";
import { type ItemResult, mayBeChanged, type Outcome, type Success } from "../fleet/outcome.js";
import type { Touch } from "../fleet/touch.js";
import { instructionsHash } from "./instructions.js";
import type { Ledger } from "./ledger.js";
import type { Begins, OutcomeLine } from "./ledger-lines.js";
import type { Candidate } from "./scope.js";

/** What became of an item that wasn't a failure. */
export interface ChangeAnswer {
  result: "done" | "left" | "enabled" | "gone";
  reason?: string;
  date?: string;
  updated_at?: string;
  instructions_sha256?: string | undefined;
  /** What the API answered. */
  automation?: Automation;
}

/** What became of one of an incident's items. */
export type ChangeResult<Item> = ItemResult<Item, ChangeAnswer>;

/** Pauses or resumes one item. What isn't there any more is no failure. */
export async function switchItem(
  context: ChangesContext,
  { deployment_id, automation_id }: Candidate,
  change: OutcomeLine["change"],
): Promise<Success<ChangeAnswer>> {
  let date: Date | undefined;
  try {
    const automation = await patchAutomation(context, {
      deploymentId: deployment_id,
      automationId: automation_id,
      fields: { enabled: change === "resume" },
      options: {
        onAnswer: (answer) => {
          date = answer.date ?? date;
        },
      },
    });
    return {
      result: "done",
      value: {
        result: "done",
        automation,
        date: date?.toISOString(),
        updated_at: automation.updated_at || undefined,
        instructions_sha256: instructionsHash(automation.instructions),
      },
    };
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
    return { result: "unchanged", value: { result: "gone", reason: "deleted" } };
  }
}

/** What a command writes down of the changes that it sends for an incident. */
export interface RecordWork {
  context: Pick<Context, "now" | "serverNow">;
  ledger: Ledger;
  /** Hears of each change that may have taken effect. */
  touches: { add(...touches: Touch[]): void };
  /** The incident's name. */
  incident: string;
  /** The command line that this is, for the ledger. */
  begins: Begins;
  change: OutcomeLine["change"];
}

interface Over {
  item: Candidate;
  outcome: Outcome<ChangeAnswer>;
  at: Date;
  then(): void;
}

/**
 * Takes down what is sent for an incident right before, and what is over all that came together at once and only when the
 * next requests are on their way: the server needn't wait for the ledger. What a kill keeps from being written was sent, as
 * the ledger knows, and is in doubt.
 */
export class IncidentRecord {
  #over: Over[] = [];
  #soon: NodeJS.Immediate | undefined;
  #failure: { error: unknown } | undefined;
  #begins: Begins | undefined;
  #done = 0;

  constructor(private readonly work: RecordWork) {
    this.#begins = work.begins;
  }

  /** Throws FileError where the ledger can't be written. */
  sent({ deployment_id, automation_id }: Candidate): void {
    this.#throwIfFailed();
    const { context, ledger, change } = this.work;
    const date = context.serverNow().toISOString();
    ledger.write([{ type: "sent", change, deployment_id, automation_id, date, begins: this.#begins }]);
    this.#begins = undefined;
  }

  over(item: Candidate, outcome: Outcome<ChangeAnswer>, then: () => void): void {
    if (outcome.result === "done") this.#done += 1;
    this.#over.push({ item, outcome, at: this.work.context.now(), then });
    this.#soon ??= setImmediate(() => {
      try {
        this.#flush();
      } catch (error) {
        this.#failure ??= { error };
      }
    });
  }

  /** Throws what went wrong with the files, now or before. */
  async end(): Promise<void> {
    this.#flush();
    await this.work.ledger.settle();
  }

  /** What went wrong with the files, with what had taken effect before it. */
  withCount(error: unknown, planned: number): unknown {
    if (!(error instanceof FileError) || this.#done === 0) return error;
    const were = this.#done === 1 ? "was" : "were";
    const again = `${error.isFull ? "make room, then " : ""}the same command again does the rest`;
    return new CliError(error.message, error.exitCode, error.code, {
      hint: `${this.#done} of ${planned} ${were} ${this.work.change}d before; ${again}`,
      cause: error,
    });
  }

  #throwIfFailed(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  #flush(): void {
    clearImmediate(this.#soon);
    this.#soon = undefined;
    this.#throwIfFailed();
    const over = this.#over;
    this.#over = [];
    const { ledger, touches, incident, change } = this.work;
    ledger.write(over.map((each) => outcomeLine(change, each)));
    const sent = over.filter(({ outcome }) => mayBeChanged(outcome));
    touches.add(
      ...sent.map(({ item: { deployment_id: deploymentId, automation_id: automationId }, at }) => ({
        deploymentId,
        automationId,
        change,
        incident,
        at,
      })),
    );
    for (const { then } of over) then();
  }
}

function outcomeLine(
  change: OutcomeLine["change"],
  { item: { deployment_id, automation_id }, outcome, at }: Over,
): OutcomeLine {
  const line = { type: "outcome", at: at.toISOString(), change, deployment_id, automation_id } as const;
  if ("value" in outcome) {
    const { automation: _automation, ...answer } = outcome.value;
    return { ...line, ...answer };
  }
  if (outcome.result === "skipped") return { ...line, result: "skipped", reason: outcome.reason };
  const { result, error } = outcome;
  return { ...line, result, reason: textOfError(error) };
}
