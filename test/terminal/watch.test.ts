import { describe, expect, it } from "vitest";
import { keys } from "../support/pty.js";
import { startPlace } from "./place.js";

describe("list --watch on a real terminal", () => {
  it("redraws others' changes in place, fits a resize, and never scrolls", async () => {
    const { open, add } = await startPlace();
    await add("Weekly videos");
    await add("収支レポート 📊");
    const terminal = open(["automations", "list", "--watch"], { columns: 100, rows: 12 });
    await terminal.shows("2 automations · q ends");
    expect(terminal.lines()[1]).toMatch(/^ {3}収支レポート 📊 {2}every Monday .* {2}◉ enabled {2}/);
    await open(["automations", "pause", "Weekly videos", "-q"]).ended;
    await terminal.shows("*  Weekly videos");
    expect(terminal.lines()).toHaveLength(4);
    expect(terminal.lines()[2]).toContain("○ paused");
    terminal.resize(60);
    await add("Inbox triage");
    await terminal.shows("3 automations · q ends");
    expect(terminal.lines()).toHaveLength(5);
    expect(Math.max(...terminal.lines().map((line) => line.length))).toBeLessThanOrEqual(60);
    terminal.type(keys.ctrlC);
    const { lines } = await terminal.ended;
    expect(lines).toHaveLength(5);
    expect(lines.at(-1)).toMatch(/^3 automations · updated \d\d:\d\d:\d\d$/);
  });

  it("counts hidden rows in a low terminal, and shows the update time", async () => {
    const { open, add } = await startPlace();
    for (let number = 1; number <= 9; number += 1) await add(`Report ${number}`);
    const terminal = open(["automations", "list", "--watch"], { rows: 6 });
    // The frame's last line.
    await terminal.shows("9 automations · q ends");
    expect(terminal.lines()).toHaveLength(6);
    expect(terminal.lines()[4]).toBe("… 6 more");
    expect(terminal.lines().at(-1)).toMatch(/^9 automations · q ends · updated \d\d:\d\d:\d\d$/);
    terminal.type(keys.ctrlC);
    await terminal.ended;
  });
});
