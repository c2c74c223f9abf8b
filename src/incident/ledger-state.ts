import { itemKey } from "../fleet/refs.js";
import type { SwitchAct } from "../history/change.js";
import type {
  AcknowledgedLine,
  ChangedLine,
  ClosedLine,
  FoundLine,
  HeadLine,
  MessageLine,
  ScopeLine,
  SeenLine,
  SkippedLine,
} from "../history/incident-lines.js";
import type { ChangeHeadLine, ChangeItemLine, ChangeOutcomeLine, LedgerLine } from "../history/parse.js";

/** How far a change of one automation has come. `none`: never begun. `sent`: begun, and its outcome isn't recorded. */
type Progress = "none" | "sent" | ChangeOutcomeLine["result"] | SkippedLine["looked"];

/** An automation as it was right before this incident paused it, or found it paused. */
export type FoundAutomation = Omit<FoundLine, "found">;

/** One automation of an incident, by all that its ledger says. */
export interface LedgerItem {
  line: FoundAutomation;
  /** The numbers of the last items that paused it and brought it back. */
  numbers: { [act in SwitchAct]?: number };
  pause: Progress;
  /** When the pause was answered, by this machine's clock and by the server's. */
  pausedAt?: string;
  pauseDate?: string;
  /** The automation's `updated_at` as first read after the pause. */
  updated_at?: string;
  /** Of its instructions as first read after the pause. */
  instructionsHash?: string;
  resume: Progress;
  /** When the resume was answered, by the server's clock if its answer said it. */
  resumedAt?: string;
  /** So long at least it was paused: until its resume was answered or, where that answer was lost, until it was sent. */
  pausedUntil?: string | undefined;
  /** Until then, by the server's clock, unexpected runs of it were reported and count no more. */
  acknowledged?: string;
  /** The changes of it outside the incident that a herm with this ledger sent. */
  outsideChanges?: ChangedLine[];
  /** Of the last failure, or why it was left alone. */
  reason?: string | undefined;
}

/** What a ledger says, line by line. */
export class LedgerState {
  readonly scopes: ScopeLine[] = [];
  /** By `<deployment>/<automation>`, in the order in which they came. */
  readonly items = new Map<string, LedgerItem>();
  /** By run. */
  readonly messages = new Map<string, MessageLine["told"]>();
  closed: { at: string; why: ClosedLine["closed"] } | undefined;
  /** The number of the next item. */
  nextNumber = 1;
  #command: ChangeHeadLine | undefined;
  readonly #numbered = new Map<number, { act: SwitchAct; item: LedgerItem }>();

  constructor(readonly head: HeadLine) {}

  /** Whether one of its scopes is the same, whenever that was. */
  covers(scope: ScopeLine): boolean {
    const text = (line: ScopeLine) => JSON.stringify({ ...line, at: "" });
    return this.scopes.some((known) => text(known) === text(scope));
  }

  add(line: LedgerLine): void {
    if ("item" in line) this.#addItem(line);
    else if ("sending" in line) {
      const { act, item } = this.#numbered.get(line.sending) ?? {};
      if (item === undefined || act === undefined) return;
      item[act] = "sent";
      if (act === "resume") item.pausedUntil = line.served_at ?? line.at;
    } else if ("outcome" in line) {
      const numbered = this.#numbered.get(line.outcome);
      if (numbered !== undefined) applyOutcome(numbered, line);
    } else if ("change" in line) this.#command = line;
    else if ("found" in line) {
      const { found: _found, ...automation } = line;
      this.#addAutomation(automation);
    } else if ("incident" in line) throw new Error("a ledger has one head");
    else if ("scope" in line) {
      if (!this.covers(line)) this.scopes.push(line);
    } else if ("told" in line) this.messages.set(line.run_id, line.told);
    else if ("closed" in line) this.closed = { at: line.at, why: line.closed };
    else if ("reopened" in line) this.closed = undefined;
    else if ("automation_id" in line) {
      const item = this.items.get(itemKey(line));
      if (item !== undefined) applyToItem(item, line);
    }
  }

