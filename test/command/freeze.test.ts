import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { refuseFrozen } from "../../src/command/freeze.js";
import { NotPossibleError } from "../../src/errors.js";
import { loadTopic } from "../../src/help/topic-pages.js";
import { declarations } from "../support/declarations.js";
import { textsOf } from "../support/topics.js";

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

  it("names the same in the room's README", () => {
    const text = readFileSync(join(import.meta.dirname, "../../src/settings/README.md"), "utf8");
    expect(text.replaceAll(/\s+/g, " ")).toContain(toldCommands());
  });

  it.each(["environment", "incidents"])("names the same in herm help %s", async (name) => {
    expect(textsOf(await loadTopic(name)).join(" ")).toContain(toldCommands());
  });
});
