import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { safe } from "../../src/output/safe.js";
import { judge, type Sink, sinks } from "../security/judge.js";
import { matrix } from "../security/matrix.js";
import { terminalTexts } from "../support/terminal-texts.js";
import type { Claim } from "./claim.js";

/** Reliability.md §3's claims about texts of servers and people. */
export async function soak(): Promise<Claim[]> {
  return [await payloads(), legitimate(), fuzz()];
}

/** Every attack alone, through every trial of the matrix and every sink. */
async function payloads(): Promise<Claim> {
  const folder = mkdtempSync(join(tmpdir(), "herm-soak-"));
  let homes = 0;
  let cases = 0;
  const faults: string[] = [];
  const home = () => {
    homes += 1;
    return join(folder, String(homes));
  };
  try {
    for (const [command, trials] of Object.entries(matrix)) {
      for (const trial of trials) {
        for (const sink of sinks.filter((each: Sink) => each !== "json" || trial.json !== false)) {
          for (const { name, text } of terminalTexts.attacks) {
            const judged = await judge(trial, text, { sink, home });
            cases += 1;
            faults.push(...judged.faults.map((fault) => `${command}, ${sink}, ${name}: ${fault}`));
          }
        }
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return {
    measure: `terminal attacks (${terminalTexts.attacks.length}) that act through a command and a sink`,
    ours: [String(faults.length), ...faults.slice(0, 3)].join("; "),
    cases,
    ok: faults.length === 0,
  };
}

function legitimate(): Claim {
  const changed = terminalTexts.legitimate.filter(
    ({ text }) => safe(text, "cell") !== text || safe(text, "block") !== text,
  );
  return {
    measure: "legitimate texts changed",
    ours: String(changed.length),
    cases: terminalTexts.legitimate.length,
    ok: changed.length === 0,
  };
}

const runs = 300_000;

function fuzz(): Claim {
  const live = /[\0-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufff9-\ufffb]|\p{Bidi_Control}|\p{Surrogate}/u;
  const units = fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 30 });
  const text = fc.oneof(
    fc.string({ unit: "binary", maxLength: 40 }),
    units.map((codes) => String.fromCharCode(...codes)),
    fc
      .array(fc.constantFrom(...terminalTexts.attacks, ...terminalTexts.legitimate), { maxLength: 4 })
      .map((texts) => texts.map((each) => each.text).join("")),
  );
  const property = fc.property(text, fc.constantFrom("cell" as const, "block" as const), (raw, kind) => {
    const shown = safe(raw, kind);
    return !live.test(shown) && safe(shown, kind) === shown && (kind === "block" || !/[\n\t]/.test(shown));
  });
  const result = fc.check(property, { numRuns: runs });
  return {
    measure: "random texts that stay live, or change when encoded again",
    ours: result.failed ? JSON.stringify(result.counterexample) : "0",
    cases: result.numRuns,
    ok: !result.failed,
  };
}
