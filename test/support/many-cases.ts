import fc from "fast-check";
import { expect } from "vitest";

const times = 20;
const mostMs = 120_000;

/**
 * fast-check for `npm run test:random`: a property runs twenty times its cases, or as many as two minutes allow, and
 * prints the number.
 */
export default { ...fc, assert };

function assert<Case>(property: fc.IRawProperty<Case>, given: fc.Parameters<Case> = {}): unknown {
  const numRuns = (given.numRuns ?? 100) * times;
  const { currentTestName } = expect.getState();
  const reporter = (details: fc.RunDetails<Case>) => {
    if (details.failed) throw new Error(fc.defaultReportMessage(details), { cause: details.errorInstance });
    if (details.interrupted) console.log(`cut: ${details.numRuns} of ${numRuns} cases: ${currentTestName}`);
  };
  return fc.assert(property, { interruptAfterTimeLimit: mostMs, ...given, numRuns, reporter });
}
