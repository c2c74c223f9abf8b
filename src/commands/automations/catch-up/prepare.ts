import type { AutomationDetail } from "../../../api/types.js";
import type { InputOf } from "../../../command/declaration.js";
import { loadWindow } from "../../../command-line/time-window.js";
import type { Context } from "../../../context.js";
import { NothingFoundError, UsageError } from "../../../errors.js";
import type { DeploymentReading } from "../../../fleet/read-fleet.js";
import { itemKey } from "../../../fleet/refs.js";
import type { Selection } from "../../../fleet/selection.js";
import type { AuditOptions } from "../../../observe/audited-fire.js";
import { type CatchUp, catchUpOf } from "../../../observe/catch-up.js";
import { type MissedCounts, sumMissed } from "../../../observe/missed.js";
import type { Printer } from "../../../output/printer.js";
import { messageOf } from "../../../report.js";
import { type FleetRow, itemRow } from "../../fleet/rows.js";
import {
  type LeftAnswer,
  leftAnswer,
  missedFields,
  type Owing,
  owingRow,
} from "../../sending/start-missed.js";
import { checkUnfitted, readSelection, refuseSelection } from "../../targets/selection.js";
import { noneMatches } from "../../targets/why-empty.js";
import { type Audited, type Audits, collectAudits } from "../audit/collect.js";
import { whyText } from "../audit/columns.js";
import type { command } from "./catch-up.js";

export type CatchUpInput = InputOf<typeof command>;

/** What a catch-up would do. */
export interface Prepared {
  /** What waits longest first. */
  toStart: Owing[];
  /** Left as they are, with why; failed where they could not be read. */
  others: FleetRow[];
  unread: DeploymentReading[];
  /** Of all, as `audit` counts it. */
  missed: MissedCounts;
  /** How many automations were looked at. */
  selected: number;
  deployments: number;
  isFleet: boolean;
  selection: Selection;
  /** Judges one again by what is read of it later. */
  whyNot(item: Owing, automation: AutomationDetail): LeftAnswer | undefined;
}

/** A fire is on time for so long, as `audit` has it. */
const graceMs = 5 * 60_000;

/** What the flags select. Throws UsageError for what they don't say, or say against each other. */
export function readCatchUp(context: Context, input: CatchUpInput): Selection {
  const selection = readSelection(context, input);
  if (input.refs.length > 0) refuseSelection(selection);
  if (input.since !== undefined) return selection;
  throw new UsageError("since when?", { hint: "--since 24h: what was due in the last day" });
}

/** Reads and judges what is selected, once the server's clock is known. Throws where a selector fits nothing. */
export async function prepareCatchUp(
  context: Context,
  { input, selection, printer }: { input: CatchUpInput; selection: Selection; printer: Printer },
): Promise<Prepared> {
  const { refs } = input;
  const now = context.serverNow();
  const { since } = (await loadWindow({ since: input.since }))(now);
  const window = { sinceMs: since?.getTime() ?? 0, untilMs: now.getTime() + 1 };
  const times = () => ({ window, nowMs: now.getTime(), graceMs });
  const question = { refs, selection, times, judge: catchUpOf };
  const audits = await collectAudits<CatchUp>(context, question, printer);
  checkSelectors(audits, selection, printer);
  const { toStart, others } = sort(audits.audited);
  const ordered = toStart.toSorted((one, other) => one.owed.lastMs - other.owed.lastMs);
  const { max = ordered.length } = input;
  const over = ordered
    .slice(max)
    .map((item): FleetRow => ({ ...owingRow(item), result: "left", reason: "over --max" }));
  return {
    toStart: ordered.slice(0, max),
    others: [...others, ...over],
    unread: audits.unread.map(({ target, error }) => ({
      deployment: { deployment_id: target.deploymentId, name: target.name, customer_id: target.customerId },
      automations: [],
      error,
    })),
    missed: sumMissed(audits.audited.flatMap(({ audit }) => ("missed" in audit ? [audit.missed] : []))),
    selected: audits.selected,
    deployments: audits.deployments,
    isFleet: audits.isFleet,
    selection,
    whyNot: (item, automation) => {
      const nowMs = context.serverNow().getTime();
      const changes = audits.changes.get(itemKey(item)) ?? [];
      const again: AuditOptions = { window: { ...window, untilMs: nowMs + 1 }, nowMs, graceMs, changes };
      return leftBy(catchUpOf(automation, again));
    },
  };
}

function checkSelectors(
  { unread, names, selected }: Audits<CatchUp>,
  selection: Selection,
  printer: Printer,
): void {
  const isReadWhole = unread.length === 0;
  const why = isReadWhole && selected === 0 ? noneMatches(selection.match, names) : undefined;
  if (why !== undefined) throw new NothingFoundError(why, { hint: "nothing was started" });
  checkUnfitted(printer, selection, { isReadWhole, names });
}

function sort(audited: readonly Audited<CatchUp>[]): Pick<Prepared, "toStart" | "others"> {
  const toStart: Owing[] = [];
  const others: FleetRow[] = [];
  for (const { target, automation, audit } of audited) {
    const item = {
      deployment_id: target.deploymentId,
      deployment_name: target.name,
      customer_id: target.customerId,
      automation_id: automation.automation_id,
      name: automation.name,
    };
    if ("error" in audit) others.push({ ...itemRow(item), result: "failed", error: messageOf(audit.error) });
    else if (audit.verdict === "start") toStart.push({ ...item, owed: audit.owed, missed: audit.missed });
    else if (audit.verdict !== "nothing") {
      const missed = audit.verdict === "left" ? missedFields(audit.missed) : {};
      const { why: reason, because: run_id } = leftBy(audit) ?? {};
      others.push({ ...itemRow(item), result: "left", ...missed, reason, run_id });
    }
  }
  return { toStart, others };
}

/** Undefined where it is to be started. */
function leftBy(verdict: CatchUp): LeftAnswer | undefined {
  switch (verdict.verdict) {
    case "start":
      return undefined;
    case "left":
      return leftAnswer(verdict.why);
    case "unknown":
      return { why: `unknown: ${whyText(verdict.reason)}` };
    case "nothing":
      return { why: "nothing is missed any more" };
  }
}
