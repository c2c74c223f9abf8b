import pty from "@lydell/node-pty";
import { describe, expect, it } from "vitest";

interface Program {
  /** Waits until the terminal shows `text`, then types `keys`. */
  when(text: string, keys: string): Promise<void>;
  /** Types in one piece, and waits until something was shown. */
  types(keys: string): Promise<void>;
  /** Everything shown, once the program has ended, and its exit code. */
  ended: Promise<{ shown: string; exitCode: number }>;
}

function start(env: Record<string, string> = {}): Program {
  const program = new URL("../support/ask-on-terminal.ts", import.meta.url).pathname;
  const child = pty.spawn(process.execPath, ["--import", "tsx", program], {
    cols: 80,
    rows: 24,
    env: { ...process.env, ...env },
  });
  let shown = "";
  let onShown = () => {};
  child.onData((data) => {
    shown += data;
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
  return { when, types, ended };
}

describe("on a real terminal", () => {
  it.concurrent("asks, and a pasted second line doesn't answer the question after it", async () => {
    const program = start();
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
  ])("puts what is pasted into a line where the cursor is: %j", async (pieces, expected) => {
    const program = start();
    await program.when("Name", "");
    for (const piece of pieces) await program.types(piece);
    await program.when("Name", "\r");
    await program.when("(y/N)", "n\r");
    const { shown } = await program.ended;
    expect(shown).toContain(`got {"name":${JSON.stringify(expected)},"text"`);
    expect(shown.replaceAll(/\x1b\[[\d;?]*[a-zA-Z]|\r?\n/g, "")).toContain(`Name ${expected}`);
  });

  it.concurrent("is interrupted by Ctrl-C and leaves the terminal as it was", async () => {
    const program = start();
    await program.when("Name", "rep\x03");
    const { shown, exitCode } = await program.ended;
    expect(shown).toContain("failed InterruptedError raw=false");
    expect(shown.lastIndexOf("\x1b[?25h")).toBeGreaterThan(shown.lastIndexOf("\x1b[?25l"));
    expect(exitCode).toBe(130);
  });

  it.concurrent("lends the terminal to the editor and takes it back", async () => {
    const program = start({
      EDITOR: `sh -c 'echo ready > /dev/tty; read line < /dev/tty; echo "$line" > "$1"; test -z "$HERM_API_KEY"' --`,
      HERM_API_KEY: "hk_1",
    });
    await program.when("Name", "edit\r");
    await program.when("ready", "typed in the editor\r");
    await program.when("(y/N)", "y\r");
    const { shown } = await program.ended;
    expect(shown).toContain('got {"name":"edit","text":"typed in the editor\\n","isSure":true}');
  });
});
