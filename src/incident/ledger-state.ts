import { sha256 } from "../files/sha256.js";
import { itemKey } from "../fleet/refs.js";
import type { ChangeRecord, SwitchAct } from "../history/change.js";
import type { ChangeHeadLine, ChangeItemLine, ChangeOutcomeLine } from "../history/change-lines.js";
import { incidentKey } from "../history/incident-files.js";
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
import type { LedgerLine } from "../history/parse.js";

/** `none`: not started. `sent`: without a recorded outcome. */
type SwitchProgress = "none" | "sent" | Exclude<ChangeOutcomeLine["result"] | SkippedLine["looked"], "gone">;

/** An automation right before this incident paused it, or when it was found paused. */
type FoundAutomation = Omit<FoundLine, "found">;

export interface LedgerItem {
  line: FoundAutomation;
  /** Numbers of the last items that paused and resumed it. */
  numbers: { [act in SwitchAct]?: number };
  pause: SwitchProgress;
  /** The time of the pause's response, by this machine's clock and by the server's. */
  pausedAt?: string;
  pausedServedAt?: string;
  pausedBy?: HeadLine["by"] | undefined;
  /** When its pause was last sent, by this machine's clock, if an earlier attempt may take effect after that. */
  lateAt?: string;
  /** The automation's `updated_at` as first read after the pause. */
  updated_at?: string;
  instructionsHash?: string;
  resume: SwitchProgress;
  resumedAt?: string;
  /** When its pause ended at the earliest: when its resume was answered or, if the response was lost, sent. */
  pausedUntil?: string | undefined;
  /** The server's time up to which its unexpected runs have been reported and no longer count. */
  acknowledged?: string;
  outsideChanges?: ChangedLine[];
  isResumedByRef?: boolean;
  reason?: string | undefined;
}

export class LedgerState {
  readonly scopes: ScopeLine[] = [];
  readonly items = new Map<string, LedgerItem>();
  readonly messages = new Map<string, MessageLine["message"]>();
  closed: { at: string; why: ClosedLine["closed"] } | undefined;
  nextNumber = 1;
  #command: ChangeHeadLine | undefined;
  readonly #numbered = new Map<number, { act: SwitchAct; item: LedgerItem }>();

  constructor(readonly head: HeadLine) {}

  /** True if it has an equal scope, whenever that was added. */
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
      else if (line.again || item.lateAt !== undefined) item.lateAt = line.at;
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
    } else if ("message" in line) this.messages.set(line.run_id, line.message);
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
    // Values read before this incident's pause are kept: a later read is of a paused automation, or has no `enabled`.
    const isKnown =
      act === "resume" || (known !== undefined && enabled !== true && isPausedByIncident(known));
    const { at, served_at: date } = this.#command ?? { at: this.head.created_at };
    const read = { was_enabled: enabled, updated_at: updated_at ?? undefined, at, date };
    const item = isKnown ? known : this.#addAutomation({ ...ids, customer_id, name, schedule, ...read });
    if (item === undefined) return;
    if (act === "pause") item.pausedBy = this.#command?.by;
    if (act === "pause" && known !== undefined && isInDoubt(known)) item.lateAt = at;
    item.numbers[act] = number;
    this.#numbered.set(number, { act, item });
  }

  #addAutomation(line: FoundAutomation): LedgerItem {
    const item: LedgerItem = { line, numbers: {}, pause: "none", resume: "none" };
    this.items.set(itemKey(line), item);
    return item;
  }
}

/** Returns the line for an unknown outcome that a later read decided. */
export function confirmedLine(
  number: number,
  { at, date, updated_at }: { at: Date; date?: Date; updated_at?: string | null | undefined },
): ChangeOutcomeLine {
  const times = { at: at.toISOString(), served_at: date?.toISOString() };
  return { outcome: number, ...times, result: "done", updated_at: updated_at || undefined };
}

