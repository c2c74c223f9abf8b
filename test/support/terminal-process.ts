import pty from "@lydell/node-pty";
import xterm from "@xterm/headless";
import { compiledFolder } from "./command-file.js";
import { type Preload, preloaded } from "./preloaded.js";

/** The built command on a real terminal, with the screen of an emulator. */
export interface Terminal {
  /** Resolves when the text is on the screen, or has scrolled off it; rejects if the command ends before that. */
  shows(text: string): Promise<void>;
  /** Resolves when the command has written again. */
  moves(): Promise<void>;
  type(keys: string): void;
  resize(columns: number, rows?: number): void;
  /** The current lines, including those that scrolled off, with wrapped rows joined and without trailing blanks. */
  lines(): string[];
  /** All characters that the command has written so far. */
  written(): string;
  /** Resolves once the command has ended. */
  ended: Promise<Ended>;
  close(): void;
}

interface Ended {
  code: number;
  lines: string[];
  isCursorShown: boolean;
  /** True if the terminal reads lines and echoes them, as a shell expects. */
  isCooked: boolean;
  /**
   * The private modes that were left on, such as 1049 for the other screen; the cursor is separate. -7: lines no longer
   * wrap.
   */
  modes: number[];
  /**
   * Effects that texts must never have: set a title, ring the bell, make the terminal answer, or write to its
   * clipboard.
   */
  effects: string[];
}

export interface TerminalOptions {
  env: Record<string, string>;
  /** 0 if the terminal doesn't know its size. */
  columns?: number;
  rows?: number;
  /** The command's working folder. */
  cwd?: string;
  /** The module to load before the command. */
  preload?: Preload;
  /** The shell has job control: it reports when the command stops, and continues it after an Enter. */
  hasJobs?: boolean;
}

const cursor = 25;
/** Lines that are too long continue in the next row. */
const folding = 7;
/** Text written until the mode ends is shown at once. */
const frame = 2026;
/**
 * Reports the state of the terminal after the command, beside its text. The shell then waits until that has been read,
 * because unread output would be lost shortly after its end.
 */
const tellModes = 777;
const shell = `trap : INT
[ -z "$UNSIZED" ] || stty rows 0 cols 0
[ -z "$WIDE" ] || stty cols "$WIDE"
[ -z "$UNTYPED" ] || export TERM=
[ -z "$JOBS" ] || set -m
"$@"
code=$?
if [ -n "$JOBS" ]; then
  printf 'stopped by %s:%s.' "$code" "$(stty -a | tr -s '; \\n' '  ' | grep -oE ' -?(icanon|echo) ' | tr -d '\\n')"
  read -r again
  fg > /dev/null
  code=$?
fi
modes=$(stty -a | tr -s '; \\n' '  ')
stty -echo
printf '\\033]${tellModes};%s\\007' "$modes"
read -r seen
exit $code`;

