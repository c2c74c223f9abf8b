import { describe, expect, it } from "vitest";
import { keys, talk } from "../support/pty.js";
import { restored, startPlace } from "./place.js";

const { enter, space } = keys;

describe.each([
  ["of 20 columns", 20],
  ["of unknown size", 0],
])("a terminal %s", (_case, columns) => {
  it("can be used to create automations interactively", async () => {
    const { open, read } = await startPlace();
    const terminal = open(["automations", "create"], { columns, rows: 40 });
    await talk(terminal, [
      ["Name", `Weekly videos${enter}`],
      ["Schedule (UTC)", `every Monday at 9am${enter}`],
      ["Instructions", `Make five variations of it.${enter}${enter}`],
      ["Create it?", enter],
      ["now? (y/N)", enter],
    ]);
    const { lines, ...ended } = await terminal.ended;

    expect(ended).toEqual({ code: 0, ...restored });
    expect(lines.join("\n")).toContain("✓ Created Weekly videos");
    expect(await read("Weekly videos")).toMatchObject({ schedule: "0 9 * * 1" });
  });

  it("can be used to follow a run, answer it and pick from a list", async () => {
    const { open, add, read } = await startPlace();
    await add("Publish", {
      instructions: "Publish the drafts, all five of them.\n@dev ask Publish all five to the main channel?",
    });
    const followed = open(["automations", "trigger"], { columns, rows: 40 });
    await talk(followed, [
      ["trigger?", space],
      ["1 of 1", enter],
      ["or text)", `yes${enter}`],
    ]);
    const paused = open(["automations", "pause"], { columns, rows: 40 });
    await talk(paused, [
      ["pause?", space],
      ["1 of 1", enter],
    ]);
    const ends = await Promise.all([followed.ended, paused.ended]);

    expect(ends.map(({ lines, ...ended }) => ended)).toEqual([
      { code: 0, ...restored },
      { code: 0, ...restored },
    ]);
    expect(ends[0].lines.join(" ")).toContain("Answered: yes");
    expect(await read("Publish")).toMatchObject({ enabled: false });
  });

  it.each([
    ["automations", "list"],
    ["automations", "get", "Weekly video variations"],
    ["automations", "upcoming", "--within", "14d"],
    ["automations", "audit", "--verbose"],
    ["runs", "list"],
    ["automations", "audit", "--by", "automation"],
    ["deployments", "list"],
    ["doctor"],
  ])("shows herm %s %s", async (...words) => {
    const { open, add } = await startPlace();
    await add("Weekly video variations");
    await add("収支レポート 📊");
    const { lines, ...ended } = await open(words, { columns, rows: 60 }).ended;

    expect(ended).toMatchObject({ code: 0, ...restored });
    expect(lines.length).toBeGreaterThan(0);
  });
});
