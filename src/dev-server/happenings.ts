import type { ServerClock } from "./clock.js";
import type { StoredRun } from "./store/runs.js";
import type { Store } from "./store/store.js";

export type Deed =
  | "created"
  | "changed"
  | "paused"
  | "resumed"
  | "deleted"
  | "triggered"
  | "messaged"
  | "answered"
  | "steered"
  | "moved"
  | "set"
  | "cleared"
  | "fired"
  | "completed"
  | "failed"
  | "asks";

export interface Happening {
  deed: Deed;
  /** Milliseconds, by the server's clock. */
  at: number;
  /** Names are looked up only for what is shown, and only right then. */
  tell(): Tale;
}

/** Its texts are those of whoever wrote them. */
export interface Tale {
  /** `<deployment>/<automation>` by their names, or what else it was done to. */
  subject: string;
  detail?: string | undefined;
  tookMs?: number;
}

/** Tells whoever listens what happened, once it is durable. Nobody listening costs nothing. */
export class Happenings {
  constructor(
    private readonly options: {
      store: Store;
      clock: ServerClock;
      hear: ((happening: Happening) => void) | undefined;
    },
  ) {}

  tell(deed: Deed, tale: () => Tale): void {
    const { hear, clock } = this.options;
    hear?.({ deed, at: clock.now(), tell: tale });
  }

  automation(deed: Deed, { deployment_id, name }: { deployment_id: string; name: string }, detail?: string) {
    this.tell(deed, () => ({ subject: `${this.#deployment(deployment_id)}/${name}`, detail }));
  }

  run(deed: Deed, run: StoredRun, detail?: string): void {
    this.tell(deed, () => ({ subject: this.#subjectOf(run), detail }));
  }

  /** The run is over; `error` is the reason if it failed. */
  ended(run: StoredRun, error: string | null): void {
    const tookMs = this.options.clock.now() - run.started_at;
    this.tell(error === null ? "completed" : "failed", () => ({
      subject: this.#subjectOf(run),
      tookMs,
      detail: error ?? undefined,
    }));
  }

  #subjectOf({ deployment_id, automation_id }: StoredRun): string {
    const deployment = this.#deployment(deployment_id);
    if (automation_id === null) return deployment;
    return `${deployment}/${this.options.store.automations.find(deployment_id, automation_id)?.name ?? automation_id}`;
  }

  #deployment(deployment_id: string): string {
    return this.options.store.deployments.find(deployment_id)?.name ?? deployment_id;
  }
}
