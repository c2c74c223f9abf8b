import { expect, it } from "vitest";
import { countRequests, cutKinds, cutUndo } from "./cut-undo.js";
import { type UndoneVerb, undoneVerbs } from "./undone-changes.js";

it.each(Object.keys(undoneVerbs) as UndoneVerb[])(
  "brings all back that %s changed, wherever the undo is cut off before it is repeated",
  async (verb) => {
    const requests = await countRequests(verb);
    const problems: string[] = [];
    for (let at = 1; at <= requests; at += 1) {
      const ways = cutKinds.map(async (kind) => {
        for (const problem of await cutUndo(verb, { kind, at }))
          problems.push(`${kind} request ${at} of ${requests}: ${problem}`);
      });
      await Promise.all(ways);
    }
    expect(requests).toBeGreaterThan(5);
    expect(problems).toEqual([]);
  },
  120_000,
);
