import xterm from "@xterm/headless";
import { describe, expect, it } from "vitest";
import type { RawEvent } from "../../src/api/types.js";
import { plainStyle } from "../../src/output/style.js";
import { closingLine } from "../../src/runs/closing-line.js";
import { liveView, Screen } from "../../src/runs/live-view.js";
import { readEvent, reduce, startRun } from "../../src/runs/reduce.js";
import { openPrinter } from "../support/open-printer.js";
import { Captured } from "../support/streams.js";
import { ManualClock } from "./clock.js";
import { question, result, status, token, tool } from "./events.js";

/** A terminal that can be resized between two writes. */
function openTerminal(columns = 40, rows = 20) {
  const terminal = new xterm.Terminal({ cols: columns, rows, convertEol: true, allowProposedApi: true });
  const lines = () => {
    const found: string[] = [];
    const { active } = terminal.buffer;
    for (let row = 0; row < active.length; row += 1) {
      const line = active.getLine(row);
      const text = line?.translateToString(true) ?? "";
      if (line?.isWrapped) found.push(`${found.pop() ?? ""}${text}`);
      else found.push(text);
    }
    while (found.at(-1) === "") found.pop();
    return found;
  };
  return {
    write: (text: string) => new Promise<void>((resolve) => terminal.write(text, resolve)),
    columns: () => terminal.cols,
    resize: (to: number) => terminal.resize(to, rows),
    lines,
    column: () => terminal.buffer.active.cursorX,
  };
}

describe("the screen", () => {
  it("replaces its live lines and keeps the lines above them", async () => {
    const terminal = openTerminal();
    await terminal.write("$ herm\n");
    const screen = new Screen(terminal);
    await screen.paint([], ["one", "two"]);
    await screen.paint(["for good"], ["three"]);
    await screen.paint([], ["four", "five", "six"]);
    expect(terminal.lines()).toEqual(["$ herm", "for good", "four", "five", "six"]);

    await screen.clear();
    await terminal.write("$");
    expect(terminal.lines()).toEqual(["$ herm", "for good", "$"]);
  });

  it("writes nothing without a change", async () => {
    const writes: string[] = [];
    const screen = new Screen({ write: async (text) => void writes.push(text), columns: () => 40 });
    await screen.paint(["a"], ["b"]);
    await screen.paint([], ["b"]);
    await screen.clear();
    await screen.clear();

    expect(writes).toEqual(["a\nb\n", "\u001b[1A\r\u001b[J"]);
  });

  it.each([
    ["narrower", 15],
    ["much narrower", 7],
    ["wider", 100],
  ])("finds its lines again when the terminal becomes %s", async (_, columns) => {
    const terminal = openTerminal(40);
    const screen = new Screen(terminal);
    await screen.paint(
      ["the first line for good"],
      ["a live line of 33 columns in width", "漢字漢字漢字漢字"],
    );
    terminal.resize(columns);
    await screen.paint(["the second"], ["live"]);

    expect(terminal.lines()).toEqual(["the first line for good", "the second", "live"]);
  });

  it("scrolls without leaving traces", async () => {
    const terminal = openTerminal(40, 6);
    const screen = new Screen(terminal);
    for (let at = 0; at < 30; at += 1) await screen.paint([`line ${at}`], ["live", `spinner ${at}`]);
    await screen.clear();

    expect(terminal.lines()).toEqual(Array.from({ length: 30 }, (_, at) => `line ${at}`));
  });
});

async function openView(columns: number) {
  const terminal = openTerminal(columns, 30);
  const stdout = new Captured();
  const write = stdout.write.bind(stdout);
  const clock = new ManualClock();
  const printer = await openPrinter({
    io: {
      stdout,
      stderr: stdout,
      stdoutIsTty: true,
      stderrIsTty: true,
      colour: { stdout: false, stderr: false },
      columns,
    },
    quiet: false,
    githubActions: false,
  });
  const view = liveView({ printer, columns: terminal.columns, now: clock.now, sleep: clock.sleep });
  let shown = 0;
  const lines = async () => {
    await terminal.write(stdout.text.slice(shown));
    shown = stdout.text.length;
    return terminal.lines();
  };
  let state = startRun("run_1", "thr_1");
  const show = async (...events: RawEvent[]) => {
    const read = events.map(readEvent);
    state = read.reduce(reduce, state);
    await view.show(read, state);
    await clock.advance(100);
  };
  return { view, clock, terminal, lines, show, write, state: () => state, stdout };
}

