import { expect, it } from "vitest";
import { randomUndo } from "./undo-trial.js";

/** `UNDOS=300 npx vitest run test/commands/undo-trial.test.ts` runs the full number of trials. */
const trials = Number(process.env.UNDOS ?? 15);
const first = Number(process.env.UNDO_SEED ?? 1);

it("an undo reports truthfully and preserves others' work, even if it fails or is interrupted", async () => {
  const problems: string[] = [];
  for (let seed = first; seed < first + trials; seed += 1) problems.push(...(await randomUndo(seed)));
  expect(problems).toEqual([]);
}, 600_000);
