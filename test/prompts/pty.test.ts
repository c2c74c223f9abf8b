import pty from "@lydell/node-pty";
import { describe, expect, it } from "vitest";

interface Program {
  /** Waits until the terminal shows `text`, then types `keys`. */
  when(text: string, keys: string): Promise<void>;
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
  return { when, ended };
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
