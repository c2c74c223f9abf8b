import { randomBytes } from "node:crypto";
import { readdirSync, rmSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { isTime } from "../api/door.js";
import { isObject } from "../api/json.js";
import type { Context } from "../context.js";
import { ifPossible, unrecorded } from "../files/file-error.js";
import { readLines } from "../files/json-text.js";
import type { LogFile } from "../files/log-file.js";

/** What is about to be sent at most once. */
export interface Intent {
  kind: "create" | "trigger" | "message";
  origin: string;
  deployment_id: string;
  /** The automation's name, its id for a trigger, the thread of a message. */
  name: string;
  schedule?: string;
  /** Of the instructions or the message: the text itself stays out of the file. */
  sha256?: string;
}

/** An intent whose outcome isn't known yet. */
export interface OpenIntent {
  /**
   * Writes it anew, with the time of now, where its line is older than a moment: others wait by that time. It is on disk when
   * it resolves. Throws UnrecordedError: then it must not be sent.
   */
  renew(): Promise<void>;
  /** Never throws: a closing line that a full disk or a power cut takes only makes the next one wait. */
  close(): void;
}

export type JournalContext = Pick<Context, "settings" | "now" | "sleep" | "signal">;

const freshMs = 500;
const forgottenAfterMs = 60 * 60 * 1000;

/**
 * The intent journal (src/changes/README.md, "At most once"): a line before each request that is sent at most once, and
 * one that closes it when its outcome is known. Each process writes a file of its own and takes it away when nothing in
 * it is open: what is left belongs to a process that died, or that doesn't know.
 */
export class IntentJournal {
  readonly #context: JournalContext;
  readonly #path: string;
  readonly #open = new Set<number>();
  #file: LogFile | undefined;
  #count = 0;

  constructor(context: JournalContext) {
    this.#context = context;
    this.#path = join(folderOf(context), `${randomBytes(8).toString("hex")}.jsonl`);
  }

  /** The intent is on disk when it resolves. Throws UnrecordedError: then it must not be sent. */
  async open(intent: Intent): Promise<OpenIntent> {
    this.#count += 1;
    const id = this.#count;
    this.#open.add(id);
    const write = async () => {
      const at = this.#context.now();
      const line: OpenLine = { intent: id, at: at.toISOString(), ...intent };
      try {
        await this.#note(line).settle();
      } catch (error) {
        throw unrecorded(error);
      }
      return at.getTime();
    };
    let atMs = await write();
    return {
      renew: async () => {
        if (Math.abs(this.#context.now().getTime() - atMs) > freshMs) atMs = await write();
      },
      close: () => {
        this.#open.delete(id);
        // What comes after an answer must not make a success a failure: one that stays open is only waited for.
        ifPossible(() => this.#note({ closed: id }));
      },
    };
  }

  /** Releases the file, and takes it away when every intent in it is closed. Never throws: what was sent was sent. */
  async close(): Promise<void> {
    const file = this.#file;
    if (file === undefined) return;
    this.#file = undefined;
    if (this.#open.size > 0) await file.settle().catch(() => undefined);
    ifPossible(() => file.close());
    if (this.#open.size === 0) ifPossible(() => rmSync(this.#path, { force: true }));
  }

  #note(line: object): LogFile {
    this.#file ??= this.#openFile();
    this.#file.note(`${JSON.stringify(line)}\n`);
    return this.#file;
  }

  #openFile(): LogFile {
    ownFilesOf(this.#context).add(basename(this.#path));
    return this.#context.settings.files.log(this.#path);
  }
}

/** What a journal says of an intent that no answer has closed. */
export interface OpenLine extends Intent {
  intent: number;
  at: string;
}

/** Every open intent in a deployment, of any other command with this data folder, by the file that it is in. */
export function readOpenIntents(
  context: JournalContext,
  deploymentId: string,
): { file: string; line: OpenLine }[] {
  const folder = folderOf(context);
  // An apply asks for each deployment anew, while its own journal grows, and an apply beside it writes another.
  const own = ownFilesOf(context);
  const words = `"deployment_id":${JSON.stringify(deploymentId)}`;
  return journalFiles(folder).flatMap((file) => {
    if (own.has(file)) return [];
    const path = join(folder, file);
    if (isForgotten(path, context.now().getTime())) {
      rmSync(path, { force: true });
      return [];
    }
    const text = context.settings.files.read(path) ?? "";
    if (!text.includes(words)) return [];
    return stillOpen(text)
      .filter(({ deployment_id }) => deployment_id === deploymentId)
      .map((line) => ({ file, line }));
  });
}

const ownFiles = new WeakMap<JournalContext["settings"], Set<string>>();

/** Names of the journals that this command has written: it knows what it has open. */
function ownFilesOf({ settings }: JournalContext): Set<string> {
  const known = ownFiles.get(settings) ?? new Set();
  ownFiles.set(settings, known);
  return known;
}

function journalFiles(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith(".jsonl"));
  } catch {
    return [];
  }
}

function isForgotten(path: string, now: number): boolean {
  const changedAt = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? now;
  return now - changedAt > forgottenAfterMs;
}

function stillOpen(text: string): OpenLine[] {
  const open = new Map<number, OpenLine>();
  // A torn last line: its request was never sent, or its process died while closing it.
  for (const line of readLines(text, isLine)) {
    if ("closed" in line) open.delete(line.closed);
    else open.set(line.intent, line);
  }
  return [...open.values()];
}

function isLine(value: unknown): value is OpenLine | { closed: number } {
  if (!isObject(value)) return false;
  const { closed, intent, at, kind, origin, deployment_id, name, schedule, sha256 } = value;
  if (typeof closed === "number") return true;
  return (
    typeof intent === "number" &&
    isTime(at) &&
    [kind, origin, deployment_id, name].every((field) => typeof field === "string") &&
    [schedule, sha256].every((field) => field === undefined || typeof field === "string")
  );
}

function folderOf(context: JournalContext): string {
  return join(context.settings.dataDir, "intents");
}
