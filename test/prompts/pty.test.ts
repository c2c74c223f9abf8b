import { readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import pty from "@lydell/node-pty";
import xterm from "@xterm/headless";
import { describe, expect, it } from "vitest";
import { bundledProgram } from "../support/bundled-program.js";
import { temporaryFolder } from "../support/harness.js";

interface Program {
  /** Waits until the terminal shows `text`, then types `keys`. */
  when(text: string, keys: string): Promise<void>;
  /** Types in one piece, and waits until something was shown. */
  types(keys: string): Promise<void>;
  /** Waits until a line on the screen shows the text; returns all lines. */
  sees(text: string): Promise<string[]>;
  /** Once the program has ended, returns its whole output and its exit code. */
  ended: Promise<{ shown: string; exitCode: number }>;
}

const asking = join(import.meta.dirname, "..", "support", "ask-on-terminal.ts");

async function start(env: Record<string, string> = {}, rows = 24): Promise<Program> {
  const screen = new xterm.Terminal({ cols: 80, rows, allowProposedApi: true, logLevel: "off" });
  const child = pty.spawn(process.execPath, [await bundledProgram(asking)], {
    cols: 80,
    rows,
    env: { ...process.env, ...env },
  });
  let shown = "";
  let onShown = () => {};
  child.onData((data) => {
    shown += data;
    screen.write(data, () => onShown());
    onShown();
  });
  const ended = new Promise<{ shown: string; exitCode: number }>((resolve) => {
    child.onExit(({ exitCode }) => resolve({ shown, exitCode }));
  });
  const when = async (text: string, keys: string) => {
    await new Promise<void>((resolve) => {
      onShown = () => {
        if (shown.includes(text)) resolve();
      };
      onShown();
    });
    child.write(keys);
  };
  const types = async (keys: string) => {
    const before = shown.length;
    child.write(keys);
    await new Promise<void>((resolve) => {
      onShown = () => {
        if (shown.length > before) resolve();
      };
      onShown();
    });
  };
  const sees = async (text: string) => {
    await new Promise<void>((resolve) => {
      onShown = () => {
        if (linesOf(screen).some((line) => line.includes(text))) resolve();
      };
      onShown();
    });
    return linesOf(screen);
  };
  return { when, types, sees, ended };
}

/** All lines, including those that scrolled off. */
function linesOf(screen: xterm.Terminal): string[] {
  const { active } = screen.buffer;
  const lines = Array.from(
    { length: active.length },
    (_, row) => active.getLine(row)?.translateToString(true) ?? "",
  );
  return lines.slice(0, lines.findLastIndex((line) => line.trim() !== "") + 1).map((line) => line.trimEnd());
}

describe("a prompt on a real terminal", () => {
  it.concurrent("asks, and never takes a pasted second line for the next answer", async () => {
    const program = await start();
    await program.when("Name", "report\ry\r");
    await program.when("(y/N)", "n\r");
    const { shown, exitCode } = await program.ended;
    expect(shown).toContain('got {"name":"report","text":"","isSure":false}');
    expect(exitCode).toBe(0);
  });

  const left = "\x1b[D";
  it.concurrent.each([
    [["abcdef", left.repeat(3), "XYZ"], "abcXYZdef"],
    [[`abcdef${left}${left}XYZ`], "abcdXYZef"],
    [["one two", "\x01", "日本 und 👍 ", "\x05", "!?"], "日本 und 👍 one two!?"],
    [["abc def ghi", left.repeat(4), "\x7f\x7f", "12", "\x0b", "34"], "abc d1234"],
    [["x".repeat(90), left.repeat(45), "12345"], `${"x".repeat(45)}12345${"x".repeat(45)}`],
  ])("inserts pasted text at the cursor: %j", async (pieces, expected) => {
    const program = await start();
    await program.when("Name", "");
    for (const piece of pieces) await program.types(piece);
    await program.when("Name", "\r");
    await program.when("(y/N)", "n\r");
    const { shown } = await program.ended;
    expect(shown).toContain(`got {"name":${JSON.stringify(expected)},"text"`);
    expect(shown.replaceAll(/\x1b\[[\d;?]*[a-zA-Z]|\r?\n/g, "")).toContain(`Name ${expected}`);
  });

  it.concurrent("is interrupted by Ctrl-C and restores the terminal", async () => {
    const program = await start();
    await program.when("Name", "rep\x03");
    const { shown, exitCode } = await program.ended;
    expect(shown).toContain("failed InterruptedError raw=false");
    expect(shown.lastIndexOf("\x1b[?25h")).toBeGreaterThan(shown.lastIndexOf("\x1b[?25l"));
    expect(exitCode).toBe(130);
  });

  it.concurrent("passes the terminal to the editor and takes it back", async () => {
    const program = await start({
      EDITOR: `sh -c 'echo ready > /dev/tty; read line < /dev/tty; echo "$line" > "$1"; test -z "$HERM_API_KEY"' --`,
      HERM_API_KEY: "hk_1",
    });
    await program.when("Name", "edit\r");
    await program.when("ready", "typed in the editor\r");
    await program.when("(y/N)", "y\r");
    const { shown } = await program.ended;
    expect(shown).toContain('got {"name":"edit","text":"typed in the editor\\n","isSure":true}');
  });

  it("moves between lines, and opens the text in the editor with Ctrl-X", async () => {
    const program = await start({ EDITOR: `sh -c 'tr a-z A-Z < "$1" > "$1.new"; mv "$1.new" "$1"' --` });
    await program.when("Name", "lines\r");
    await program.when("ctrl-x editor", "one\rthree");
    await program.sees("  three");
    await program.types("\x01");
    await program.types("two and \x05!");
    await program.types("\x1b[A");
    await program.types("\x05.");
    expect(await program.sees("  one.")).toContain("  two and three!");
    await program.types("\x18");
    await program.when("(y/N)", "n\r");
    const { shown } = await program.ended;
    expect(shown).toContain('"text":"ONE.\\nTWO AND THREE!"');
  });

  it("saves the typed text privately on Ctrl-C", async () => {
    const folder = temporaryFolder();
    const program = await start({ HERM_DATA_DIR: folder });
    await program.when("Name", "lines\r");
    await program.when("ctrl-x editor", "Make five variations.\rKeep them short.");
    await program.sees("Keep them short.");
    await program.types("\x03");
    const { shown, exitCode } = await program.ended;
    const path = /interrupted: your text is saved in (\S+)/.exec(shown)?.[1] ?? "";
    expect(path.startsWith(`${folder}/texts/`)).toBe(true);
    expect(readFileSync(path, "utf8")).toBe("Make five variations.\nKeep them short.");
    expect([path, dirname(path)].map((each) => (statSync(each).mode & 0o777).toString(8))).toEqual([
      "600",
      "700",
    ]);
    expect(exitCode).toBe(130);
  });

  it("fits a list into twelve rows, without scrolling as it moves", async () => {
    const program = await start({}, 12);
    await program.when("Name", "pick\r");
    await program.sees("30 of 30");
    await program.types("\x1b[6~");
    await program.sees("❯ report 6");
    await program.types("\x1b[F");
    const lines = await program.sees("❯ report 29");
    expect(lines).toEqual([
      "✓ Name pick",
      "? Which?",
      ...[24, 25, 26, 27, 28].map((index) => `  report ${index}`),
      "❯ report 29",
      "every day at 09:00 UTC · ◉ enabled · the one with the number 29",
      "30 of 30",
      "type to search · ↑↓ move · ⏎ take · esc leaves",
    ]);
    await program.types("29");
    await program.sees("1 of 30");
    program.types("\x1b");
    await program.sees("❯ report 0");
    program.types("\x1b");
    const { shown, exitCode } = await program.ended;
    expect(shown).toContain("failed DeclinedError raw=false nothing changed");
    expect(exitCode).toBe(130);
  });
});
