import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { toJson } from "../../src/output/printed-json.js";
import { safe } from "../../src/output/safe.js";
import { createRedactor } from "../../src/settings/key.js";
import { followAll, redirects, refusals } from "../api/redirects.js";
import { openCaller } from "../dev-server/caller.js";
import { hostileRequests, isRefused, sendRaw } from "../dev-server/hostile-requests.js";
import { attacks } from "../security/attacks.js";
import { judge, type Sink, sinks } from "../security/judge.js";
import { leaksOf } from "../security/leaks.js";
import { matrix } from "../security/matrix.js";
import { terminalTexts } from "../support/terminal-texts.js";
import type { Claim } from "./claim.js";

/**
 * The claims about foreign texts (src/output/README.md), keys and redirects (src/settings/README.md), and the local
 * server's checks of its callers (src/dev-server/README.md).
 */
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
      fuzzJson(),
      fuzzRedaction(),
      await leaks(home),
      await redirected(),
      await servedToStrangers(),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const commands = Object.entries(matrix);

/** One line for each command, because all of them take minutes. */
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
        for (const { name, text } of attacks) {
          const judged = await judge(trial, text, { sink, home });
          cases += 1;
          faults.push(...judged.faults.map((fault) => `${command}, ${sink}, ${name}: ${fault}`));
        }
      }
    }
  }
  return {
    measure: `attacks (${attacks.length}) that work through a command and a sink`,
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
      for (const isKept of [false, true]) {
        const { leaks, runs } = await leaksOf(trial, { isKept, home });
        found.push(...leaks);
        cases += runs;
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
    measure: "redirects to another host that were followed, and bytes that arrived there",
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
    measure: "harmless texts changed",
    ours: String(changed.length),
    cases: terminalTexts.legitimate.length,
    ok: changed.length === 0,
  };
}

const live = /[\0-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufff9-\ufffb]|\p{Bidi_Control}|\p{Surrogate}/u;

const randomText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 30 })
    .map((codes) => String.fromCharCode(...codes)),
  fc
    .array(fc.constantFrom(...terminalTexts.attacks, ...terminalTexts.legitimate), { maxLength: 4 })
    .map((texts) => texts.map((each) => each.text).join("")),
);

function fuzz(): Claim {
  const property = fc.property(
    randomText,
    fc.constantFrom("cell" as const, "block" as const),
    (raw, kind) => {
      const shown = safe(raw, kind);
      return !live.test(shown) && safe(shown, kind) === shown && (kind === "block" || !/[\n\t]/.test(shown));
    },
  );
  return claimOf("random texts that stay live, or change when encoded again", { property, runs: 300_000 });
}

function fuzzJson(): Claim {
  const value = fc.dictionary(randomText, fc.oneof(randomText, fc.array(randomText, { maxLength: 3 })), {
    maxKeys: 3,
  });
  const property = fc.property(value, fc.boolean(), (raw, githubActions) => {
    const shown = toJson(raw, { githubActions });
    const isCommand = githubActions && /##\[|^[^\S\r\n]*::/m.test(shown);
    return !live.test(shown) && !isCommand && JSON.stringify(JSON.parse(shown)) === JSON.stringify(raw);
  });
  return claimOf("random values that JSON output changes or leaves live", { property, runs: 100_000 });
}

/** A key with anything before and after it, plain, escaped, URL-encoded and in base64, as `Basic` credentials are. */
function fuzzRedaction(): Claim {
  const keys = fc.string({
    unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
    minLength: 12,
    maxLength: 60,
  });
  const plainly: ((text: string) => string)[] = [
    (text) => text,
    (text) => JSON.stringify(text).slice(1, -1),
    (text) => encodeURIComponent(text),
  ];
  const around = fc.string({ unit: "grapheme-ascii", maxLength: 9 });
  const property = fc.property(
    keys,
    fc.tuple(around, around),
    fc.constantFrom("base64" as const, "base64url" as const, ...plainly),
    (key, [before, after], spelling) => {
      const redact = createRedactor([key]);
      if (typeof spelling === "function") {
        return !redact(before + spelling(key) + after).includes(spelling(key));
      }
      const text = Buffer.from(before + key + after).toString(spelling);
      // The characters that encode only bits of the key, without the outermost.
      const first = Math.ceil((before.length * 8) / 6) + 1;
      const last = Math.floor(((before.length + key.length) * 8) / 6) - 1;
      return !redact(text).includes(text.slice(first, last));
    },
  );
  return claimOf("random keys that redaction misses", { property, runs: 50_000 });
}

function claimOf<T>(measure: string, { property, runs }: { property: fc.IProperty<T>; runs: number }): Claim {
  const result = fc.check(property, { numRuns: runs });
  const ours = result.failed ? JSON.stringify(result.counterexample) : "0";
  return { measure, ours, cases: result.numRuns, ok: !result.failed };
}
