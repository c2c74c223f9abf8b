import { readFile, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { describe, expect, it } from "vitest";
import type { Prompts } from "../../src/context/prompts.js";
import { keys, openSession, paste } from "../support/prompt-session.js";

const inputKeys = "⏎ done · esc leaves";
const automations = [
  { name: "Weekly video variations", description: "Every Monday at 09:00 · enabled", value: "auto_1" },
  { name: "Daily \x1b[2Jreport", description: "Daily at 07:30 · paused", value: "auto_2" },
  { name: "Backup", value: "auto_3", search: "backup nightly" },
];

describe("the input prompt", () => {
  it("accepts a line", async () => {
    const session = openSession();
    const answer = session.prompts.input({ message: "Name" });
    await session.type("Weekly", keys.enter);
    expect(await answer).toBe("Weekly");
    expect(session.screen()).toEqual(["✓ Name Weekly"]);
  });

  it("shows the meaning of the text as the user types", async () => {
    const session = openSession();
    const preview = async (text: string) => `reads as ${text.toUpperCase()}\nnext: Monday`;
    const answer = session.prompts.input({ message: "Schedule", preview });
    await session.type("mon");
    expect(session.screen()).toEqual(["? Schedule mon", "reads as MON", "next: Monday", inputKeys]);
    await session.type(keys.enter);
    expect(await answer).toBe("mon");
    expect(session.screen()).toEqual(["✓ Schedule mon"]);
  });

  it("explains a rejection in place, and keeps the text", async () => {
    const session = openSession();
    const validate = (text: string) =>
      text === "banana" ? "not a schedule: banana\ntry: every Monday at 9am" : true;
    const answer = session.prompts.input({ message: "Schedule", validate });
    await session.type("banana", keys.enter);
    expect(session.screen()).toEqual([
      "? Schedule banana",
      "> not a schedule: banana",
      "  try: every Monday at 9am",
      inputKeys,
    ]);
    await session.type(keys.backspace, "s", keys.enter);
    expect(await answer).toBe("banans");
  });

  it("offers a default, kept by Enter and edited after Tab", async () => {
    const session = openSession();
    const kept = session.prompts.input({ message: "Name", default: "Old name" });
    await session.type("");
    expect(session.screen()).toEqual(["? Name (Old name)", inputKeys]);
    await session.type(keys.enter);
    expect(await kept).toBe("Old name");
    const edited = session.prompts.input({ message: "Name", default: "Old name" });
    await session.type(keys.tab, "!", keys.enter);
    expect(await edited).toBe("Old name!");
  });

  it("shows a hostile default escaped, keeps it as is and never types it", async () => {
    const session = openSession();
    const hostile = "a\rb\x1b[2J\x03\u202e";
    const answer = session.prompts.input({ message: "Name \x1b]0;x\x07", default: hostile });
    await session.type(keys.tab);
    expect(session.screen()).toEqual(["? Name ^[]0;x^G (a^Mb^[[2J^C<U+202E>)", inputKeys]);
    await session.type(keys.enter);
    expect(await answer).toBe(hostile);
    expect(session.written()).not.toMatch(/\x1b\]|\x1b\[2J|\u202e/);
  });

  it.each([
    ["Ctrl-C", keys.ctrlC],
    ["Ctrl-D", keys.ctrlD],
  ])("is interrupted by %s", async (_name, key) => {
    const session = openSession();
    const answer = session.prompts.input({ message: "Name" });
    const outcome = expect(answer).rejects.toMatchObject({ name: "InterruptedError", exitCode: 130 });
    await session.type("ab", keys.backspace, keys.backspace, key);
    await outcome;
    expect(session.keyboard.isRaw).toBe(false);
  });

  it("is interrupted by a closed terminal, or by a signal, with its reason", async () => {
    const gone = openSession();
    const first = expect(gone.prompts.input({ message: "Name" })).rejects.toMatchObject({ exitCode: 130 });
    await gone.type("a");
    gone.keyboard.end();
    await first;
    await expect(gone.prompts.input({ message: "Name" })).rejects.toMatchObject({ exitCode: 130 });

    const session = openSession();
    const second = expect(session.prompts.input({ message: "Name" })).rejects.toThrow("stop now");
    await session.type("a");
    session.abort.abort(new Error("stop now"));
    await second;
    await expect(session.prompts.input({ message: "Name" })).rejects.toThrow("stop now");
  });

  it("closes when its own signal aborts", async () => {
    const session = openSession();
    const moved = new AbortController();
    const outcome = expect(
      session.prompts.input({ message: "Answer", signal: moved.signal }),
    ).rejects.toThrow("it moved on");
    await session.type("ye");
    moved.abort(new Error("it moved on"));
    await outcome;
    const next = session.prompts.input({ message: "Next" });
    await session.type("a", keys.enter);
    expect(await next).toBe("a");
  });

  it.each([
    [true, "interrupted: your text is saved in /kept.md", ["a long answer"]],
    [false, "interrupted", []],
  ])("saves the typed text on request: %s", async (keeps, message, kept) => {
    const session = openSession();
    const asked = session.prompts.input({ message: "Answer", savesText: keeps });
    const outcome = expect(asked).rejects.toMatchObject({ message });
    await session.type("a long answer", keys.ctrlC);
    await outcome;
    expect(session.kept).toEqual(kept);
  });

  it("keeps the earlier text if the user typed none", async () => {
    const session = openSession();
    const asked = session.prompts.input({ message: "Answer", savesText: true, prefill: "a long answer" });
    const outcome = expect(asked).rejects.toThrow("your text is saved in /kept.md");
    await session.type(keys.ctrlC);
    await outcome;
    expect(session.kept).toEqual(["a long answer"]);
  });

  it("works in 20 columns", async () => {
    const session = openSession({ columns: 20 });
    const answer = session.prompts.input({
      message: "When should this automation run?",
      default: "every Monday at 9am in Berlin",
      preview: () => "At 09:00, only on Monday",
    });
    await session.type("");
    expect(session.screen()).toMatchInlineSnapshot(`
      [
        "? When should this",
        "automation run? (eve",
        "ry Monday at…)",
        "At 09:00, only on",
        "Monday",
        "⏎ done · esc leaves",
      ]
    `);
    await session.type("every Monday at 9am", keys.enter);
    expect(await answer).toBe("every Monday at 9am");
    expect(session.screen()).toMatchInlineSnapshot(`
      [
        "✓ When should this",
        "automation run? ever",
        "y Monday at…",
      ]
    `);
  });
});

describe("the multi-line prompt", () => {
  it("accepts lines until an empty one", async () => {
    const session = openSession();
    const answer = session.prompts.multiline({ message: "Instructions" });
    await session.type("Look at the videos.", keys.enter, "Make five.");
    expect(session.screen()).toEqual([
      "? Instructions",
      "  Look at the videos.",
      "  Make five.",
      "empty last line ends · ctrl-x editor · ↑↓ move · esc leaves",
    ]);
    await session.type(keys.enter, keys.enter);
    expect(await answer).toBe("Look at the videos.\nMake five.");
    expect(session.screen()).toEqual(["✓ Instructions Look at the videos. (2 lines)"]);
  });

  it("keeps empty lines in pasted text", async () => {
    const session = openSession();
    const answer = session.prompts.multiline({ message: "Instructions" });
    await session.type(`First: ${paste("one\n\n\ttwo\n\nthree")}`, " and more", keys.enter, keys.enter);
    expect(await answer).toBe("First: one\n\n\ttwo\n\nthree and more");
    expect(session.written().startsWith("\x1b[?2004h")).toBe(true);
    expect(session.written().endsWith("\x1b[?2004l")).toBe(true);
  });

  it("accepts five thousand pasted lines without redrawing everything for each", async () => {
    const session = openSession();
    const text = Array.from({ length: 5000 }, (_, index) => `line ${index}`).join("\n");
    const answer = session.prompts.multiline({ message: "Instructions" });
    await session.type(paste(text), keys.enter, keys.enter);
    expect(await answer).toBe(text);
    expect(session.written().length).toBeLessThan(10 * text.length);
  });

  it("returns to the line above with Backspace", async () => {
    const session = openSession();
    const answer = session.prompts.multiline({ message: "Instructions" });
    await session.type("on", keys.enter, keys.backspace, "e", keys.enter, keys.enter);
    expect(await answer).toBe("one");
  });

  it("keeps the default on an empty answer, and explains a rejection", async () => {
    const session = openSession();
    const validate = (text: string) => (text.includes("x") ? "no x" : true);
    const answer = session.prompts.multiline({ message: "Instructions", default: "old\nwords", validate });
    await session.type("");
    expect(session.screen()[0]).toBe("? Instructions (empty keeps: old (2 lines))");
    await session.type("x", keys.enter, keys.enter);
    expect(session.screen()).toEqual([
      "? Instructions (empty keeps: old (2 lines))",
      "  x",
      "",
      "> no x",
      "empty last line ends · ctrl-x editor · ↑↓ move · esc leaves",
    ]);
    await session.type(keys.backspace, keys.backspace, keys.enter);
    expect(await answer).toBe("old\nwords");
  });

  it("opens the current text in the editor, and explains a rejection afterwards", async () => {
    const session = openSession({
      env: { EDITOR: `sh -c 'printf "\\nfrom the editor\\n" >> "$1"' --`, PATH: "/usr/bin:/bin" },
    });
    const validate = (text: string) => (text.split("\n").length < 3 ? "write more" : true);
    const answer = session.prompts.multiline({ message: "Instructions", validate });
    await session.type("typed", keys.ctrlX);
    while (!session.screen().includes("> write more")) await session.type("");
    expect(session.screen()[0]).toBe("✓ Instructions in the editor");
    await session.type(keys.ctrlX);
    expect(await answer).toBe("typed\nfrom the editor\nfrom the editor");
  });

  it("moves to a line's start and end, and between lines", async () => {
    const session = openSession();
    const answer = session.prompts.multiline({ message: "Instructions" });
    await session.type("two", keys.enter, "four", keys.ctrlA, "three, ", keys.ctrlE, "!");
    await session.type(keys.up, keys.home, "one, ", keys.end, "?", keys.down, keys.end, ".");
    expect(session.screen()).toEqual([
      "? Instructions",
      "  one, two?",
      "  three, four!.",
      "empty last line ends · ctrl-x editor · ↑↓ move · esc leaves",
    ]);
    await session.type(keys.enter, keys.enter);
    expect(await answer).toBe("one, two?\nthree, four!.");
  });

  it("splits and joins lines, and keeps empty lines between others", async () => {
    const session = openSession();
    const answer = session.prompts.multiline({ message: "Instructions" });
    await session.type("abcd", keys.left, keys.left, keys.enter, keys.enter, keys.up, "x", keys.down);
    await session.type(keys.end, keys.enter, "ef", keys.up, keys.end, keys.delete, keys.home, keys.backspace);
    await session.type(keys.ctrlE, keys.enter, keys.enter);
    expect(await answer).toBe("ab\nxcdef");
  });

  it("shows lines around the cursor in a low terminal, with its position", async () => {
    const session = openSession({ rows: 8 });
    const answer = session.prompts.multiline({ message: "Instructions" });
    await session.type(paste(Array.from({ length: 12 }, (_, index) => `line ${index + 1}`).join("\n")));
    expect(session.screen()).toEqual([
      "? Instructions",
      ...[8, 9, 10, 11, 12].map((line) => `  line ${line}`),
      "line 12 of 12 · empty last line ends · ctrl-x editor · ↑↓ move · esc leaves",
    ]);
    await session.type(...Array<string>(11).fill(keys.up));
    expect(session.screen()).toEqual([
      "? Instructions",
      ...[1, 2, 3, 4, 5].map((line) => `  line ${line}`),
      "line 1 of 12 · empty last line ends · ctrl-x editor · ↑↓ move · esc leaves",
    ]);
    await session.type("0: ", ...Array<string>(12).fill(keys.down), keys.end, keys.enter, keys.enter);
    expect((await answer).split("\n").slice(0, 2)).toEqual(["line 10: ", "line 2"]);
  });

  it("saves the typed text when interrupted, names the file, and ends paste mode", async () => {
    const session = openSession();
    const outcome = expect(session.prompts.multiline({ message: "x" })).rejects.toMatchObject({
      exitCode: 130,
      message: "interrupted: your text is saved in /kept.md",
    });
    await session.type("a", keys.enter, "b", keys.ctrlC);
    await outcome;
    expect(session.kept).toEqual(["a\nb"]);
    expect(session.written().endsWith("\x1b[?2004l")).toBe(true);
  });

  it("saves the typed text if the editor fails", async () => {
    const session = openSession({ env: { EDITOR: "false", PATH: "/usr/bin:/bin" } });
    const failure = session.prompts.multiline({ message: "x" }).catch((error: unknown) => error);
    await session.type("typed", keys.ctrlX);
    const hint = String(Object(await failure).hint);
    const kept = hint.replace("your text is saved in ", "");
    expect(await readFile(kept, "utf8")).toBe("typed");
    await rm(dirname(kept), { recursive: true });
  });

  it("saves text from the editor that was rejected", async () => {
    const session = openSession({ env: { EDITOR: `sh -c 'echo edited > "$1"' --`, PATH: "/usr/bin:/bin" } });
    const asked = session.prompts.multiline({ message: "x", default: "old", validate: () => "no" });
    const outcome = expect(asked).rejects.toMatchObject({ exitCode: 130 });
    await session.type(keys.ctrlX);
    while (!session.screen().includes("> no")) await session.type("");
    await session.type(keys.ctrlC);
    await outcome;
    expect(session.kept).toEqual(["edited"]);
  });

  it("saves no empty or unchanged text", async () => {
    const session = openSession();
    const asked = session.prompts.multiline({ message: "x", default: "old" });
    const outcome = expect(asked).rejects.toMatchObject({ exitCode: 130, message: "interrupted" });
    await session.type(" ", keys.ctrlC);
    await outcome;
    expect(session.kept).toEqual([]);
  });
});

describe("Esc in a prompt", () => {
  const long = "Look at the refunds of last week, and say which";

  it.each<[string, (prompts: Prompts) => Promise<unknown>, string]>([
    ["an input", (prompts) => prompts.input({ message: "Name" }), "short"],
    ["several lines", (prompts) => prompts.multiline({ message: "Text" }), "short"],
    ["a password", (prompts) => prompts.password({ message: "Key" }), "short"],
    ["yes or no", (prompts) => prompts.confirm({ message: "Go on?" }), ""],
  ])("leaves %s, without a change", async (_what, ask, text) => {
    const session = openSession();
    const asked = ask(session.prompts);
    const outcome = expect(asked).rejects.toMatchObject({
      name: "DeclinedError",
      exitCode: 1,
      message: "nothing changed",
    });
    await session.type(text, keys.escape);
    await outcome;
    expect(session.keyboard.isRaw).toBe(false);
    expect(session.kept).toEqual([]);
  });

  it.each<[string, (prompts: Prompts) => Promise<unknown>]>([
    ["an input", (prompts) => prompts.input({ message: "Answer", savesText: true })],
    ["several lines", (prompts) => prompts.multiline({ message: "Text" })],
  ])("asks once if %s contains a longer text, and saves it", async (_what, ask) => {
    const session = openSession();
    const outcome = expect(ask(session.prompts)).rejects.toMatchObject({
      name: "DeclinedError",
      message: expect.stringMatching(/^nothing changed: your text is saved in /),
    });
    await session.type(long, keys.escape);
    while (!session.screen().some((line) => line.includes("press esc again to leave")))
      await session.type("");
    await session.type(keys.escape);
    await outcome;
    expect(session.kept).toEqual([long]);
  });
});

describe("the yes/no prompt", () => {
  it.each([
    ["y", true],
    ["", false],
    ["n", false],
  ])("reads %j as %s", async (text, answer) => {
    const session = openSession();
    const asked = session.prompts.confirm({ message: "Pause 12 automations?" });
    await session.type(text, keys.enter);
    expect(await asked).toBe(answer);
  });

  it("ignores text pasted before it appeared", async () => {
    const session = openSession();
    const name = session.prompts.input({ message: "Name" });
    await session.type("");
    session.keyboard.write("report\ry\r");
    expect(await name).toBe("report");
    session.keyboard.write("y\r");
    const sure = session.prompts.confirm({ message: "Sure?" });
    session.keyboard.write("y\r");
    while (!session.screen().includes("? Sure? (y/N)")) await session.type("");
    await session.type("n", keys.enter);
    expect(await sure).toBe(false);
  });

  it.each(["confirm", "pick", "input", "multiline"] as const)(
    "is interrupted by Ctrl-C right after Esc: %s",
    async (kind) => {
      const session = openSession();
      const question = { message: "Sure?", choices: automations };
      const outcome = expect(session.prompts[kind](question)).rejects.toMatchObject({ exitCode: 130 });
      await session.type("", `${keys.escape}${keys.ctrlC}`);
      await outcome;
      expect(session.keyboard.isRaw).toBe(false);
    },
  );

  it("reacts to Ctrl-C while it discards earlier input", async () => {
    const session = openSession();
    const sure = session.prompts.confirm({ message: "Sure?" });
    session.keyboard.write(keys.ctrlC);
    await expect(sure).rejects.toMatchObject({ exitCode: 130 });
  });
});

describe("the password prompt", () => {
  it("shows no character of the password", async () => {
    const session = openSession();
    const answer = session.prompts.password({ message: "API key" });
    await session.type("hk_secret", "\x14");
    expect(session.screen()).toEqual(["? API key *********"]);
    await session.type(keys.enter);
    expect(await answer).toBe("hk_secret");
    expect(session.written()).not.toContain("secret");
  });
});

describe("the pick prompt", () => {
  it("searches by name, description and search words", async () => {
    const session = openSession();
    const answer = session.prompts.pick({ message: "Which automation?", choices: automations });
    await session.type("");
    expect(session.screen()).toMatchInlineSnapshot(`
      [
        "? Which automation?",
        "❯ Weekly video variations",
        "  Daily ^[[2Jreport",
        "  Backup",
        "Every Monday at 09:00 · enabled",
        "type to search · ↑↓ move · ⏎ take · esc leaves",
      ]
    `);
    await session.type("paused");
    expect(session.screen()).toMatchInlineSnapshot(`
      [
        "? Which automation? paused",
        "❯ Daily ^[[2Jreport",
        "Daily at 07:30 · paused",
        "type to search · ↑↓ move · ⏎ take · esc clears",
      ]
    `);
    await session.type(keys.enter);
    expect(await answer).toBe("auto_2");
    expect(session.screen()).toEqual(["✓ Which automation? Daily ^[[2Jreport"]);
  });

  it("moves with the arrows, and says if no choice matches", async () => {
    const session = openSession();
    const answer = session.prompts.pick({ message: "Which?", choices: automations });
    await session.type("zzz");
    expect(session.screen()).toContain("> nothing matches");
    await session.type(keys.backspace, keys.backspace, keys.backspace, keys.down, keys.down, keys.enter);
    expect(await answer).toBe("auto_3");
  });

  it("accepts a search and Enter in one chunk", async () => {
    const session = openSession();
    const answer = session.prompts.pick({ message: "Which?", choices: automations });
    await session.type(`backup${keys.enter}`);
    expect(await answer).toBe("auto_3");
    expect(session.screen()).toEqual(["✓ Which? Backup"]);
  });

  it("accepts no choice without a match, and counts hidden choices", async () => {
    const session = openSession();
    const choices = Array.from({ length: 1000 }, (_, index) => ({ name: `report ${index}`, value: index }));
    const answer = session.prompts.pick({ message: "Which?", choices });
    await session.type("no", keys.enter);
    expect(session.screen()).toEqual([
      "? Which? no",
      "> nothing matches",
      "0 of 1000",
      "type to search · ↑↓ move · ⏎ take · esc clears",
    ]);
    await session.type(keys.backspace, keys.backspace, "999");
    expect(session.screen().slice(0, 3)).toEqual(["? Which? 999", "❯ report 999", "1 of 1000"]);
    await session.type(keys.enter);
    expect(await answer).toBe(999);
  });

  it("keeps choices on one line in 20 columns", async () => {
    const session = openSession({ columns: 20 });
    const answer = session.prompts.pick({ message: "Which automation?", choices: automations });
    await session.type("");
    expect(session.screen()).toMatchInlineSnapshot(`
      [
        "? Which",
        "automation?",
        "❯ Weekly video v…",
        "  Daily ^[[2Jrep…",
        "  Backup",
        "Every Monday at",
        "09:00 · enabled",
        "type to search · ↑…",
      ]
    `);
    await session.type("nightly", keys.enter);
    expect(await answer).toBe("auto_3");
  });
});

describe("a long list", () => {
  const choices = Array.from({ length: 30 }, (_, index) => ({
    name: `report ${index}`,
    value: index,
    description: "every day at 09:00 UTC",
  }));

  it.each([
    [40, 10],
    [24, 10],
    [12, 6],
    [8, 4],
    [6, 2],
    [4, 1],
  ])("has at most as many rows as fit: of %i, %i", async (rows, shown) => {
    const session = openSession({ rows });
    const answer = session.prompts.pick({ message: "Which?", choices });
    await session.type("", keys.end, keys.pageUp, keys.pageUp, keys.home);
    const screen = session.screen();
    expect(screen.filter((line) => line.includes("report"))).toHaveLength(shown);
    expect(screen[0]).toBe("? Which?");
    expect(screen.length).toBeLessThanOrEqual(Math.max(4, rows - 1));
    await session.type(keys.enter);
    expect(await answer).toBe(0);
  });

  it("moves by page and to both ends", async () => {
    const session = openSession({ rows: 12 });
    const answer = session.prompts.pick({ message: "Which?", choices });
    const current = () => session.screen().find((line) => line.startsWith("❯"));
    const seen: (string | undefined)[] = [];
    for (const key of [keys.pageDown, keys.pageDown, keys.pageUp, keys.end, keys.down, keys.home, keys.up]) {
      await session.type(key);
      seen.push(current());
    }
    expect(seen).toEqual([6, 12, 6, 29, 29, 0, 0].map((index) => `❯ report ${index}`));
    await session.type(keys.enter);
    expect(await answer).toBe(0);
  });

  it("closes on Esc, unless there is a search, which Esc clears first", async () => {
    const session = openSession({ rows: 12 });
    const outcome = expect(session.prompts.pick({ message: "Which?", choices })).rejects.toMatchObject({
      name: "DeclinedError",
      exitCode: 1,
      message: "nothing changed",
    });
    await session.type("29");
    expect(session.screen()).toContain("❯ report 29");
    await session.type(keys.escape);
    while (!session.screen().includes("❯ report 0")) await session.type("");
    expect(session.screen()[0]).toBe("? Which?");
    await session.type(keys.escape);
    await outcome;
    expect(session.keyboard.isRaw).toBe(false);
  });

  it("keeps its place when the cursor moves in the search", async () => {
    const session = openSession();
    const answer = session.prompts.pick({ message: "Which?", choices });
    await session.type("report", keys.down, keys.left, keys.ctrlA, keys.ctrlE, keys.tab);
    expect(session.screen()).toContain("❯ report 1");
    await session.type(keys.ctrlA, keys.right, keys.delete);
    expect(session.screen()[0]).toBe("? Which? rport");
    await session.type(keys.escape);
    while (session.screen()[0] !== "? Which?") await session.type("");
    await session.type(keys.enter);
    expect(await answer).toBe(0);
  });
});

describe("the pickSeveral prompt", () => {
  it("closes on Esc, with or without marks", async () => {
    const session = openSession();
    const asked = session.prompts.pickSeveral({ message: "Which?", choices: automations });
    const outcome = expect(asked).rejects.toMatchObject({ name: "DeclinedError", exitCode: 1 });
    await session.type(keys.space, keys.escape);
    await outcome;
  });

  it("keeps marks across searches, and returns choices in their order", async () => {
    const session = openSession();
    const answer = session.prompts.pickSeveral({ message: "Pause which?", choices: automations });
    await session.type("back", keys.tab);
    expect(session.screen()).toMatchInlineSnapshot(`
      [
        "? Pause which? back",
        "❯ ◉ Backup",
        "1 of 3 marked",
        "type to search · ↑↓ move · tab mark · ctrl-t all · ⏎ take · esc clears",
      ]
    `);
    await session.type(keys.backspace, keys.backspace, keys.backspace, keys.backspace, keys.space);
    expect(session.screen()).toMatchInlineSnapshot(`
      [
        "? Pause which?",
        "❯ ◉ Weekly video variations",
        "  ○ Daily ^[[2Jreport",
        "  ◉ Backup",
        "Every Monday at 09:00 · enabled",
        "2 of 3 marked",
        "type to search · ↑↓ move · space mark · ctrl-t all · ⏎ take · esc leaves",
      ]
    `);
    await session.type(keys.enter);
    expect(await answer).toEqual(["auto_1", "auto_3"]);
    expect(session.screen()).toEqual(["✓ Pause which? Weekly video variations, Backup"]);
  });

  it("accepts the row under the cursor if no row is marked", async () => {
    const session = openSession();
    const answer = session.prompts.pickSeveral({ message: "Which?", choices: automations });
    await session.type(keys.down, keys.enter);
    expect(await answer).toEqual(["auto_2"]);
    expect(session.screen()).toEqual(["✓ Which? Daily ^[[2Jreport"]);
  });

  it("reads a space as text once a search has started", async () => {
    const session = openSession();
    const answer = session.prompts.pickSeveral({ message: "Which?", choices: automations });
    await session.type("ly", keys.space, "vi");
    expect(session.screen().slice(0, 2)).toEqual(["? Which? ly vi", "❯ ○ Weekly video variations"]);
    await session.type(keys.tab, keys.enter);
    expect(await answer).toEqual(["auto_1"]);
  });

  it("marks or unmarks all visible choices with Ctrl-T", async () => {
    const session = openSession();
    const answer = session.prompts.pickSeveral({ message: "Which?", choices: automations });
    await session.type(keys.ctrlT);
    expect(session.screen()).toContain("3 of 3 marked");
    await session.type(keys.ctrlT);
    expect(session.screen()).toContain("0 of 3 marked");
    await session.type("daily", keys.ctrlT, keys.down, keys.up, keys.up, keys.enter);
    expect(await answer).toEqual(["auto_2"]);
  });

  it("says if no choice matches, and then marks nothing", async () => {
    const session = openSession();
    const answer = session.prompts.pickSeveral({ message: "Which?", choices: automations });
    await session.type("zzz", keys.tab, keys.enter);
    expect(session.screen()).toContain("> nothing matches");
    const outcome = expect(answer).rejects.toMatchObject({ exitCode: 130 });
    await session.type(keys.ctrlC);
    await outcome;
  });
});
