import { spawnSync } from "node:child_process";
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { wanted } from "../../.build/platforms.mjs";
import { quoteForShells } from "../../src/command-line/shell-quote.js";
import { command } from "../support/command-file.js";
import { temporaryFolder } from "../support/harness.js";
import {
  executables,
  hasDownloader,
  install,
  installScript,
  makeMachine,
  pathOf,
  usual,
  writeProgram,
} from "./installer.js";
import { sha256, startReleaseHost } from "./release-host.js";
import { root, runStep, stepOf, workflow } from "./steps.js";

const { version }: { version: string } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const packed = `herm-cli-${version}.tgz`;
const files = wanted(["--all"]).map(({ file }) => file);

async function freePort(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  if (typeof address !== "object" || address === null) throw new Error("no port is free");
  return String(address.port);
}

describe("the release workflow", () => {
  it("publishes after every other job", () => {
    const before = (name: string): string[] => {
      const needed = [workflow.jobs[name]?.needs ?? []].flat();
      return [...needed, ...needed.flatMap(before)];
    };
    const others = Object.keys(workflow.jobs).filter((name) => name !== "publish");
    expect([...new Set(before("publish"))].toSorted()).toEqual(others.toSorted());
  });

  it("tests every executable on its platform", () => {
    const tried = workflow.jobs.try?.strategy?.matrix.include?.map(({ file }) => file) ?? [];
    expect([...tried, "herm-linux-x64-musl"].toSorted()).toEqual(files.toSorted());
    expect(executables.filter((name) => !files.includes(name))).toEqual([]);
  });
});

// Like the runners: GNU tools and bash.
const isMissing =
  !hasDownloader ||
  ["bash", "sha256sum", "awk"].some((name) => pathOf(name) === undefined) ||
  process.platform !== "linux";

