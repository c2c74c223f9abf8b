import { type ReasonGiven, reasonWords } from "./reason.js";

/** How a command on many was to be done, whatever it does. */
export interface Manner {
  concurrency?: number | undefined;
  yes?: boolean;
}

/** What a command on many was given beside what it is to do, for the one that goes on with it. */
export function mannerWords(context: ReasonGiven, { concurrency, yes = false }: Manner): string[] {
  const { maxWaitMs } = context.settings.flags;
  return [
    ...(concurrency === undefined ? [] : ["--concurrency", `${concurrency}`]),
    ...(maxWaitMs === undefined ? [] : ["--max-wait", durationWord(maxWaitMs)]),
    ...(yes ? ["--yes"] : []),
    ...reasonWords(context),
  ];
}

function durationWord(ms: number): string {
  return ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`;
}