describe("the live view", () => {
  it("shows a run from its first word to its closing line", async () => {
    const { view, clock, lines, show, state } = await openView(60);
    await show(status("running"));
    await clock.advance(1_000);
    expect(await lines()).toEqual([expect.stringMatching(/^. working$/)]);

    await show(token("Looking at the videos of last week.\nThe be"), token("st one"));
    expect(await lines()).toEqual(["Looking at the videos of last week.", "The best one"]);

    await show(tool("search", { query: "influencer" }));
    expect(await lines()).toEqual([
      "Looking at the videos of last week.",
      "The best one",
      expect.stringMatching(/^. search \{"query":"influencer"\}$/),
    ]);

    await show(result("search", "3 results"), token("Done."), status("completed"));
    const closing = closingLine(state(), {
      durationMs: 12_400,
      showCommand: "herm runs show run_1",
      style: plainStyle,
      columns: 60,
    });
    await view.end(state(), closing);
    await view.close();
    expect(await lines()).toEqual([
      "Looking at the videos of last week.",
      "The best one",
      '✓ search {"query":"influencer"} → 3 results',
      "Done.",
      "✓ completed in 12 s · 1 tool call · herm runs show run_1",
    ]);
    expect(clock.sleepers).toBe(0);
  });

  it("releases the terminal for a question and takes it back", async () => {
    const { view, lines, show, state, write } = await openView(60);
    await show(token("Ready."), question("Publish all five?"));
    await view.pause();
    write("Answer: yes\n");
    await show();
    expect(await lines()).toEqual(["Ready.", "", "? Publish all five?", "", "Answer: yes"]);

    view.resume();
    await show(status("running"), token("Publishing."));
    expect((await lines()).at(-1)).toBe("Publishing.");
    await view.end(state(), "");
    expect(await lines()).toEqual(["Ready.", "", "? Publish all five?", "", "Answer: yes", "Publishing."]);
  });

  it("shows a note between the run's lines", async () => {
    const { view, lines, show } = await openView(60);
    await show(token("Half a li"));
    await view.note("connection lost, reconnecting …");
    await show(token("ne"));

    expect(await lines()).toEqual(["connection lost, reconnecting …", "Half a line"]);
  });

  it("leaves no partial line when closed midway", async () => {
    const { view, clock, lines, show, terminal } = await openView(60);
    await show(token("One line.\n"), tool("search", {}));
    await view.close();

    expect(await lines()).toEqual(["One line."]);
    expect(terminal.column()).toBe(0);
    expect(clock.sleepers).toBe(0);
  });

  it("survives a resize within a line", async () => {
    const { view, lines, show, state, terminal } = await openView(60);
    await show(token("These words are longer than twenty columns, "));
    await lines();
    terminal.resize(20);
    await show(token("and they go on in a narrow terminal."));
    await view.end(state(), "");

    expect((await lines()).join(" ")).toBe(
      "These words are longer than twenty columns, and they go on in a narrow terminal.",
    );
  });

  it("redraws a very fast run only a few times, with all its text", async () => {
    const { view, clock, lines, stdout } = await openView(60);
    let state = startRun("run_1");
    for (let at = 0; at < 500; at += 1) {
      const event = readEvent(token(`line ${at}\n`));
      state = reduce(state, event);
      await view.show([event], state);
    }
    await clock.advance(100);

    expect(stdout.writes).toBe(2);
    expect(await lines()).toEqual(Array.from({ length: 500 }, (_, at) => `line ${at}`));
  });
});
