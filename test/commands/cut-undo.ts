import { type Cut, CutRoad, cutKinds } from "./cut-road.js";
import { afterChange, look, type UndoneVerb, type UndoneWorld, withoutIds } from "./undone-changes.js";

/** Where an undo can be cut off: before and after each of its requests. For a read, both are the same. */
export async function cutsOf(verb: UndoneVerb): Promise<Cut[]> {
  return afterChange(verb, async ({ world, id }) => {
    const road = new CutRoad();
    const ended = await road.run(world, ["undo", id, "--yes"]);
    if (ended?.code !== 0) throw new Error(`${verb} isn't undone: ${ended?.code} ${ended?.stderr}`);
    const kinds = cutKinds.filter((kind) => / (before|after)$/.test(kind));
    return road.methods.flatMap((method, at) =>
      kinds
        .filter((kind) => method !== "GET" || kind.endsWith("before"))
        .map((kind) => ({ kind, at: at + 1 })),
    );
  });
}

/**
 * Makes a change, cuts its undo off at a request, and repeats the command until it ends with 0. Returns everything that
 * isn't as it was before the change, and all false claims made on the way.
 */
export async function cutUndo(verb: UndoneVerb, cut: Cut): Promise<string[]> {
  return afterChange(verb, async (undone) => {
    const { world, id } = undone;
    const words = ["undo", id, "--yes"];
    const first = await new CutRoad(cut).run(world, words);
    const problems = first?.code === 0 && !(await isAsBefore(undone)) ? ["0, and not all is back"] : [];
    const told: string[] = [];
    for (let tries = 1; tries <= 3; tries += 1) {
      const { code, stdout, stderr } = await world.runHerm(words);
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
