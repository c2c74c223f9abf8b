import type { FetchLike } from "../../src/api/fetch.js";
import { fetchFrom, type HermResult } from "../support/harness.js";
import type { ManifestServer } from "./manifest-server.js";

/** How a command ends at one of its requests: its process, the network, or that request alone. */
export const cutKinds = [
  "killed before",
  "killed after",
  "gone before",
  "gone after",
  "lost",
  "failed",
] as const;

export interface Cut {
  kind: (typeof cutKinds)[number];
  /** At which request, from 1. */
  at: number;
  /** The network is back from this request on. */
  until?: number | undefined;
}

/** Requests on their way, which one thing befalls at most. */
export class CutRoad {
  /** Of each request. */
  readonly methods: string[] = [];
  /** Resolves once the process is taken for killed: nothing that it does afterwards reaches anything. */
  readonly #killed: Promise<undefined>;
  #kill: () => void = () => undefined;

  constructor(
    private readonly cut?: Cut,
    private readonly onRead?: (path: string) => Promise<void>,
  ) {
    this.#killed = new Promise((resolve) => {
      this.#kill = () => resolve(undefined);
    });
  }

  /** Undefined: killed. */
  run(world: ManifestServer, words: readonly string[]): Promise<HermResult | undefined> {
    const isKilling = this.cut?.kind.startsWith("killed") === true;
    const run = world.runHerm(words, {
      fetch: this.#over(fetchFrom(world.server)),
      // One that is taken for killed isn't this process, and no limit of its requests ever ends.
      ...(isKilling ? { pid: process.pid + 1, timer: () => () => undefined } : {}),
    });
    return Promise.race([run, this.#killed]);
  }

  readonly #over =
    (from: FetchLike): FetchLike =>
    async (url, init) => {
      this.methods.push(init.method);
      const nth = this.methods.length;
      if (init.method === "GET") await this.onRead?.(new URL(url).pathname);
      if (this.cut === undefined) return from(url, init);
      const { kind, at, until = Number.POSITIVE_INFINITY } = this.cut;
      const isOver = kind.startsWith("gone") ? nth >= until : kind.startsWith("killed") ? false : nth > at;
      if (nth < at || isOver) return from(url, init);
      if (kind === "failed") return new Response('{"error":"server_error"}', { status: 422 });
      if (kind === "lost" || (nth === at && kind.endsWith("after"))) await from(url, init);
      if (!kind.startsWith("killed"))
        throw Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" });
      this.#kill();
      return new Promise(() => undefined);
    };
}
