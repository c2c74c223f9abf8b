import { execFile, execFileSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmdirSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it, onTestFinished } from "vitest";
import { command, commandFile, isExecutable } from "../support/command-file.js";
import { temporaryFolder } from "../support/harness.js";
import { spawnHerm, spawnServer } from "../support/spawn.js";

const create = ["automations", "create", "--name", "Kept", "--schedule", "@daily", "--instructions", "x"];
const list = ["automations", "list", "-o", "name"];

/** The loader and the libraries that the executable needs; undefined if it isn't an executable for glibc. */
const libraries = isExecutable ? librariesOf(command.file) : undefined;

/** Only root may use chroot and mount, and not in every container. */
describe.skipIf(libraries === undefined || !canMount())(
  "the executable with only glibc's files, /proc and /dev/null",
  () => {
    it("reports its version, and lists over a socket, even without HOME", async () => {
      const { env } = await spawnServer();
      await spawnHerm(create, { env });
      const { run } = makeTree();
      expect(await run(["--version"])).toMatchObject({ code: 0, stderr: "" });
      for (const settings of [{ ...env, HOME: "/home" }, env]) {
        const ran = await run(list, { env: settings });
        expect(ran).toEqual({ code: 0, stdout: expect.stringMatching(/^auto_/), stderr: "" });
      }
    });

    it("runs its local server, and leaves only its data", async () => {
      const { run, files } = makeTree();
      const before = files();
      const env = { HOME: "/home" };
      expect(await run(["--local", ...create], { env })).toMatchObject({ code: 0 });
      expect(await run(["--local", ...list], { env })).toMatchObject({ code: 0, stderr: "" });
      expect(await run(["dev", "stop"], { env })).toMatchObject({ code: 0 });
      const left = files().filter((file) => !before.includes(file));
      expect(left).toContain("home/.local/share/herm/dev.db");
      const parents = ["home/.local", "home/.local/share", "home/.local/share/herm"];
      expect(left.filter((file) => !parents.includes(file) && !file.startsWith(`${parents[2]}/`))).toEqual(
        [],
      );
    });

    it("knows time zones, obeys TZ and has one language, like Node's command", async () => {
      const { run } = makeTree();
      const explain = ["schedule", "explain", "every day at 2:30", "-o", "json", "--tz"];
      const settings: { zone: string; env: Record<string, string> }[] = [
        { zone: "America/St_Johns", env: { LC_ALL: "C" } },
        { zone: "Australia/Lord_Howe", env: { LANG: "tr_TR.UTF-8", LC_ALL: "tr_TR.UTF-8" } },
        { zone: "Africa/Casablanca", env: { LANG: "ar_EG.UTF-8" } },
        { zone: "local", env: { TZ: "Pacific/Apia" } },
        { zone: "local", env: { TZ: "UTC+3" } },
        { zone: "local", env: { TZ: "Nonsense/Zone" } },
        { zone: "Nowhere/City", env: {} },
      ];
      for (const { zone, env } of settings) {
        const words = [...explain, zone];
        const onNode = await outcomeOf(process.execPath, [commandFile, ...words], {
          HOME: temporaryFolder(),
          ...env,
        });
        expect({ zone, env, ...(await run(words, { env })) }).toEqual({ zone, env, ...onNode });
      }
    });

    it("works as another user whose home is there", async () => {
      const { env } = await spawnServer();
      const { tree, run, files } = makeTree();
      chownSync(join(tree, "home"), nobody, nobody);
      const options = { uid: nobody, env: { ...env, HOME: "/home" } };
      expect(await run(create, options)).toMatchObject({ code: 0 });
      expect(await run(list, options)).toEqual({
        code: 0,
        stdout: expect.stringMatching(/^auto_/),
        stderr: "",
      });
      expect(files()).toContain("home/.local/share/herm");
    });

    it("reads from a read-only disk, and reports unsaved data", async () => {
      const { env } = await spawnServer();
      await spawnHerm(create, { env });
      const { tree, run, files } = makeTree();
      mount(["--rbind", tree, tree], tree);
      execFileSync("mount", ["-o", "remount,ro,bind", tree]);
      const before = files();
      const there = { env: { ...env, HOME: "/home" } };
      expect(await run(["--version"], there)).toMatchObject({ code: 0, stderr: "" });
      expect(await run(list, there)).toMatchObject({ code: 0, stderr: "" });
      expect(await run(["--local", ...list], { env: { HOME: "/home" } })).toEqual({
        code: 1,
        stdout: "",
        stderr:
          "error: /home/.local/share/herm can't be created (EROFS)\nhint: set HERM_DATA_DIR to a writable folder of your own\n",
      });
      expect(files()).toEqual(before);
    });
  },
);

