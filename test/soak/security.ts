import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { safe } from "../../src/output/safe.js";
import { followAll, redirects, refusals } from "../api/redirects.js";
import { openCaller } from "../dev-server/caller.js";
import { hostileRequests, isRefused, sendRaw } from "../dev-server/hostile-requests.js";
import { judge, type Sink, sinks } from "../security/judge.js";
import { leaksOf, states } from "../security/leaks.js";
import { matrix } from "../security/matrix.js";
import { terminalTexts } from "../support/terminal-texts.js";
import type { Claim } from "./claim.js";

/** Reliability.md's claims about foreign texts (§3), keys and redirects (§4) and the local server's doors (§5). */
export async function soak(): Promise<Claim[]> {
  const folder = mkdtempSync(join(tmpdir(), "herm-soak-"));
  let homes = 0;
  const home = () => {
    homes += 1;
    return join(folder, String(homes));
  };
  try {
    return [
      await payloads(home),
      legitimate(),
      fuzz(),
      await leaks(home),
      await redirected(),
      await servedToStrangers(),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const commands = Object.entries(matrix);

/** One line for each command, since all of them take minutes. */
function tell(what: string, at: number): void {
  const name = commands[at]?.[0] ?? "";
  process.stderr.write(`security: ${what} ${at + 1} of ${commands.length}: ${name}\n`);
}

/** Every attack alone, through every trial of the matrix and every sink. */
async function payloads(home: () => string): Promise<Claim> {
  let cases = 0;
  const faults: string[] = [];
  for (const [at, [command, trials]] of commands.entries()) {
    tell("attacks", at);
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
  return {
    measure: `terminal attacks (${terminalTexts.attacks.length}) that act through a command and a sink`,
    ours: [String(faults.length), ...faults.slice(0, 3)].join("; "),
    cases,
    ok: faults.length === 0,
  };
}

async function leaks(newHome: () => string): Promise<Claim> {
  let cases = 0;
  const found: string[] = [];
  const home = () => {
    const folder = newHome();
    mkdirSync(folder, { recursive: true });
    return folder;
  };
  for (const [at, [, trials]] of commands.entries()) {
    tell("keys", at);
    for (const trial of trials) {
      for (const state of Object.keys(states)) {
        for (const isKept of [false, true]) {
          found.push(...(await leaksOf(trial, { state, isKept, home })));
          cases += 2;
        }
      }
    }
  }
  return {
    measure: "key leaks over every command, state and --debug",
    ours: [String(found.length), ...found.slice(0, 3)].join("; "),
    cases,
    ok: found.length === 0,
  };
}

async function redirected(): Promise<Claim> {
  let followed = 0;
  let bytes = 0;
  let cases = 0;
  for (const redirect of redirects) {
    const { outcomes, arrived } = await followAll(redirect);
    const wanted = refusals(redirect.status);
    followed += outcomes.filter((outcome) => !wanted.includes(outcome)).length;
    bytes += arrived.bytes + arrived.connections;
    cases += outcomes.length;
  }
  return {
    measure: "redirects to elsewhere that were followed, and bytes that came there",
    ours: `${followed} and ${bytes}`,
    cases,
    ok: followed + bytes === 0,
  };
}

async function servedToStrangers(): Promise<Claim> {
  const caller = await openCaller("over a socket");
  try {
    const host = (await caller.server.listen()).url.slice("http://".length);
    let served = 0;
    for (const request of hostileRequests) {
      for (const key of ["", `Authorization: Bearer ${caller.server.apiKey}\r\n`]) {
        if (!isRefused.test(await sendRaw(host, request.text({ host, key })))) served += 1;
      }
    }
    const { body } = await caller.call("GET", "/v1/deployments/dep_local/automations");
    const isUnchanged = JSON.stringify(body) === '{"data":[],"next_cursor":null}';
    return {
      measure: "hostile requests that the local server served, with its key and without",
      ours: `${served}${isUnchanged ? "" : ", and its store was changed"}`,
      cases: hostileRequests.length * 2,
      ok: served === 0 && isUnchanged,
    };
  } finally {
    await caller.close();
  }
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
