import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { canStartAs, isRoot } from "../support/other-user.js";
import {
  below,
  downloaders,
  everythingBelow,
  file,
  hasDownloader,
  type InstallOptions,
  install,
  installOld,
  installScript,
  latest,
  type MachineOptions,
  makeMachine,
  release,
  startInstall,
  tryOn,
  usual,
  writeProgram,
} from "./installer.js";
import { type Answer, releaseOf, sha256, startReleaseHost } from "./release-host.js";

// Root can write to any folder, so as root the test switches to another user.
const asOther = isRoot ? 65_534 : undefined;
const isShutOut = asOther !== undefined && !canStartAs(asOther);

describe.skipIf(!hasDownloader)("install.sh", () => {
  const { body: good = "" } = release[file] ?? {};
  const { body: sums = "" } = release.SHA256SUMS ?? {};
  it.each<[what: string, said: string, answers: Record<string, Answer>, options?: InstallOptions]>([
    [
      "a file that was tampered with",
      `is not what SHA256SUMS says: it has ${sha256(`${good}#`)} instead of ${sha256(good)}; nothing was installed`,
      latest({ [file]: { body: `${good}#` } }),
    ],
    [
      "a checksum that was tampered with",
      "is not what SHA256SUMS says",
      latest({ SHA256SUMS: { body: sums.replaceAll(/^\w{8}/gm, "00000000") } }),
    ],
    ["a connection that breaks", "couldn't download", latest({ [file]: { body: good, cutAfter: 20 } })],
    [
      "a file that ends early",
      "is not what SHA256SUMS says",
      latest({ [file]: { body: good.slice(0, 20) } }),
    ],
    ["a file that is empty", "is not what SHA256SUMS says", latest({ [file]: {} })],
    ["a missing file", "couldn't download", latest({ [file]: { status: 404, body: "no" } })],
    ["no SHA256SUMS", "couldn't download", latest({ SHA256SUMS: { status: 404 } })],
    [
      "SHA256SUMS without its line",
      `SHA256SUMS has no checksum of ${file}; nothing was installed`,
      latest({ SHA256SUMS: { body: sums.replace(/^.*linux-x64\n/m, "") } }),
    ],
    [
      "a page in place of SHA256SUMS",
      "SHA256SUMS has no checksum",
      latest({ SHA256SUMS: { body: "<html>sign in to this network</html>\n" } }),
    ],
    [
      "text in place of a checksum",
      "SHA256SUMS has no checksum",
      latest({ SHA256SUMS: { body: `$(id)  ${file}\n` } }),
    ],
    ["a missing version", "download/v9.9.9/", latest(), { env: { HERM_VERSION: "9.9.9" } }],
    ["a version that is a path", "not a version such as", latest(), { env: { HERM_VERSION: "../1" } }],
    ["a version with a path", "not a version such as", latest(), { env: { HERM_VERSION: "1/../../x" } }],
    [
      "an address that spans two lines",
      "characters that no address has",
      latest(),
      url("https://a\n::debug::b"),
    ],
    ["an address that is not https", "is not https", latest(), url("http://releases.example/releases")],
    ["another host's port", "is not https", latest(), url("http://127.0.0.1:80@releases.example:80/r")],
    ["another host's name", "is not https", latest(), url("http://127.0.0.1.releases.example/releases")],
    ["another scheme", "is not https", latest(), url("file:///releases")],
    ["no address", "has no address of releases; set HERM_RELEASE_URL", latest(), url("")],
    ["an unexpanded ~", "HERM_INSTALL_DIR begins with ~", latest(), folder("~/bin")],
    ["no home", "set HERM_INSTALL_DIR", latest(), { env: { HOME: undefined } }],
    [
      "an executable that doesn't run",
      `${file} doesn't run on this machine (exit code 3); nothing was installed\nno such luck`,
      below("latest/download", releaseOf({ [file]: "#!/bin/sh\necho no such luck >&2\nexit 3\n" })),
    ],
  ])("rejects %s, without any change", async (_, expected, answers, options) => {
    const host = await startReleaseHost(answers);
    for (const isFirst of [true, false]) {
      const machine = makeMachine(usual);
      if (!isFirst) installOld(machine);
      const before = everythingBelow(machine.home);
      const env = { HERM_RELEASE_URL: host.url, ...options?.env };
      const { code, said } = await install(machine, { ...options, env });
      expect(said).toContain(expected);
      expect(code).toBe(1);
      expect(everythingBelow(machine.home)).toEqual(before);
    }
  });

  function url(address: string): InstallOptions {
    return { env: { HERM_RELEASE_URL: address } };
  }

  function folder(path: string): InstallOptions {
    return { env: { HERM_INSTALL_DIR: path } };
  }

  it("never replaces a folder", async () => {
    const machine = makeMachine(usual);
    mkdirSync(join(machine.home, "herm"));
    const env = { HERM_RELEASE_URL: "http://127.0.0.1:9", HERM_INSTALL_DIR: machine.home };
    const { code, said } = await install(machine, { env });
    expect([code, said]).toEqual([
      1,
      expect.stringContaining(`error: ${machine.home}/herm is a folder; set HERM_`),
    ]);
    expect(everythingBelow(machine.home)).toEqual(["755 herm "]);
  });

  it("never replaces a script, which may be the user's own", async () => {
    const machine = makeMachine(usual);
    writeProgram(join(machine.home, "herm"), 'HERM_PROFILE=mine exec herm-0.1 "$@"');
    const before = everythingBelow(machine.home);
    const env = { HERM_RELEASE_URL: "http://127.0.0.1:9", HERM_INSTALL_DIR: machine.home };
    const { code, said } = await install(machine, { env });
    expect([code, said]).toEqual([
      1,
      expect.stringContaining(`error: ${machine.home}/herm is a script, which nothing here made; move it`),
    ]);
    expect(everythingBelow(machine.home)).toEqual(before);
  });

  it.each<[what: string, machine: MachineOptions, said: string]>([
    ["another machine", { machine: "riscv64" }, "no executable of herm for Linux riscv64."],
    [
      "arm64 with musl",
      { machine: "aarch64", ldd: "musl libc (aarch64)" },
      "no executable of herm for Linux aarch64 with musl.",
    ],
    ["another system", { system: "FreeBSD", machine: "amd64" }, "no executable of herm for FreeBSD amd64."],
    ["Cygwin", { system: "CYGWIN_NT-10.0" }, "in Git Bash, or download herm-windows-x64.exe from http"],
  ])("lists the supported platforms on %s", async (_, options, expected) => {
    const { code, said, host, machine } = await tryOn(latest(), { machine: { ...usual, ...options } });
    expect(code).toBe(1);
    expect(said).toContain(expected);
    expect(said).toContain(
      "  Linux x64, Linux x64 with musl, Linux arm64, macOS arm64, macOS x64\n  Windows x64",
    );
    expect([host.asked, everythingBelow(machine.home)]).toEqual([[], []]);
  });

  it("explains musl's requirements if its executable doesn't run", async () => {
    const name = "herm-linux-x64-musl";
    const broken = releaseOf({ [name]: "#!/bin/sh\nexit 127\n" });
    const machine = { ...usual, ldd: "musl libc (x86_64)" };
    const { code, said } = await tryOn(below("latest/download", broken), { machine });
    expect([code, said]).toEqual([1, expect.stringContaining("on Alpine: apk add libstdc++")]);
  });

  it.each<[what: string, machine: MachineOptions, said: string]>([
    ["a downloader", { downloaders: [], scripts: {} }, "neither curl nor wget is installed"],
    [
      "a checksum tool",
      { without: ["sha256sum", "shasum", "openssl"] },
      "none of sha256sum, shasum and openssl",
    ],
  ])("reports that it can't find %s", async (_, machine, expected) => {
    const { code, said } = await tryOn(latest(), { machine: { ...usual, ...machine } });
    expect([code, said]).toEqual([1, expect.stringContaining(expected)]);
  });

  it.each<[tool: string, words: string]>([
    ["curl", "--speed-time 30 "],
    ["wget", "-T 30 "],
  ])("makes %s abandon a stalled download", async (tool, words) => {
    const machine = { downloaders: [], scripts: { [tool]: 'echo "$@" >&2\nexit 28' } };
    for (const HERM_RELEASE_URL of ["http://127.0.0.1:9", "https://releases.example"]) {
      const { code, said } = await install(makeMachine(machine), { env: { HERM_RELEASE_URL } });
      expect([code, said]).toEqual([1, expect.stringContaining(words)]);
    }
  });

  it("accepts no arguments", async () => {
    const machine = makeMachine(usual);
    const done = spawnSync("/bin/sh", ["-s", "--", "1.2.3"], {
      input: installScript,
      env: { PATH: machine.tools, HOME: machine.home },
      encoding: "utf8",
    });
    expect([done.status, done.stderr]).toEqual([
      1,
      expect.stringContaining("takes no arguments; HERM_VERSION"),
    ]);
  });

  it.skipIf(isShutOut)("leaves an unwritable folder unchanged", async () => {
    const host = await startReleaseHost(latest());
    const machine = makeMachine(usual);
    for (const folder of [machine.home, machine.tools]) chmodSync(folder, 0o755);
    const shut = join(machine.home, "shut");
    mkdirSync(shut, { mode: 0o555 });
    for (const HERM_INSTALL_DIR of [shut, join(shut, "bin")]) {
      const { code, said } = await install(machine, {
        uid: asOther,
        env: { HERM_RELEASE_URL: host.url, HERM_INSTALL_DIR },
      });
      expect(said).toMatch(
        /error: couldn't (make|write into) \S+shut\S*; HERM_INSTALL_DIR names another folder/,
      );
      expect(code).toBe(1);
    }
    expect([host.asked, everythingBelow(shut)]).toEqual([[], []]);
  });

  it.each(downloaders)("follows no redirect from this machine with %s", async (_, machine) => {
    const other = await startReleaseHost(latest());
    const location = `${other.url}/latest/download/${file}`;
    const { code, machine: tried } = await tryOn(latest({ [file]: { status: 302, headers: { location } } }), {
      machine,
    });
    expect([code, everythingBelow(tried.home)]).toEqual([1, []]);
  });

  it.each(downloaders)("downloads no more than necessary with %s", async (_, machine) => {
    const body = `${sums}${"#\n".repeat(1_500_000)}`;
    for (const isChunked of [false, true]) {
      const tried = await tryOn(latest({ SHA256SUMS: { body, isChunked } }), { machine });
      expect(tried.said).toContain("SHA256SUMS, or it is larger than 1 MiB; nothing was installed");
      expect([tried.code, everythingBelow(tried.machine.home)]).toEqual([1, []]);
    }
  });

  it.each(["SIGTERM", "SIGINT", "SIGHUP"] as const)("leaves no files after %s", async (signal) => {
    const host = await startReleaseHost(latest({ [file]: { body: good, isStalled: true } }));
    const machine = makeMachine(usual);
    installOld(machine);
    const before = everythingBelow(machine.home);
    const child = startInstall(machine, { env: { HERM_RELEASE_URL: host.url } });
    const ended = once(child, "close");
    host.onAsked(`latest/download/${file}`, () => process.kill(-Number(child.pid), signal));
    expect(await ended).toEqual([{ SIGHUP: 129, SIGINT: 130, SIGTERM: 143 }[signal], null]);
    expect(everythingBelow(machine.home)).toEqual(before);
  });

  it("does nothing if install.sh itself arrives incomplete", async () => {
    const machine = makeMachine(usual);
    const host = await startReleaseHost(latest());
    const lines = installScript.split("\n");
    const atLines = lines.map((_, count) => lines.slice(0, count).join("\n"));
    const inLast = Array.from({ length: 4 }, (_, left) =>
      installScript.slice(0, -`ain "$@"\n`.length - left),
    );
    for (const piped of [...atLines.slice(0, -1), ...inLast]) {
      const { code } = await install(machine, { piped, env: { HERM_RELEASE_URL: host.url } });
      expect({ code, home: everythingBelow(machine.home) }).toEqual({ code: expect.any(Number), home: [] });
    }
    expect(host.asked).toEqual([]);
  });
});
