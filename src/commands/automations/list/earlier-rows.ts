import type { Automation } from "../../../api/types.js";
import type { Context } from "../../../context/context.js";
import type { AutomationRow } from "../shared/automation-columns.js";
import type { OverdueQuestion } from "../shared/overdue.js";

/** Rows from earlier reads, for deployments that can't be read now. */
export class EarlierRows {
  readonly #rows = new Map<string, readonly AutomationRow[]>();
  readonly #due = new WeakMap<Automation, { ms: number | undefined }>();

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

  remembering(
    dueMsOf: (question: OverdueQuestion) => Promise<number | undefined>,
  ): (question: OverdueQuestion) => Promise<number | undefined> {
    return async (question) => {
      const { automation } = question;
      const due = this.#due.get(automation) ?? { ms: await dueMsOf(question) };
      this.#due.set(automation, due);
      return due.ms;
    };
  }
}
