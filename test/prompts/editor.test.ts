import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { editText } from "../../src/prompts/editor.js";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "editor-test-"));
  vi.stubEnv("TMPDIR", folder);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

const path = { PATH: process.env.PATH ?? "" };

function edit(editor: string, env: Record<string, string> = {}): Promise<string> {
  return editText({
    text: "before\n",
    env: { ...path, EDITOR: editor, OUT: join(folder, "out"), ...env },
    stdoutIsTty: true,
  });
}

describe("the editor", () => {
  it("returns the saved text exactly", async () => {
    expect(await edit(`sh -c 'printf "a\\r\\n\\tb  " > "$1"' --`)).toBe("a\r\n\tb  ");
    expect(await edit("true")).toBe("before\n");
  });

  it("is VISUAL, or else EDITOR, with its arguments and quotes", async () => {
    expect(await edit("false", { VISUAL: `sh -c 'echo "$2" > "$3"' -- one "two words"` })).toBe(
      "two words\n",
    );
  });

  it("receives a private file, which is deleted afterwards", async () => {
    await edit(
      `sh -c 'ls -ln "$1" "$(dirname "$1")/.." | cut -c1-10 > /dev/null; stat -c "%a %n" "$1" "$(dirname "$1")" > "$OUT"' --`,
    );
    const [file = "", parent = ""] = readFileSync(join(folder, "out"), "utf8").split("\n");
    expect(file).toMatch(/^600 .*\/edit\.md$/);
    expect(parent).toMatch(/^700 /);
    expect(existsSync(parent.slice(4))).toBe(false);
  });

  it("doesn't open if there is no folder for its file", async () => {
    vi.stubEnv("TMPDIR", join(folder, "gone"));
    await expect(edit("true")).rejects.toMatchObject({
      message: `${join(folder, "gone")} can't be written (ENOENT)`,
      hint: "set TMPDIR to a writable folder",
      exitCode: 1,
    });
  });

  it("sees no API key", async () => {
    await edit(`sh -c 'env > "$OUT"' --`, {
      HERM_API_KEY: "hk_canary",
      PRISM_API_KEY: "pk_canary",
      TERM: "xterm",
    });
    const env = await readFile(join(folder, "out"), "utf8");
    expect(env).toContain("TERM=xterm");
    expect(env).not.toMatch(/canary|HERM_|PRISM_/);
  });

  it.each([
    ["false", "the editor (false) ended with 1: nothing changed"],
    ["no-such-editor-here", "the editor (no-such-editor-here) ended with 127: nothing changed"],
  ])("causes an error if it fails: %s", async (editor, message) => {
    await expect(edit(editor)).rejects.toMatchObject({
      message,
      exitCode: 1,
      hint: "set EDITOR to an editor that waits until you are done",
    });
  });

  it.each(["sh -c 'kill -INT $$'", "sh -c 'exit 130'"])(
    "causes no error if ended by Ctrl-C: %s",
    async (editor) => {
      await expect(edit(editor)).rejects.toMatchObject({
        code: "interrupted",
        exitCode: 130,
        message: "interrupted",
      });
    },
  );

  it("leaves its text in a named file if it fails after a save", async () => {
    const error = await edit(`sh -c 'echo precious > "$1"; exit 3' --`).catch((failure: unknown) => failure);
    expect(error).toMatchObject({
      exitCode: 1,
      hint: expect.stringMatching(/^your text is saved in .*edit\.md$/),
    });
    const kept =
      error instanceof Error && "hint" in error
        ? String(error.hint).replace("your text is saved in ", "")
        : "";
    expect(await readFile(kept, "utf8")).toBe("precious\n");
    await rm(join(kept, ".."), { recursive: true });
  });

  it.each(["sh -c ': > \"$1\"' --", "sh -c 'echo > \"$1\"' --", "rm"])(
    "changes nothing if the saved text is empty: %s",
    async (editor) => {
      await expect(edit(editor)).rejects.toMatchObject({
        code: "declined",
        exitCode: 1,
        message: "the text was empty: nothing changed",
      });
      expect(await readdir(folder)).toEqual([]);
    },
  );
});
