import { UsageError } from "../errors/cli-errors.js";
import { type ActivityEntry, ActivityLog } from "./activity-log.js";
import { commandAgent, scriptedAgent } from "./agent.js";
import { ServerClock } from "./clock.js";
import { newId } from "./ids.js";
import { Runs } from "./runs.js";
import { Scheduler } from "./scheduler.js";
import type { StoredAutomation, StoredDeployment } from "./store/records.js";
import { inMemory, openStore, type Store } from "./store/store.js";

/** Everything behind the API: the data, the time, and background work. */
export interface Engine {
  isNew: boolean;
  store: Store;
  clock: ServerClock;
  runs: Runs;
  scheduler: Scheduler;
  activityLog: ActivityLog;
  close(): Promise<void>;
}

export interface StoreAndClock {
  store: Store;
  clock: Pick<ServerClock, "now">;
}

/** Fills an empty store, within a transaction. */
export type Seed = (begun: StoreAndClock, onStep?: (text: string) => void) => void;

export interface EngineOptions {
  dataFile?: string | undefined;
  now?: () => number;
  /** The time at which the server's clock starts, in ms. */
  startAt?: number | undefined;
  /** Fills an empty store, which otherwise starts with one deployment. */
  seed?: Seed | undefined;
  /** The program to run as the agent, instead of the scripted agent. */
  agentCommand?: string | undefined;
  /** The scripted agent's pause after each word, in ms of the server's clock. Default 0. */
  stepDelayMs?: number | undefined;
  /** Called with every change, and every start and end of a run. */
  onActivity?: ((activity: ActivityEntry) => void) | undefined;
  /** Called with internal failures, which show a client a 500 at most. */
  onError?: ((error: unknown) => void) | undefined;
}

/**
 * Opens the store and starts the engine: ends the runs of a server that died, and starts the runs missed since. Throws
 * what `openStore` throws, and UsageError for a `startAt` that would move the clock back.
 */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  const store = await openStore(options.dataFile ?? inMemory);
  try {
    const clock = openClock(store, options);
    const isNew = store.deployments.isEmpty();
    if (isNew) {
      const { seed = (begun) => void addDeployment(begun, localDeployment) } = options;
      store.transaction(() => seed({ store, clock }));
    }
    const { agentCommand, stepDelayMs = 0, onError: report = () => undefined } = options;
    const agent = agentCommand === undefined ? scriptedAgent : commandAgent(agentCommand);
    const activityLog = new ActivityLog({ store, clock, listener: options.onActivity });
    const runs = new Runs({ store, clock, agent, stepDelayMs, report, activityLog });
    const scheduler = new Scheduler({ store, clock, runs, report });
    runs.recover();
    scheduler.rearm();
    const expiry = new EventExpiry({ store, clock, report });
    const close = async () => {
      clock.close();
      scheduler.close();
      expiry.close();
      await runs.stop();
      store.close();
    };
    return { isNew, store, clock, runs, scheduler, activityLog, close };
  } catch (error) {
    store.close();
    throw error;
  }
}

const localDeployment: DeploymentRequest = {
  deployment_id: "dep_local",
  customer_id: "cus_local",
  name: "Local",
  system_prompt: "You are a helpful agent.",
  model: "scripted",
  settlesInMs: 0,
  outcome: "ready",
};

export interface DeploymentRequest {
  deployment_id?: string;
  thread_id?: string;
  customer_id: string;
  name: string;
  system_prompt: string;
  model: string;
  /** Milliseconds that provisioning takes, and the status after it. */
  settlesInMs: number;
  outcome: "ready" | "error";
}

/** Writes a deployment and its default thread, within a transaction of the store. */
export function addDeployment({ store, clock }: StoreAndClock, request: DeploymentRequest): StoredDeployment {
  const { settlesInMs, deployment_id = newId("dep"), thread_id = newId("thr"), ...fields } = request;
  const created_at = clock.now();
  const deployment = {
    ...fields,
    deployment_id,
    thread_id,
    created_at,
    settled_at: created_at + settlesInMs,
  };
  const seq = store.deployments.insert(deployment);
  store.threads.insert({ thread_id, deployment_id, title: request.name, last_activity_at: created_at });
  return { ...deployment, seq };
}

/** Writes an automation, with its own thread if it has one, within a transaction of the store; returns its seq. */
export function addAutomation(
  store: Store,
  automation: Omit<StoredAutomation, "seq">,
  { hasOwnThread }: { hasOwnThread: boolean },
): number {
  const { thread_id, deployment_id, name, created_at } = automation;
  if (hasOwnThread)
    store.threads.insert({ thread_id, deployment_id, title: name, last_activity_at: created_at });
  return store.automations.insert(automation);
}

function openClock(store: Store, { now: realTime = Date.now, startAt }: EngineOptions): ServerClock {
  const keepOffset = (offsetMs: number) => store.setSetting("clock_offset_ms", String(offsetMs));
  const keptMs = Number(store.setting("clock_offset_ms") ?? 0);
  const offsetMs = startAt === undefined ? keptMs : startAt - realTime();
  if (offsetMs < keptMs && !store.deployments.isEmpty()) {
    const now = new Date(realTime() + keptMs).toISOString();
    throw new UsageError(`this data's clock is already at ${now} and can't go back`);
  }
  keepOffset(offsetMs);
  return new ServerClock({ realTime, offsetMs, keepOffset });
}

const hourMs = 3_600_000;

/** How long after its run's end an event can be replayed. */
const retentionMs = 7 * 24 * hourMs;

/** The number of events to remove before other work gets its turn. */
const removedAtOnce = 500;

const doneUntil = "events_removed_until";

/**
 * Removes the events of runs that ended more than a week ago, by the server's clock; keeps their messages in their
 * threads. Checks hourly, but only during activity, because only then does the data grow.
 * @internal
 */
export class EventExpiry {
  readonly #stopListening: () => void;
  #nextLookAt = Number.NEGATIVE_INFINITY;
  #work: NodeJS.Immediate | undefined;

  constructor(private readonly options: { store: Store; clock: ServerClock; report(error: unknown): void }) {
    this.#stopListening = this.options.store.onEvents(() => this.#look());
    this.#look();
  }

  close(): void {
    this.#stopListening();
    clearImmediate(this.#work);
  }

  #look(): void {
    const now = this.options.clock.now();
    if (this.#work || now < this.#nextLookAt) return;
    this.#nextLookAt = now + hourMs;
    this.#work = setImmediate(() => this.#remove(now - retentionMs));
  }

  /** Removes all events from runs that ended before that time; after a failure, the next check retries. */
  #remove(before: number): void {
    this.#work = undefined;
    const { store, report } = this.options;
    try {
      const from = Number(store.setting(doneUntil) ?? 0);
      const lastEnd = store.transaction(() => {
        const end = store.events.removeSome({ from, before }, removedAtOnce);
        store.setSetting(doneUntil, String(end ?? before));
        return end;
      });
      if (lastEnd === undefined) store.shrinkLog();
      else this.#work = setImmediate(() => this.#remove(before));
    } catch (error) {
      report(error);
    }
  }
}
