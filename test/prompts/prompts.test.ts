import { describe, expect, it } from "vitest";
import { keys, openSession, paste } from "../support/prompt-session.js";

const automations = [
  { name: "Weekly video variations", description: "Every Monday at 09:00 · enabled", value: "auto_1" },
  { name: "Daily \x1b[2Jreport", description: "Daily at 07:30 · paused", value: "auto_2" },
  { name: "Backup", value: "auto_3", search: "backup nightly" },
];

describe("input", () => {
  it("takes a line", async () => {
    const session = openSession();
    const answer = session.prompts.input({ message: "Name" });
    await session.type("Weekly", keys.enter);
    expect(await answer).toBe("Weekly");
    expect(session.screen()).toEqual(["✓ Name Weekly"]);
  });

  it("shows what the text means while it is typed", async () => {
    const session = openSession();
    const preview = async (text: string) => `reads as ${text.toUpperCase()}\nnext: Monday`;
    const answer = session.prompts.input({ message: "Schedule", preview });
    await session.type("mon");
    expect(session.screen()).toEqual(["? Schedule mon", "reads as MON", "next: Monday"]);
    await session.type(keys.enter);
    expect(await answer).toBe("mon");
    expect(session.screen()).toEqual(["✓ Schedule mon"]);
  });

  it("explains a refusal in place and asks on with the text", async () => {
    const session = openSession();
    const validate = (text: string) =>
      text === "banana" ? "not a schedule: banana\ntry: every Monday at 9am" : true;
    const answer = session.prompts.input({ message: "Schedule", validate });
    await session.type("banana", keys.enter);
    expect(session.screen()).toEqual([
      "? Schedule banana",
      "> not a schedule: banana",
      "  try: every Monday at 9am",
    ]);
    await session.type(keys.backspace, "s", keys.enter);
    expect(await answer).toBe("banans");
  });

  it("offers a default: kept by Enter, edited after Tab", async () => {
    const session = openSession();
    const kept = session.prompts.input({ message: "Name", default: "Old name" });
    await session.type("");
    expect(session.screen()).toEqual(["? Name (Old name)"]);
    await session.type(keys.enter);
    expect(await kept).toBe("Old name");
    const edited = session.prompts.input({ message: "Name", default: "Old name" });
    await session.type(keys.tab, "!", keys.enter);
    expect(await edited).toBe("Old name!");
  });

  it("shows a hostile default harmless, keeps it to the letter and never types it", async () => {
    const session = openSession();
    const hostile = "a\rb\x1b[2J\x03\u202e";
    const answer = session.prompts.input({ message: "Name \x1b]0;x\x07", default: hostile });
    await session.type(keys.tab);
    expect(session.screen()).toEqual(["? Name ^[]0;x^G (a^Mb^[[2J^C<U+202E>)"]);
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

  it("is interrupted by a terminal that goes away, and by the signal with its reason", async () => {
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

  it("closes itself when its own signal aborts", async () => {
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

describe("multiline", () => {
  it("takes lines until an empty one", async () => {
    const session = openSession();
    const answer = session.prompts.multiline({ message: "Instructions" });
    await session.type("Look at the videos.", keys.enter, "Make five.");
    expect(session.screen()).toEqual([
      "? Instructions",
      "  Look at the videos.",
      "  Make five.",
      "empty line ends · ctrl-e editor",
    ]);
    await session.type(keys.enter, keys.enter);
    expect(await answer).toBe("Look at the videos.\nMake five.");
    expect(session.screen()).toEqual(["✓ Instructions Look at the videos. (2 lines)"]);
  });

  it("keeps the empty lines of pasted text", async () => {
    const session = openSession();
    const answer = session.prompts.multiline({ message: "Instructions" });
    await session.type(`First: ${paste("one\n\n\ttwo\n\nthree")}`, " and more", keys.enter, keys.enter);
    expect(await answer).toBe("First: one\n\n\ttwo\n\nthree and more");
    expect(session.written().startsWith("\x1b[?2004h")).toBe(true);
    expect(session.written().endsWith("\x1b[?2004l")).toBe(true);
  });

  it("takes five thousand pasted lines without drawing all of them again for each", async () => {
    const session = openSession();
    const text = Array.from({ length: 5000 }, (_, index) => `line ${index}`).join("\n");
    const answer = session.prompts.multiline({ message: "Instructions" });
    await session.type(paste(text), keys.enter, keys.enter);
    expect(await answer).toBe(text);
    expect(session.written().length).toBeLessThan(10 * text.length);
  });

  it("goes back over a line with Backspace", async () => {
    const session = openSession();
    const answer = session.prompts.multiline({ message: "Instructions" });
    await session.type("on", keys.enter, keys.backspace, "e", keys.enter, keys.enter);
    expect(await answer).toBe("one");
  });

  it("keeps the default for an empty answer, and explains a refusal", async () => {
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
      "empty line ends · ctrl-e editor",
    ]);
    await session.type(keys.backspace, keys.backspace, keys.enter);
    expect(await answer).toBe("old\nwords");
  });

  it("goes on in the editor with what there is, and comes back with a refusal", async () => {
    const session = openSession({
      env: { EDITOR: `sh -c 'printf "\\nfrom the editor\\n" >> "$1"' --`, PATH: "/usr/bin:/bin" },
    });
    const validate = (text: string) => (text.split("\n").length < 3 ? "write more" : true);
    const answer = session.prompts.multiline({ message: "Instructions", validate });
    await session.type("typed", keys.ctrlE);
    while (!session.screen().includes("> write more")) await session.type("");
    expect(session.screen()[0]).toBe("✓ Instructions in the editor");
    await session.type(keys.ctrlE);
    expect(await answer).toBe("typed\nfrom the editor\nfrom the editor");
  });

  it("is interrupted by Ctrl-C, and unmarks paste", async () => {
    const session = openSession();
    const outcome = expect(session.prompts.multiline({ message: "x" })).rejects.toMatchObject({
      exitCode: 130,
    });
    await session.type("a", keys.ctrlC);
    await outcome;
    expect(session.written().endsWith("\x1b[?2004l")).toBe(true);
  });
});

describe("confirm", () => {
  it.each([
    ["y", true],
    ["", false],
    ["n", false],
  ])("takes %j for %s", async (text, answer) => {
    const session = openSession();
    const asked = session.prompts.confirm({ message: "Pause 12 automations?" });
    await session.type(text, keys.enter);
    expect(await asked).toBe(answer);
  });

  it("isn't answered by what was pasted before it was there", async () => {
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

  it("hears Ctrl-C while it drops what was typed", async () => {
    const session = openSession();
    const sure = session.prompts.confirm({ message: "Sure?" });
    session.keyboard.write(keys.ctrlC);
    await expect(sure).rejects.toMatchObject({ exitCode: 130 });
  });
});

describe("password", () => {
  it("shows no character of it", async () => {
    const session = openSession();
    const answer = session.prompts.password({ message: "API key" });
    await session.type("hk_secret", "\x14");
    expect(session.screen()).toEqual(["? API key *********"]);
    await session.type(keys.enter);
    expect(await answer).toBe("hk_secret");
    expect(session.written()).not.toContain("secret");
  });
});

describe("pick", () => {
  it("finds by name, description and search words", async () => {
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
        "type to search · ↑↓ move · ⏎ take",
      ]
    `);
    await session.type("paused");
    expect(session.screen()).toMatchInlineSnapshot(`
      [
        "? Which automation? paused",
        "❯ Daily ^[[2Jreport",
        "Daily at 07:30 · paused",
        "type to search · ↑↓ move · ⏎ take",
      ]
    `);
    await session.type(keys.enter);
    expect(await answer).toBe("auto_2");
    expect(session.screen()).toEqual(["✓ Which automation? Daily ^[[2Jreport"]);
  });

  it("moves with the arrows, and says when nothing fits", async () => {
    const session = openSession();
    const answer = session.prompts.pick({ message: "Which?", choices: automations });
    await session.type("zzz");
    expect(session.screen()).toContain("> nothing fits");
    await session.type(keys.backspace, keys.backspace, keys.backspace, keys.down, keys.down, keys.enter);
    expect(await answer).toBe("auto_3");
  });

  it("takes what was typed and confirmed in one go", async () => {
    const session = openSession();
    const answer = session.prompts.pick({ message: "Which?", choices: automations });
    await session.type(`backup${keys.enter}`);
    expect(await answer).toBe("auto_3");
    expect(session.screen()).toEqual(["✓ Which? Backup"]);
  });

  it("takes nothing where nothing fits, and counts what fits in a long list", async () => {
    const session = openSession();
    const choices = Array.from({ length: 1000 }, (_, index) => ({ name: `report ${index}`, value: index }));
    const answer = session.prompts.pick({ message: "Which?", choices });
    await session.type("no", keys.enter);
    expect(session.screen()).toEqual([
      "? Which? no",
      "> nothing fits",
      "0 of 1000",
      "type to search · ↑↓ move · ⏎ take",
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

describe("pickSeveral", () => {
  it("marks over several searches and gives them in the choices' order", async () => {
    const session = openSession();
    const answer = session.prompts.pickSeveral({ message: "Pause which?", choices: automations });
    await session.type("back", keys.space);
    expect(session.screen()).toMatchInlineSnapshot(`
      [
        "? Pause which? back",
        "❯ ◉ Backup",
        "1 of 3 marked",
        "↑↓ move · space mark · ctrl-a all · ⏎ done",
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
        "↑↓ move · space mark · ctrl-a all · ⏎ done",
      ]
    `);
    await session.type(keys.enter);
    expect(await answer).toEqual(["auto_1", "auto_3"]);
    expect(session.screen()).toEqual(["✓ Pause which? Weekly video variations, Backup"]);
  });

  it("wants at least one, marks all that are shown with Ctrl-A, and unmarks them again", async () => {
    const session = openSession();
    const answer = session.prompts.pickSeveral({ message: "Which?", choices: automations });
    await session.type(keys.enter);
    expect(session.screen()).toContain("> mark at least one with space");
    await session.type("daily", keys.ctrlA, keys.ctrlA, keys.enter);
    expect(session.screen()).toContain("> mark at least one with space");
    await session.type(keys.ctrlA, keys.down, keys.up, keys.up, keys.enter);
    expect(await answer).toEqual(["auto_2"]);
  });

  it("says when nothing fits, and marks nothing then", async () => {
    const session = openSession();
    const answer = session.prompts.pickSeveral({ message: "Which?", choices: automations });
    await session.type("zzz", keys.space);
    expect(session.screen()).toContain("> nothing fits");
    const outcome = expect(answer).rejects.toMatchObject({ exitCode: 130 });
    await session.type(keys.ctrlC);
    await outcome;
  });
});
