import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addAutomation, call } from "../incident/fleet.js";
import { startServer } from "../support/harness.js";
import { LaggingLists, lostAnswers } from "../support/lagging-lists.js";
import { thirdOfRuns } from "../support/third.js";

const schedule = "0 9 * * *";
const acts = {
  update: { words: ["update"], flags: ["--schedule", "30 6 * * *"], after: "30 6 * * * true" },
  pause: { words: ["pause"], flags: [], after: `${schedule} false` },
  resume: { words: ["resume"], flags: [], after: `${schedule} true` },
  delete: { words: ["delete"], flags: [], after: "deleted" },
} as const;

const chances = fc.record({
  how: fc.constantFrom(...lostAnswers),
  landsAfterMs: fc.constantFrom(0, 1_000, 3_000, 8_000, 15_000, undefined),
  /** The number of attempts without a response. */
  lost: fc.constantFrom(1, Number.POSITIVE_INFINITY),
  /** How many of twenty. */
  concerned: fc.constantFrom(1, 5, 20),
  next: fc.constantFrom("undo", "again", "resume", "nothing"),
  nextAfterMs: fc.constantFrom(0, 2_000, 10_000, 20_000),
});

type Chance = typeof chances extends fc.Arbitrary<infer Each> ? Each : never;

/** Makes a change whose responses are lost, then another, and returns what is wrong at the end. */
async function tryOne(act: keyof typeof acts, count: number, chance: Chance): Promise<string[]> {
  const world = new LaggingLists(await startServer(), 0);
  const { words, flags, after } = acts[act];
  const before = `${schedule} ${act !== "resume"}`;
  const names = Array.from({ length: count }, (_, at) => `A${at}`);
  const ids: string[] = [];
  for (const name of names)
    ids.push(await addAutomation(world.server, { name, schedule, enabled: act !== "resume" }));
  const states = async () => {
    const { data } = (await call(world.server, "GET", "/v1/deployments/dep_local/automations?limit=100"))
      .body;
    const listed = new Map(
      (data as { name: string; schedule: string; enabled: boolean }[]).map((each) => [each.name, each]),
    );
    return names.map((name) => {
      const found = listed.get(name);
      return found === undefined ? "deleted" : `${found.schedule} ${found.enabled}`;
    });
  };
  const isAll = (all: readonly string[], state: string) => all.every((each) => each === state);
  const all = act === "resume" ? names : ["--all"];
  const target = count === 1 ? names : [...all, "--max-wait", "20s"];
  const argv = [
    "automations",
    ...words,
    ...target,
    ...flags,
    ...(act === "delete" || count > 1 ? ["--yes"] : []),
  ];
  const { timer } = world;
  const { landsAfterMs, lost, how, concerned } = chance;
  const fetch = world.gateway({ landsAfterMs, lost, how, ids: ids.slice(0, concerned) });
  const first = await world.run(argv, { fetch, timer });
  const wrong: string[] = [];
  const check = (isRight: boolean, what: string) => {
    if (!isRight) wrong.push(what);
  };
  const isSaidUndone = /nothing was|failed/.test(first.stderr + first.stdout);
  // In an outage, the others aren't started.
  const isPartly = count > 1 && / not started/.test(first.stderr);
  check([0, 12, ...(isPartly ? [8] : [])].includes(first.code), `ended with ${first.code}`);
  await world.pass(chance.nextAfterMs);
  if (chance.next === "nothing") {
    await world.pass(60_000);
    const ended = await states();
    check(
      !isSaidUndone || ended.every((each, at) => at >= concerned || each === before),
      "done, and said not to be",
    );
    check(first.code !== 0 || isAll(ended, after), "said to be done, and isn't");
    return wrong;
  }
  const isGone = act === "delete" && chance.next !== "undo";
  const following =
    chance.next === "undo"
      ? ["undo", "last", "--yes"]
      : chance.next === "again"
        ? argv
        : ["automations", "resume", ...names, "--yes"];
  const second = await world.run(following, { timer });
  await world.pass(60_000);
  const ended = await states();
  if (!isGone) check(second.code === 0, `${chance.next} ended with ${second.code}`);
  if (chance.next === "undo") check(isAll(ended, before), `not undone: ${ended}`);
  if (chance.next === "again") check(isAll(ended, after), `not done by the same again: ${ended}`);
  if (chance.next === "resume" && act !== "delete")
    check(
      ended.every((each) => each.endsWith("true")),
      `not resumed: ${ended}`,
    );
  if (wrong.length > 0) wrong.push(first.stderr, String(second.code), second.stderr);
  return wrong;
}

describe.each(Object.keys(acts) as (keyof typeof acts)[])("a change without a response, then %s", (act) => {
  it.each([
    ["alone", 1, 10],
    ["in a selection of 20", 20, 3],
  ])(
    "%s never takes effect once reported as undone, and can be undone if done",
    async (_, count, numRuns) => {
      const each = fc.asyncProperty(chances, async (chance) => {
        expect(await tryOne(act, count, chance)).toEqual([]);
      });
      await fc.assert(each, thirdOfRuns(numRuns));
    },
  );
});