/** Returns the lines for an automation that a resume skipped; an existing item `number` becomes `skipped`. */
export function linesOfSkipped(
  { deployment_id, automation_id }: Pick<FoundAutomation, "deployment_id" | "automation_id">,
  {
    result,
    at: time,
    reason,
    number,
  }: {
    result: Exclude<SkippedLine["looked"], "gone">;
    at: Date;
    reason?: string | undefined;
    number: number | undefined;
  },
): LedgerLine[] {
  const at = time.toISOString();
  return [
    ...(number === undefined ? [] : [{ outcome: number, at, result: "skipped", error: reason } as const]),
    { looked: result, at, deployment_id, automation_id, reason },
  ];
}

/** True if, as far as known, this incident paused it and it hasn't been enabled since. */
export function isPausedByIncident({
  line,
  pause,
  resume,
  isResumedByRef = false,
}: Pick<LedgerItem, "line" | "pause" | "resume" | "isResumedByRef">): boolean {
  const isOver = resume === "done" || resume === "enabled" || isResumedByRef;
  return mayHavePaused({ line, pause }) && !isOver;
}

/** True if, as far as known, this incident ever paused it. */
export function mayHavePaused({ line, pause }: Pick<LedgerItem, "line" | "pause">): boolean {
  return line.was_enabled === true && (pause === "done" || isInDoubt({ pause }));
}

/**
 * Marks in an incident's state the automations that were resumed from here outside of it after its pause, by ref or
 * for another incident: until an undo, the incident no longer holds them. `changes`: the history's, oldest first.
 */
export function noteResumedByRef(state: LedgerState, changes: readonly ChangeRecord[]): void {
  const own = incidentKey(state.head.incident);
  const resumes = new Map<LedgerItem, string | undefined>();
  for (const { change, incident, at, id, undoes, ...ids } of changes) {
    const item = state.items.get(itemKey(ids));
    if (item === undefined) continue;
    const isOwn = incident !== undefined && incidentKey(incident) === own;
    if (isOwn && change === "pause") item.isResumedByRef = false;
    const isLater = at.getTime() >= Date.parse(item.pausedAt ?? "");
    if (undoes !== undefined && undoes === resumes.get(item)) item.isResumedByRef = false;
    if (isOwn || change !== "resume" || !isLater) continue;
    item.isResumedByRef = true;
    resumes.set(item, id);
  }
}

/** True if the ledger alone doesn't show whether the pause took effect. */
export function isInDoubt({ pause }: Pick<LedgerItem, "pause">): boolean {
  return pause === "sent" || pause === "unknown";
}

function applyToItem(item: LedgerItem, line: SkippedLine | SeenLine | AcknowledgedLine | ChangedLine): void {
  if ("seen" in line) {
    item.updated_at ??= line.updated_at;
    item.instructionsHash ??= line.instructions_sha256;
  } else if ("acknowledged" in line) item.acknowledged = line.acknowledged;
  else if ("changed" in line) {
    item.outsideChanges ??= [];
    item.outsideChanges.push(line);
  } else if ("looked" in line) {
    // An older herm marked unseen automations as deleted.
    if (line.looked === "gone") return;
    item.resume = line.looked;
    item.reason = line.reason;
  }
}

function applyOutcome({ act, item }: { act: SwitchAct; item: LedgerItem }, line: ChangeOutcomeLine): void {
  const { at, served_at: date } = line;
  const result = line.result === "gone" ? "unknown" : line.result;
  item[act] = result;
  item.reason = line.error;
  // The state after a failed resume counts as this incident's.
  if (act === "resume" && result === "failed") item.updated_at = line.updated_at ?? item.updated_at;
  if (result !== "done") return;
  if (act === "resume") {
    item.resumedAt = date ?? at;
    item.pausedUntil = date ?? item.pausedUntil ?? at;
    return;
  }
  item.pausedAt = at;
  item.pausedServedAt = date ?? item.pausedServedAt;
  item.updated_at = line.updated_at ?? item.updated_at;
  item.instructionsHash = line.instructions_sha256 ?? item.instructionsHash;
}

/** A hash that shows changed instructions, except for trailing white space. */
export function instructionsHash(instructions: unknown): string | undefined {
  if (typeof instructions !== "string") return undefined;
  return sha256(instructions.trimEnd());
}
