import { utimesSync } from "node:fs";
import { isPresent } from "../api/json.js";
import type { AutomationFields } from "../api/types.js";
import { isSameField, isSentOnce, sentFields } from "../changes/fields.js";
import { openForMs } from "../changes/read-back.js";
import { ignoreErrors } from "../files/file-error.js";
import { isFresh, statOf } from "../files/owned-files.js";
import type { KnownAutomation } from "../fleet/lists.js";
import { itemKey } from "../fleet/refs.js";
import type { ItemFields } from "./change.js";
import type { ChangeHeadLine, ChangeItemLine, ChangeOutcomeLine } from "./change-lines.js";
import { type HistoryStorage, historyFolder, listRecent } from "./folder.js";
import { incidentKeys, type LedgerLocation, locateLedger } from "./incident-files.js";
import { type LedgerLine, parseLines } from "./parse.js";

/** An item answered, or still able to take effect, under 16 s ago (src/changes/README.md, "Without an answer"). */
export interface RecentItem extends Pick<ChangeItemLine, "act" | "deployment_id" | "automation_id" | "name"> {
  key: string;
  change: string;
  target: ChangeHeadLine["target"];
  after: ItemFields;
  /** `unknown`: without an answer. */
  result: "done" | "unknown";
  run_id?: string | undefined;
  /** The time of its answer; otherwise when the answer was lost, or the item sent. */
  atMs: number;
  /** Milliseconds in which an attempt, even one before an answered attempt, may still take effect; 0: none. */
  openMs: number;
}

/** Also the longest delay of a list. */
const recentMs = openForMs;
/** How many of the newest files to read even without a lock, because an outcome may be unknown. */
const mostNewest = 64;
const sameMomentMs = 50;

/** Marks the history at each request and answer, so that checking the mark shows if there is anything new. */
export function markSending(storage: Pick<HistoryStorage, "dataDir">): void {
  const now = new Date();
  ignoreErrors(() => utimesSync(historyFolder(storage), now, now));
}

/** Reads a data folder's recent items; each call reads only the lines added since the last. */
export class RecentChanges {
  readonly #files = new Map<string, FileReader>();
  #paths: { paths: readonly LedgerLocation[]; markMs: number } | undefined;

  constructor(private readonly storage: HistoryStorage) {}

  /** Lists items oldest first, omitting the change `except`. Throws FileError if the folder can't be read. */
  read(now: Date, { except }: { except?: string | undefined } = {}): RecentItem[] {
    const folder = historyFolder(this.storage);
    if (!isFresh(folder)) return [];
    return this.#pathsAt(statOf(folder)?.mtimeMs ?? 0)
      .flatMap((location) => this.#readFile(location, now.getTime()))
      .filter(({ change }) => change !== except)
      .toSorted((one, other) => one.atMs - other.atMs);
  }

  /** Files that may contain recent items, listed again only after the mark has moved. */
  #pathsAt(markMs: number): readonly LedgerLocation[] {
    const { storage } = this;
    if (this.#paths?.markMs === markMs) return this.#paths.paths;
    const changes = listRecent(storage, mostNewest).map(({ path }) => ({ path, isOutsideDataDir: false }));
    const ledgers = incidentKeys(storage).map((key) => locateLedger(storage, key));
    const paths = [...changes, ...ledgers].filter(({ path }) => isFresh(path));
    // Another mark may be written at the same moment.
    this.#paths = Date.now() - markMs < sameMomentMs ? undefined : { paths, markMs };
    return paths;
  }

  #readFile({ path, isOutsideDataDir }: LedgerLocation, nowMs: number): RecentItem[] {
    const file = this.#files.get(path) ?? new FileReader();
    this.#files.set(path, file);
    const { size = 0 } = statOf(path) ?? {};
    const { files } = this.storage;
    if (size !== file.size) {
      const text = isOutsideDataDir ? files.readShared(path) : files.read(path);
      file.add(text ?? "", { size, nowMs });
    }
    return file.recentAt(nowMs);
  }
}

