import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { setImmediate as nextTurn } from "node:timers/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { readVariables } from "../../src/commands/manifest/file-flags.js";
import { plainText } from "../../src/manifest/values/variables.js";
import { createKeySearch } from "../../src/settings/key.js";
import { filesIn, mistakesOf, readIn } from "./reading.js";

const manifest = (path: string) =>
  `automations:\n  - name: A\n    schedule: every hour\n    instructions_file: ${path}\n`;

async function instructionsOf(cwd: string, file = "herm.yaml"): Promise<string | undefined> {
  const { manifests } = await readIn([file], { cwd });
  const [item] = manifests[0]?.items ?? [];
  return item?.instructions && plainText(item.instructions);
}

describe("a file named in a manifest", () => {
  it.each([
    ["a folder", ".git/HEAD"],
    ["a file, as in a worktree", ".git"],
  ])("may be anywhere in the manifest's repository, whose .git is %s", async (_title, git) => {
    const cwd = filesIn({
      [git]: "",
      "deep/er/herm.yaml": manifest("../../prompts/a.md"),
      "prompts/b.md": "Look.\n",
    });
    symlinkSync("b.md", join(cwd, "prompts/a.md"));
    expect(await instructionsOf(cwd, "deep/er/herm.yaml")).toBe("Look.\n");
  });

  it("may be beside or below a manifest outside any repository", async () => {
    const cwd = filesIn({ "herm.yaml": manifest("prompts/a.md"), "prompts/a.md": "Look.\n" });
    expect(await instructionsOf(cwd)).toBe("Look.\n");
  });

  it.each([
    ["beside the folder", "../other/a.md", "other/a.md"],
    ["in a folder with the same prefix", "../home-2/a.md", "home-2/a.md"],
    ["behind a link to a file", "link.md", "other/a.md"],
    ["behind a link to a folder", "linked/a.md", "other/a.md"],
  ])(
    "is rejected outside the manifest's folder if there is no repository: %s",
    async (_title, path, real) => {
      const root = filesIn({
        "home/herm.yaml": manifest(path),
        "other/a.md": "secret",
        "home-2/a.md": "secret",
      });
      symlinkSync("../other/a.md", join(root, "home/link.md"));
      symlinkSync("../other", join(root, "home/linked"));
      expect(await mistakesOf(readIn(["herm.yaml"], { cwd: join(root, "home") }))).toEqual([
        `herm.yaml:4:24: ${path} leads to ${root}/${real}, outside the manifest's folder, which isn't in a git repository (to allow it, run git init in a folder above both)`,
      ]);
    },
  );

  it.each([
    ["../outside.md", "outside.md"],
    ["link.md", "outside.md"],
    ["sub/linked/outside.md", "outside.md"],
  ])("is rejected outside the manifest's repository: %s", async (path, real) => {
    const root = filesIn({
      "repo/.git/HEAD": "",
      "repo/herm.yaml": manifest(path),
      "repo/sub/x": "",
      "outside.md": "secret",
    });
    symlinkSync("../outside.md", join(root, "repo/link.md"));
    symlinkSync(root, join(root, "repo/sub/linked"));
    expect(await mistakesOf(readIn(["repo/herm.yaml"], { cwd: root }))).toEqual([
      `repo/herm.yaml:4:24: ${join("repo", path)} leads to ${root}/${real}, outside the manifest's repository ${root}/repo`,
    ]);
  });

  it.each(["/proc/self/environ", "/dev/zero", "/sys/kernel/notes"])("may not be %s", async (device) => {
    const cwd = filesIn({ ".git/HEAD": "", "herm.yaml": manifest("link") });
    symlinkSync(device, join(cwd, "link"));
    const [mistake = ""] = await mistakesOf(readIn(["herm.yaml"], { cwd }));
    expect(mistake).toMatch(/^herm\.yaml:4:24: link (leads to \/(proc|dev|sys)\/|isn't there)/);
  });

  it.skipIf(!existsSync("/proc/self/status"))(
    "may not be a system file if the manifest comes from stdin",
    async () => {
      const cwd = realpathSync("/proc/self");
      const stdin = Readable.from([manifest("status")]);
      expect(await mistakesOf(readIn(["-"], { cwd, stdin }))).toEqual([
        `stdin:4:24: status leads to ${cwd}/status, which herm doesn't read`,
      ]);
    },
  );

  it.skipIf(!existsSync("/dev/shm"))("may be in a system folder with its whole repository", async () => {
    const cwd = mkdtempSync("/dev/shm/herm-manifest-");
    onTestFinished(() => rmSync(cwd, { recursive: true }));
    mkdirSync(join(cwd, ".git"));
    writeFileSync(join(cwd, "herm.yaml"), manifest("a.md"));
    writeFileSync(join(cwd, "a.md"), "Look.\n");
    expect(await instructionsOf(cwd)).toBe("Look.\n");
  });

  it("may not be one of git's own files, which may contain a token", async () => {
    const cwd = filesIn({ ".git/config": "token", "herm.yaml": manifest(".git/config") });
    expect(await mistakesOf(readIn(["herm.yaml"], { cwd }))).toEqual([
      `herm.yaml:4:24: .git/config leads to ${cwd}/.git/config, which herm doesn't read`,
    ]);
  });

  it("may not be a folder or a FIFO, and herm never waits for a FIFO", async () => {
    const cwd = filesIn({ "folder.yaml": manifest("sub"), "fifo.yaml": manifest("fifo") });
    mkdirSync(join(cwd, "sub"));
    execFileSync("mkfifo", [join(cwd, "fifo")]);
    expect(await mistakesOf(readIn(["folder.yaml"], { cwd }))).toEqual(["folder.yaml:4:24: sub is a folder"]);
    expect(await mistakesOf(readIn(["fifo.yaml"], { cwd }))).toEqual([
      "fifo.yaml:4:24: fifo isn't a regular file",
    ]);
  });

  it("may not contain a NUL character", async () => {
    const cwd = filesIn({ "herm.yaml": manifest("a.md"), "a.md": "Look.\nThen \0 think.\n" });
    expect(await mistakesOf(readIn(["herm.yaml"], { cwd }))).toEqual([
      "a.md:2:6: contains the character U+0000",
    ]);
  });

  it("counts once towards the limit of values, however often it is named", async () => {
    const item = (at: number) => manifest("a.md").split("automations:\n")[1]?.replace("A", `A${at}`) ?? "";
    const items = Array.from({ length: 40 }, (_, at) => item(at)).join("");
    const values = `values: {long: ${"x".repeat(900_000)}}\n`;
    const cwd = filesIn({ "herm.yaml": `${values}automations:\n${items}`, "a.md": "${long}" });
    const { manifests } = await readIn(["herm.yaml"], { cwd });
    expect(manifests[0]?.items).toHaveLength(40);
  });

  it("is relative to the working folder for a manifest from stdin", async () => {
    const root = filesIn({ "cwd/a.md": "Look.\n", "b.md": "secret" });
    const read = (path: string) =>
      readIn(["-"], { cwd: join(root, "cwd"), stdin: Readable.from([Buffer.from(manifest(path))]) });
    expect((await read("a.md")).manifests[0]?.items).toHaveLength(1);
    expect(await mistakesOf(read("../b.md"))).toEqual([
      expect.stringContaining("outside the manifest's folder"),
    ]);
  });

  it("can't be replaced while it is read", async () => {
    const root = filesIn({
      "home/herm.yaml": manifest("prompts/a.md"),
      "home/prompts/a.md": "Look.\n",
      "other/a.md": "secret",
    });
    const home = join(root, "home");
    symlinkSync("../other", join(home, "link"));
    let isOver = false;
    const swap = async () => {
      while (!isOver) {
        renameSync(join(home, "prompts"), join(home, "was"));
        renameSync(join(home, "link"), join(home, "prompts"));
        await nextTurn();
        renameSync(join(home, "prompts"), join(home, "link"));
        renameSync(join(home, "was"), join(home, "prompts"));
        await nextTurn();
      }
    };
    const swapping = swap();
    const read = new Set<string>();
    const refused = new Set<string>();
    for (let count = 0; count < 300; count += 1) {
      const reading = readIn(["herm.yaml"], { cwd: home });
      const text = await reading.then(
        ({ manifests }) =>
          manifests[0]?.items.map(({ instructions }) => instructions && plainText(instructions)).join(""),
        (error: Error) =>
          void refused.add(error.message.replace(/.*prompts\/a\.md /, "").split(" ")[0] ?? ""),
      );
      if (text !== undefined) read.add(text);
    }
    isOver = true;
    await swapping;
    expect([...read].filter((text) => text !== "Look.\n")).toEqual([]);
    expect(refused).toContain("leads");
  });
});

describe("text that contains a key", () => {
  const key = "prism_live_4f9d0c2b7a";
  const findKey = createKeySearch([key]);

  it.each([
    ["in a block", `instructions: |\n      Look.\n      Use ${key} now.\n`, "6:11"],
    ["in quotes", `instructions: "Use ${key}"\n`, "4:24"],
    ["written with an escape", `instructions: "Use \\x70${key.slice(1)}"\n`, "4:19"],
    ["in base64", `instructions: "Basic ${Buffer.from(`x:${key}`).toString("base64")}"\n`, "4:29"],
    ["from a variable", 'instructions: "Use ${secret}"\n', "--var secret"],
    ["assembled from variables", 'instructions: "Use prism_live_${rest}"\n', "4:19"],
  ])("is rejected with its position: %s", async (_title, rest, position) => {
    const cwd = filesIn({ "herm.yaml": `automations:\n  - name: A\n    schedule: every hour\n    ${rest}` });
    const givenValues = readVariables([`secret=${key}`, `rest=${key.slice("prism_live_".length)}`]);
    expect(await mistakesOf(readIn(["herm.yaml"], { cwd, findKey, givenValues }))).toEqual([
      `${position.startsWith("--") ? "" : "herm.yaml:"}${position}: this text contains an API key (anyone who reads the automation could use it)`,
    ]);
  });

  it("is rejected in instruction files, in names and in `removed`", async () => {
    const cwd = filesIn({
      "herm.yaml": `${manifest("a.md")}  - name: B ${key}\n    schedule: every hour\n    instructions: x\nremoved: [${key}]\n`,
      "a.md": `Look.\nkey = ${key}\n`,
    });
    const said = await mistakesOf(readIn(["herm.yaml"], { cwd, findKey }));
    expect(said.map((text) => text.split(": this text contains an API key")[0])).toEqual([
      "herm.yaml:5:13",
      "herm.yaml:8:11",
      "a.md:2:7",
    ]);
  });

  it("isn't detected if the key is a short ordinary word", async () => {
    const cwd = filesIn({ "herm.yaml": manifest("a.md"), "a.md": "Run the test.\n" });
    const { manifests } = await readIn(["herm.yaml"], { cwd, findKey: createKeySearch(["test"]) });
    expect(manifests[0]?.items).toHaveLength(1);
  });
});
