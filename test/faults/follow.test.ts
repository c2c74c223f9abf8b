import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../support/harness.js";
import { followCut } from "./follow.js";

describe("a followed run with ten interruptions", () => {
  it.each(["table", "json", "jsonl"] as const)(
    "prints the same as an uninterrupted run: %s",
    async (format) => {
      const home = temporaryFolder();
      const whole = await followCut({ format, seed: 1, cuts: 0, home });
      expect(whole).toMatchObject({ code: 0, stderr: "" });
      for (let seed = 1; seed <= 8; seed += 1) {
        const { code, stdout, cutsLeft } = await followCut({ format, seed, cuts: 10, home });
        expect({ seed, code, cutsLeft, stdout }).toEqual({
          seed,
          code: 0,
          cutsLeft: 0,
          stdout: whole.stdout,
        });
      }
    },
  );
});
