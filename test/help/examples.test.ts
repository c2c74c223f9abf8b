import { describe, expect, it } from "vitest";
import { helpTexts } from "../support/declarations.js";
import { startDocumentedWorld } from "../support/documented-world.js";
import { parseLine } from "../support/parse-command.js";

const examples = Object.entries(helpTexts).flatMap(([name, { examples: lines }]) =>
  lines.map((line): [string, string] => [line, name]),
);

/** The exit code of an example if herm can't ask, unless it is 0. */
const endings: ReadonlyMap<string, number> = new Map([
  ["herm automations create", 2],
  ["herm automations update --replace five --with six --all-deployments", 2],
  ["herm automations catch-up --since 24h", 2],
  ['herm automations delete "Weekly video variations"', 2],
  ['herm automations resume --incident INC-42 --except "Report*"', 2],
  ['herm automations pause --all-deployments --incident INC-42 --reason "bad model"', 2],
  ["herm automations list --all-deployments --overdue --failing --waiting --unexpected --exit-code", 9],
  ["herm status --new --quiet", 9],
  ["herm incidents close INC-42", 2],
  ["herm runs watch run_8Qk2", 11],
  ["herm runs answer", 2],
  ['herm runs answer --text yes --match "Weekly*" --all-deployments', 2],
  ["herm auth login", 2],
  ["herm top", 2],
  ["herm undo", 2],
  ["herm top --deployment Acme", 2],
  ['herm top --customer cus_9 --match "Report*"', 2],
]);

/** These continue until they are stopped; other tests run them. */
const endless = /^herm dev\b|--watch/;

describe("an example in help", () => {
  it.each(examples)("%s is accepted exactly as written", async (line, name) => {
    expect(await parseLine(line)).toContain(name);
    expect(line).not.toMatch(/ -[a-z] /);
  });

  it.each(examples.filter(([line]) => !endless.test(line)))("%s works as described", async (line) => {
    const world = await startDocumentedWorld();
    const { code, stderr } = await world.runLine(line);
    expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({
      code: endings.get(line) ?? 0,
      stderr: code === 0 ? "" : stderr,
    });
  });
});

describe("the examples of each command", () => {
  it.each(Object.entries(helpTexts))("are two or three for %s", (_name, { examples: lines }) => {
    expect(lines.length).toBeLessThanOrEqual(3);
    expect(lines.length).toBeGreaterThanOrEqual(1);
  });
});
