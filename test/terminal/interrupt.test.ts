import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../support/harness.js";
import { keys, talk } from "../support/pty.js";
import { startPlace } from "./place.js";

const { enter, space, ctrlC } = keys;
const escapeKey = "\x1b";

const schedule = ["? Schedule (UTC)", `@daily${enter}`] as const;
const name = ["? Name", `Inbox triage${enter}`] as const;

const questions: [string, string[], (readonly [string, string])[]][] = [
  ["at the first question of create", ["automations", "create"], [["? Name", `half${ctrlC}`]]],
  ["at the schedule's preview", ["automations", "create"], [name, ["for example:", `every day${ctrlC}`]]],
  [
    "in the instructions",
    ["automations", "create"],
    [name, schedule, ["empty last line ends", `one${enter}${ctrlC}`]],
  ],
  [
    "at the last question of create",
    ["automations", "create"],
    [name, schedule, ["empty last line ends", `x${enter}${enter}`], ["Create it?", ctrlC]],
  ],
  ["at a picker", ["automations", "get"], [["to get?", ctrlC]]],
  [
    "at a picker of several",
    ["automations", "pause"],
    [
      ["to pause?", space],
      ["1 of 2 marked", ctrlC],
    ],
  ],
  [
    "at the questions of update",
    ["automations", "update", "Publish"],
    [
      ["What do you want to change?", space],
      ["1 of 4 marked", enter],
      ["? Name (Publish)", `new${ctrlC}`],
    ],
  ],
  ["before a deletion", ["automations", "delete", "Publish"], [['Delete "Publish"?', ctrlC]]],
  [
    "before an incident's pause",
    ["automations", "pause", "--all", "--incident", "INC-1"],
    [["Pause 2 automations", ctrlC]],
  ],
  ["in an answer", ["runs", "answer", "Publish"], [["Your answer", `ye${ctrlC}`]]],
  ["in the series of waiting runs", ["runs", "answer"], [["empty skips it", ctrlC]]],
  ["at the key", ["auth", "login"], [["API key", `hk_secret${ctrlC}`]]],
];

describe("Esc on a real terminal", () => {
  it.each(questions)("counts as a no %s", async (_where, words, steps) => {
    const { open, add, all, server } = await startPlace();
    await add("Weekly videos");
    const id = await add("Publish", { instructions: "Publish.\n@dev ask Publish all five?" });
    await open(["automations", "trigger", `dep_local/${id}`, "--no-follow"]).ended;
    await server.advance(1);
    const before = await all();
    const terminal = open(words);
    await talk(
      terminal,
      steps.map(([shown, typed]) => [shown, typed.replace(ctrlC, escapeKey)] as const),
    );
    const { lines, ...ended } = await terminal.ended;

    expect(ended).toEqual({ code: 1, isCursorShown: true, isCooked: true, modes: [], effects: [] });
    expect(lines.at(-1)).toBe("nothing changed");
    expect(lines.join("\n")).not.toContain("error:");
    expect(await all()).toEqual(before);
  });
});

describe("Ctrl-C on a real terminal", () => {
  it.each(questions)("changes no automation %s and restores the terminal", async (where, words, steps) => {
    const { open, add, all, server } = await startPlace();
    await add("Weekly videos");
    const id = await add("Publish", { instructions: "Publish.\n@dev ask Publish all five?" });
    await open(["automations", "trigger", `dep_local/${id}`, "--no-follow"]).ended;
    await server.advance(1);
    const before = await all();
    const terminal = open(words);
    await talk(terminal, steps);
    const { lines, ...ended } = await terminal.ended;

    expect(ended).toEqual({ code: 130, isCursorShown: true, isCooked: true, modes: [], effects: [] });
    const isText = /instructions|answer$/.test(where);
    const ending = isText ? /^error: interrupted: your text is saved in +\/.*\.md$/ : /^error: interrupted$/;
    expect(lines.slice(isText ? -2 : -1).join(" ")).toMatch(ending);
    expect(lines.join("\n")).not.toContain("secret");
    expect(await all()).toEqual(before);
  });

  it.each([
    ["a watched list", ctrlC, 130, ["automations", "list", "--watch"], "2 automations · q ends"],
    ["a watched list by q", "q", 0, ["automations", "list", "--watch"], "2 automations · q ends"],
    ["a watched status by q", "q", 0, ["status", "--watch"], "1 needs attention · q ends"],
    ["watched runs by q", "q", 0, ["runs", "list", "--watch"], "0 runs · q ends"],
    ["a watched incident by q", "q", 0, ["incidents", "show", "INC-1", "--watch"], "1 of 1 paused"],
  ])("ends %s silently, and leaves its last frame", async (_case, key, code, words, sign) => {
    const { open, add } = await startPlace();
    await add("Weekly videos");
    await add("Publish");
    const env = { HOME: temporaryFolder() };
    await open(["automations", "pause", "Publish", "--incident", "INC-1"], { env }).ended;
    const terminal = open(words, { env });
    await terminal.shows(sign);
    terminal.type(key);
    const { lines, ...ended } = await terminal.ended;

    expect(lines.join("\n")).toContain(sign.replace(" · q ends", ""));
    expect(lines.join("\n")).not.toContain("q ends");
    expect(ended).toEqual({ code, isCursorShown: true, isCooked: true, modes: [], effects: [] });
  });
});
