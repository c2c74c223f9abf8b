import { readdirSync } from "node:fs";
import { join } from "node:path";
import { createPrivateFiles } from "../../src/files/private-files.js";
import {
  readConfig,
  readCredentials,
  type SettingsStore,
  withSettingsLock,
  writeKey,
} from "../../src/settings/config-file.js";
import { isExecutable } from "../support/command-file.js";
import { self } from "./self.js";
import { freshFolder, spawnSetter, spawnWriter, type Writer } from "./spawn-writer.js";

/** Rules that only separate processes can prove, with a count as argument: small in the suite, large in the soak. */
export type Kind = "keys" | "settings";

export function storeIn(home: string) {
  return { files: createPrivateFiles(self), configDir: join(home, ".config", "herm") };
}

/** Saves a key like a login. */
export function saveKey(store: SettingsStore, entry: Parameters<typeof writeKey>[1]): Promise<void> {
  return withSettingsLock(store, () => writeKey(store, entry));
}

/** The profiles with a key, or settings, in a home. Throws if the file can't be read. */
export function savedProfiles(home: string, kind: Kind): string[] {
  const store = storeIn(home);
  return kind === "keys" ? [...readCredentials(store).keys()] : [...readConfig(store).profiles.keys()];
}

/** The executable's own commands save its settings; saving a key would need a server for the login. */
const isByCommands = (kind: Kind) => isExecutable && kind === "settings";

async function start(saves: { home: string; kind: Kind; name: string; count: number }): Promise<Writer> {
  const { home, kind, name, count } = saves;
  return isByCommands(kind) ? spawnSetter(saves) : spawnWriter([home, kind, name, String(count)]);
}

/** Eight processes save at once; returns how many of their updates are there at the end. */
export async function eightWriters(kind: Kind, updatesEach: number): Promise<number> {
  const home = freshFolder();
  const names = ["a", "b", "c", "d", "e", "f", "g", "h"];
  const writers = await Promise.all(names.map((name) => start({ home, kind, name, count: updatesEach })));
  const ends = await Promise.all(writers.map((writer) => writer.ended));
  const failed = ends.find(({ code }) => code !== 0);
  if (failed) throw new Error(`a writer ended with ${failed.code}: ${failed.stderr}`);
  return savedProfiles(home, kind).length;
}

export interface KillOutcome {
  unreadable: number;
  /** Saves that were reported as done but weren't there. */
  lost: number;
  /** Locks, and claims on locks, that nobody will remove. */
  locks: number;
}

/** Kills a process while it saves, repeatedly in the same home, each time at a different moment. */
export async function killsDuringSaves(kind: Kind, kills: number): Promise<KillOutcome> {
  const home = freshFolder();
  const told = new Set<string>();
  let unreadable = 0;
  for (let kill = 0; kill < kills; kill += 1) {
    const writer = await start({ home, kind, name: `k${kill}`, count: 1_000_000 });
    await writer.started;
    await new Promise((resolve) => setTimeout(resolve, (kill * 7) % 23));
    if (isByCommands(kind)) process.kill(-(writer.process.pid ?? Number.NaN), "SIGKILL");
    else writer.process.kill("SIGKILL");
    await writer.ended;
    for (const line of writer.lines) told.add(line);
    try {
      savedProfiles(home, kind);
    } catch {
      unreadable += 1;
    }
  }
  const last = await start({ home, kind, name: "last", count: 1 });
  const end = await last.ended;
  if (end.code !== 0) throw new Error(`the save after the kills failed: ${end.stderr}`);
  const saved = new Set(savedProfiles(home, kind));
  return {
    unreadable,
    lost: [...told].filter((profile) => !saved.has(profile)).length,
    locks: readdirSync(storeIn(home).configDir).filter((name) => name.startsWith("settings.lock")).length,
  };
}

/**
 * Kills processes that want the same lock at random, this many times, while the others continue. Each process that gets
 * the lock makes a file that must not exist yet. A killed process leaves it behind, and the trial removes it before the
 * next one enters.
 */
export async function entriesUnderKills(rounds: number): Promise<{ entries: number; overlaps: number }> {
  let entries = 0;
  let overlaps = 0;
  for (let round = 0; round < rounds; round += 1) {
    const home = freshFolder();
    const holder = await spawnWriter([home, "hold"]);
    await holder.started;
    const waiting = await Promise.all([1, 2, 3, 4].map(() => spawnWriter([home, "enter", "3"])));
    holder.process.kill("SIGKILL");
    for (const writer of waiting) {
      const { code } = await writer.ended;
      if (code !== 0) overlaps += 1;
      entries += writer.lines.length;
    }
  }
  return { entries, overlaps };
}
