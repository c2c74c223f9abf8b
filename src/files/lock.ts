import { randomBytes } from "node:crypto";
import { constants, copyFileSync, linkSync, lstatSync, rmSync, utimesSync } from "node:fs";
import { hostname, uptime } from "node:os";
import { basename, dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { codeOf, InterruptedError } from "../errors/cli-errors.js";
import { withFileErrors } from "./file-error.js";
import type { HolderSignature, HolderWords } from "./lock-holder.js";
import { pidScope, startOf, systemUser } from "./machine.js";
import { removeLeftovers, renameOver, type Uid, writeNew } from "./owned-files.js";

/** This process, which reads and writes: its user, and a way to check whether another process is still running. */
export interface ProcessIdentity {
  readonly uid: Uid;
  readonly pid: number;
  isRunning(pid: number): boolean;
  interrupt?: ((reason: unknown) => void) | undefined;
}

export interface LockOptions {
  /** Milliseconds to wait for one holder (10 s by default; starts again when the holder changes); 0: don't wait. */
  waitMs?: number;
  /** The last part of the hint after a timeout: how to wait longer. */
  waitHint?: string;
  monotonic?(): number;
  signal?: AbortSignal;
  /** What is locked, for error messages: `incident INC-1`. */
  what?: string;
  /** Describes the holder's activity; default: `incident INC-1 is locked by another herm process (ada, pid 4711)`. */
  textOf?(holder: HolderWords): string;
  /** A line about the work, shown to users who wait for it. */
  note?: string;
  /** Called each time the lock is found taken, with that text and the milliseconds waited so far. */
  onHeld?(text: string, waitedMs: number): void;
}

interface Lock extends LockOptions {
  path: string;
  self: ProcessIdentity;
  /** Reads a lock file under the rules for private files. */
  read(path: string): string | undefined;
}

interface Holder extends HolderSignature {
  /** That process's start time, in the system's own unit; empty if unknown. */
  started: string;
  /** The machine's boot and the pid namespace in which that pid is valid. */
  scope: string;
  /** Identifies this acquisition; no two lock files share it. */
  nonce: string;
  note: string;
}

const noHardLinks = ["EPERM", "EACCES", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"];
const beatMs = 1_000;
/**
 * How long a holder that can't be proved alive may be silent before it counts as dead: one on another machine or in
 * another container, or one without a known start, whose pid another process may have since (Windows, macOS).
 */
const silenceMs = 60_000;

/**
 * Runs `work` as the lock's only holder. We have our own small lock because neither proper-lockfile nor conf can both
 * replace a killed holder immediately and never let two waiters take over the same dead lock (see `take`).
 */
export async function withLock<T>(lock: Lock, work: () => T | Promise<T>): Promise<T> {
  const nonce = await acquire(lock);
  const timer = setInterval(() => beat(lock, nonce, () => clearInterval(timer)), beatMs);
  timer.unref();
  try {
    return await work();
  } finally {
    clearInterval(timer);
    release(lock, nonce);
  }
}

/** Holds a lock until the returned function is called. `lock` acquires it, and runs its `work` while holding it. */
export function untilReleased(lock: (work: () => Promise<void>) => Promise<void>): Promise<() => void> {
  return new Promise((resolve, reject) => {
    lock(() => new Promise<void>((release) => resolve(release))).catch(reject);
  });
}

/** `left`: its holder has been killed since this machine started; `none`: neither held nor left, as far as known. */
export type LockState = "held" | "left" | "none";

export function stateOfLock(lock: Lock): LockState {
  const holder = holderOf(lock);
  if (holder === undefined) return "none";
  if (isAlive(lock, holder)) return "held";
  const silentForMs = Date.now() - (lstatSync(lock.path, { throwIfNoEntry: false })?.mtimeMs ?? 0);
  return holder.scope === pidScope() && silentForMs < uptime() * 1000 ? "left" : "none";
}

/** Never throws: the work is done, and the next process takes over the lock of one that has ended. */
function release(lock: Lock, nonce: string): void {
  try {
    if (holderOf(lock)?.nonce === nonce) rmSync(lock.path, { force: true });
  } catch {
    // The folder or file was replaced, so the lock is no longer ours.
  }
}

/** Returns the nonce of this lock. */
async function acquire(lock: Lock): Promise<string> {
  const { waitMs = 10_000, signal, monotonic = () => performance.now() } = lock;
  const nonce = randomBytes(8).toString("hex");
  const beganMs = monotonic();
  let waitedFor = "";
  let giveUpMs = 0;
  for (let looks = 0; ; looks += 1) {
    signal?.throwIfAborted();
    const other = withFileErrors(lock.path, "can't be created", () => attempt(lock, nonce));
    if (other === undefined) break;
    const { lockedError, textOfHolder } = await import("./lock-holder.js");
    const text = textOfHolder(other, lock);
    const nowMs = monotonic();
    if (other.nonce !== waitedFor) giveUpMs = nowMs + waitMs;
    waitedFor = other.nonce;
    if (nowMs >= giveUpMs)
      throw lockedError(text, { path: isProvable(other) ? undefined : lock.path, waitHint: lock.waitHint });
    lock.onHeld?.(text, nowMs - beganMs);
    // Many processes waiting for long mustn't slow down the lock's holder.
    const mostMs = looks < 50 ? 20 : 200;
    await pause(Math.random() * mostMs, undefined, { signal }).catch(() => signal?.throwIfAborted());
  }
  removeLeftovers(lock.path);
  return nonce;
}

/** Returns undefined if the lock is now ours, otherwise its holder. */
function attempt(lock: Lock, nonce: string): Holder | undefined {
  // A process that only waits doesn't write anything.
  const holder = holderOf(lock);
  if (holder !== undefined && isAlive(lock, holder)) return holder;
  // Written beside the lock and linked into place, so that a lock file is never seen half-written.
  const ticket = join(dirname(lock.path), `.${basename(lock.path)}.${nonce}.tmp`);
  const { note = "" } = lock;
  const { pid } = lock.self;
  const signature = [systemUser() ?? "", hostname(), new Date().toISOString()];
  const lines = [pid, startOf(pid), pidScope(), nonce, note, ...signature];
  try {
    writeNew(ticket, lines.map((line) => `${line}\n`).join(""));
    return take(lock, ticket);
  } finally {
    rmSync(ticket, { force: true });
  }
}

/**
 * Takes over a dead holder's lock in three steps: acquire the claim on exactly that nonce (a lock too, named after
 * the nonce, acquired by this same function), check that the lock still has it, rename the claim over the lock. Only
 * the claim's holder can replace that lock, so two waiters never both get it, whenever one of them is killed.
 */
function take(lock: Lock, ticket: string): Holder | undefined {
  for (;;) {
    if (isPlaced(ticket, lock.path)) return undefined;
    const holder = holderOf(lock);
    if (holder === undefined) continue;
    if (isAlive(lock, holder)) return holder;
    const claim = { ...lock, path: `${lock.path}.${holder.nonce}` };
    const claimant = take(claim, ticket);
    if (claimant !== undefined) return claimant;
    if (holderOf(lock)?.nonce === holder.nonce) {
      renameOver(claim.path, lock.path);
      return undefined;
    }
    rmSync(claim.path, { force: true });
  }
}

function isPlaced(ticket: string, path: string): boolean {
  try {
    linkSync(ticket, path);
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    if (!noHardLinks.includes(codeOf(error))) throw error;
  }
  // The file system has no hard links.
  try {
    copyFileSync(ticket, path, constants.COPYFILE_EXCL);
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  }
}

function holderOf(lock: Lock): Holder | undefined {
  const text = lock.read(lock.path);
  if (text === undefined) return undefined;
  const [pid, started, scope, nonce, note = "", user = "", host = "", since = ""] = text.split("\n");
  if (pid && started !== undefined && scope && nonce && /^[0-9a-f]{16}$/.test(nonce)) {
    return { pid: Number(pid), started, scope, nonce, note, user, host, since };
  }
  // Incomplete, or written by another program.
  const stats = lstatSync(lock.path, { throwIfNoEntry: false });
  if (stats === undefined) return undefined;
  const inode = stats.ino.toString(16).padStart(16, "0");
  return { pid: 0, started: "", scope: "", nonce: inode, note: "", user: "", host: "", since: "" };
}

function isAlive(lock: Lock, holder: Holder): boolean {
  const stats = lstatSync(lock.path, { throwIfNoEntry: false });
  if (stats === undefined) return true;
  const silentForMs = Date.now() - stats.mtimeMs;
  if (!isProvable(holder) && silentForMs >= silenceMs) return false;
  if (holder.scope !== pidScope()) return true;
  if (silentForMs > uptime() * 1000 + silenceMs) return false;
  return lock.self.isRunning(holder.pid) && (holder.started === "" || holder.started === startOf(holder.pid));
}

function isProvable({ scope, started }: Holder): boolean {
  return scope === pidScope() && started !== "";
}

/** Shows that the holder is alive. If another process took its lock, perhaps while a laptop slept, it must stop. */
function beat(lock: Lock, nonce: string, end: () => void): void {
  try {
    const now = new Date();
    if (holderOf(lock)?.nonce === nonce) {
      utimesSync(lock.path, now, now);
      return;
    }
  } catch {
    // The lock can't be read right now; the next heartbeat tries again.
    return;
  }
  end();
  const what = lock.what ?? "one of herm's files";
  lock.self.interrupt?.(
    new InterruptedError("SIGTERM", `another herm process took over the lock on ${what} (${lock.path})`),
  );
}
