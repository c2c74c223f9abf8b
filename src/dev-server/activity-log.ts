import type { ServerClock } from "./clock.js";
import type { StoredRun } from "./store/records.js";
import type { Store } from "./store/store.js";

export interface ActivityEntry {
  /** A word for the activity, such as `created` or `fired`. */
  kind: string;
  /** Milliseconds, by the server's clock. */
  at: number;
  /** Looks up names immediately, and only for activities that are shown. */
  describe(): ActivityText;
}

/** The text of one activity. It contains others' text, unsanitised. */
interface ActivityText {
  /** `<deployment>/<automation>`, by name, or another object. */
  subject: string;
  detail?: string | undefined;
  tookMs?: number;
}

/** Notifies listeners of an event once it is on the disk. Costs nothing without listeners. */
export class ActivityLog {
  constructor(
    private readonly options: {
      store: Store;
      clock: ServerClock;
      listener: ((activity: ActivityEntry) => void) | undefined;
    },
  ) {}

  report(kind: string, describe: () => ActivityText): void {
    const { listener, clock } = this.options;
    listener?.({ kind, at: clock.now(), describe });
  }

  automation(
    kind: string,
    { deployment_id, name }: { deployment_id: string; name: string },
    detail?: string,
  ) {
    this.report(kind, () => ({ subject: `${this.#deployment(deployment_id)}/${name}`, detail }));
  }

  run(kind: string, run: StoredRun, detail?: string): void {
    this.report(kind, () => ({ subject: this.#subjectOf(run), detail }));
  }

  ended(run: StoredRun, error: string | null): void {
    const tookMs = this.options.clock.now() - run.started_at;
    this.report(error === null ? "completed" : "failed", () => ({
      subject: this.#subjectOf(run),
      tookMs,
      detail: error ?? undefined,
    }));
  }

  #subjectOf({ deployment_id, automation_id }: StoredRun): string {
    const deployment = this.#deployment(deployment_id);
    if (automation_id === null) return deployment;
    return `${deployment}/${this.options.store.automations.find({ deployment_id, automation_id })?.name ?? automation_id}`;
  }

  #deployment(deployment_id: string): string {
    return this.options.store.deployments.find({ deployment_id })?.name ?? deployment_id;
  }
}