describe.skipIf(isMissing)("a step of the release workflow", () => {
  const address = "Add install.sh with the address of the releases";

  /** A clone in which all six were built; each of them prints the version. */
  function built(): string {
    const clone = temporaryFolder();
    for (const folder of [".github", "dist-binary"]) mkdirSync(join(clone, folder));
    copyFileSync(join(root, ".github", "install.sh"), join(clone, ".github", "install.sh"));
    for (const name of [...files, "THIRD-PARTY-NOTICES.txt", "sbom.cdx.json", "herm-man.tar.gz", packed]) {
      writeProgram(join(clone, "dist-binary", name), "echo 1.2.3");
    }
    const sum = sha256(readFileSync(join(clone, "dist-binary", files[0] ?? ""), "utf8"));
    writeFileSync(
      join(clone, "dist-binary", "SHA256SUMS"),
      files.map((name) => `${sum}  ${name}\n`).join(""),
    );
    return clone;
  }

  it("builds an install.sh that contains the releases' address", async () => {
    const clone = built();
    const host = await startReleaseHost({});
    const env = { GITHUB_SERVER_URL: host.url.replace("/releases", ""), GITHUB_REPOSITORY: "owner/name" };
    expect(await runStep(stepOf("build", address), { cwd: clone, env })).toMatchObject({ code: 0 });
    const machine = makeMachine(usual);
    const piped = readFileSync(join(clone, "dist-binary", "install.sh"), "utf8");
    expect(piped.split("\n").filter((line, at) => line !== installScript.split("\n")[at])).toEqual([
      `release_url="${env.GITHUB_SERVER_URL}/owner/name/releases"`,
    ]);
    await install(machine, { piped });
    expect(host.asked).toEqual(["/owner/name/releases/latest/download/SHA256SUMS"]);
  });

  it("packs the man pages reproducibly, in the folders that man expects", async () => {
    const step = stepOf("build", "Add the man pages, which the executables don't have in them");
    const tarballs = [];
    for (const clone of [temporaryFolder(), temporaryFolder()]) {
      mkdirSync(join(clone, "dist-binary"));
      cpSync(join(root, "dist", "man"), join(clone, "dist", "man"), { recursive: true });
      expect(await runStep(step, { cwd: clone, env: {} })).toMatchObject({ code: 0 });
      tarballs.push(join(clone, "dist-binary", "herm-man.tar.gz"));
    }
    const [first = "", second = ""] = tarballs;
    expect(readFileSync(second).equals(readFileSync(first))).toBe(true);
    const listed = spawnSync("tar", ["-tzf", first], { encoding: "utf8" }).stdout.split("\n");
    expect(listed).toEqual(expect.arrayContaining(["man/man1/herm.1", "man/man7/herm-schedules.7"]));
  });

  it("fails if a build doesn't match SHA256SUMS", async () => {
    const clone = built();
    writeFileSync(join(clone, "dist-binary", "herm-linux-x64"), "other");
    const env = { GITHUB_SERVER_URL: "https://github.example", GITHUB_REPOSITORY: "owner/name" };
    const { code, log } = await runStep(stepOf("build", address), { cwd: clone, env });
    expect([code, log]).toEqual([1, expect.stringContaining("herm-linux-x64: FAILED")]);
  });

  it.each([
    [`v${version}`, 0, ""],
    ["v9.9.9", 1, `::error::the tag is v9.9.9, and package.json has version ${version}\n`],
  ])("compares the tag %s with the version", async (GITHUB_REF_NAME, code, log) => {
    const step = stepOf("build", "Compare the tag with the version");
    expect(await runStep(step, { cwd: root, env: { GITHUB_REF_NAME } })).toEqual({ code, log });
  });

  it.each([
    ["v1.2.3", "- One.\n\n"],
    ["v1.2", ""],
    ["v1.2.30", ""],
    ["v1.2.2", "- Zero.\n"],
  ])("extracts the notes of %s", async (GITHUB_REF_NAME, expected) => {
    const clone = temporaryFolder();
    mkdirSync(join(clone, "dist-binary"));
    const changelog =
      "# Changelog\n\n## Unreleased\n\n- Two.\n\n## 1.2.3 (2026-03-03)\n\n- One.\n\n## 1.2.2\n\n- Zero.\n";
    writeFileSync(join(clone, "CHANGELOG.md"), changelog);
    const step = stepOf("build", "Take the version's notes from the changelog");
    const { code } = await runStep(step, { cwd: clone, env: { GITHUB_REF_NAME } });
    expect(code).toBe(expected === "" ? 1 : 0);
    const notes = join(clone, "dist-binary", "notes.md");
    expect(existsSync(notes) ? readFileSync(notes, "utf8") : "").toBe(expected === "" ? "" : `\n${expected}`);
  });

  // The server is Python's, which is on the runners.
  it.skipIf(pathOf("python3") === undefined || pathOf("curl") === undefined)(
    "installs from a local server, and uses the installation",
    async () => {
      const folder = temporaryFolder();
      const release = join(folder, "release");
      mkdirSync(release);
      const words = [command.file, ...command.args].map(quoteForShells).join(" ");
      for (const name of executables) writeProgram(join(release, name), `exec ${words} "$@"`);
      const sum = sha256(readFileSync(join(release, "herm-linux-x64"), "utf8"));
      writeFileSync(join(release, "SHA256SUMS"), executables.map((name) => `${sum}  ${name}\n`).join(""));
      writeFileSync(join(release, "install.sh"), installScript);
      const arch = process.arch === "arm64" ? "herm-linux-arm64" : "herm-linux-x64";
      const env = { HOME: folder, FILE: arch, PATH: process.env.PATH ?? "" };
      const step = stepOf("try", "Install it with install.sh, from a server on this machine");
      const run = `trap 'kill $!' EXIT\n${step.run?.replaceAll("8123", await freePort())}`;
      const installed = await runStep({ run }, { cwd: folder, env });
      expect(installed).toMatchObject({ code: 0, log: expect.stringContaining("installed herm") });
      const used = await runStep(stepOf("try", "Use it"), { cwd: folder, env });
      expect(used).toMatchObject({
        code: 0,
        log: expect.stringMatching(/^Trial\t0 0 \* \* \*\tenabled(.*\n)*stopped http/m),
      });
    },
    60_000,
  );

  const created = (tag: string, ...kind: string[]) =>
    `create ${tag} --draft --verify-tag --title ${tag} --notes-file ../notes.md${kind.join("")}`;
  it.each([
    ["v1.2.3", "has none", "exit 1", created("v1.2.3")],
    ["v1.2.3-rc.1", "has none", "exit 1", created("v1.2.3-rc.1", " --prerelease")],
    ["v1.2.3", "was published", "echo false", created("v1.2.3")],
    ["v1.2.3", "has a draft", "echo true", "upload v1.2.3 --clobber"],
  ])("drafts release %s with all files, if it %s", async (GITHUB_REF_NAME, _, isDraft, expected) => {
    const clone = built();
    const env = {
      GITHUB_SERVER_URL: "https://github.example",
      GITHUB_REPOSITORY: "owner/name",
      GITHUB_REF_NAME,
      PATH: `${join(clone, "tools")}:${process.env.PATH}`,
    };
    await runStep(stepOf("build", address), { cwd: clone, env });
    writeFileSync(join(clone, "dist-binary", "notes.md"), "- One.\n");
    mkdirSync(join(clone, "tools"));
    const gh = `[ "$2" != view ] || { ${isDraft}; exit; }\nprintf '%s\\n' "$@" >'${join(clone, "words")}'`;
    writeProgram(join(clone, "tools", "gh"), gh);
    spawnSync("mv", [join(clone, "dist-binary"), join(clone, "release")]);
    expect(await runStep(stepOf("draft", "Draft the release"), { cwd: clone, env })).toMatchObject({
      code: 0,
    });
    const said = readFileSync(join(clone, "words"), "utf8").trimEnd().split("\n");
    expect(said.filter((word) => !word.startsWith("./")).join(" ")).toBe(`release ${expected}`);
    expect(said.filter((word) => word.startsWith("./")).toSorted()).toEqual(
      [
        ...files,
        packed,
        "SHA256SUMS",
        "THIRD-PARTY-NOTICES.txt",
        "sbom.cdx.json",
        "herm-man.tar.gz",
        "install.sh",
      ]
        .map((name) => `./${name}`)
        .toSorted(),
    );
  });
});
