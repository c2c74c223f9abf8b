import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { steady } from "../commands/run-server.js";
import { keys, talk } from "../support/pty.js";
import { restored, startPlace } from "./place.js";
import { openOnStream } from "./stream-server.js";

const instructions =
  "Look at our top-performing influencer video from last week and make five variations of it, each for another audience.";

/** A server on a socket, an automation, and what a process needs to reach them. */
async function setUp(directives: string) {
  const place = await startPlace();
  await place.add("Weekly video variations", { instructions: `${instructions}\n${directives}` });
  return place;
}

const trigger = ["automations", "trigger", "Weekly video variations"];

describe("a followed run on a real terminal", () => {
  it.each([
    [
      80,
      [
        "Working on: Look at our top-performing influencer video from last week and make",
        "five variations of it, each for another audience.",
        '✓ search {"query":"Look at our top-performing influencer video fro… → 3 results',
      ],
    ],
    [
      120,
      [
        "Working on: Look at our top-performing influencer video from last week and make five variations of it, each for another",
        "audience.",
        '✓ search {"query":"Look at our top-performing influencer video from last week a"} → 3 results',
      ],
    ],
  ])(
    "is shown, asks its question and continues with the answer, at %i columns",
    async (columns, beginning) => {
      const { open } = await setUp("@dev ask Publish all five to the main channel?");
      const terminal = open(trigger, { columns });
      await talk(terminal, [["Your answer", `only the first two${keys.enter}`]]);
      const { lines, ...ended } = await terminal.ended;

      expect(steady(lines.join("\n")).split("\n")).toEqual([
        ...beginning,
        "",
        "? Publish all five to the main channel?",
        "",
        "✓ Your answer (y, n or text) only the first two",
        "Answered: only the first two",
        "Done.",
        "✓ completed in TOOK · 1 tool call · herm runs show dep_local/run_1",
      ]);
      expect(ended).toEqual({ code: 0, ...restored });
    },
  );

  it("shows a spinner during waits, and removes it", async () => {
    const { open, server } = await setUp("@dev wait 60");
    const terminal = open(trigger);
    await terminal.shows("working");
    await server.advance(60);
    const { code, lines } = await terminal.ended;

    expect(code).toBe(0);
    expect(lines.join("\n")).not.toContain("working");
    expect(lines.at(-2)).toBe("Done.");
  });

  it("survives a resize during a wait and a question", async () => {
    const { open, server } = await setUp("@dev wait 60\n@dev ask Publish?");
    const terminal = open(trigger, { columns: 100 });
    await terminal.shows("working");
    for (const columns of [30, 90, 20, 70]) {
      terminal.resize(columns);
      await terminal.moves();
      await terminal.moves();
    }
    await server.advance(60);
    await terminal.shows("Your answer");
    terminal.resize(40);
    terminal.type(`go on with it${keys.enter}`);
    const { lines, ...ended } = await terminal.ended;
    const text = lines.join(" ");

    expect(ended).toEqual({ code: 0, ...restored });
    expect(text).toContain("make five variations of it, each for another audience.");
    expect(text.split("Working on:")).toHaveLength(2);
    expect(text.split("Answered: go on with it")).toHaveLength(2);
    expect(text).not.toContain("working");
  });

  it.each([
    ["while it runs", "@dev wait 60", "working"],
    ["at its question", "@dev ask Publish?", "Your answer"],
  ])("continues after Ctrl-C %s, which explains how to come back", async (_, directive, sign) => {
    const { open } = await setUp(directive);
    const terminal = open(trigger);
    await terminal.shows(sign);
    terminal.type(keys.ctrlC);
    const { lines, ...ended } = await terminal.ended;

    expect(ended).toEqual({ code: 130, ...restored });
    expect(lines.slice(-2).map(steady)).toEqual([
      expect.stringMatching(/^(\^C)?run_1 is still running; to come back:$/),
      "  herm runs watch dep_local/run_1",
    ]);
    expect(lines.join("\n")).not.toContain("working");
    const running = await open(["runs", "list", "--running", "--waiting", "-o", "name"]).ended;
    expect(running.lines).toEqual([expect.stringMatching(/^run_\w+$/)]);
  });

  it("closes its question on Esc, and explains how to answer later", async () => {
    const { open } = await setUp("@dev ask Publish?");
    const terminal = open(trigger);
    await terminal.shows("Your answer");
    terminal.type("\x1b");
    const { lines, ...ended } = await terminal.ended;

    expect(ended).toEqual({ code: 1, ...restored });
    expect(lines.slice(-2).map(steady)).toEqual([
      "run_1 got no answer, and is still waiting",
      "hint: herm runs answer dep_local/run_1",
    ]);
  });

  it("saves a longer answer on Esc, and names the file", async () => {
    const { open } = await setUp("@dev ask Publish?");
    const terminal = open(trigger, { columns: 200 });
    await terminal.shows("Your answer");
    const answer = "go on, but leave out the last one of the five";
    terminal.type(answer);
    await terminal.shows("the five");
    terminal.type("\x1b");
    await terminal.shows("press esc again to leave");
    terminal.type("\x1b");
    const { lines, code } = await terminal.ended;
    const path = /your text is saved in (\S+)/.exec(lines.join("\n"))?.[1] ?? "";

    expect(code).toBe(1);
    expect(readFileSync(path, "utf8").trim()).toBe(answer);
  });

  it("closes its question when another user answers", async () => {
    const { open } = await setUp("@dev ask Publish?");
    const terminal = open(trigger);
    await terminal.shows("Your answer");
    await open(["runs", "answer", "Weekly video variations", "y", "--no-follow"]).ended;
    const { code, lines } = await terminal.ended;

    expect(code).toBe(0);
    expect(lines).toContain("the run continued: no answer is needed");
    expect(lines).toContain("Answered: yes");
  });

  it("is answered and watched to its end in a series of waiting runs", async () => {
    const { open } = await setUp("@dev ask Publish?");
    await open([...trigger, "--no-follow"]).ended;
    const walk = open(["runs", "answer"]);
    await talk(walk, [
      ["empty skips it", `only two${keys.enter}`],
      ['Send "only two" to Weekly video variations?', `y${keys.enter}`],
    ]);
    const { code, lines } = await walk.ended;
    const watched = await open(["runs", "watch", "Weekly video variations"]).ended;

    expect(code).toBe(0);
    expect(lines.at(-1)).toMatch(/^✓ Answered Weekly video variations {2}run_\w+$/);
    expect(watched.code).toBe(0);
    expect(watched.lines).toEqual(expect.arrayContaining(["Answered: only two", "Done."]));
  });

  it("prints plain lines on a terminal without cursor movement", async () => {
    const { open } = await setUp("");
    const terminal = open([...trigger, "--follow"], { env: { TERM: "dumb" }, columns: 200 });
    const { lines, ...ended } = await terminal.ended;

    expect(ended).toEqual({ code: 0, ...restored });
    expect(lines[1]).toMatch(/^→ search /);
  });
});

