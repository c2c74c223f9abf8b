import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../support/harness.js";
import { keys } from "../support/pty.js";
import { startPlace } from "./place.js";

/** An automation, and `--edit` on it with a shell script as the editor: `$1` is the file, `$2` a folder of the test. */
async function edit(script: string) {
  const place = await startPlace();
  await place.add("Weekly videos");
  const folder = temporaryFolder();
  const file = join(folder, "editor.sh");
  writeFileSync(file, script);
  const before = await place.all();
  const terminal = place.open(["automations", "update", "Weekly videos", "--edit"], {
    columns: 120,
    env: { EDITOR: `sh -c 'sh ${file} "$1" ${folder}' --`, HOME: folder },
  });
  const isUnchanged = async () => JSON.stringify(await place.all()) === JSON.stringify(before);
  return { ...place, terminal, folder, isUnchanged };
}

describe("update --edit on a real terminal", () => {
  it("sends changes from the editor, and shows them line by line", async () => {
    const { terminal, read } = await edit(`sed -i 's/five/six/; s/^schedule:.*/schedule: @daily/' "$1"`);
    const { code, lines } = await terminal.ended;

    expect(code).toBe(0);
    expect(lines.slice(0, 2)).toEqual([
      "  schedule      0 9 * * 1 → 0 0 * * *",
      "  instructions  Make five. → Make six.",
    ]);
    expect(await read("Weekly videos")).toMatchObject({ schedule: "0 0 * * *", instructions: "Make six." });
  });

  it("shows mistakes at their lines in the editor, and accepts corrections", async () => {
    const { terminal, folder, read } = await edit(`
if grep -q '^#! line' "$1"; then
  cp "$1" "$2/seen"
  sed -i 's/banana/@daily/' "$1"
else
  sed -i 's/^schedule:.*/schedule: banana/' "$1"
fi`);
    const { code } = await terminal.ended;

    expect(code).toBe(0);
    const [fence, mistake = "", ...rest] = readFileSync(join(folder, "seen"), "utf8").split("\n");
    expect(mistake).toMatch(/^#! line 4: schedule "banana": /);
    expect([fence, ...rest].join("\n")).toBe(
      "---\nname: Weekly videos\nschedule: banana\ntz: UTC\n---\nMake five.",
    );
    expect(rest[1]).toBe("schedule: banana");
    expect(await read("Weekly videos")).toMatchObject({ schedule: "0 0 * * *" });
  });

  it.each([
    ["fails", "exit 3", 1, "ended with 3: nothing changed"],
    ["writes nothing", ': > "$1"', 1, "the text was empty: nothing changed"],
    ["changes nothing", "true", 0, "✓ Unchanged: Weekly videos"],
  ])("changes no automation with an editor that %s", async (_case, script, code, said) => {
    const { terminal, isUnchanged } = await edit(script);
    const ended = await terminal.ended;

    expect(ended.lines.join("\n")).toContain(said);
    expect(ended).toMatchObject({ code, isCursorShown: true, isCooked: true, modes: [] });
    expect(await isUnchanged()).toBe(true);
  });

  it.each([
    ["fails after saving", 'echo precious >> "$1"; exit 3', 1, /^hint: your text is saved in (.*)$/],
    [
      "gives up on a mistake",
      `grep -q precious "$1" || { echo precious >> "$1"; sed -i '/^schedule:/d' "$1"; }`,
      2,
      /^warning: your text is saved in (.*?\.md)/,
    ],
  ])("saves the text of an editor that %s", async (_case, script, code, said) => {
    const { terminal, isUnchanged } = await edit(script);
    const ended = await terminal.ended;

    expect(ended.code).toBe(code);
    const [, kept = ""] = ended.lines.map((line) => said.exec(line)).find((found) => found !== null) ?? [];
    expect(readFileSync(kept, "utf8")).toContain("precious");
    expect(await isUnchanged()).toBe(true);
  });

  it("is interrupted by Ctrl-C in the editor", async () => {
    const { terminal, isUnchanged } = await edit("echo editing > /dev/tty; exec sleep 60");
    await terminal.shows("editing");
    terminal.type(keys.ctrlC);
    const { code, isCooked, lines } = await terminal.ended;

    expect({ code, isCooked }).toEqual({ code: 130, isCooked: true });
    expect(lines.at(-1)).toMatch(/error: interrupted$/);
    expect(await isUnchanged()).toBe(true);
  });
});
