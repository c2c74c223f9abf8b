import type { FetchLike } from "../../src/api/fetch.js";
import { fetchFrom, type HermResult } from "../support/harness.js";
import { afterChange, look, type UndoneVerb, type UndoneWorld, withoutIds } from "./undone-changes.js";

/** How an undo ends at one of its requests: its process, or the network; before that request arrives or after. */
export const cutKinds = ["killed before", "killed after", "gone before", "gone after"] as const;

export interface Cut {
  kind: (typeof cutKinds)[number];
  /** At which request, from 1. */
  at: number;
}

/** How many requests an undo makes that nothing cuts. */
export async function countRequests(verb: UndoneVerb): Promise<number> {
  return afterChange(verb, async (undone) => {
    const road = new Road();
    const { code, stderr } = await undo(undone, road);
    if (code !== 0) throw new Error(`${verb} isn't undone: ${code} ${stderr}`);
    return road.requests;
  });
}

/**
 * Makes a change, cuts its undo off at a request, and gives the same command again until it ends with 0: gives what isn't
 * as it was before the change then, and what was claimed meanwhile that isn't so.
 */
export async function cutUndo(verb: UndoneVerb, cut: Cut): Promise<string[]> {
  return afterChange(verb, async (undone) => {
    const road = new Road(cut);
    const first = await Promise.race([undo(undone, road), road.killed]);
    const problems = first?.code === 0 && !(await isAsBefore(undone)) ? ["0, and not all is back"] : [];
    const told: string[] = [];
    for (let tries = 1; tries <= 3; tries += 1) {
      const { code, stdout, stderr } = await undo(undone, new Road());
      told.push(`${code} ${stdout}${stderr}`);
      if (code !== 0) continue;
      const isTold = !/\tskipped\t/.test(stdout);
      return isTold && (await isAsBefore(undone)) ? problems : [...problems, "0, and not as before", ...told];
    }
    return [...problems, "never ended with 0", ...told];
  });
}

async function isAsBefore({ world, before }: UndoneWorld): Promise<boolean> {
  return JSON.stringify(withoutIds(await look(world))) === JSON.stringify(withoutIds(before));
}

function undo({ world, id }: UndoneWorld, road: Road): Promise<HermResult> {
  return world.runHerm(["undo", id, "--yes"], {
    fetch: road.over(fetchFrom(world.server)),
    // One that is taken for killed isn't this process, and no limit of its requests ever ends.
    ...(road.isKilling ? { pid: process.pid + 1, timer: () => () => undefined } : {}),
  });
}

/** Requests on their way, until the cut. */
class Road {
  requests = 0;
  /** Resolves once the process is taken for killed: nothing that it does afterwards reaches anything. */
  readonly killed: Promise<undefined>;
  #kill: () => void = () => undefined;

  constructor(private readonly cut?: Cut) {
    this.killed = new Promise((resolve) => {
      this.#kill = () => resolve(undefined);
    });
  }

  get isKilling(): boolean {
    return this.cut?.kind.startsWith("killed") === true;
  }

  readonly over =
    (from: FetchLike): FetchLike =>
    async (url, init) => {
      this.requests += 1;
      const { cut, requests } = this;
      if (cut === undefined || requests < cut.at) return from(url, init);
      if (requests === cut.at && cut.kind.endsWith("after")) await from(url, init);
      if (cut.kind.startsWith("gone"))
        throw Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" });
      this.#kill();
      return new Promise(() => undefined);
    };
}
