import { describe, expect, it } from "vitest";
import { noHome } from "../../src/files/machine.js";
import { herm } from "../support/harness.js";
import { third } from "../support/third.js";
import { callAgain, runCell } from "./cell.js";
import { codesOf, type Fault, faults } from "./faults.js";
import { type FaultTrial, faultMatrix } from "./matrix.js";
import { modes } from "./modes.js";
import { inPlace } from "./place.js";
import { readTruth } from "./truth.js";

const trials = Object.entries(faultMatrix).flatMap(([command, each]) =>
  each.map((trial, at) => ({ name: `${command}, ${at + 1}`, trial })),
);
/** Commands that follow a run take real time, and send the same requests as those that don't. */
const verbs = trials.filter(({ trial }) => trial.changes !== undefined && trial.isFollowing !== true);
/** Commands that need a home, or report whether there is one. */
const ofHomes = /^(auth login|deployments use|doctor|history|incidents show),/;
const reads = trials.filter(
  ({ name, trial: { changes, isFollowing } }) =>
    changes === undefined && isFollowing !== true && !ofHomes.test(name),
);

async function judge(trial: FaultTrial, fault: Fault): Promise<string[]> {
  return runCell(trial, fault.befall, async (outcome, cell) => {
    const codes = codesOf(fault, trial);
    const problems = codes.includes(outcome.code) ? [] : [`ended with ${outcome.code}, not with ${codes}`];
    problems.push(...((await fault.check?.(outcome, cell)) ?? []));
    if (fault.isFinishedByAgain === true && trial.isFinished !== undefined) {
      const { code, stderr } = await callAgain(cell);
      if (![0, trial.again].includes(code)) problems.push(`the same again ends with ${code}: ${stderr}`);
      if (!trial.isFinished(await readTruth(cell.server), cell.place))
        problems.push("the same again doesn't finish it");
    }
    return problems;
  });
}

const cells = verbs.flatMap(({ name, trial }, at) => {
  const met = Object.entries(trial.isAsOther === true ? modes : { ...modes, ...faults });
  const tried = third(
    met.filter(([, fault]) => fault.isFor?.(trial) !== false),
    at,
  );
  return tried.map(([what, fault]) => ({ what, fault, name, trial }));
});

it.each(cells)("$what: $name", async ({ trial, fault }) => {
  expect(await judge(trial, fault)).toEqual([]);
});

describe("a read-only command without a home", () => {
  it.each(reads)("prints the same as with a home: $name", async ({ trial }) => {
    const open = async () => ({ first: async () => undefined, close: async () => undefined });
    await inPlace(trial, open, async ({ server, home, place, now }) => {
      const options = { server, now, cwd: home };
      const atHome = await herm(trial.argv(place), { ...options, home });
      expect(await herm(trial.argv(place), { ...options, home: noHome })).toEqual(atHome);
    });
  });
});
