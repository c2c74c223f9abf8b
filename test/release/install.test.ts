import { spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../support/harness.js";
import {
  below,
  busybox,
  downloaders,
  everythingBelow,
  file,
  hasDownloader,
  install,
  installScript,
  latest,
  type MachineOptions,
  makeMachine,
  pathOf,
  release,
  startInstall,
  tryOn,
  usual,
} from "./installer.js";
import { sha256, startReleaseHost } from "./release-host.js";

const shells: [name: string, words: readonly string[]][] = [
  ["sh", ["/bin/sh"]],
  ...["dash", "bash", "zsh"].flatMap((name): [string, string[]][] => {
    const path = pathOf(name);
    return path === undefined ? [] : [[name, [path]]];
  }),
  ...(busybox === undefined ? [] : [["busybox sh", [busybox, "sh"]] as [string, string[]]]),
];

describe.skipIf(!hasDownloader)("install.sh", () => {
  it.each(shells)("installs the latest version, read by %s", async (_, shell) => {
    const { code, said, host, machine, target } = await tryOn(latest(), { shell, piped: installScript });
    expect(said).toContain(`installed herm 1.2.3: ${target}`);
    expect(code).toBe(0);
    expect(readFileSync(target, "utf8")).toBe(release[file]?.body);
    expect(statSync(target).mode & 0o777).toBe(0o755);
    expect(host.asked).toEqual(["latest/download/SHA256SUMS", `latest/download/${file}`]);
    expect(everythingBelow(machine.home)).toHaveLength(3);
  });

  it.each(downloaders)("installs with %s", async (_, machine) => {
    const { code, said, target } = await tryOn(latest(), { machine });
    expect({ code, said }).toMatchObject({ code: 0, said: expect.stringContaining("installed") });
    expect(readFileSync(target, "utf8")).toBe(release[file]?.body);
  });

  it.each([
    ["shasum", ["sha256sum"]],
    ["openssl", ["sha256sum", "shasum"]],
  ])("verifies with %s if only that is available", async (tool, without) => {
    if (pathOf(tool) === undefined) return;
    const machine = { ...usual, without };
    expect(await tryOn(latest(), { machine })).toMatchObject({ code: 0 });
    const tampered = { [file]: { body: "other" } };
    expect(await tryOn(latest(tampered), { machine })).toMatchObject({
      code: 1,
      said: expect.stringContaining(`is not what SHA256SUMS says: it has ${sha256("other")}`),
    });
  });

  it.each(["1.2.3", "v1.2.3", "2.0.0-rc.1"])("installs version %s", async (version) => {
    const folder = `download/v${version.replace("v", "")}`;
    const { code, host } = await tryOn(below(folder, release), { env: { HERM_VERSION: version } });
    expect(code).toBe(0);
    expect(host.asked).toEqual([`${folder}/SHA256SUMS`, `${folder}/${file}`]);
  });

  it.each<[what: string, expected: string, machine: MachineOptions]>([
    ["x64 Linux", "herm-linux-x64", {}],
    ["arm64 Linux", "herm-linux-arm64", { machine: "aarch64" }],
    ["x64 Linux with musl", "herm-linux-x64-musl", { ldd: "musl libc (x86_64)" }],
    ["an arm64 Mac", "herm-darwin-arm64", { system: "Darwin", machine: "arm64" }],
    ["an x64 Mac", "herm-darwin-x64", { system: "Darwin" }],
    [
      "a translated shell on an arm64 Mac",
      "herm-darwin-arm64",
      { system: "Darwin", scripts: { sysctl: "echo 1" } },
    ],
  ])("chooses the right executable for %s", async (_, expected, machine) => {
    const { code, target } = await tryOn(latest(), { machine: { ...usual, ...machine } });
    expect(code).toBe(0);
    expect(readFileSync(target, "utf8")).toContain(`# ${expected}\n`);
  });

  it("installs herm.exe in Git Bash", async () => {
    const machine = { ...usual, system: "MINGW64_NT-10.0-26100" };
    const { code, said, target } = await tryOn(latest(), { machine });
    expect({ code, said }).toMatchObject({ code: 0, said: expect.stringContaining(`rm ${target}.exe (`) });
    expect(readFileSync(`${target}.exe`, "utf8")).toContain("# herm-windows-x64.exe\n");
  });

  it("removes a killed installation's files after a day, and no others", async () => {
    const host = await startReleaseHost(latest({ [file]: { body: "half", isStalled: true } }));
    const machine = makeMachine(usual);
    const folder = join(machine.home, ".local", "bin");
    const child = startInstall(machine, { env: { HERM_RELEASE_URL: host.url } });
    const ended = once(child, "close");
    host.onAsked(`latest/download/${file}`, () => process.kill(-Number(child.pid), "SIGKILL"));
    await ended;
    const [left = ""] = readdirSync(folder);
    expect(left).toMatch(/^\.herm-install-\w{6}$/);
    for (const name of [".herm-install-new123", ".herm-backup", ".herm-install-longest"]) {
      mkdirSync(join(folder, name, "kept"), { recursive: true });
    }
    const elsewhere = temporaryFolder();
    writeFileSync(join(elsewhere, "file"), "the other's");
    symlinkSync(elsewhere, join(folder, ".herm-install-linked"));
    symlinkSync(elsewhere, join(folder, left, "linked"));
    const others = readdirSync(folder).filter((name) => name !== left);
    const yesterday = Date.now() / 1000 - 25 * 3600;
    for (const name of readdirSync(folder)) {
      if (name !== ".herm-install-new123") lutimesSync(join(folder, name), yesterday, yesterday);
    }
    const good = await startReleaseHost(latest());
    expect(await install(machine, { env: { HERM_RELEASE_URL: good.url } })).toMatchObject({ code: 0 });
    expect(readdirSync(folder).toSorted()).toEqual([...others, "herm"].toSorted());
    expect(readdirSync(elsewhere)).toEqual(["file"]);
  });

  it.each([
    ["077", 0o700],
    ["000", 0o755],
  ])("creates folders that others can't write to, with umask %s", async (umask, mode) => {
    const shell = ["/bin/sh", "-c", `umask ${umask}; exec /bin/sh "$0"`];
    const { code, machine } = await tryOn(latest(), { shell });
    expect(code).toBe(0);
    for (const path of [".local", ".local/bin"]) {
      expect(statSync(join(machine.home, path)).mode & 0o777).toBe(mode);
    }
    expect(statSync(join(machine.home, ".local", "bin", "herm")).mode & 0o777).toBe(0o755);
  });

  it("resolves a given folder from the working folder", async () => {
    const { code, said, machine } = await tryOn(latest(), { env: { HERM_INSTALL_DIR: "-tools/bin//" } });
    expect([code, said]).toEqual([
      0,
      expect.stringContaining(`herm 1.2.3: ${machine.home}/-tools/bin/herm\n`),
    ]);
  });

  it("replaces an older version at once, or a link but not its target", async () => {
    const host = await startReleaseHost(latest());
    const machine = makeMachine(usual);
    const elsewhere = join(temporaryFolder(), "herm");
    writeFileSync(elsewhere, "the other's");
    mkdirSync(join(machine.home, ".local", "bin"), { recursive: true });
    spawnSync("ln", ["-s", elsewhere, join(machine.home, ".local", "bin", "herm")]);
    expect(await install(machine, { env: { HERM_RELEASE_URL: host.url } })).toMatchObject({ code: 0 });
    expect(readFileSync(elsewhere, "utf8")).toBe("the other's");
    expect(readFileSync(join(machine.home, ".local", "bin", "herm"), "utf8")).toBe(release[file]?.body);
  });

  describe("a folder missing from PATH", () => {
    const names = ["bin", "with space", `quo'te "$HOME" \`id\``];
    it.each(names)("comes with working lines to add %s and to uninstall", async (name) => {
      const HERM_INSTALL_DIR = join(temporaryFolder(), name);
      const { code, said } = await tryOn(latest(), { env: { HERM_INSTALL_DIR } });
      expect(code).toBe(0);
      const [, line = ""] =
        /isn't on your PATH. Add this line to ~\/\.profile, .*\n {2}(.*)\n/.exec(said) ?? [];
      const found = spawnSync("/bin/sh", ["-c", `${line}\ncommand -v herm`], { encoding: "utf8" });
      expect(found.stdout).toBe(`${HERM_INSTALL_DIR}/herm\n`);
      const [, uninstall = ""] = /^to uninstall: (.*) \(settings/m.exec(said) ?? [];
      expect(spawnSync("/bin/sh", ["-c", uninstall]).status).toBe(0);
      expect(existsSync(`${HERM_INSTALL_DIR}/herm`)).toBe(false);
    });

    it.each([
      ["/bin/zsh", ".zshrc", "export PATH="],
      ["/bin/bash", ".bashrc", "export PATH="],
      ["/usr/bin/fish", ".config/fish/config.fish", "fish_add_path "],
    ])("comes with advice to edit the right file for %s", async (SHELL, name, line) => {
      const { said } = await tryOn(latest(), { env: { SHELL } });
      expect(said).toContain(`Add this line to ~/${name}, and open a new terminal:\n  ${line}`);
    });
  });

  it("doesn't mention PATH if the folder is in it, but warns about an earlier copy", async () => {
    const machine = makeMachine(usual);
    const folder = join(machine.home, "a folder");
    const host = await startReleaseHost(latest());
    const env = { HERM_RELEASE_URL: host.url, HERM_INSTALL_DIR: `${folder}/` };
    const after = await install(machine, { env: { ...env, PATH: `${machine.tools}:${folder}` } });
    expect(after).toMatchObject({ code: 0, said: expect.not.stringMatching(/PATH/) });
    const other = makeMachine({ ...usual, scripts: { ...usual.scripts, herm: "echo 0.0.1" } });
    const shadowed = await install(other, { env: { ...env, PATH: `${other.tools}:${folder}` } });
    expect(shadowed.said).toContain(`warning: ${other.tools}/herm comes before it on your PATH`);
  });
});

describe("the shell scripts of .github", () => {
  const scripts = spawnSync("find", [".github", "-name", "*.sh"], {
    cwd: join(import.meta.dirname, "..", ".."),
    encoding: "utf8",
  });
  // Debian's package shellcheck.
  it.skipIf(pathOf("shellcheck") === undefined)("pass shellcheck without warnings", () => {
    const paths = scripts.stdout.trim().split("\n");
    expect(paths).toContain(".github/install.sh");
    const checked = spawnSync("shellcheck", paths, {
      cwd: join(import.meta.dirname, "..", ".."),
      encoding: "utf8",
    });
    expect([checked.status, checked.stdout]).toEqual([0, ""]);
  });
});
