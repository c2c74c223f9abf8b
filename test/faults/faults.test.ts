import { describe, expect, it } from "vitest";
import type { FetchLike } from "../../src/api/fetch.js";
import { matrix } from "../security/matrix.js";
import { tryCommand } from "../security/try.js";
import { commandNames, declarations } from "../support/declarations.js";
import { fakeApi } from "../support/fake-api.js";
import { temporaryFolder } from "../support/harness.js";
import { third } from "../support/third.js";
import { faultKinds } from "./kinds.js";
import { faultMatrix } from "./matrix.js";
import { casesThatHarm, type FaultCase, parseCase, runCase, runCases } from "./trial.js";

const again = process.env.HERM_FAULTS;

/** The calls in a command's trials from the security matrix. */
async function callsOf(command: string): Promise<string[]> {
  const calls: string[] = [];
  for (const trial of matrix[command] ?? []) {
    const api = fakeApi({ text: "text", ...trial.api });
    const fetch: FetchLike = (url, init) => {
      calls.push(`${init.method} ${new URL(url).pathname}`);
      return api(url, init);
    };
    await tryCommand(trial, { text: "text", home: temporaryFolder(), key: "hk_test_0000", fetch });
  }
  return calls;
}

/**
 * On a key press, it makes changes with the same code as other commands; tested in test/terminal/top-changes.test.ts.
 */
const byKeys = ["top"];
const changing = Object.entries(declarations).filter(([, { effect }]) => /^(changes|destroys)$/.test(effect));
const others = commandNames.filter((name) => !changing.some(([command]) => command === name));
const claimsChanges = (name: string) =>
  faultMatrix[name]?.some(({ changes }) => changes !== undefined) === true;

describe("the fault matrix", () => {
  it("includes every command that sends a change", async () => {
    const missing: string[] = [];
    for (const command of commandNames.filter((name) => faultMatrix[name] === undefined)) {
      missing.push(...(await callsOf(command)).map((call) => `${command}: ${call}`));
      if (matrix[command] === undefined) missing.push(`${command}: it isn't known whether it sends anything`);
    }
    expect(missing).toEqual([]);
  });

  it("compares the report of every changing command with the server's data", () => {
    expect(changing.map(([name]) => name).filter((name) => !claimsChanges(name))).toEqual(byKeys);
  });

  it("expects no changes from other commands", () => {
    expect(others.filter(claimsChanges)).toEqual([]);
  });

  it("includes no unknown command", () => {
    expect(Object.keys(faultMatrix).filter((name) => !commandNames.includes(name))).toEqual([]);
  });
});

describe("a command declared as read-only", () => {
  it.each(others)("sends only GET requests as %s", async (command) => {
    expect((await callsOf(command)).filter((call) => !call.startsWith("GET "))).toEqual([]);
  });
});

describe.skipIf(again !== undefined)("a command with failing requests", () => {
  it.each(Object.entries(faultMatrix))(
    "reports the server's real changes: %s",
    { timeout: 120_000 },
    async (command, trials) => {
      const problems: string[] = [];
      for (const [at, trial] of trials.entries())
        if (trial.isAsOther !== true)
          problems.push(
            ...(await runCases(trial, third(await casesThatHarm(trial, casesOf(command, at)), at))),
          );
      expect(problems).toEqual([]);
    },
  );
});

/** Each kind of fault alone, on different requests for each command, and some mixtures. */
function casesOf(command: string, trial: number): FaultCase[] {
  const first = Object.keys(faultMatrix).indexOf(command) * faultKinds.length;
  const kinds = faultKinds.map(
    ({ name }, at): FaultCase => ({ command, trial, seed: first + at, kind: name }),
  );
  return [...kinds, ...[1, 2, 3, 4].map((seed): FaultCase => ({ command, trial, seed }))];
}

describe.runIf(again !== undefined)("again", () => {
  it(`${again}`, { timeout: 120_000 }, async () => {
    expect(await runCase(parseCase(again ?? ""))).toEqual([]);
  });
});
