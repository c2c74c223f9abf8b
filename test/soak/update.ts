import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { killedUpdate } from "../commands/killed-update.js";
import { drawOf } from "../support/seed.js";
import type { Claim } from "./claim.js";

/** The claims about updates of many, in the claimed counts. The command must have been built. */
export async function soak(): Promise<Claim[]> {
  return processes();
}

/** The claims about the command as a process. */
export async function processes(): Promise<Claim[]> {
  return [await kills(100)];
}

async function kills(cases: number): Promise<Claim> {
  const draw = drawOf("updates killed");
  let good = 0;
  let midway = 0;
  for (let count = 0; count < cases; count += 1) {
    const home = mkdtempSync(join(tmpdir(), "herm-soak-"));
    try {
      const { doneAtKill, problems } = await killedUpdate({
        home,
        automations: 300,
        killAt: draw(300),
      });
      if (problems.length === 0) good += 1;
      else process.stderr.write(`${problems.join("; ")}\n`);
      if (doneAtKill > 0 && doneAtKill < 300) midway += 1;
    } finally {
      rmSync(home, { recursive: true, force: true });
    }
  }
  return {
    measure: "updates of 300 under SIGKILL: history and server agree, and the same command does the rest",
    ours: `${good}/${cases}, ${midway} of them midway`,
    cases,
    ok: good === cases,
  };
}
