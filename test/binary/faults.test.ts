import { describe, expect, it } from "vitest";
import { faultKinds } from "../faults/kinds.js";
import { faultMatrix } from "../faults/matrix.js";
import { asProcesses } from "../faults/process.js";
import { type FaultCase, runCase } from "../faults/trial.js";
import { isExecutable } from "../support/command-file.js";

const atOnce = 4;

/** Each kind of fault alone, and some mixtures. A port that accepted one request can't refuse the next. */
function casesOf(command: string): FaultCase[] {
  const kinds = faultKinds.filter(({ name }) => name !== "refused");
  return (faultMatrix[command] ?? []).flatMap(({ hasDowntime, hours }, trial) => {
    // A process uses this machine's clock.
    if (hasDowntime === true || hours !== undefined) return [];
    return [
      ...kinds.map(({ name }, seed): FaultCase => ({ command, trial, seed, kind: name })),
      ...[1, 2].map((seed): FaultCase => ({ command, trial, seed })),
    ];
  });
}
const commands = Object.keys(faultMatrix).filter((command) => casesOf(command).length > 0);

// Node's command has the same tests in process (test/faults), in a tenth of the time.
describe.skipIf(!isExecutable)("the executable with failing requests", () => {
  it.each(commands)(
    "reports the changes that the server really made: %s",
    { timeout: 300_000 },
    async (command) => {
      const left = casesOf(command);
      const problems: string[] = [];
      const work = async () => {
        for (let next = left.pop(); next !== undefined; next = left.pop())
          problems.push(...(await runCase(next, asProcesses)));
      };
      await Promise.all(Array.from({ length: atOnce }, work));
      expect(problems).toEqual([]);
    },
  );
});
