import { mkdirSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { addDeployment, call } from "../incident/fleet.js";
import { temporaryFolder } from "../support/harness.js";
import { keys, talk } from "../support/pty.js";
import type { Terminal } from "../support/terminal-process.js";
import { type Place, startPlace } from "./place.js";

const { ctrlC } = keys;
const enter = "\r";
/** Colour is requested, but the mode takes precedence. */
const accessible = { HERM_ACCESSIBLE: "1", NO_COLOR: "", FORCE_COLOR: "1" };

/** The command's output once it has ended, which must not move the cursor or use colours. */
async function transcript(terminal: Terminal): Promise<{ code: number; text: string; lines: string[] }> {
  const { code, lines } = await terminal.ended;
  const text = terminal.written();
  expect(text).not.toMatch(/\x1b|\x9b|\r(?!\n)/);
  // Help lists the signs that are shown in other modes.
  if (!text.startsWith("Usage:")) expect(text).not.toMatch(/[✓✗◉○●▣→←❯█░≈⠋-⠿─-▟·×–]/);
  keep(lines);
  return { code, text, lines };
}

/** To see the transcripts: `TRANSCRIPTS=<folder>`. */
function keep(lines: readonly string[]): void {
  const folder = process.env.TRANSCRIPTS;
  if (folder === undefined) return;
  mkdirSync(folder, { recursive: true });
  const name = (expect.getState().currentTestName ?? "").replace(/\W+/g, "-");
  writeFileSync(`${folder}/${name}.txt`, `${lines.join("\n")}\n`, { flag: "a" });
}

async function place(options: Parameters<typeof startPlace>[0] = {}): Promise<Place> {
  const made = await startPlace(options);
  const open: Place["open"] = (words, more = {}) =>
    made.open(words, { ...more, env: { ...accessible, ...more.env } });
  return { ...made, open };
}

describe("accessible mode on a real terminal", () => {
  it("creates an automation from typed answers, and asks again after invalid answers", async () => {
    const { open, read } = await place();
    const terminal = open(["automations", "create"]);
    await talk(terminal, [
      ["Name: ", `  ${enter}`],
      ["it can't be empty\nName: ", `Weekly videos${enter}`],
      ["Schedule (UTC): ", `every Mondy at 9am${enter}`],
      [`"Mondy" doesn't fit`, `every Monday at 9am${enter}`],
      ["Instructions: ", `Make five variations.${enter}${enter}Keep them short.${enter}.${enter}`],
      ["Create it?", `perhaps${enter}`],
      ['nothing matches "perhaps"', `paused${enter}`],
    ]);
    const { code, text } = await transcript(terminal);
    expect(code).toBe(0);
    expect(await read("Weekly videos")).toMatchObject({
      schedule: "0 9 * * 1",
      instructions: "Make five variations.\n\nKeep them short.",
      enabled: false,
    });
    expect(text).toContain("ok Created Weekly videos");
    expect(text).toContain("  paused, no next run until it is resumed");
  });

  it("picks from a long list by number, by name or after `more`", async () => {
    const { open, add } = await place();
    for (let at = 1; at <= 14; at += 1) await add(`Report ${at}`);
    const terminal = open(["automations", "get"]);
    await talk(terminal, [
      ["10 of 14 shown", `more${enter}`],
      ["14 of 14 shown", `17${enter}`],
      ["there is no 17; enter 1 to 14", `nowhere${enter}`],
      ['nothing matches "nowhere"', `report 1${enter}`],
    ]);
    const { code, text } = await transcript(terminal);
    expect(code).toBe(0);
    expect(text).toContain("Report 1\r\nid: auto_");
  });

  it("selects several by numbers and ranges", async () => {
    const { open, add, all } = await place();
    for (let at = 1; at <= 6; at += 1) await add(`Report ${at}`);
    const terminal = open(["automations", "pause"]);
    await talk(terminal, [
      ["type numbers such as 1,3-5, all, or a name", `1,3-9${enter}`],
      ["there is no 3-9; enter 1 to 6", `1,3-5${enter}`],
    ]);
    const { code, text } = await transcript(terminal);
    expect(code).toBe(0);
    expect(text).toContain("result: paused\r\n");
    expect(JSON.stringify(await all()).match(/"enabled":false/g)).toHaveLength(4);
  });

  it("watches a list by printing it once, and then its changes", async () => {
    const { open, add } = await place();
    await add("Weekly");
    await add("Daily");
    const terminal = open(["automations", "list", "--watch"]);
    await terminal.shows("2 automations, changes follow, Ctrl-C ends");
    await open(["automations", "pause", "Weekly", "-q"]).ended;
    await terminal.shows("status: paused");
    terminal.type(ctrlC);
    const { text } = await transcript(terminal);
    expect(text.match(/name: Daily/g)).toHaveLength(1);
    expect(text.match(/name: Weekly/g)).toHaveLength(2);
  });

  it("accepts pasted text, and opens the editor with it at .edit", async () => {
    const { open, read } = await place();
    const folder = temporaryFolder();
    const editor = `${folder}/editor.sh`;
    writeFileSync(editor, `#!/bin/sh\necho "and from the editor" >> "$1"\n`, { mode: 0o755 });
    const terminal = open(["automations", "create", "--name", "Weekly", "--schedule", "@daily"], {
      env: { EDITOR: editor, VISUAL: "" },
    });
    await talk(terminal, [["Instructions: ", `pasted one\r\rpasted two\r.edit\r`]]);
    const { code } = await transcript(terminal);
    expect(code).toBe(0);
    expect(await read("Weekly")).toMatchObject({
      instructions: "pasted one\n\npasted twoand from the editor",
    });
  });

  it("explains mistakes in an edited text", async () => {
    const { open, add } = await place();
    await add("Weekly");
    const editor = `${temporaryFolder()}/editor.sh`;
    writeFileSync(editor, `#!/bin/sh\nsed -i 's/^schedule: .*/schedule: every Mondy at 9am/' "$1"\n`, {
      mode: 0o755,
    });
    const terminal = open(["automations", "update", "Weekly", "--edit"], {
      env: { EDITOR: editor, VISUAL: "" },
    });
    const { code, text } = await transcript(terminal);
    expect(code).toBe(2);
    expect(text).toContain(
      'error: nothing changed: line 3: schedule "every Mondy at 9am": "Mondy" doesn\'t fit',
    );
  });

  it("follows a run in whole lines, and accepts an answer", async () => {
    const { open, add } = await place();
    await add("Weekly", { instructions: "Do it.\n@dev ask Which one?" });
    const terminal = open(["automations", "trigger", "Weekly", "--follow"]);
    await talk(terminal, [["Your answer (y, n or text): ", `the first${enter}`]]);
    const { code, text } = await transcript(terminal);
    expect(code).toBe(0);
    expect(text).toMatch(/asks: Which one\?\r\n/);
    expect(text).toMatch(/\r\ncompleted in /);
  });

  it("pauses a fleet after a typed answer, and shows its incident", async () => {
    const { open, server, add } = await place();
    await add("Weekly");
    for (const name of ["Acme", "Bolt"]) {
      const id = await addDeployment(server, { name, customer: "cus_1" });
      await call(server, "POST", `/v1/deployments/${id}/automations`, {
        name: "Weekly",
        schedule: "0 9 * * 1",
        instructions: "Do it.",
      });
    }
    const folder = { HERM_DATA_DIR: temporaryFolder(), HERM_DEPLOYMENT: "" };
    const pause = open(["automations", "pause", "--all-deployments", "--incident", "INC-1"], { env: folder });
    await talk(pause, [["(y or n, empty means n): ", `y${enter}`]]);
    expect((await transcript(pause)).code).toBe(0);
    const show = await transcript(open(["incidents", "show", "INC-1", "--verbose"], { env: folder }));
    expect(show.code).toBe(0);
    expect(show.text).toMatch(/state: paused\r\n/);
  });

  it("writes no escape code in many commands, even if colour is requested", async () => {
    const { open, add, server } = await place();
    await add("Weekly");
    await add("Failing", { instructions: "@dev fail broken" });
    const folder = temporaryFolder();
    const file = `${folder}/herm.yaml`;
    writeFileSync(
      file,
      "automations:\n  - name: Weekly\n    schedule: every day at 9am\n    instructions: |\n      Do it well.\n      Twice.\n  - name: New\n    schedule: every day at 9am\n    instructions: Do it.\n",
    );
    const commands: [words: string[], code: number][] = [
      [["automations", "trigger", "Failing", "--follow"], 10],
      [["automations", "list"], 0],
      [["automations", "list", "--failing", "--overdue"], 0],
      [["status"], 0],
      [["status", "--all-deployments"], 0],
      [["dev", "status"], 0],
      [["automations", "get", "Weekly"], 0],
      [["automations", "upcoming", "--within", "240h"], 0],
      [["automations", "audit", "--verbose"], 0],
      [["diff", "-f", file], 9],
      [["apply", "-f", file, "--dry-run"], 0],
      [["apply", "-f", file, "--yes"], 0],
      [["automations", "update", "Weekly", "--name", "Daily"], 0],
      [["runs", "list"], 0],
      [["automations", "audit", "--by", "automation"], 0],
      [["runs", "show", "Failing"], 0],
      [["deployments", "list"], 0],
      [["schedule", "explain", "every day at 9am"], 0],
      [["doctor"], 0],
      [["config", "list"], 0],
      [["auth", "status"], 0],
      [["automations", "nonsense"], 2],
      [["--help"], 0],
      [["automations", "list", "--help"], 0],
      [["automations", "pause", "Daily"], 0],
    ];
    for (const [words, expected] of commands) {
      const { code, text } = await transcript(open(words, { env: { HERM_DATA_DIR: folder } }));
      expect([words.join(" "), code, text]).toEqual([words.join(" "), expected, expect.any(String)]);
    }
    const deleting = open(["automations", "delete", "Daily"]);
    await talk(deleting, [["(y or n, empty means n): ", `n${enter}`]]);
    expect((await transcript(deleting)).code).toBe(1);
    const login = open(["auth", "login", "--api-url", (await server.listen()).url], {
      env: { HERM_API_KEY: "", HERM_CONFIG_DIR: folder, HERM_API_URL: "" },
    });
    await talk(login, [["isn't shown", `${server.apiKey}x\x7f${enter}`]]);
    const { code, text } = await transcript(login);
    expect([code, text.includes(server.apiKey)]).toEqual([0, false]);
  }, 120_000);

  it.each([
    ["Ctrl-C", ctrlC],
    ["Ctrl-D", "\x04"],
  ])("ends a question with 130 on %s, and restores the terminal", async (_name, key) => {
    const { open, all } = await place();
    const terminal = open(["automations", "create"]);
    await talk(terminal, [["Name: ", key]]);
    const { code, isCooked } = await terminal.ended;
    expect({ code, isCooked, all: await all() }).toEqual({ code: 130, isCooked: true, all: [] });
  });
});
