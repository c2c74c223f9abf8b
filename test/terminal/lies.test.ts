import { describe, expect, it } from "vitest";
import type { Terminal } from "../support/terminal-process.js";
import { startPlace } from "./place.js";

/** Far more rows than any of these needs. */
const flood = 40_000;
const commands = [
  ["automations", "list"],
  ["automations", "get", "Weekly"],
  ["--help"],
  ["automations", "trigger", "Weekly", "--follow"],
];

/** All commands run at once; each must succeed with the expected output. */
async function each(
  open: (words: string[]) => Terminal,
  expected: (terminal: Terminal) => void,
): Promise<void> {
  await Promise.all(
    commands.map(async (words) => {
      const terminal = open(words);
      expect((await terminal.ended).code).toBe(0);
      expected(terminal);
    }),
  );
}

const expectNoFlood = (terminal: Terminal) => expect(terminal.written().length).toBeLessThan(flood);

describe("a terminal with false properties", () => {
  it.each(["0", "-5", "9999", "1000000000", "many", ""])(
    "causes no change with COLUMNS=%s",
    async (COLUMNS) => {
      const { open, add } = await startPlace();
      await add("Weekly");
      await each((words) => open(words, { env: { COLUMNS, LINES: COLUMNS } }), expectNoFlood);
    },
  );

  it.each([1, 2, 0, 20_000])("causes no flood of output or crash with a width of %d", async (columns) => {
    const { open, add } = await startPlace();
    await add("Weekly");
    const options = columns === 20_000 ? { columns: 80, env: { WIDE: "60000" } } : { columns };
    await each((words) => open(words, options), expectNoFlood);
  });

  it.each(["", "dumb", "unknown"])("receives lines without escape codes with TERM=%j", async (TERM) => {
    const { open, add } = await startPlace();
    await add("Weekly");
    const env = { ...(TERM === "" ? { UNTYPED: "1" } : { TERM }), NO_COLOR: "" };
    await each(
      (words) => open(words, { env }),
      (terminal) => expect(terminal.written()).not.toMatch(/\x1b|\r(?!\n)/),
    );
  });

  it.each(["vt100", "xyz"])("receives no colours with TERM=%s", async (TERM) => {
    const { open, add } = await startPlace();
    await add("Weekly");
    const terminal = open(["automations", "list"], { env: { TERM, NO_COLOR: "" } });
    expect((await terminal.ended).code).toBe(0);
    expect(terminal.written()).not.toContain("\x1b");
  });
});
