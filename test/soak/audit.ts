import fc from "fast-check";
import { anyHistory as anyDeeds, liesOf, type Told, whole } from "../commands/audit-deeds.js";
import { anyHistory, play } from "../runs/history.js";
import { lies } from "../runs/lies.js";
import type { Claim } from "./claim.js";

/** The claims about audits: they don't guess, and report everything that can be known. */
export async function soak(): Promise<Claim[]> {
  return [pure({ hasUpdates: true }), pure({ hasUpdates: false }), await command()];
}

function pure({ hasUpdates }: { hasUpdates: boolean }): Claim {
  const cases = 20_000;
  const found: Record<string, number> = {};
  let wrong = 0;
  for (const history of fc.sample(anyHistory, cases)) {
    const truth = play(history);
    const { updated_at, ...rest } = truth.detail;
    wrong += lies(truth, hasUpdates ? { ...rest, updated_at } : rest, found).length;
  }
  const fires = Object.values(found).reduce((sum, count) => sum + count, 0);
  return {
    measure: `histories that an audit judges wrongly, ${hasUpdates ? "with" : "without"} updated_at`,
    ours: `${wrong} of ${fires.toLocaleString("en")} fires`,
    cases,
    ok: wrong === 0 && fires > 0,
  };
}

/** The command with a local server whose clock is moved, and changes by herm, in incidents and by others. */
async function command(): Promise<Claim> {
  const cases = 100;
  const told: Told = { found: new Map(), bare: new Map() };
  let wrong = 0;
  for (const deeds of [whole, ...fc.sample(anyDeeds, cases - 1)]) wrong += (await liesOf(deeds, told)).length;
  const fires = [...told.found.values(), ...told.bare.values()].reduce((sum, count) => sum + count, 0);
  return {
    measure: "the same for the command against the local server, both ways",
    ours: `${wrong} of ${fires.toLocaleString("en")} fires`,
    cases,
    ok: wrong === 0 && fires > 0,
  };
}
