import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { command, compiledFolder } from "../support/command-file.js";
import { temporaryFolder } from "../support/harness.js";

/** The result of a job's shell. */
export interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

export interface LineOptions {
  env?: Record<string, string>;
  /** Kills the shell and its child processes once this settles. */
  killed?: Promise<void> | undefined;
}

/** A repository in a folder, with a shell that has `herm`, but without the settings of the user who runs the tests. */
export interface Checkout {
  cwd: string;
  /** Runs lines in one shell, which stops at the first failure, as in CI. */
  run(lines: string, options?: LineOptions): Promise<Ended>;
  write(files: Record<string, string | undefined>): void;
  read(file: string): string | undefined;
}

/** A repository on a hosting platform: a bare one in a temporary folder. */
export interface Host {
  /** The clone in which people commit. */
  desk: Checkout;
  /** Commits files to main, removing those that are undefined; returns the commit. */
  push(files: Record<string, string | undefined>): Promise<string>;
  /** A job's checkout on a new machine: only the last commit on main, or all commits up to one. */
  checkOut(ref?: string): Promise<Checkout>;
  /** A file on the branch with the record. */
  kept(file: string): Promise<string | undefined>;
  /** Whether pushes are accepted. */
  accept(isAccepting: boolean): void;
}

const herm = [command.file, ...command.args].map((word) => `'${word}'`).join(" ");
const programs = {
  herm: `exec ${herm} "$@"`,
  npm: "exit",
  // npx --yes herm-cli@1.2.3 apply …
  npx: 'shift 2; exec herm "$@"',
  // gh pr comment 7 --body-file <plan> …
  gh: 'cp "$5" comment.md',
};

export async function startHost(files: Record<string, string>): Promise<Host> {
  const folder = temporaryFolder();
  const bin = join(folder, "bin");
  const origin = join(folder, "origin");
  for (const [name, lines] of Object.entries(programs)) {
    put(join(bin, name), `#!/bin/sh\n${lines}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  const at = (cwd: string): Checkout => ({
    cwd,
    run: (lines, options) => runLines(cwd, lines, bin, options),
    write: (texts) => {
      for (const [name, text] of Object.entries(texts)) {
        if (text === undefined) rmSync(join(cwd, name));
        else put(join(cwd, name), text);
      }
    },
    read: (file) => (existsSync(join(cwd, file)) ? readFileSync(join(cwd, file), "utf8") : undefined),
  });
  const top = at(folder);
  await must(top, `git init -q --bare -b main origin && git clone -q origin desk`);
  const desk = at(join(folder, "desk"));
  await must(desk, "git config user.name Ada && git config user.email ada@localhost");
  const push: Host["push"] = async (texts) => {
    desk.write(texts);
    return must(
      desk,
      "git add . && git commit -qm change && git push -q origin HEAD:main && git rev-parse HEAD",
    );
  };
  await push(files);
  return {
    desk,
    push,
    checkOut: async (ref) => {
      const cwd = temporaryFolder();
      const job = at(cwd);
      await must(
        job,
        ref === undefined
          ? `git clone -q --depth 1 'file://${origin}' .`
          : `git clone -q '${origin}' . && git checkout -q ${ref}`,
      );
      return job;
    },
    kept: async (file) => {
      const { code, stdout } = await top.run(`git -C origin show herm-record:${file}`);
      return code === 0 ? stdout : undefined;
    },
    accept: (isAccepting) => {
      const hook = join(origin, "hooks/pre-receive");
      put(hook, `#!/bin/sh\nexit ${isAccepting ? 0 : 1}\n`);
      chmodSync(hook, 0o755);
    },
  };
}

async function must(checkout: Checkout, lines: string): Promise<string> {
  const { code, stdout, stderr } = await checkout.run(lines);
  if (code !== 0) throw new Error(`${lines}: ${code}: ${stderr}`);
  return stdout.trim();
}

function put(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

async function runLines(
  cwd: string,
  lines: string,
  bin: string,
  { env = {}, killed }: LineOptions = {},
): Promise<Ended> {
  const child = spawn("sh", ["-e", "-c", lines], {
    cwd,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      PATH: `${bin}:${process.env.PATH}`,
      HOME: temporaryFolder(),
      XDG_CACHE_HOME: compiledFolder(["apply"]),
      TZ: "UTC",
      GIT_CONFIG_NOSYSTEM: "1",
      CI: "true",
      ...env,
    },
  });
  const ended = { code: -1, stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const)
    child[name].setEncoding("utf8").on("data", (text: string) => {
      ended[name] += text;
    });
  void killed?.then(() => child.exitCode === null && process.kill(-(child.pid ?? 0), "SIGKILL"));
  const [code, signal] = await once(child, "close");
  return { ...ended, code: signal === null ? code : 137 };
}
