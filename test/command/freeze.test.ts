import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { refuseFrozen } from "../../src/command/freeze.js";
import { NotPossibleError } from "../../src/errors.js";
import { declarations } from "../support/declarations.js";

/** What a person is told: `create, apply, resume and trigger`. */
function toldCommands(): string {
  try {
    refuseFrozen({ settings: { freeze: "x" } } as Parameters<typeof refuseFrozen>[0]);
  } catch (error) {
    const hint = error instanceof NotPossibleError ? error.hint : undefined;
    return /: (.*) are refused until/.exec(typeof hint === "string" ? hint : "")?.[1] ?? "";
  }
  return "";
}

describe("HERM_FREEZE", () => {
  it("names exactly the commands that it refuses", () => {
    const frozen = Object.entries(declarations).filter(([, { isFrozen }]) => isFrozen !== undefined);
    const verbs = frozen.map(([name]) => name.split(" ").at(-1));
    expect(
      toldCommands()
        .split(/, | and /)
        .toSorted(),
    ).toEqual(verbs.toSorted());
  });

  it.each(["README.md", "src/settings/README.md"])("names the same in %s", (path) => {
    const text = readFileSync(join(import.meta.dirname, "../..", path), "utf8").replaceAll(/\s+/g, " ");
    expect(text).toContain(toldCommands());
  });
});
