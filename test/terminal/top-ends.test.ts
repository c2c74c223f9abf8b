import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../support/harness.js";
import { leaveTop, startPlace, until } from "./place.js";

const isShown = (lines: string[]) =>
  /^herm top .* updated .*, live/.test(lines[0] ?? "") &&
  lines.length === 24 &&
  lines.some((line) => line.includes("none yet"));

describe("the live screen of an interrupted terminal", () => {
  it.each(["SIGTSTP", "SIGSTOP"])(
    "is restored in full, including terminal modes, after a %s that no key sent",
    async (signal) => {
      const { open, add } = await startPlace();
      await add("Digest");
      const when = join(temporaryFolder(), "now");
      const env = { TEST_WHEN: when, TEST_SIGNAL: signal };
      const terminal = open(["top"], { hasJobs: true, preload: "ended-when", env });
      const before = await until(terminal, isShown);
      writeFileSync(when, "");
      while (!terminal.written().includes("stopped by")) await terminal.moves();
      if (signal === "SIGTSTP") {
        expect(terminal.lines().join("\n")).toMatch(/^stopped by 148: icanon {2}echo \./);
        expect(terminal.written()).toMatch(/\x1b\[\?1049lstopped by/);
      }
      // A signal that can't be caught leaves the terminal without its translation of line ends.
      terminal.type(signal === "SIGTSTP" ? "\r" : "\n");
      const isTakenAgain = () => terminal.written().split("\x1b[?1049h").length === 3;
      const after = await until(terminal, (lines) => isTakenAgain() && isShown(lines));
      expect(after.slice(1)).toEqual(before.slice(1));
      const opened = terminal.written().lastIndexOf("\x1b[?1049h");
      expect(terminal.written().slice(opened)).toMatch(/^\x1b\[\?1049h\x1b\[\?25l\x1b\[\?2004h\x1b\[\?7l/);
      // Its keys are again read without the terminal's echo.
      terminal.type("s");
      const sorted = await until(terminal, (lines) => lines[0]?.includes("by name") === true);
      expect(sorted.join("\n")).not.toMatch(/^s$/m);
      await leaveTop(terminal);
    },
  );

  it("ends with its terminal, without a stream, process or lock left", async () => {
    const { open, add, server } = await startPlace();
    await add("Digest");
    const home = temporaryFolder();
    const terminal = open(["top"], { env: { HOME: home } });
    await until(terminal, isShown);
    expect(server.look().isAtWork).toBe(true);
    // The shell leads the session, so its end closes the terminal.
    terminal.close();
    await expect.poll(() => server.look().isAtWork).toBe(false);
    const left = () =>
      readdirSync(home, { recursive: true, encoding: "utf8" }).filter((file) => /lock|tmp/.test(file));
    await expect.poll(left).toEqual([]);
  });

  it("leaves its counts in lines that fit", async () => {
    const { open, add } = await startPlace();
    await add("Digest of the week");
    await add("Other");
    const terminal = open(["top", "--match", "Digest of the w*"], { columns: 44 });
    await until(terminal, (lines) => lines.some((line) => line.includes("none yet")));
    const left = await leaveTop(terminal);
    expect(left).toMatch(/ 1 enabled/);
    expect(Math.max(...left.split("\n").map((line) => line.length))).toBeLessThanOrEqual(44);
  });

  it("asks for a larger terminal at 20×5, and recovers", async () => {
    const { open, add } = await startPlace();
    for (let number = 10; number < 40; number += 1) await add(`Report ${number}`);
    const terminal = open(["top"], { rows: 24 });
    const before = await until(terminal, isShown);
    for (const [columns, rows] of [
      [20, 5],
      [1, 1],
      [20, 5],
    ] as const) {
      terminal.resize(columns, rows);
      await until(
        terminal,
        (lines) => lines[0]?.startsWith(columns === 1 ? "…" : "herm top needs 40×1…") === true,
      );
      expect(terminal.lines()).toHaveLength(1);
    }
    terminal.resize(80, 24);
    const after = await until(terminal, isShown);
    expect(after.slice(1)).toEqual(before.slice(1));
    await leaveTop(terminal);
  });

  it("shows each of 1,000 automations", async () => {
    const { open, add } = await startPlace();
    for (let number = 1; number <= 1_000; number += 1) await add(`Report ${String(number).padStart(4, "0")}`);
    const terminal = open(["top"]);
    await terminal.shows("1–14 of 1000");
    expect(terminal.lines()[1]).toBe("1000 enabled");
    terminal.type("\x1b[F");
    await until(terminal, (lines) => lines[16]?.startsWith("› Report 1000") === true);
    terminal.type("/ 0999");
    await until(terminal, (lines) => lines[1]?.startsWith('1 match " 0999"') === true);
    terminal.type("\x1b");
    await until(terminal, (lines) => lines[0]?.includes("of 1000") === true);
    await leaveTop(terminal);
  });
});
