import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { growthOverLooks, growthOverReconnects, growthOverTokens } from "../soak/growth-trials.js";

describe("the memory used by finished work", () => {
  it.each([
    ["a refresh of list --watch", growthOverLooks],
    ["a reconnect of a stream", growthOverReconnects],
    ["a thousand tokens of a stream", growthOverTokens],
  ])("doesn't grow after %s", async (_what, measure) => {
    const bytesPerRound = await measure({ warmUp: 300, rounds: 100 });
    // This still includes what the engine learns about new code; the soak measures long enough to exclude that.
    expect(bytesPerRound).toBeLessThan(2_000);
  });

  it("contains no composite signal, which would never be released", () => {
    const src = join(import.meta.dirname, "..", "..", "src");
    const files = readdirSync(src, { recursive: true, encoding: "utf8" }).filter((file) =>
      file.endsWith(".ts"),
    );
    const makers = files.filter((file) => /AbortSignal\.any\(/.test(readFileSync(join(src, file), "utf8")));
    expect(makers).toEqual([]);
  });
});
