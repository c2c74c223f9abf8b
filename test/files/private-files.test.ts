import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createPrivateFiles } from "../../src/files/private-files.js";
import { put, refusal } from "../settings/places.js";
import { self } from "../settings/self.js";
import { freshFolder, spawnWriter } from "../settings/spawn-writer.js";
import { eightWriters, killsDuringSaves, savedProfiles, storeIn } from "../settings/trials.js";

const files = createPrivateFiles(self);
/** The files that the process has open, as links; the one for this check itself is already closed. */
const openFiles = () =>
  readdirSync("/proc/self/fd")
    .map((name) => join("/proc/self/fd", name))
    .filter((link) => lstatSync(link, { throwIfNoEntry: false }) !== undefined);
const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

describe("private files", () => {
  it("return their contents, or nothing for a missing file", () => {
    const path = join(freshFolder(), "a", "b", "file");
    expect(files.read(path)).toBeUndefined();
    files.write(path, "text ✓");
    expect(files.read(path)).toBe("text ✓");
    files.write(path, "");
    expect(files.read(path)).toBe("");
    expect(readdirSync(join(path, ".."))).toEqual(["file"]);
  });

  it.each(["000", "022", "077", "777"])("are unreadable to other users under umask %s", async (umask) => {
    const home = freshFolder();
    const writer = await spawnWriter([home, "login", "p", "key-of-the-umask-test"], `umask ${umask}`);
    expect(await writer.ended).toEqual({ code: 0, stderr: "" });
    const config = join(home, ".config");
    const modes = ["", "herm", "herm/config.json", "herm/credentials.json"].map((name) =>
      modeOf(join(config, name)),
    );
    expect(modes).toEqual(["700", "700", "600", "600"]);
    expect(readdirSync(join(config, "herm")).sort()).toEqual(["config.json", "credentials.json"]);
  });

  // Other systems don't report which files are open.
  it.skipIf(process.platform !== "linux")(
    "aren't left open after a read, write, lock or append",
    async () => {
      const root = freshFolder();
      const path = (name: string) => join(root, "a", name);
      const isOpen = (at: string) => readlinkSync(at).startsWith(root);
      files.write(path("file"), "text");
      for (const read of [files.read, files.readShared]) expect(read(path("file"))).toBe("text");
      expect(files.readEnd(path("file"), 2)).toBe("xt");
      await files.withLock(path("locked"), async () => {
        const log = files.log(path("log"));
        log.append("line\n");
        await log.flush();
        log.close();
      });
      expect(openFiles().filter(isOpen)).toEqual([]);
    },
  );

  it("have loose modes tightened: a file's when read, a folder's when written", () => {
    const folder = join(freshFolder(), "herm");
    const path = put(join(folder, "file"), "old");
    chmodSync(path, 0o644);
    chmodSync(folder, 0o755);
    expect(files.read(path)).toBe("old");
    expect(modeOf(path)).toBe("600");
    chmodSync(path, 0o666);
    files.write(path, "new");
    expect([modeOf(folder), modeOf(path)]).toEqual(["700", "600"]);
  });

  const links: [string, (folder: string, victim: string) => string][] = [
    [
      "file",
      (folder, victim) => {
        mkdirSync(folder);
        symlinkSync(victim, join(folder, "file"));
        return join(folder, "file");
      },
    ],
    [
      "file with a missing target",
      (folder) => {
        mkdirSync(folder);
        symlinkSync("/nowhere/at/all", join(folder, "file"));
        return join(folder, "file");
      },
    ],
    [
      "folder",
      (folder, victim) => {
        symlinkSync(join(victim, ".."), folder);
        return folder;
      },
    ],
  ];
  it.each(links)("reject a symbolic link as %s, for reads and writes", (_kind, plant) => {
    const root = freshFolder();
    const victim = put(join(root, "victim", "file"), "untouched");
    const folder = join(root, "herm");
    const link = plant(folder, victim);
    const refused = [
      1,
      `${link} is a symbolic link`,
      "herm keeps its files in real files and folders, not links",
    ];
    expect(refusal(() => files.read(join(folder, "file")))).toEqual(refused);
    expect(refusal(() => files.write(join(folder, "file"), "new"))).toEqual(refused);
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect([readFileSync(victim, "utf8"), readdirSync(join(victim, ".."))]).toEqual(["untouched", ["file"]]);
  });

  it("reject a symbolic link as their lock", async () => {
    const root = freshFolder();
    const victim = put(join(root, "victim"), "untouched");
    symlinkSync(victim, join(root, "thing.lock"));
    await expect(files.withLock(join(root, "thing"), () => "done")).rejects.toThrow(
      `${join(root, "thing.lock")} is a symbolic link`,
    );
    expect(readFileSync(victim, "utf8")).toBe("untouched");
  });

  it.skipIf(self.uid === undefined)("can't belong to another user", () => {
    const path = put(join(freshFolder(), "herm", "file"), "theirs");
    const others = createPrivateFiles({ ...self, uid: (self.uid ?? 0) + 1 });
    const refused = [
      1,
      `${join(path, "..")} belongs to another user (${self.uid})`,
      "change its owner, or set HERM_CONFIG_DIR or HERM_DATA_DIR",
    ];
    expect(refusal(() => others.read(path))).toEqual(refused);
    expect(refusal(() => others.write(path, "ours"))).toEqual(refused);
    expect(readFileSync(path, "utf8")).toBe("theirs");
  });

  it("reject a pipe, a folder or a device without blocking", () => {
    const root = freshFolder();
    execFileSync("mkfifo", [join(root, "pipe")]);
    mkdirSync(join(root, "folder"));
    for (const name of ["pipe", "folder"]) {
      const path = join(root, name);
      expect(refusal(() => files.read(path)).slice(0, 2)).toEqual([1, `${path} isn't a file`]);
      expect(refusal(() => files.write(path, "x")).slice(0, 2)).toEqual([1, `${path} isn't a file`]);
    }
    expect(refusal(() => files.readShared("/dev/zero")).slice(0, 2)).toEqual([1, "/dev/zero isn't a file"]);
  });

  it("are read up to 256 MiB, and project files up to a given limit", () => {
    const path = put(join(freshFolder(), "file"), "");
    truncateSync(path, 1024 ** 4);
    for (const read of [files.read, files.readShared]) {
      expect(refusal(() => read(path)).slice(0, 2)).toEqual([1, `${path} is larger than 256 MiB`]);
    }
    truncateSync(path, 3072);
    expect(files.readShared(path, { mostBytes: 3072 })).toHaveLength(3072);
    expect(refusal(() => files.readShared(path, { mostBytes: 2048 }))[1]).toBe(
      `${path} is larger than 2 KiB`,
    );
  });

  it.skipIf(!existsSync("/proc/self/pagemap") || self.uid === undefined)(
    "are read up to a limit if their size is unknown",
    () => {
      const read = () => files.readShared("/proc/self/pagemap", { mostBytes: 1024 ** 2 });
      expect(statSync("/proc/self/pagemap").size).toBe(0);
      expect(refusal(read)[1]).toBe("/proc/self/pagemap is larger than 1 MiB");
    },
  );

  it("reject a file in place of a folder, and a shared folder", () => {
    const root = freshFolder();
    put(join(root, "file"), "x");
    expect(refusal(() => files.write(join(root, "file", "inner"), "x")).slice(0, 2)).toEqual([
      1,
      `${join(root, "file")} isn't a folder`,
    ]);
    const shared = join(root, "shared");
    mkdirSync(shared);
    chmodSync(shared, 0o1777);
    expect(refusal(() => files.ensureFolder(shared))).toEqual([
      1,
      `${shared} is shared with others`,
      "choose a folder for herm alone",
    ]);
    expect(modeOf(shared)).toBe("777");
  });

  it("lose a killed writer's temporary file after a minute", () => {
    const root = freshFolder();
    const old = new Date(Date.now() - 61_000);
    for (const name of [".file.01.tmp", ".file.02.tmp.tmp-1", ".file.03.tmp", ".other.04.tmp", ".file.txt"]) {
      put(join(root, name), "key");
      if (name !== ".file.03.tmp") utimesSync(join(root, name), old, old);
    }
    files.write(join(root, "file"), "x");
    expect(readdirSync(root).sort()).toEqual([".file.03.tmp", ".file.txt", ".other.04.tmp", "file"]);
  });

  it("keep the mode of a shared file and of its folder", () => {
    const root = freshFolder();
    chmodSync(root, 0o755);
    const path = join(root, ".herm.json");
    writeFileSync(path, "{}");
    chmodSync(path, 0o664);
    files.writeShared(path, "[]");
    expect([files.readShared(path), modeOf(path), modeOf(root)]).toEqual(["[]", "664", "755"]);
  });

  it("stay unchanged, with no other file left, if the disk is full", async () => {
    const home = freshFolder();
    const entry = (at: number) => [
      `p${at}`,
      { origin: "https://api.prismagents.com", key: `key-${at}-${"x".repeat(60)}` },
    ];
    const path = put(join(storeIn(home).configDir, "credentials.json"), {
      profiles: Object.fromEntries(Array.from({ length: 60 }, (_, at) => entry(at))),
    });
    const before = readFileSync(path, "utf8");
    const writer = await spawnWriter([home, "keys", "more"], "ulimit -f 4");
    expect(await writer.ended).toEqual({ code: 1, stderr: `${path} can't be written (EFBIG)\n` });
    expect(readFileSync(path, "utf8")).toBe(before);
    expect(readdirSync(join(path, ".."))).toEqual(["credentials.json"]);
  });

  it("keep the old settings if the disk is full", async () => {
    const home = freshFolder();
    const path = put(join(storeIn(home).configDir, "config.json"), {
      profiles: Object.fromEntries(
        Array.from({ length: 60 }, (_, at) => [`p${at}`, { deployment: `dep_${"x".repeat(60)}` }]),
      ),
    });
    const before = readFileSync(path, "utf8");
    const writer = await spawnWriter([home, "settings", "more"], "ulimit -f 4");
    expect(await writer.ended).toEqual({ code: 1, stderr: `${path} was cut short\n` });
    expect(readFileSync(path, "utf8")).toBe(before);
    expect(readdirSync(join(path, ".."))).toEqual(["config.json"]);
  });

  it.each([
    ["keys", 12],
    ["settings", 4],
  ] as const)("lose no %s saved by eight simultaneous processes, %i each", async (kind, each) => {
    expect(await eightWriters(kind, each)).toBe(8 * each);
  });

  it.each(["keys", "settings"] as const)("stay readable after a kill during a save of %s", async (kind) => {
    expect(await killsDuringSaves(kind, 12)).toEqual({ unreadable: 0, lost: 0, locks: 0 });
  });

  it("leave existing signal listeners in place after settings are saved", async () => {
    const writer = await spawnWriter([freshFolder(), "interrupt"]);
    expect([await writer.ended, writer.lines]).toEqual([{ code: 0, stderr: "" }, ["1"]]);
  });

  it("contain the profiles saved by every process", async () => {
    const home = freshFolder();
    await (await spawnWriter([home, "keys", "a", "2"])).ended;
    await (await spawnWriter([home, "settings", "b", "1"])).ended;
    expect([savedProfiles(home, "keys"), savedProfiles(home, "settings")]).toEqual([["a-0", "a-1"], ["b-0"]]);
  });
});
