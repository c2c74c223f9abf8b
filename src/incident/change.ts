import { NotFoundError } from "../api/errors.js";
import type { Automation } from "../api/types.js";
import type { ChangesContext } from "../changes/changes-context.js";
import { patchAutomation } from "../changes/patch.js";
import type { Context } from "../context.js";
import { CliError, textOfError } from "../errors.js";
import { FileError } from "../files/file-error.js";
import { execute } from "../fleet/execute.js";
import { type ItemResult, mayBeChanged, type Outcome, type Stop } from "../fleet/outcome.js";
import type { Touch } from "../fleet/touches.js";
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

/** What is to be changed for an incident, and who hears of it. */
export interface ChangeWork<Item extends Candidate> {
  context: ChangesContext & Pick<Context, "serverNow">;
  ledger: Ledger;
  /** Hears of each change that may have taken effect. */
  touches: { add(...touches: Omit<Touch, "at">[]): void };
  /** The incident's name. */
  incident: string;
  /** The command line that this is, for the ledger. */
  begins: Begins;
  change: OutcomeLine["change"];
  items: readonly Item[];
  /** Looks at an item right before it is changed; what it answers keeps it as it is. */
  check?(item: Item): Promise<ChangeAnswer | undefined>;
  concurrency?: number | undefined;
  /** Why nothing is started at all. */
  stopped?: Stop | undefined;
  onOutcome?(item: Item, outcome: Outcome<ChangeAnswer>): void;
}

/** What became of one of its items. */
export type ChangeResult<Item> = ItemResult<Item, ChangeAnswer>;

/**
 * Pauses or resumes items, each recorded in the ledger before it is sent and, together with what came at the same time,
 * when it is over, and in the data folder's touches. Rejects if the ledger can't be written, and then starts nothing more;
 * the error says how many had been changed.
 */
export async function changeItems<Item extends Candidate>(
  work: ChangeWork<Item>,
): Promise<ChangeResult<Item>[]> {
  const record = new OutcomeRecord(work);
  try {
    return await changeRecorded(work, record);
  } catch (error) {
    throw record.withCount(error);
  }
}

async function changeRecorded<Item extends Candidate>(
  work: ChangeWork<Item>,
  record: OutcomeRecord<Item>,
): Promise<ChangeResult<Item>[]> {
  const { context, ledger, change, items, concurrency, stopped } = work;
  let begins: Begins | undefined = work.begins;
  const client = await context.client();
  const results = await execute<Item, ChangeAnswer>({
    items,
    signal: context.signal,
    stopped,
    concurrency,
    deploymentOf: ({ deployment_id }) => deployment_id,
    triesEveryDeployment: change === "pause",
    persistence: client.persistence,
    run: async (item) => {
      const answer = (await work.check?.(item)) ?? (await send(work, item));
      return { result: answer.result === "done" ? "done" : "unchanged", value: answer };
    },
    onStart: ({ deployment_id, automation_id }) => {
      record.throwIfFailed();
      const date = context.serverNow().toISOString();
      ledger.write([{ type: "sent", change, deployment_id, automation_id, date, begins }]);
      begins = undefined;
    },
    onOutcome: (item, outcome) => record.add(item, outcome),
  });
  record.flush();
  await ledger.settle();
  return results;
}

async function send<Item extends Candidate>(
  { context, change }: ChangeWork<Item>,
  { deployment_id, automation_id }: Item,
): Promise<ChangeAnswer> {
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
      automation,
      date: date?.toISOString(),
      updated_at: automation.updated_at || undefined,
      instructions_sha256: instructionsHash(automation.instructions),
    };
  } catch (error) {
    if (error instanceof NotFoundError) return { result: "gone", reason: "deleted" };
    throw error;
  }
}

interface Over<Item> {
  item: Item;
  outcome: Outcome<ChangeAnswer>;
  at: Date;
}

/**
 * Takes down what is over, all that came together at once and only when the next requests are on their way: the server
 * needn't wait for the ledger. What a kill keeps from being written was sent, as the ledger knows, and is in doubt.
 */
class OutcomeRecord<Item extends Candidate> {
  #over: Over<Item>[] = [];
  #soon: NodeJS.Immediate | undefined;
  #failure: { error: unknown } | undefined;
  #done = 0;

  constructor(private readonly work: ChangeWork<Item>) {}

  add(item: Item, outcome: Outcome<ChangeAnswer>): void {
    if (outcome.result === "done") this.#done += 1;
    this.#over.push({ item, outcome, at: this.work.context.now() });
    this.#soon ??= setImmediate(() => {
      try {
        this.flush();
      } catch (error) {
        this.#failure ??= { error };
      }
    });
  }

  /** What went wrong with the files, with what had taken effect before it. */
  withCount(error: unknown): unknown {
    if (!(error instanceof FileError) || this.#done === 0) return error;
    const { change, items } = this.work;
    const were = this.#done === 1 ? "was" : "were";
    const again = `${error.isFull ? "make room, then " : ""}the same command again does the rest`;
    return new CliError(error.message, error.exitCode, error.code, {
      hint: `${this.#done} of ${items.length} ${were} ${change}d before; ${again}`,
      cause: error,
    });
  }

  throwIfFailed(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  /** Throws what went wrong with the files, now or before. */
  flush(): void {
    clearImmediate(this.#soon);
    this.#soon = undefined;
    this.throwIfFailed();
    const over = this.#over;
    this.#over = [];
    const { ledger, touches, incident, change, onOutcome } = this.work;
    ledger.write(over.map((each) => outcomeLine(change, each)));
    const sent = over.filter(({ outcome }) => mayBeChanged(outcome));
    touches.add(
      ...sent.map(({ item: { deployment_id: deploymentId, automation_id: automationId } }) => ({
        deploymentId,
        automationId,
        change,
        incident,
      })),
    );
    for (const { item, outcome } of over) onOutcome?.(item, outcome);
  }
}

function outcomeLine<Item extends Candidate>(
  change: OutcomeLine["change"],
  { item: { deployment_id, automation_id }, outcome, at }: Over<Item>,
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
