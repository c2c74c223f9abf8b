import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { temporaryFolder } from "../support/harness.js";
import { type Answer, releaseOf, startReleaseHost } from "./release-host.js";

const installFile = join(import.meta.dirname, "..", "..", ".github", "install.sh");
export const installScript = readFileSync(installFile, "utf8");

/** Everything except shells and downloaders that install.sh may call. */
const used =
  "cat chmod cut dirname find grep head id mkdir mktemp mv openssl rm rmdir sed sha256sum shasum tail uname";

export interface Machine {
  home: string;
  /** A folder for PATH, with the programs that install.sh needs, the named downloaders, and stand-ins. */
  tools: string;
}

export interface MachineOptions {
  downloaders?: readonly string[];
  /** Programs to leave out. */
  without?: readonly string[];
  /** Additional programs, as scripts. */
  scripts?: Record<string, string>;
  system?: string;
  machine?: string;
  /** The output of `ldd --version`. */
  ldd?: string;
}

/** A user's machine, by default x64 Linux with glibc and curl. */
export function makeMachine(options: MachineOptions = {}): Machine {
  const { downloaders = ["curl"], without = [], system = "Linux", machine = "x86_64" } = options;
  const home = temporaryFolder();
  const tools = temporaryFolder();
  for (const name of [...used.split(" "), ...downloaders]) {
    const path = without.includes(name) ? undefined : pathOf(name);
    if (path !== undefined) symlinkSync(path, join(tools, name));
  }
  const stands = {
    uname: `case $1 in -s) echo ${system} ;; *) echo ${machine} ;; esac`,
    ldd: `echo '${options.ldd ?? "ldd (GNU libc) 2.41"}'`,
    ...options.scripts,
  };
  for (const [name, script] of Object.entries(stands)) writeProgram(join(tools, name), script);
  return { home, tools };
}

export function writeProgram(path: string, script: string): void {
  spawnSync("rm", ["-f", path]);
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
}

/** The path of a program on this machine, if it is installed. */
export function pathOf(name: string): string | undefined {
  const folders = (process.env.PATH ?? "").split(":").filter((folder) => folder !== "");
  return folders.map((folder) => join(folder, name)).find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export interface InstallOptions {
  env?: Record<string, string | undefined>;
  /** The shell for the script; default: `sh`. */
  shell?: readonly string[];
  /** Pipes the script into the shell, like `curl … | sh`, instead of passing the file's name. */
  piped?: string;
  uid?: number;
}

/** Starts install.sh there, as the leader of its own process group. */
export function startInstall({ home, tools }: Machine, options: InstallOptions = {}): ChildProcess {
  const [file = "/bin/sh", ...words] = options.shell ?? ["/bin/sh"];
  const child = spawn(file, options.piped === undefined ? [...words, installFile] : words, {
    cwd: home,
    detached: true,
    env: { PATH: tools, HOME: home, ...options.env },
    uid: options.uid,
    gid: options.uid,
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  child.stdin?.on("error", () => undefined);
  child.stdin?.end(options.piped ?? "");
  return child;
}

/** Runs install.sh to its end. */
export async function install(machine: Machine, options: InstallOptions = {}) {
  const child = startInstall(machine, options);
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (chunk: Buffer) => {
      said += chunk.toString();
    });
  }
  const [code] = await once(child, "close");
  return { code, said };
}

/** Everything below a folder: modes, and the content of files. */
export function everythingBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((path) => {
      const stat = lstatSync(join(folder, path));
      const content = stat.isFile() ? readFileSync(join(folder, path), "utf8") : "";
      return `${(stat.mode & 0o777).toString(8)} ${path} ${content}`;
    })
    .sort();
}

/** Puts an older herm where install.sh puts the new one. It stands for an executable, which doesn't start with `#!`. */
export function installOld({ home }: Machine): void {
  mkdirSync(join(home, ".local", "bin"), { recursive: true });
  writeFileSync(join(home, ".local", "bin", "herm"), "echo 0.0.1\n", { mode: 0o755 });
}

export const busybox = pathOf("busybox");

/** The downloaders on this machine: a title, and a machine that has only that one. */
export const downloaders: readonly (readonly [name: string, options: MachineOptions])[] = (
  [
    ["curl", { downloaders: ["curl"] }],
    ["wget", { downloaders: ["wget"] }],
    ["busybox", busyboxMachine()],
  ] as const
).filter(([name]) => pathOf(name) !== undefined);

/** A machine whose wget is BusyBox's. */
export function busyboxMachine(): MachineOptions {
  return { downloaders: [], scripts: { wget: `exec '${busybox}' wget "$@"` } };
}

/** A machine that can download. Without a downloader here, install.sh can't be tested. */
export const [[, usual = {}] = []] = downloaders;
export const hasDownloader = downloaders.length > 0;

/** A stand-in for the usual machine's executable, because these tests don't depend on the real one. */
export const file = "herm-linux-x64";
/** Everything that install.sh installs. */
export const executables = [
  file,
  "herm-linux-arm64",
  "herm-linux-x64-musl",
  "herm-darwin-arm64",
  "herm-darwin-x64",
  "herm-windows-x64.exe",
];
export const release = releaseOf(
  Object.fromEntries(executables.map((name) => [name, `echo 1.2.3\n# ${name}\n`])),
);

/** Responses of a host whose latest release is that one, with these exceptions. */
export function latest(changes: Record<string, Answer> = {}): Record<string, Answer> {
  return below("latest/download", { ...release, ...changes });
}

export function below(folder: string, answers: Record<string, Answer>): Record<string, Answer> {
  return Object.fromEntries(Object.entries(answers).map(([name, answer]) => [`${folder}/${name}`, answer]));
}

/** Runs install.sh on a new machine, with a host that responds like this. */
export async function tryOn(
  answers: Record<string, Answer>,
  { machine: options = usual, ...others }: InstallOptions & { machine?: MachineOptions } = {},
) {
  const host = await startReleaseHost(answers);
  const machine = makeMachine(options);
  const done = await install(machine, { ...others, env: { HERM_RELEASE_URL: host.url, ...others.env } });
  return { ...done, host, machine, target: join(machine.home, ".local", "bin", "herm") };
}