/** Starts the command in a shell on a terminal of its own. */
export function startTerminal(
  words: readonly string[],
  { env, columns = 80, rows = 24, cwd, preload, hasJobs = false }: TerminalOptions,
): Terminal {
  const size = { cols: columns || 80, rows };
  const screen = new xterm.Terminal({ ...size, scrollback: 20_000, allowProposedApi: true, logLevel: "off" });
  const command = preloaded(preload);
  const child = pty.spawn("/bin/sh", ["-c", shell, "sh", command.file, ...command.args, ...words], {
    ...size,
    name: env.TERM ?? "xterm-256color",
    cwd,
    env: {
      PATH: process.env.PATH ?? "",
      TZ: process.env.TZ ?? "",
      XDG_CACHE_HOME: compiledFolder(words),
      ...(columns === 0 ? { UNSIZED: "1" } : {}),
      ...(hasJobs ? { JOBS: "1" } : {}),
      ...env,
    },
  });
  const watched = watch(screen);
  const lines = () => linesOf(screen);
  const waiting = new Set<() => void>();
  let hasEnded = false;
  let written = "";
  // Piece by piece, so that waiting code can check between any two, but sees whole frames, like a person.
  let drawn = Promise.resolve();
  child.onData((data) => {
    drawn = drawn.then(async () => {
      written += data;
      await new Promise<void>((resolve) => screen.write(data, resolve));
      if (!hasEnded && watched.hasTold()) child.write("\r");
      hasEnded = watched.hasTold();
      for (const check of waiting) check();
    });
  });
  const ended = new Promise<Ended>((resolve) => {
    child.onExit(({ exitCode }) => {
      void drawn.then(() => resolve({ code: exitCode, lines: lines(), ...watched.state() }));
    });
  });
  const until = (isSo: () => boolean, what: string) =>
    new Promise<void>((resolve, reject) => {
      const check = () => {
        if (!hasEnded && watched.isInFrame()) return;
        const isDone = isSo();
        if (!isDone && !hasEnded) return;
        waiting.delete(check);
        if (isDone) resolve();
        else reject(new Error(`it ended and never showed ${what}:\n${lines().join("\n")}`));
      };
      waiting.add(check);
      check();
    });
  return {
    shows: (text) => until(() => lines().join("\n").includes(text), JSON.stringify(text)),
    moves: () => {
      let checks = 0;
      return until(() => {
        checks += 1;
        return checks > 1;
      }, "more");
    },
    type: (keys) => child.write(keys),
    resize: (to, toRows = rows) => {
      screen.resize(to, toRows);
      child.resize(to, toRows);
    },
    lines,
    written: () => written.split(`\x1b]${tellModes}`)[0] ?? "",
    ended,
    close: () => {
      child.kill("SIGKILL");
      screen.dispose();
    },
  };
}

/** Records effects that text alone can't show. */
function watch(screen: xterm.Terminal): {
  hasTold(): boolean;
  isInFrame(): boolean;
  state(): Omit<Ended, "code" | "lines">;
} {
  const modes = new Set([cursor, folding]);
  const effects: string[] = [];
  let told = "";
  const change = (isOn: boolean) => (parameters: (number | number[])[]) => {
    for (const mode of parameters.flat()) {
      if (isOn) modes.add(mode);
      else modes.delete(mode);
    }
    return false;
  };
  screen.parser.registerCsiHandler({ prefix: "?", final: "h" }, change(true));
  screen.parser.registerCsiHandler({ prefix: "?", final: "l" }, change(false));
  screen.parser.registerOscHandler(tellModes, (text) => {
    if (told !== "") effects.push("a made-up end");
    told = ` ${text} `;
    return true;
  });
  for (const code of [4, 8, 9, 10, 11, 12, 50, 52, 104, 133, 1337]) {
    screen.parser.registerOscHandler(code, () => {
      effects.push(`OSC ${code}`);
      return false;
    });
  }
  screen.onTitleChange((title) => effects.push(`title ${title}`));
  screen.onBell(() => effects.push("bell"));
  screen.onData((answer) => effects.push(`answer ${JSON.stringify(answer)}`));
  return {
    hasTold: () => told !== "",
    isInFrame: () => modes.has(frame),
    state: () => ({
      isCursorShown: modes.has(cursor),
      isCooked: [" icanon ", " echo ", " isig "].every((mode) => told.includes(mode)),
      modes: [
        ...[...modes].filter((mode) => mode !== cursor && mode !== folding),
        ...(modes.has(folding) ? [] : [-folding]),
      ],
      effects,
    }),
  };
}

/** Joins the rows of wrapped lines. */
function linesOf(screen: xterm.Terminal): string[] {
  const found: string[] = [];
  const { active } = screen.buffer;
  for (let row = 0; row < active.length; row += 1) {
    const line = active.getLine(row);
    const text = line?.translateToString(true, 0, screen.cols) ?? "";
    if (line?.isWrapped) found.push(`${found.pop() ?? ""}${text}`);
    else found.push(text);
  }
  while (found.at(-1) === "") found.pop();
  return found;
}