describe.skipIf(process.platform === "win32")("a command with closed streams", () => {
  it.each(["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])(
    "ends as usual with %s, and writes to no other file",
    async (closed) => {
      const { env } = await spawnServer();
      const through = ["sh", "-c", `exec "$0" "$@" ${closed}`];
      const ran = async (words: string[]) => {
        const { code, stdout, stderr } = await spawnHerm(words, { env, through });
        return { code, hasOut: stdout !== "", hasErr: stderr !== "" };
      };
      const [hasOut, hasErr] = [!/ >&-|^>&-/.test(closed), !closed.includes("2>&-")];
      // How to undo it.
      expect(await ran([...create, "-o", "name"])).toEqual({ code: 0, hasOut, hasErr });
      expect(await ran(list)).toEqual({ code: 0, hasOut, hasErr: false });
      expect(await ran(["automations", "list", "--wrong"])).toEqual({ code: 2, hasOut: false, hasErr });
    },
  );
});

/** The user and the group `nobody`. */
const nobody = 65_534;

interface RunOptions {
  env?: Record<string, string>;
  uid?: number;
}

/**
 * A folder with the executable, its libraries, an empty home and /proc, in which glibc finds its stack. It has no /etc
 * and no /tmp.
 */
function makeTree() {
  const tree = temporaryFolder();
  for (const file of libraries ?? []) {
    mkdirSync(join(tree, dirname(file)), { recursive: true });
    copyFileSync(file, join(tree, file));
  }
  cpSync(command.file, join(tree, "herm"));
  for (const folder of ["home", "proc", "dev"]) mkdirSync(join(tree, folder));
  mount(["-t", "proc", "proc", join(tree, "proc")], join(tree, "proc"));
  writeFileSync(join(tree, "dev", "null"), "");
  mount(["--bind", "/dev/null", join(tree, "dev", "null")], join(tree, "dev", "null"));
  chmodSync(tree, 0o755);
  const run = (words: readonly string[], { env = {}, uid = 0 }: RunOptions = {}) => {
    const chroot = [`--userspec=${uid}:${uid}`, tree, "/herm", ...words];
    return outcomeOf("chroot", chroot, { PATH: process.env.PATH, ...env });
  };
  const files = () =>
    readdirSync(tree).flatMap((name) =>
      name === "proc" ? [] : [name, ...below(join(tree, name)).map((file) => join(name, file))],
    );
  return { tree, run, files };
}

async function outcomeOf(file: string, words: readonly string[], env: NodeJS.ProcessEnv) {
  try {
    return { code: 0, ...(await promisify(execFile)(file, words, { env })) };
  } catch (error) {
    if (!(error instanceof Error && "stdout" in error && "stderr" in error && "code" in error)) throw error;
    return { code: error.code, stdout: error.stdout, stderr: error.stderr };
  }
}

function below(path: string): string[] {
  try {
    return readdirSync(path, { recursive: true, encoding: "utf8" });
  } catch {
    return [];
  }
}

/** Mounted until the test ends. */
function mount(words: string[], at: string): void {
  execFileSync("mount", words);
  onTestFinished(() => void execFileSync("umount", ["--recursive", at]));
}

function canMount(): boolean {
  const folder = mkdtempSync(join(tmpdir(), "herm-test-"));
  try {
    execFileSync("mount", ["-t", "proc", "proc", folder], { stdio: "ignore" });
    execFileSync("umount", [folder]);
    return true;
  } catch {
    return false;
  } finally {
    rmdirSync(folder);
  }
}

function librariesOf(file: string): string[] | undefined {
  try {
    const listed = execFileSync("ldd", [file], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
    const found = [...listed.matchAll(/(?:=> |^\s+)(\/\S+) \(0x/gm)].map(([, path = ""]) => path);
    return found.some((path) => path.endsWith("/libc.so.6")) ? found : undefined;
  } catch {
    return undefined;
  }
}