describe("an agent's output", () => {
  const run = { run_id: "run_1", thread_id: "thr_1" };
  const over: [string, object] = ["run_status", { ...run, status: "completed" }];
  const said = (deltas: readonly string[]): [string, object][] => [
    ...deltas.map((delta): [string, object] => ["token", { ...run, delta }]),
    over,
  ];

  it("may be three thousand lines at once, each printed once, in order", async () => {
    const numbers = Array.from({ length: 3000 }, (_, at) => `line ${at + 1}`);
    const events = said(numbers.map((line) => `${line}\n`));
    const terminal = await openOnStream(["automations", "trigger", "auto_1"], { text: "x", events });
    const { lines, ...ended } = await terminal.ended;

    expect(ended).toEqual({ code: 0, ...restored });
    expect(lines.slice(0, -1)).toEqual(numbers);
  });

  it.each([
    ["a line that never ends, word by word", Array.from({ length: 4000 }, (_, at) => `w${at} `)],
    ["a word that never ends", ["x".repeat(30_000)]],
    ["wide characters without spaces", Array.from({ length: 500 }, () => "見積書を確認しました。")],
    ["one character at a time", Array.from("Not a line feed anywhere, and a letter an event. ".repeat(40))],
  ])("may be %s", async (_case, deltas) => {
    const terminal = await openOnStream(
      ["automations", "trigger", "auto_1"],
      { text: "x", events: said(deltas) },
      { columns: 61 },
    );
    const { lines, ...ended } = await terminal.ended;
    const dense = (text: string) => text.replaceAll(" ", "");

    expect(ended).toEqual({ code: 0, ...restored });
    expect(dense(lines.slice(0, -1).join(""))).toBe(dense(deltas.join("")));
    expect(lines.at(-1)).toContain("✓ completed");
  });
});
