import xterm from "@xterm/headless";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Frame, paint } from "../../src/output/terminal/full-screen.js";
import { cut } from "../../src/output/width.js";

const begin = "\x1b[?2026h";
/** In the last row of three, below what is drawn. */
const end = "\x1b[3H\x1b[?2026l";

function frame(lines: readonly string[], { columns = 10, rows = 3 } = {}): Frame {
  return { lines, columns, rows };
}

/** An emulator's screen after frames were painted one after another. */
async function shown(frames: readonly Frame[]): Promise<string[]> {
  const [{ columns, rows } = { columns: 10, rows: 3 }] = frames;
  const terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true, logLevel: "off" });
  let before: Frame | undefined;
  terminal.write("\x1b[?1049h\x1b[?7l");
  for (const after of frames) {
    terminal.resize(after.columns, after.rows);
    await new Promise<void>((resolve) => terminal.write(paint(before, after), resolve));
    before = after;
  }
  const { active } = terminal.buffer;
  const lines = Array.from(
    { length: terminal.rows },
    (_, row) => active.getLine(row)?.translateToString(true) ?? "",
  );
  terminal.dispose();
  return lines;
}

describe("paint", () => {
  it.each<[string, Frame | undefined, Frame, string]>([
    [
      "all at first",
      undefined,
      frame(["a", "", "c"]),
      `${begin}\x1b[2J\x1b[1;1Ha\x1b[K\x1b[3;1Hc\x1b[K${end}`,
    ],
    ["nothing if nothing differs", frame(["a"]), frame(["a", ""]), ""],
    ["only the line that differs", frame(["a", "b"]), frame(["a", "B"]), `${begin}\x1b[2;1HB\x1b[K${end}`],
    ["an erased line", frame(["a", "b"]), frame(["a"]), `${begin}\x1b[2;1H\x1b[K${end}`],
    [
      "a whole line behind a clearing",
      frame([]),
      frame(["0123456789"]),
      `${begin}\x1b[1;1H\x1b[K0123456789${end}`,
    ],
    ["no more rows than the screen has", frame([]), frame(["", "", "", "d"]), ""],
    [
      "all after a resize",
      frame(["a"]),
      frame(["a"], { columns: 9 }),
      `${begin}\x1b[2J\x1b[1;1Ha\x1b[K${end}`,
    ],
  ])("writes %s", (_case, before, after, written) => {
    expect(paint(before, after)).toBe(written);
  });

  it("leaves the cursor below its output, ready for a prompt after SIGKILL", async () => {
    const terminal = new xterm.Terminal({ cols: 10, rows: 3, allowProposedApi: true, logLevel: "off" });
    const written = paint(frame(["a", "b", "c"]), frame(["A", "b", "c"]));
    await new Promise<void>((resolve) => terminal.write(written, resolve));
    expect([terminal.buffer.active.cursorX, terminal.buffer.active.cursorY]).toEqual([0, 2]);
    terminal.dispose();
  });

  it("shows exactly the last frame on a terminal", async () => {
    const texts = fc.constantFrom(
      "",
      "a",
      "収支レポート",
      "📊 done",
      "\x1b[1mbold\x1b[22m",
      "0123456789",
      "01234567890123456789",
    );
    const sizes = fc.record({
      columns: fc.integer({ min: 2, max: 20 }),
      rows: fc.integer({ min: 1, max: 5 }),
    });
    const frames = fc.tuple(fc.array(texts, { maxLength: 7 }), sizes).map(([lines, size]) => ({
      ...size,
      lines: lines.map((line) =>
        line.startsWith("\x1b") ? (size.columns < 4 ? "" : line) : cut(line, size.columns),
      ),
    }));
    await fc.assert(
      fc.asyncProperty(fc.array(frames, { minLength: 1, maxLength: 6 }), async (all) => {
        const last = all.at(-1);
        const expected = Array.from({ length: last?.rows ?? 0 }, (_, row) =>
          (last?.lines[row] ?? "").replaceAll(/\x1b\[\d+m/g, "").trimEnd(),
        );
        expect(await shown(all)).toEqual(expected);
      }),
      { numRuns: 200 },
    );
  });

  // The terminal in these tests gives emoji one column, like older ones.
  it("leaves no traces of a full line of ambiguous-width characters", async () => {
    const size = { columns: 6, rows: 1 };
    expect(
      await shown([
        { ...size, lines: ["01234…"] },
        { ...size, lines: ["📊 do…"] },
      ]),
    ).toEqual(["📊 do…"]);
  });

  it("writes only changed lines", () => {
    const lines = fc.array(fc.constantFrom("a", "b", "c"), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(lines, lines, (before, after) => {
        const written = paint(frame(before, { rows: 4 }), frame(after, { rows: 4 }));
        const rows = [...written.matchAll(/\x1b\[(\d+);1H/g)].map(([, row]) => Number(row) - 1);
        expect(rows).toEqual(after.flatMap((line, row) => (line === before[row] ? [] : [row])));
      }),
    );
  });
});
