import { expect, it } from "vitest";
import { third } from "../support/third.js";
import { cutsOf, cutUndo } from "./cut-undo.js";
import { type UndoneVerb, undoneVerbs } from "./undone-changes.js";

it.each(Object.keys(undoneVerbs) as UndoneVerb[])(
  "undo restores all changes of %s, even if interrupted and rerun",
  async (verb) => {
    const cuts = await cutsOf(verb);
    const problems: string[] = [];
    for (const cut of third(cuts))
      for (const problem of await cutUndo(verb, cut))
        problems.push(`${cut.kind} request ${cut.at}: ${problem}`);
    expect(cuts.length).toBeGreaterThan(10);
    expect(problems).toEqual([]);
  },
  120_000,
);
