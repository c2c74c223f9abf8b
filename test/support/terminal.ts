import xterm from "@xterm/headless";

export interface Screen {
  /** The text of the rows, without trailing blanks and without empty rows at the end. */
  lines: string[];
  /** The number of lines that started after a line end, not because the terminal was too narrow. */
  rows: number;
  /** All effects of a text other than showing characters and starting new lines. */
  effects: string[];
  cursor: { x: number; y: number };
}

export interface ScreenSize {
  columns?: number;
  rows?: number;
}

/** Shows the text on a terminal emulator and returns the result. LF alone starts a new line, as with a tty driver. */
export async function show(text: string, { columns = 120, rows = 12 }: ScreenSize = {}): Promise<Screen> {
  const terminal = new xterm.Terminal({
    cols: columns,
    rows,
    convertEol: true,
    allowProposedApi: true,
    logLevel: "off",
  });
  const effects: string[] = [];
  const seen = (effect: string) => () => {
    effects.push(effect);
    return false;
  };
  terminal.onTitleChange((title) => effects.push(`title ${title}`));
  terminal.onBell(() => effects.push("bell"));
  terminal.onData((reply) => effects.push(`reply ${JSON.stringify(reply)}`));
  for (const final of "@ABCDEFGHIJKLMPSTXZ`abcdefghilmnpqrstuvwxyz{|}~") {
    for (const prefix of ["", "?", ">", "="]) {
      terminal.parser.registerCsiHandler({ final, prefix }, seen(`CSI ${prefix}${final}`));
    }
    for (const intermediates of [" ", "!", '"', "$", "'", "#"]) {
      terminal.parser.registerCsiHandler({ final, intermediates }, seen(`CSI ${intermediates}${final}`));
    }
  }
  for (const code of [0, 1, 2, 4, 7, 8, 9, 10, 11, 12, 50, 52, 104, 133, 777, 1337]) {
    terminal.parser.registerOscHandler(code, seen(`OSC ${code}`));
  }
  await new Promise<void>((resolve) => terminal.write(text, resolve));
  if (terminal.buffer.active.type !== "normal") effects.push("alternate screen");
  const lines: string[] = [];
  for (let row = 0; row < terminal.buffer.active.length; row += 1) {
    const line = terminal.buffer.active.getLine(row);
    lines.push(line?.translateToString(true) ?? "");
  }
  while (lines.at(-1) === "") lines.pop();
  const isOwn = (_line: string, row: number) => terminal.buffer.active.getLine(row)?.isWrapped !== true;
  const ownRows = lines.filter(isOwn).length;
  const cursor = { x: terminal.buffer.active.cursorX, y: terminal.buffer.active.cursorY };
  terminal.dispose();
  return { lines, rows: ownRows, effects, cursor };
}
