import { msOf } from "../api/schema.js";
import type { Automation, AutomationDetail } from "../api/types.js";
import { presenceIn } from "../fleet/presence.js";
import type { DeploymentReading } from "../fleet/read-fleet.js";
import { itemKey } from "../fleet/refs.js";
import { elsewhereText, type NewItem, whenAndWho } from "../history/change.js";
import type { LedgerLine } from "../history/parse.js";
import { type MissedRuns, missedWhile } from "../runs/catch-up-plan.js";
import { schedulesEqual } from "../schedule/compare.js";
import {
  confirmedLine,
  isPausedByIncident,
  type LedgerItem,
  type LedgerState,
  linesOfSkipped,
} from "./ledger-state.js";
import {
  editOf,
  type IncidentOwner,
  isHeld,
  type OwnerOptions,
  type Owners,
  objectionTo,
  ownerAmong,
  strangeStampOf,
} from "./owners.js";
import type { Candidate } from "./scope.js";

export interface ResumeItem extends Candidate {
  ledgerItem: LedgerItem;
  owners: readonly IncidentOwner[];
  current?: Automation | AutomationDetail | undefined;
  /** The runs that it surely missed; set for automations that are or were resumed. */
  missedRuns?: MissedRuns | undefined;
  edit?: string | undefined;
}

interface SkippedItem {
  item: ResumeItem;
  /** `back`: an earlier resume of this incident enabled the automation. `excluded`: by `--except`. */
  verdict: Exclude<ResumeVerdict["verdict"], "resume"> | "excluded";
  reason: string;
}

export interface ResumePlan {
  toResume: ResumeItem[];
  skipped: SkippedItem[];
  /** Items that couldn't be read, although their deployment could. */
  unknown: { item: ResumeItem; error: unknown }[];
  unreadable: DeploymentReading[];
}

interface ResumePlanInput {
  candidates: readonly ResumeItem[];
  readings: readonly DeploymentReading[];
  /** Automations by `<deployment>/<automation>`, read in full because their recent runs matter. */
  details: ReadonlyMap<string, AutomationDetail>;
  isSelected(candidate: Candidate): boolean;
  isExcluded(candidate: Candidate): boolean;
  /** True if automations edited since the pause are resumed too. */
  includesChanged: boolean;
  /** The server's time; ms since 1970. */
  nowMs: number;
}

/** Every automation that the incident was to pause, for selectors. */
export function resumeCandidates(state: LedgerState, owners: Owners): ResumeItem[] {
  return [...state.items].flatMap(([key, ledgerItem]) => {
    const { line } = ledgerItem;
    if (line.was_enabled === false) return [];
    const { deployment_id, customer_id, automation_id, name } = line;
    return [{ deployment_id, customer_id, automation_id, name, ledgerItem, owners: owners.get(key) ?? [] }];
  });
}

export function planResume(input: ResumePlanInput): ResumePlan {
  const { candidates, readings, details, isSelected } = input;
  const presenceOf = presenceIn(readings);
  const unreadableOf = new Map(
    readings
      .filter(({ error }) => error !== undefined)
      .map((reading) => [reading.deployment.deployment_id, reading]),
  );
  const plan: ResumePlan = { toResume: [], skipped: [], unknown: [], unreadable: [] };
  for (const candidate of candidates) {
    if (!isSelected(candidate)) continue;
    const presence = presenceOf(candidate);
    if (presence.is === "unknown") {
      const reading = unreadableOf.get(candidate.deployment_id);
      if (reading === undefined) plan.unknown.push({ item: candidate, error: presence.error });
      else if (!plan.unreadable.includes(reading)) plan.unreadable.push(reading);
      continue;
    }
    const listed = presence.is === "there" ? presence.automation : undefined;
    const item = { ...candidate, current: listed && (details.get(itemKey(candidate)) ?? listed) };
    if (listed?.enabled === true && !wasTried(item.ledgerItem)) continue;
    place(plan, item, input);
  }
  return plan;
}

function place(
  plan: ResumePlan,
  item: ResumeItem,
  { isExcluded, includesChanged, nowMs }: Pick<ResumePlanInput, "isExcluded" | "includesChanged" | "nowMs">,
): void {
  const { ledgerItem, current, owners } = item;
  const verdict = judgeResume(ledgerItem, current, { owners, includesChanged });
  if (verdict.verdict === "back") {
    const back = { ...item, missedRuns: missedOf(item, msOf(ledgerItem.pausedUntil)) };
    plan.skipped.push({ item: back, verdict: "back", reason: "already resumed" });
  } else if (verdict.verdict === "enabled" || verdict.verdict === "gone")
    plan.skipped.push({ item, ...verdict });
  else if (isExcluded(item)) plan.skipped.push({ item, verdict: "excluded", reason: "excluded by --except" });
  else if (verdict.verdict !== "resume") plan.skipped.push({ item, ...verdict });
  else plan.toResume.push({ ...item, edit: verdict.edit, missedRuns: missedOf(item, nowMs) });
}

/** True if it was skipped only because of an edit, which `includesChanged` ignores. */
export function isOnlyEdited({ ledgerItem, current, owners }: ResumeItem): boolean {
  return judgeResume(ledgerItem, current, { owners, includesChanged: true }).verdict === "resume";
}

