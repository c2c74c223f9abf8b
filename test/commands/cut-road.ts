import type { FetchLike } from "../../src/api/fetch.js";
import { fetchFrom, type HermResult } from "../support/harness.js";
import type { ManifestServer } from "./manifest-server.js";

/** How one of its requests cuts a command off: the process, the network, or only that request fails. */
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
  /** The number of the request, from 1. */
  at: number;
  /** The network works again from this request on. */
  until?: number | undefined;
}

/** Requests on their way, of which at most one is cut off. */
export class CutRoad {
  /** For each request. */
  readonly methods: string[] = [];
  /** Resolves once the process counts as killed: nothing that it does after that has any effect. */
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
      // A process that counts as killed isn't this one, and the time limits of its requests never end.
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
