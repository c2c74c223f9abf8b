import type { Automation } from "../../../api/types.js";
import type { Context } from "../../../context.js";
import type { AutomationRow } from "../shared/automation-columns.js";
import type { LateFacts, LateQuestion } from "../shared/lateness.js";

/** Rows of earlier readings, for deployments that can't be read now. */
export class EarlierRows {
  readonly #rows = new Map<string, readonly AutomationRow[]>();
  readonly #late = new WeakMap<Automation, LateFacts>();

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
    lateFacts: (question: LateQuestion) => Promise<LateFacts>,
  ): (question: LateQuestion) => Promise<LateFacts> {
    return async (question) => {
      const { automation } = question;
      const late = this.#late.get(automation) ?? (await lateFacts(question));
      this.#late.set(automation, late);
      return late;
    };
  }
}
