import fs, { readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { systemUser } from "../../src/files/machine.js";
import { createPrivateFiles } from "../../src/files/private-files.js";
import { put } from "../settings/places.js";
import { self } from "../settings/self.js";
import { freshFolder, spawnWriter } from "../settings/spawn-writer.js";
import { entriesUnderKills } from "../settings/trials.js";
import { canFillDisk, fillDisk } from "../support/full-disk.js";

const files = createPrivateFiles(self);

function lockText(holder: { pid?: number; started?: string; place?: string; nonce?: string }): string {
  const { pid = 1, started = "", place = "elsewhere", nonce = "0123456789abcdef" } = holder;
  return `${pid}\n${started}\n${place}\n${nonce}\n`;
}

/** The text in a lock that this process holds. */
async function ownLock(path: string): Promise<string[]> {
  const text = await files.withLock(path, () => readFileSync(`${path}.lock`, "utf8"));
  return text.split("\n");
}

/** From now until the test ends, hard links fail. */
function failLinks(code: string): void {
  const { linkSync } = fs;
  const replace = (link: typeof linkSync) => {
    fs.linkSync = link;
    syncBuiltinESMExports();
  };
  onTestFinished(() => replace(linkSync));
  replace(() => {
    throw Object.assign(new Error(`${code}: link`), { code });
  });
}

describe("withLock", () => {
  it("returns its callback's result, unlocks, and leaves no file", async () => {
    const root = freshFolder();
    const path = join(root, "thing");
    expect(await files.withLock(path, async () => readdirSync(root))).toEqual(["thing.lock"]);
    await expect(files.withLock(path, () => Promise.reject(new Error("work failed")))).rejects.toThrow(
      "work failed",
    );
    expect(readdirSync(root)).toEqual([]);
  });

  it.runIf(canFillDisk)("leaves no file if the lock can't be created", async () => {
    const root = freshFolder();
    fillDisk();
    await expect(files.withLock(join(root, "thing"), () => "in")).rejects.toThrow(
      /can't be created \(EFBIG\)$/,
    );
    expect(readdirSync(root)).toEqual([]);
  });

  it.each(["EPERM", "EACCES", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"])(
    "works without hard links (%s): one at a time, even after a kill",
    async (code) => {
      failLinks(code);
      const path = join(freshFolder(), "thing");
      put(`${path}.lock`, lockText({}));
      const then = new Date(Date.now() - 61_000);
      utimesSync(`${path}.lock`, then, then);
      await files.withLock(path, async () => {
        await expect(files.withLock(path, () => "in", { waitMs: 0 })).rejects.toMatchObject({ exitCode: 6 });
        expect(readdirSync(join(path, ".."))).toEqual(["thing.lock"]);
      });
      expect(await files.withLock(path, () => "in", { waitMs: 0 })).toBe("in");
      expect(readdirSync(join(path, ".."))).toEqual([]);
    },
  );

  it("fails if a link fails for another reason, and leaves no file", async () => {
    failLinks("EIO");
    const root = freshFolder();
    await expect(files.withLock(join(root, "thing"), () => "in")).rejects.toThrow(
      /can't be created \(EIO\)$/,
    );
    expect(readdirSync(root)).toEqual([]);
  });

  it("runs callbacks one after another, even within one process", async () => {
    const path = join(freshFolder(), "thing");
    let inside = 0;
    let most = 0;
    const enter = () =>
      files.withLock(path, async () => {
        inside += 1;
        most = Math.max(most, inside);
        await new Promise((resolve) => setTimeout(resolve, 1));
        inside -= 1;
      });
    await Promise.all(Array.from({ length: 10 }, enter));
    expect([most, inside]).toEqual([1, 0]);
  });

  it("fails at once, and names the holder, if it mustn't wait", async () => {
    const home = freshFolder();
    const holder = await spawnWriter([home, "hold"]);
    await holder.started;
    const path = join(home, "data", "thing");
    const user = systemUser();
    const pid = `pid ${holder.process.pid}`;
    const another = `another herm process \\(${user === undefined ? pid : `${user}, ${pid}`}\\)`;
    await expect(files.withLock(path, () => "in", { waitMs: 0 })).rejects.toMatchObject({
      exitCode: 6,
      message: expect.stringMatching(
        new RegExp(`^one of herm's files is locked by ${another} since (\\S+ )?\\d\\d:\\d\\d$`),
      ),
      hint: "run it again when that process ends",
    });
    holder.process.kill("SIGKILL");
    await holder.ended;
    expect(await files.withLock(path, () => "in", { waitMs: 0 })).toBe("in");
    expect(readdirSync(join(home, "data"))).toEqual([]);
  });

  it.each([
    ["ada\nnight\n2026-03-02T10:41:00Z", "ada on night, pid 1", "2026-03-02 10:41"],
    ["ada\n\n", "ada, pid 1", undefined],
    ["\nnight\n", "on night, pid 1", undefined],
  ])("reports holder, machine and time from %j", async (signed, who, since) => {
    vi.stubEnv("TZ", "UTC");
    onTestFinished(() => void vi.unstubAllEnvs());
    const path = join(freshFolder(), "thing");
    put(`${path}.lock`, `${lockText({})}note\n${signed}\n`);
    await expect(
      files.withLock(path, () => "in", { waitMs: 0, what: "incident INC-1" }),
    ).rejects.toMatchObject({
      message: `incident INC-1 is locked by another herm process (${who})${since === undefined ? "" : ` since ${since}`}`,
      hint: `run it again when that process ends; if it was killed, its lock, ${path}.lock, expires after a minute`,
    });
  });

  it("waits for each holder in turn, and gives up on a slow holder", async () => {
    const path = join(freshFolder(), "thing");
    const hold = (nonce: string) => put(`${path}.lock`, lockText({ nonce }));
    hold("000000000000000a");
    let nowMs = 0;
    const waited: number[] = [];
    const onHeld = (_text: string, waitedMs: number) => {
      waited.push(waitedMs);
      nowMs += 1_000;
      if (waited.length === 4) hold("000000000000000b");
    };
    const entered = files.withLock(path, () => "in", { waitMs: 5_000, monotonic: () => nowMs, onHeld });
    await expect(entered).rejects.toMatchObject({ exitCode: 6 });
    expect(waited).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8].map((seconds) => seconds * 1_000));
  });

  it("stops waiting with the signal's reason", async () => {
    const path = join(freshFolder(), "thing");
    await files.withLock(path, async () => {
      const controller = new AbortController();
      const waiting = files.withLock(path, () => "in", { signal: controller.signal });
      setTimeout(() => controller.abort(new Error("enough")), 10);
      await expect(waiting).rejects.toThrow("enough");
    });
  });

  // Other systems don't report when a process started.
  it.skipIf(process.platform !== "linux")("replaces the lock of a process whose pid was reused", async () => {
    const path = join(freshFolder(), "thing");
    const [pid, started, place] = await ownLock(path);
    put(`${path}.lock`, lockText({ pid: Number(pid), started: `${started}0`, place }));
    expect(await files.withLock(path, () => "in", { waitMs: 0 })).toBe("in");
  });

  it.each<[string, number, boolean]>([
    ["respects the lock of another machine that still shows signs of life", 50_000, false],
    ["replaces the lock of another machine that was silent for a minute", 61_000, true],
  ])("%s", async (_title, silentMs, isTaken) => {
    const path = join(freshFolder(), "thing");
    put(`${path}.lock`, lockText({ pid: self.pid }));
    const then = new Date(Date.now() - silentMs);
    utimesSync(`${path}.lock`, then, then);
    const entered = files.withLock(path, () => "in", { waitMs: 0 });
    if (isTaken) expect(await entered).toBe("in");
    else await expect(entered).rejects.toMatchObject({ exitCode: 6 });
  });

  it.each<[string, number, boolean]>([
    ["respects the lock of a live process whose start time is unknown", 50_000, false],
    ["replaces the lock of a process silent for a minute, whatever has its pid", 61_000, true],
  ])("%s", async (_title, silentMs, isTaken) => {
    const path = join(freshFolder(), "thing");
    const [pid, , place] = await ownLock(path);
    put(`${path}.lock`, lockText({ pid: Number(pid), started: "", place }));
    const then = new Date(Date.now() - silentMs);
    utimesSync(`${path}.lock`, then, then);
    const entered = files.withLock(path, () => "in", { waitMs: 0 });
    if (isTaken) expect(await entered).toBe("in");
    else
      await expect(entered).rejects.toMatchObject({
        exitCode: 6,
        hint: expect.stringContaining(`${path}.lock`),
      });
  });

  it.each(["", "half a line", `${self.pid}\n`])("respects a lock file with %j for a minute", async (text) => {
    const root = freshFolder();
    const path = join(root, "thing");
    put(`${path}.lock`, text);
    await expect(files.withLock(path, () => "in", { waitMs: 0 })).rejects.toMatchObject({
      message: "one of herm's files is locked by another herm process",
    });
    const then = new Date(Date.now() - 61_000);
    utimesSync(`${path}.lock`, then, then);
    expect(await files.withLock(path, () => "in", { waitMs: 0 })).toBe("in");
    expect(readdirSync(root)).toEqual([]);
  });

  it("replaces a lock left by a kill during replacement", async () => {
    const root = freshFolder();
    const path = join(root, "thing");
    const dead = new Date(Date.now() - 61_000);
    const claims = ["", ".0000000000000001", ".0000000000000001.0000000000000002"];
    for (const [at, claim] of claims.entries()) {
      put(`${path}.lock${claim}`, lockText({ nonce: `000000000000000${at + 1}` }));
      utimesSync(`${path}.lock${claim}`, dead, dead);
    }
    expect(await files.withLock(path, () => "in", { waitMs: 0 })).toBe("in");
    expect(readdirSync(root)).toEqual([]);
  });

  it("keeps a lock that another process has since created", async () => {
    const path = join(freshFolder(), "thing");
    const other = lockText({});
    await files.withLock(path, () => writeFileSync(`${path}.lock`, other));
    expect(readFileSync(`${path}.lock`, "utf8")).toBe(other);
  });

  it("admits one process at a time after a kill, even if many wait", async () => {
    expect(await entriesUnderKills(3)).toEqual({ entries: 36, overlaps: 0 });
  });
});