/** The runs of an unchanged schedule since the response to the pause. */
function missedOf({ ledgerItem, current }: ResumeItem, untilMs: number | undefined): MissedRuns | undefined {
  const { line, pause, pausedServedAt, pausedAt } = ledgerItem;
  const pausedMs = msOf(pausedServedAt ?? pausedAt);
  if (current === undefined || pause !== "done" || pausedMs === undefined || untilMs === undefined)
    return undefined;
  if (!schedulesEqual(line.schedule ?? "", current.schedule ?? "")) return undefined;
  // A run due at the moment of the pause may have happened.
  return missedWhile(line.schedule, { sinceMs: pausedMs + 1, untilMs });
}

export function resumeItem({ deployment_id, automation_id, name = null, current }: ResumeItem): NewItem {
  const switched = { before: { enabled: false, updated_at: current?.updated_at }, after: { enabled: true } };
  return { act: "resume", deployment_id, automation_id, name, ...switched };
}

export function skippedLines({ skipped }: ResumePlan, at: Date): LedgerLine[] {
  return skipped.flatMap(({ item, verdict, reason }): LedgerLine[] => {
    const number = item.ledgerItem.numbers.resume;
    if (verdict === "excluded" || verdict === "gone" || !isPausedByIncident(item.ledgerItem)) return [];
    if (verdict !== "back") return linesOfSkipped(item, { result: verdict, at, reason, number });
    return number === undefined ? [] : [confirmedLine(number, { at })];
  });
}

function wasTried({ pause }: LedgerItem): boolean {
  return pause !== "none" && pause !== "skipped" && pause !== "failed";
}

export type ResumeVerdict =
  | { verdict: "resume"; edit?: string | undefined }
  /** An earlier resume by this incident enabled the automation, and it is still enabled. */
  | { verdict: "back" }
  /** Skipped: still paused, but not as the incident left it; or enabled again; or deleted. */
  | { verdict: "paused" | "enabled" | "gone"; reason: string };

/**
 * Decides if an automation is still as its incident left it (src/incident/README.md, "Resuming"). `current`:
 * undefined if it no longer exists. `owners`: those in all open incidents, including this one. `includesChanged`:
 * resumes all but those known to have been paused again.
 */
export function judgeResume(
  item: LedgerItem,
  current: Automation | AutomationDetail | undefined,
  { owners, ...options }: OwnerOptions & { owners: readonly IncidentOwner[] },
): ResumeVerdict {
  if (current === undefined) return { verdict: "gone", reason: "deleted" };
  const own = owners.find((owner) => owner.item === item);
  if (current.enabled) {
    return wasBroughtBack(item)
      ? { verdict: "back" }
      : { verdict: "enabled", reason: enabledReason(own, current) };
  }
  // A resume by ref is better explained by the history.
  const stranger = isHeld(item, current) || item.isResumedByRef ? undefined : strangerReason(item);
  if (stranger !== undefined || own === undefined)
    return skip(stranger ?? "paused, but not by this incident");
  const objection = objectionTo(own, current, options);
  const holder = ownerAmong(owners, current, options);
  const isRivals =
    holder !== undefined && holder !== own && objectionTo(holder, current, options) === undefined;
  if (isRivals) return skip(`paused by incident ${holder.incident}${pausedText(holder.item)}`);
  return objection === undefined ? { verdict: "resume", edit: editOf(own, current) } : skip(objection);
}

/** Says who enabled an automation of the incident again and when, if that is known. */
function enabledReason(owner: IncidentOwner | undefined, current: Automation): string {
  const why = "already enabled again";
  const resume = owner?.changes.findLast(({ change }) => change === "resume");
  if (resume !== undefined) return why + whenAndWho(resume.at, resume.by);
  const stamp = owner && strangeStampOf(owner, current);
  return stamp ? elsewhereText(stamp, `${why}, changed`) : why;
}

function pausedText({ pausedAt = "", pausedBy }: LedgerItem): string {
  return whenAndWho(new Date(pausedAt), pausedBy);
}

function skip(reason: string): ResumeVerdict {
  return { verdict: "paused", reason };
}

/** The reason why a paused automation isn't the incident's own; undefined if it is. */
export function strangerReason(item: LedgerItem): string | undefined {
  if (isPausedByIncident(item)) return undefined;
  if (item.line.was_enabled === null) return "unknown whether it was enabled before";
  if (item.resume === "done" || item.isResumedByRef) return "paused again since it was resumed";
  if (item.resume === "enabled") return "paused again since it was enabled";
  return "paused, but not by this incident";
}

/** True if it was, or may have been, resumed from here, so that its state on the server decides. */
export function wasBroughtBack({ resume, isResumedByRef = false }: LedgerItem): boolean {
  return resume === "done" || resume === "sent" || resume === "unknown" || isResumedByRef;
}

/** True if the API sends `updated_at`, without which changes that were made elsewhere and reverted are missed. */
export function seesReverts(items: Iterable<LedgerItem>): boolean {
  for (const item of items) if (isPausedByIncident(item) && item.updated_at === undefined) return false;
  return true;
}
