import type { Automation } from "../../../api/types.js";
import type { Context } from "../../../context.js";
import type { AutomationRow } from "../shared/columns.js";
import type { IsLate } from "./lateness.js";

/** What earlier looks at a list have read: it stays of deployments that can't be read at this one. */
export class EarlierRows {
  readonly #rows = new Map<string, readonly AutomationRow[]>();
  readonly #late = new WeakMap<Automation, boolean>();

  constructor(private readonly context: Pick<Context, "monotonic">) {}

  /** Keeps what was read of a deployment now. */
  save(deployment_id: string, rows: readonly AutomationRow[]): void {
    const readMs = this.context.monotonic();
    this.#rows.set(
      deployment_id,
      rows.map((row) => ({ ...row, readMs })),
    );
  }

  /** What was read before of one that couldn't be read now. */
  recall(deployment_id: string): AutomationRow[] {
    return [...(this.#rows.get(deployment_id) ?? [])];
  }

  /** The same question, which is asked of each reading once. */
  remembering(isLate: IsLate): IsLate {
    return async (question, signal) => {
      const { automation } = question;
      const answer = this.#late.get(automation) ?? (await isLate(question, signal));
      this.#late.set(automation, answer);
      return answer;
    };
  }
}
