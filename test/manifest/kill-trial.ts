import type { FetchLike } from "../../src/api/fetch.js";
import { addFault, listAll, type Server } from "../incident/fleet.js";
import type { Draw } from "../support/seed.js";

/** The faults and the kill in a run. */
export interface KillPlan {
  /** The request at which the process ends, from 1. */
  atRequest: number;
  /** True if that request still arrives. */
  arrives: boolean;
  faults: object[];
}

export const automations = 20;

const wanted = Array.from({ length: automations }, (_, count) => ({
  name: `Automation ${count}`,
  schedule: "every Monday at 9am",
  instructions: `Do the work number ${count}.`,
}));

export const manifest = JSON.stringify({ automations: wanted });

const actions = [
  { type: "fail", status: 500 },
  { type: "fail", status: 503 },
  { type: "commit_then_fail", status: 500 },
  { type: "cut" },
  { type: "commit_then_cut" },
];

/** Up to three faults, anywhere among the creates. */
export function randomFaults(draw: Draw): object[] {
  return Array.from({ length: draw(4) }, () => ({
    method: "POST",
    skip: draw(automations),
    count: 1 + draw(2),
    action: actions[draw(actions.length)],
  }));
}

export function randomKill(draw: Draw): KillPlan {
  return { atRequest: 1 + draw(automations + 4), arrives: draw(2) === 0, faults: randomFaults(draw) };
}

/** A process that ends at a request, or at its first wait before that; after it, no response or wait ever ends. */
export function endingAt(
  fetch: FetchLike,
  { atRequest, arrives }: Pick<KillPlan, "atRequest" | "arrives">,
): { fetch: FetchLike; sleep(): Promise<never>; ended: Promise<void> } {
  let count = 0;
  let isOver = false;
  let resolveEnd: () => void = () => undefined;
  const end = () => {
    isOver = true;
    resolveEnd();
  };
  const underWay = new Set<Promise<unknown>>();
  // Requests on their way arrive. A later run would wait for them by the clock, which stands still here.
  const ended = new Promise<void>((resolve) => {
    resolveEnd = resolve;
  }).then(async () => void (await Promise.allSettled(underWay)));
  const never = new Promise<never>(() => undefined);
  return {
    ended,
    sleep: () => {
      end();
      return never;
    },
    fetch: async (url, init) => {
      if (isOver) return never;
      count += 1;
      const answer = count < atRequest || (count === atRequest && arrives) ? fetch(url, init) : undefined;
      if (answer !== undefined) underWay.add(answer);
      if (answer !== undefined && count < atRequest) return answer;
      end();
      return never;
    },
  };
}

export async function sendFaults(server: Server, faults: readonly object[]): Promise<void> {
  for (const fault of faults) await addFault(server, fault);
}

/** The names of existing automations; duplicates are listed twice. */
export async function namesOf(server: Server): Promise<string[]> {
  return (await listAll(server)).map(({ name }) => name).sort();
}

/** The automations that exist once each was created exactly once. */
export const allNames: readonly string[] = wanted.map(({ name }) => name).sort();
