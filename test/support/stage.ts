import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { type EmbeddedServer, type EmbedOptions, embedDevServer } from "../../src/dev-server/embed.js";
import { commandLines } from "../../src/help/layout.js";
import { typedLine } from "./shell-line.js";
import { startTerminal, type Terminal } from "./terminal-process.js";
import { user } from "./user.js";

/**
 * A server and a command whose clocks stand still, so that its screens are the same every time. Close it in a
 * `finally`. Doesn't need a test runner, because it also makes the README's screens.
 */
export interface Stage {
  readonly server: EmbeddedServer;
  open(words: readonly string[]): Terminal;
  /** The command line, and below it the terminal's screen when the command has ended. */
  screen(words: readonly string[], act?: (terminal: Terminal) => Promise<void>): Promise<string>;
  /**
   * The command line as in a shell, and everything that a terminal with colours receives until the command has ended.
   */
  recording(words: readonly string[], act?: (terminal: Terminal) => Promise<void>): Promise<string>;
  /**
   * Everything that a terminal with colours has received when `act` is done, from a command that redraws until Ctrl-C.
   */
  moment(words: readonly string[], act: (terminal: Terminal) => Promise<void>): Promise<string>;
  /** Writes a file into the commands' working folder. */
  write(path: string, text: string): void;
  /** Lets time pass for the server, and for commands that start later. */
  pass(seconds: number): Promise<void>;
  close(): Promise<void>;
}

export interface StageOptions {
  columns: number;
  /** Default: 60, more than a command redraws at once. */
  rows?: number;
  /** Returns rows as they are on the screen, instead of whole lines that may be wider. */
  isFolded?: boolean;
  /** Default: none, so that a command works only on what its words name. */
  deployment?: string;
  /** The server's initial content. Default: one deployment. */
  seed?: EmbedOptions["seed"];
}

const ctrlC = "\x03";
const beginning = Date.parse("2026-03-03T08:00:00Z");

export async function openStage({
  columns,
  rows = 60,
  isFolded = false,
  deployment,
  seed,
}: StageOptions): Promise<Stage> {
  let passedMs = 0;
  // Not below TMPDIR, because the length of the path affects line wraps.
  const home = mkdtempSync("/tmp/herm-stage-");
  const server = await embedDevServer({
    now: () => beginning,
    seed,
    apiKey: "herm_dev_stage_000000000000009f2c",
  });
  const { url } = await server.listen();
  const steady = steadier(home, url);
  const terminals: Terminal[] = [];
  const start = (words: readonly string[], look: Record<string, string> = {}) => {
    const env = {
      HOME: home,
      TZ: "Europe/Berlin",
      HERM_API_URL: url,
      HERM_API_KEY: server.apiKey,
      TEST_NOW: String(beginning + passedMs),
      ...(deployment === undefined ? {} : { HERM_DEPLOYMENT: deployment }),
      ...look,
    };
    const terminal = startTerminal(words, { env, columns, rows, cwd: home, preload: "fixed-clock" });
    terminals.push(terminal);
    return terminal;
  };
  const open = (words: readonly string[]) => start(words, { NO_COLOR: "1" });
  return {
    server,
    open,
    screen: async (words, act) => {
      const terminal = open(words);
      await act?.(terminal);
      const { lines } = await terminal.ended;
      const shown = steady(lines.map((line) => line.trimEnd()).join("\n")).split("\n");
      const below = isFolded ? shown.flatMap((line) => fold(line, columns)) : shown;
      return [`$ herm ${typedLine(words)}`, ...below].join("\n");
    },
    recording: async (words, act) => {
      const terminal = start(words);
      await act?.(terminal);
      await terminal.ended;
      return `${prompt(words, columns)}${steady(terminal.written())}`;
    },
    moment: async (words, act) => {
      const terminal = start(words);
      await act(terminal);
      const written = terminal.written();
      // Ids are numbered by the last frame, because earlier frames may have shown others.
      steady(terminal.lines().join("\n"));
      terminal.type(ctrlC);
      await terminal.ended;
      return steady(written);
    },
    write: (path, text) => {
      mkdirSync(dirname(join(home, path)), { recursive: true });
      writeFileSync(join(home, path), text);
    },
    pass: async (seconds) => {
      await server.advance(seconds);
      passedMs += seconds * 1000;
    },
    close: async () => {
      for (const terminal of terminals) terminal.close();
      await server.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/**
 * Replaces everything that differs from run to run with text of the same width: ids, the port, the home, the user and
 * the machine, the duration of runs.
 */
function steadier(home: string, url: string): (text: string) => string {
  const withIds = steadyIds();
  return (text) =>
    withIds(text)
      .replaceAll(new URL(url).host, "127.0.0.1:40471")
      .replaceAll(home, "~")
      .replaceAll(` by ${user} on ${hostname()}`, " by oncall on laptop")
      .replaceAll(/(?<=\b|\x1b\[[\d;]*m)(in|after) \d+ (ms|s) · (\d+ tool)/g, "$1 12 s · $3");
}

/** Replaces ids so that they are the same in each run of a test, by the order in which they appear. */
export function steadyIds(): (text: string) => string {
  const known = new Map<string, string>();
  let seed = 7;
  const nextId = () =>
    Array.from({ length: 12 }, () => {
      seed = (seed * 48_271) % 2_147_483_647;
      return (seed % 36).toString(36);
    }).join("");
  return (text) =>
    // A word may also start after a colour.
    text.replaceAll(
      /(?<=\b|\x1b\[[\d;]*m)((auto|run|thr|evt|dep|req)_[0-9a-z]{12}|c_[0-9a-z]{6})\b/g,
      (id) => {
        const [kind = "", letters = ""] = id.split("_");
        const name = known.get(id) ?? `${kind}_${nextId().slice(0, letters.length)}`;
        known.set(id, name);
        return name;
      },
    );
}

/** The typed text, wrapped as a person would, and bold, so that it stands out from the output. */
export function prompt(words: readonly string[], columns: number): string {
  const [first = "", ...more] = commandLines(typedLine(["herm", ...words]), columns);
  const lines = [first.trimStart(), ...more].map((line) => `\x1b[1m${line}\x1b[22m\r\n`);
  return `$ ${lines.join("")}`;
}

/** The rows into which a terminal wraps a line that is too wide. Such lines contain no wide characters. */
function fold(line: string, columns: number): string[] {
  if (line.length <= columns) return [line];
  return [line.slice(0, columns), ...fold(line.slice(columns), columns)];
}
