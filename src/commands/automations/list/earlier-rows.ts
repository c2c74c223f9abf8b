import type { Automation } from "../../../api/types.js";
import type { Context } from "../../../context.js";
import type { AutomationRow } from "../shared/columns.js";
import type { LateQuestion } from "../shared/lateness.js";

/** Rows of earlier readings, for deployments that can't be read now. */
export class EarlierRows {
  readonly #rows = new Map<string, readonly AutomationRow[]>();
  readonly #late = new WeakMap<Automation, number | undefined>();

  constructor(private readonly context: Pick<Context, "monotonic">) {}

  save(deployment_id: string, rows: readonly AutomationRow[]): void {
    const readMs = this.context.monotonic();
    this.#rows.set(
      deployment_id,
      rows.map((row) => ({ ...row, readMs })),
    );
  }

  recall(deployment_id: string): AutomationRow[] {
    return [...(this.#rows.get(deployment_id) ?? [])];
  }

  /** Asks each automation object once. */
  remembering(
    dueMs: (question: LateQuestion) => Promise<number | undefined>,
  ): (question: LateQuestion) => Promise<number | undefined> {
    return async (question) => {
      const { automation } = question;
      if (!this.#late.has(automation)) this.#late.set(automation, await dueMs(question));
      return this.#late.get(automation);
    };
  }
}