  #addItem({ item: number, act, before = {}, ...line }: ChangeItemLine): void {
    const { deployment_id, automation_id, customer_id = null, name } = line;
    if (automation_id === null || (act !== "pause" && act !== "resume")) return;
    this.nextNumber = Math.max(this.nextNumber, number + 1);
    const ids = { deployment_id, automation_id };
    const known = this.items.get(itemKey(ids));
    const { enabled = null, schedule = null, updated_at } = before;
    // What the API said of one that is its own says more than what it leaves out now.
    const isKnown = act === "resume" || (known !== undefined && enabled !== true && isOwn(known));
    const { at, served_at: date } = this.#command ?? { at: this.head.created_at };
    const read = { was_enabled: enabled, updated_at: updated_at ?? undefined, at, date };
    const item = isKnown ? known : this.#addAutomation({ ...ids, customer_id, name, schedule, ...read });
    if (item === undefined) return;
    item.numbers[act] = number;
    this.#numbered.set(number, { act, item });
  }

  #addAutomation(line: FoundAutomation): LedgerItem {
    const item: LedgerItem = { line, numbers: {}, pause: "none", resume: "none" };
    this.items.set(itemKey(line), item);
    return item;
  }
}

/** What reading back tells the ledger of a change whose outcome wasn't known. */
export function confirmedLine(
  number: number,
  { at, date, updated_at }: { at: Date; date?: Date; updated_at?: string | null | undefined },
): ChangeOutcomeLine {
  const times = { at: at.toISOString(), served_at: date?.toISOString() };
  return { outcome: number, ...times, result: "done", updated_at: updated_at || undefined };
}

/** That a resume looked at it and didn't send it; so did what its item `number` was, if it had one. */
export function linesOfSkipped(
  { deployment_id, automation_id }: Pick<FoundAutomation, "deployment_id" | "automation_id">,
  {
    result,
    at: time,
    reason,
    number,
  }: { result: SkippedLine["looked"]; at: Date; reason?: string | undefined; number: number | undefined },
): LedgerLine[] {
  const at = time.toISOString();
  const outcome = result === "gone" ? result : "skipped";
  return [
    ...(number === undefined ? [] : [{ outcome: number, at, result: outcome, error: reason } as const]),
    { looked: result, at, deployment_id, automation_id, reason },
  ];
}

/** Whether this incident has paused it, as far as is known, and it hasn't been enabled since: if it is paused, it is its own. */
export function isOwn({ line, pause, resume }: Pick<LedgerItem, "line" | "pause" | "resume">): boolean {
  const isOver = resume === "done" || resume === "enabled" || resume === "gone";
  return line.was_enabled === true && (pause === "done" || isInDoubt({ pause })) && !isOver;
}

/** Whether the ledger alone can't tell if the pause took effect. */
export function isInDoubt({ pause }: Pick<LedgerItem, "pause">): boolean {
  return pause === "sent" || pause === "unknown";
}

function applyToItem(item: LedgerItem, line: SkippedLine | SeenLine | AcknowledgedLine | ChangedLine): void {
  if ("seen" in line) {
    item.updated_at ??= line.updated_at;
    item.instructionsHash ??= line.instructions_sha256;
  } else if ("acknowledged" in line) item.acknowledged = line.acknowledged;
  else if ("touched" in line) {
    item.outsideChanges ??= [];
    item.outsideChanges.push(line);
  } else if ("looked" in line) {
    item.resume = line.looked;
    item.reason = line.reason;
  }
}

function applyOutcome({ act, item }: { act: SwitchAct; item: LedgerItem }, line: ChangeOutcomeLine): void {
  const { at, served_at: date, result } = line;
  item[act] = result;
  item.reason = line.error;
  if (result !== "done") return;
  if (act === "resume") {
    item.resumedAt = date ?? at;
    item.pausedUntil = date ?? item.pausedUntil ?? at;
    return;
  }
  item.pausedAt = at;
  item.pauseDate = date ?? item.pauseDate;
  item.updated_at = line.updated_at ?? item.updated_at;
  item.instructionsHash = line.instructions_sha256 ?? item.instructionsHash;
}
