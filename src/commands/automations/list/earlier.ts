import { TimeoutError } from "../../../api/errors.js";
import type { Automation } from "../../../api/types.js";
import type { Context } from "../../../context.js";
import type { AutomationRow } from "../shared/columns.js";
import type { IsLate } from "./lateness.js";

/** A look that is one of many waits so long for a deployment that gave no answer at the one before. */
const awayWaitMs = 5_000;

/** What earlier looks at a list have read: it stays of deployments that can't be read at this one. */
export class EarlierLooks {
  readonly #rows = new Map<string, readonly AutomationRow[]>();
  readonly #away = new Set<string>();
  readonly #late = new WeakMap<Automation, boolean>();

  constructor(private readonly context: Pick<Context, "monotonic">) {}

  /** Keeps what was read of a deployment now. */
  keep(deploymentId: string, rows: readonly AutomationRow[]): void {
    const readMs = this.context.monotonic();
    this.#rows.set(
      deploymentId,
      rows.map((row) => ({ ...row, readMs })),
    );
    this.#away.delete(deploymentId);
  }

  /** What was read before of one that couldn't be read now. */
  recall(deploymentId: string, error: unknown): AutomationRow[] {
    if (error instanceof TimeoutError) this.#away.add(deploymentId);
    return [...(this.#rows.get(deploymentId) ?? [])];
  }

  /** How long a deployment is waited for; undefined: as usual. */
  maxWaitMsOf(deploymentId: string): number | undefined {
    return this.#away.has(deploymentId) ? awayWaitMs : undefined;
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
