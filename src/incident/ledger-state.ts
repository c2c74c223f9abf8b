import { itemKey } from "../fleet/refs.js";
import type {
  ClosedLine,
  HeadLine,
  ItemLine,
  LedgerLine,
  OutcomeLine,
  ScopeLine,
  ToldLine,
  TouchedLine,
} from "./ledger-lines.js";

/** How far a change of one automation has come. `none`: never begun. `sent`: begun, and its outcome isn't recorded. */
type Progress = "none" | "sent" | OutcomeLine["result"];

/** One automation of an incident, by all that its ledger says. */
export interface LedgerItem {
  line: ItemLine;
  pause: Progress;
  /** When the pause was answered, by this machine's clock and by the server's. */
  pausedAt?: string;
  pauseDate?: string;
  /** The automation's `updated_at` as first read after the pause. */
  updatedAt?: string;
  /** Of its instructions as first read after the pause. */
  instructionsHash?: string;
  resume: Progress;
  /** When the resume was answered, by the server's clock if its answer said it. */
  resumedAt?: string;
  /** So long at least it was paused: until its resume was answered or, where that answer was lost, until it was sent. */
  keptUntil?: string | undefined;
  /** Until then, by the server's clock, unexpected runs of it were reported and count no more. */
  acknowledged?: string;
  /** The changes of it outside the incident that a herm with this ledger sent. */
  touched?: TouchedLine[];
  /** Of the last failure, or why it was left alone. */
  reason?: string;
}

/** What a ledger says, line by line. */
export class LedgerState {
  readonly scopes: ScopeLine[] = [];
  /** By `<deployment>/<automation>`, in the order in which they came. */
  readonly items = new Map<string, LedgerItem>();
  /** By run. */
  readonly told = new Map<string, ToldLine["result"]>();
  closed: ClosedLine | undefined;

  constructor(readonly head: HeadLine) {}

  /** Whether one of its scopes is the same, whenever that was. */
  covers(scope: ScopeLine): boolean {
    const text = (line: ScopeLine) => JSON.stringify({ ...line, at: "" });
    return this.scopes.some((known) => text(known) === text(scope));
  }

  add(line: LedgerLine): void {
    switch (line.type) {
      case "incident":
        throw new Error("a ledger has one head");
      case "scope":
        if (!this.covers(line)) this.scopes.push(line);
        break;
      case "item":
        this.items.set(itemKey(line), { line, pause: "none", resume: "none" });
        break;
      case "told":
        this.told.set(line.run_id, line.result);
        break;
      case "closed":
        this.closed = line;
        break;
      case "reopened":
        this.closed = undefined;
        break;
      default: {
        const item = this.items.get(itemKey(line));
        if (item !== undefined) applyToItem(item, line);
      }
    }
  }
}

/** What reading back tells the ledger of a change whose outcome wasn't known. */
export function confirmedLine(
  change: OutcomeLine["change"],
  { deployment_id, automation_id }: Pick<OutcomeLine, "deployment_id" | "automation_id">,
  { at, date, updatedAt }: { at: Date; date?: Date; updatedAt?: string | null | undefined },
): OutcomeLine {
  return {
    type: "outcome",
    at: at.toISOString(),
    change,
    deployment_id,
    automation_id,
    result: "done",
    date: date?.toISOString(),
    updated_at: updatedAt || undefined,
    reason: "confirmed by reading back",
  };
}

/** Whether this incident has paused it, as far as is known, and it hasn't been enabled since: if it is paused, it is its own. */
export function isOwn({ line, pause, resume }: LedgerItem): boolean {
  const isOver = resume === "done" || resume === "enabled" || resume === "gone";
  return line.was_enabled === true && (pause === "done" || isInDoubt({ pause })) && !isOver;
}

/** Whether the ledger alone can't tell if the pause took effect. */
export function isInDoubt({ pause }: Pick<LedgerItem, "pause">): boolean {
  return pause === "sent" || pause === "unknown";
}

function applyToItem(
  item: LedgerItem,
  line: Extract<LedgerLine, { type: "sent" | "outcome" | "seen" | "acknowledged" | "touched" }>,
): void {
  if (line.type === "seen") {
    item.updatedAt ??= line.updated_at;
    item.instructionsHash ??= line.instructions_sha256;
    return;
  }
  if (line.type === "acknowledged") {
    item.acknowledged = line.until;
    return;
  }
  if (line.type === "touched") {
    item.touched ??= [];
    item.touched.push(line);
    return;
  }
  if (line.type === "sent") {
    item[line.change] = "sent";
    if (line.change === "resume") item.keptUntil = line.date;
    return;
  }
  item[line.change] = line.result;
  item.reason = line.reason;
  if (line.result !== "done") return;
  if (line.change === "resume") {
    item.resumedAt = line.date ?? line.at;
    item.keptUntil = line.date ?? item.keptUntil ?? line.at;
    return;
  }
  item.pausedAt = line.at;
  item.pauseDate = line.date ?? item.pauseDate;
  item.updatedAt = line.updated_at ?? item.updatedAt;
  item.instructionsHash = line.instructions_sha256 ?? item.instructionsHash;
}
