import { describe, expect, it } from "vitest";
import type { FetchLike } from "../../src/api/fetch.js";
import { commandNames, matrix } from "../security/matrix.js";
import { tryCommand } from "../security/try.js";
import { fakeApi } from "../support/fake-api.js";
import { temporaryFolder } from "../support/harness.js";
import { faultKinds } from "./kinds.js";
import { faultMatrix } from "./matrix.js";
import { type FaultCase, parseCase, runCase } from "./trial.js";

const again = process.env.HERM_FAULTS;

describe("the fault matrix", () => {
  it("has every command that sends anything", async () => {
    const missing: string[] = [];
    for (const command of commandNames().filter((name) => faultMatrix[name] === undefined)) {
      for (const trial of matrix[command] ?? []) {
        const api = fakeApi({ text: "text" });
        const fetch: FetchLike = (url, init) => {
          missing.push(`${command}: ${init.method} ${url}`);
          return api(url, init);
        };
        await tryCommand(trial, { text: "text", home: temporaryFolder(), key: "hk_test_0000", fetch });
      }
      if (matrix[command] === undefined) missing.push(`${command}: it isn't known whether it sends anything`);
    }
    expect(missing).toEqual([]);
  });

  it("has no command that isn't there", () => {
    expect(Object.keys(faultMatrix).filter((name) => !commandNames().includes(name))).toEqual([]);
  });
});

describe.skipIf(again !== undefined)("whatever befalls its requests", () => {
  it.each(Object.entries(faultMatrix))(
    "%s claims what the server did",
    { timeout: 120_000 },
    async (command, trials) => {
      const problems: string[] = [];
      for (const trial of trials.keys()) {
        for (const faultCase of casesOf(command, trial)) problems.push(...(await runCase(faultCase)));
      }
      expect(problems).toEqual([]);
    },
  );
});

/** Each kind alone, and some mixtures. */
function casesOf(command: string, trial: number): FaultCase[] {
  const kinds = faultKinds.map(({ name }, seed): FaultCase => ({ command, trial, seed, kind: name }));
  return [...kinds, ...[1, 2, 3, 4].map((seed): FaultCase => ({ command, trial, seed }))];
}

describe.runIf(again !== undefined)("again", () => {
  it(`${again}`, { timeout: 120_000 }, async () => {
    expect(await runCase(parseCase(again ?? ""))).toEqual([]);
  });
});
