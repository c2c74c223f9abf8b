import type { Context } from "../../context.js";
import { messageOf } from "../../report.js";
import { DeploymentStreams, restAfter } from "./deployment-streams.js";
import type { FleetReader, FleetSnapshot } from "./fleet-reader.js";
import { Rest } from "./rest.js";

interface ReadingsOptions {
  reader: FleetReader;
  over: AbortSignal;
  /** `of`: one deployment alone was read anew. */
  onSnapshot(snapshot: FleetSnapshot, of?: string): void;
  onChange(): void;
  onMessage(text: string): void;
  onError(error: unknown): void;
}

export class Readings {
  readonly #streams: DeploymentStreams;
  readonly #rest: Rest;

  constructor(
    private readonly context: Context,
    private readonly options: ReadingsOptions,
  ) {
    const { reader, over, onSnapshot, onMessage, onChange, onError } = options;
    this.#rest = new Rest(context, over);
    this.#streams = new DeploymentStreams(context, {
      over,
      onNews: async (deployment_id, signal) =>
        onSnapshot(await reader.readOne(deployment_id, signal), deployment_id),
      onRefused: (deployment_id, error) =>
        onMessage(
          `${reader.nameOf(deployment_id)} is read every few seconds: its events can't be followed (${messageOf(error)})`,
        ),
      onChange,
      onError,
    });
  }

  /** `live`, or `live for 28 of 31`; undefined where no stream is open. */
  get liveness(): string | undefined {
    const { openCount } = this.#streams;
    const { deploymentCount } = this.options.reader;
    if (openCount === 0) return undefined;
    return openCount >= deploymentCount ? "live" : `live for ${openCount} of ${deploymentCount}`;
  }

  /** Listens to these deployments, the first before all others. */
  inSight(deploymentIds: readonly string[]): void {
    this.#streams.listenTo(deploymentIds);
  }

  readNow(): void {
    this.#rest.end();
  }

  /** Reads all, rests, and so on; throws what ends it. */
  async run(): Promise<never> {
    const { reader, over, onSnapshot } = this.options;
    for (;;) {
      const beganMs = this.context.monotonic();
      onSnapshot(await reader.read(over, onSnapshot));
      await this.#rest.take(restAfter(this.context.monotonic() - beganMs));
      over.throwIfAborted();
    }
  }
}
