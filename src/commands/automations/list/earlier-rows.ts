import type { Automation } from "../../../api/types.js";
import type { Context } from "../../../context.js";
import type { AutomationRow } from "../shared/columns.js";
import type { IsLate } from "./lateness.js";

/** Rows of earlier readings, for deployments that can't be read now. */
export class EarlierRows {
  readonly #rows = new Map<string, readonly AutomationRow[]>();
  readonly #late = new WeakMap<Automation, boolean>();

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
  remembering(isLate: IsLate): IsLate {
    return async (question, signal) => {
      const { automation } = question;
      const answer = this.#late.get(automation) ?? (await isLate(question, signal));
      this.#late.set(automation, answer);
      return answer;
    };
  }
}