/** Finds a line's kind without parsing it, because a ledger may have a million lines. */
const lineStart = /^\uFEFF?\{"(change|text|item|sending|outcome)":"?(\w+)/gm;

interface Entry {
  sentMs?: number | undefined;
  lostMs?: number | undefined;
  outcome?: ChangeOutcomeLine | undefined;
  /** The item made from the lines so far. */
  item?: (Omit<RecentItem, "openMs"> & { lostMs: number | undefined }) | undefined;
}

class FileReader {
  size = 0;
  #text = "";
  #readTo = 0;
  readonly #heads: number[] = [];
  readonly #texts = new Map<string, number>();
  readonly #items = new Map<number, number>();
  readonly #recent = new Map<number, Entry>();

  /** `size`: the file's minimum size when it was read. */
  add(text: string, { size, nowMs }: { size: number; nowMs: number }): void {
    this.#text = text;
    this.size = size;
    const end = text.lastIndexOf("\n") + 1;
    lineStart.lastIndex = this.#readTo;
    for (
      let found = lineStart.exec(text);
      found !== null && found.index < end;
      found = lineStart.exec(text)
    ) {
      const [, kind, key = ""] = found;
      if (kind === "change") this.#heads.push(found.index);
      else if (kind === "text") this.#texts.set(key, found.index);
      else if (kind === "item") this.#items.set(Number(key), found.index);
      else this.#addSent(Number(key), { at: found.index, nowMs });
    }
    this.#readTo = end;
  }

  #addSent(number: number, { at, nowMs }: { at: number; nowMs: number }): void {
    const time = /"at":"([^"]+)"/.exec(this.#textAt(at))?.[1];
    if (!isRecent(Date.parse(time ?? ""), nowMs)) return;
    const line = this.#lineAt(at);
    const { sentMs, lostMs, outcome } = this.#recent.get(number) ?? {};
    if (line === undefined) return;
    const atMs = Date.parse(time ?? "");
    if ("sending" in line)
      this.#recent.set(number, { sentMs: atMs, lostMs: line.again ? atMs : lostMs, outcome });
    else if ("outcome" in line) {
      const isFirst = line.result === "unknown" && outcome?.result !== "unknown";
      this.#recent.set(number, { sentMs, lostMs: isFirst ? atMs : lostMs, outcome: line });
    }
  }

  recentAt(nowMs: number): RecentItem[] {
    return [...this.#recent].flatMap(([number, entry]) => {
      entry.item ??= this.#itemOf(number, entry);
      const { item } = entry;
      const isOpen = item?.lostMs !== undefined && isRecent(item.lostMs, nowMs);
      if (item === undefined || !(isOpen || isRecent(item.atMs, nowMs))) {
        this.#recent.delete(number);
        return [];
      }
      const { lostMs = 0, ...own } = item;
      return [{ ...own, openMs: isOpen ? recentMs - Math.max(0, nowMs - lostMs) : 0 }];
    });
  }

  #itemOf(number: number, { sentMs, lostMs, outcome }: Entry): Entry["item"] {
    const { result = "unknown", automation_id, run_id } = outcome ?? {};
    const openAtMs = outcome === undefined ? sentMs : lostMs;
    const atMs = outcome !== undefined && result === "done" ? Date.parse(outcome.at) : openAtMs;
    if (atMs === undefined || (result !== "done" && result !== "unknown")) return undefined;
    const at = this.#items.get(number);
    const line = this.#lineAt(at);
    const head = this.#lineAt(this.#heads.findLast((each) => each < (at ?? 0)));
    if (line === undefined || !("item" in line) || head === undefined || !("change" in head))
      return undefined;
    const { act, deployment_id, name } = line;
    const { instructions_sha256: hash = "", ...after } = line.after ?? {};
    const text = this.#lineAt(this.#texts.get(hash));
    return {
      ...{ act, deployment_id, name, automation_id: automation_id ?? line.automation_id },
      ...{ key: `${head.change} ${number} ${sentMs}`, change: head.change, target: head.target },
      after: text !== undefined && "text" in text ? { ...after, instructions: text.is } : after,
      // A request that is sent at most once has no further effect once it is known to be done.
      ...{ result, run_id, atMs, lostMs: result === "done" && isSentOnce(act) ? undefined : openAtMs },
    };
  }

  #textAt(at: number): string {
    return this.#text.slice(at, this.#text.indexOf("\n", at));
  }

  #lineAt(at: number | undefined): LedgerLine | undefined {
    return at === undefined ? undefined : parseLines(this.#textAt(at))[0];
  }
}

/** Includes times slightly in the future, written before the clock was set back. */
function isRecent(ms: number, nowMs: number): boolean {
  return Math.abs(nowMs - ms) < recentMs;
}

/** Returns the changed automations with their last answer, or last request if unanswered. */
export function answeredIn(items: readonly RecentItem[]): KnownAutomation[] {
  const known = new Map<string, { ids: KnownAutomation; answered: Answered }>();
  for (const { act, deployment_id, automation_id, after, result } of items) {
    if (automation_id === null || act === "trigger" || act === "answer") continue;
    const ids = { deployment_id, automation_id };
    const before = known.get(itemKey(ids))?.answered;
    const answered: Answered = {
      fields: { ...before?.fields, ...after } as Partial<AutomationFields>,
      isDeleted: act === "delete",
      isUnknown: before?.isUnknown === true || result === "unknown",
    };
    known.set(itemKey(ids), { ids, answered });
  }
  return [...known.values()].map(({ ids, answered }) => ({
    ...ids,
    isAsAnswered: (listed) => isAsAnswered(answered, listed),
    isInDoubt: answered.isUnknown,
  }));
}

interface Answered {
  fields: Partial<AutomationFields>;
  isDeleted: boolean;
  isUnknown: boolean;
}

function isAsAnswered(
  { fields, isDeleted, isUnknown }: Answered,
  listed: Parameters<NonNullable<KnownAutomation["isAsAnswered"]>>[0],
): boolean {
  if (isDeleted || listed === undefined) return isDeleted && listed === undefined && !isUnknown;
  return sentFields(fields).every(
    (field) => !isPresent(listed[field]) || isSameField(field, fields[field], listed[field]) !== false,
  );
}
