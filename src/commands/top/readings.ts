import { innerController } from "../../api/abort.js";
import type { Context } from "../../context.js";
import { messageOf } from "../../report.js";
import type { Feed, Heard } from "./feed.js";
import { restAfter } from "./rest.js";
import { DeploymentStreams } from "./streams.js";

interface ReadingsOptions {
  feed: Feed;
  /** Ends them. */
  over: AbortSignal;
  /** `of`: one deployment alone was read anew. */
  heard(heard: Heard, of?: string): void;
  /** `liveness` has changed. */
  changed(): void;
  /** Something that is to be known once; as it came. */
  tells(text: string): void;
  fails(error: unknown): void;
}

/** All that is heard while the screen is there: all is read again and again, and what a stream tells of at once. */
export class Readings {
  readonly #context: Context;
  readonly #options: ReadingsOptions;
  readonly #streams: DeploymentStreams;
  /** Ends the rest between two readings. */
  #endRest = () => {};

  constructor(context: Context, options: ReadingsOptions) {
    const { feed, over, heard, tells, changed, fails } = options;
    this.#context = context;
    this.#options = options;
    this.#streams = new DeploymentStreams(context, {
      over,
      news: async (deployment_id, signal) => heard(await feed.readOne(deployment_id, signal), deployment_id),
      refused: (deployment_id, error) =>
        tells(
          `${feed.nameOf(deployment_id)} is read every few seconds: its events can't be followed (${messageOf(error)})`,
        ),
      changed,
      fails,
    });
  }

  /** `live`, or `live for 28 of 31`: of so many deployments what happens is shown at once; undefined: of none. */
  get liveness(): string | undefined {
    const { openCount } = this.#streams;
    const { deploymentCount } = this.#options.feed;
    if (openCount === 0) return undefined;
    return openCount >= deploymentCount ? "live" : `live for ${openCount} of ${deploymentCount}`;
  }

  /** These deployments are to be heard of as soon as anything happens; the first before all others. */
  inSight(deploymentIds: readonly string[]): void {
    this.#streams.listenTo(deploymentIds);
  }

  /** Doesn't wait for the next turn. */
  now(): void {
    this.#endRest();
  }

  /** Reads all, rests, and so on; throws what ends it. */
  async run(): Promise<never> {
    const { feed, over, heard } = this.#options;
    for (;;) {
      const beganMs = this.#context.monotonic();
      heard(await feed.read(over, heard));
      await this.#rest(restAfter(this.#context.monotonic() - beganMs));
    }
  }

  async #rest(ms: number): Promise<void> {
    const { over } = this.#options;
    const enough = innerController(over);
    this.#endRest = () => enough.abort();
    await this.#context.sleep(ms, enough.signal).catch(() => {});
    enough.abort();
    over.throwIfAborted();
  }
}
