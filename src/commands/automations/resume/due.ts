import { join } from "node:path";
import type { Context } from "../../../context.js";
import { PartialFailureError } from "../../../errors.js";
import { isDue } from "../../../incident/due.js";
import { describeApi, isSameApi, requireSameApi } from "../../../incident/identity.js";
import { type BrokenIncident, IncidentFolder } from "../../../incident/incident-folder.js";
import { readLedger } from "../../../incident/ledger.js";
import type { LedgerState } from "../../../incident/ledger-state.js";
import { counted } from "../../../output/count.js";
import { createPrinter } from "../../../output/printer.js";
import { messageOf } from "../../../report.js";
import { persist } from "../../fleet/persist.js";
import { requireAsker } from "../../fleet/planned.js";
import { printRows } from "../../fleet/print-rows.js";
import { type FleetSession, openFleetSession, warnOfBroken } from "../../fleet/session.js";
import {
  chooseLedger,
  type LedgerFlags,
  type OpenIncident,
  rememberLedger,
  withChosenLedger,
} from "../../incidents/ledger-choice.js";
import { nothingDue } from "../../incidents/until-words.js";
import { askForResume, prepareResumes, requireLedger, showResumePlan } from "./incident.js";
import { carryOutResumes, printPlannedResume } from "./outcome.js";
import type { ResumeIncidentOptions } from "./prepared.js";

/** An incident by the flags that its ledger is found by. */
interface DueIncident {
  flags: LedgerFlags;
  state: LedgerState;
}

/** Brings back every incident whose time has come, with one plan and one question (src/incident/README.md, "Until a time"). */
export async function resumeDue(context: Context, options: ResumeIncidentOptions): Promise<void> {
  const isAsked = !options.yes && !options.dryRun;
  if (isAsked) requireAsker(context, "resuming what is due");
  const { incidents, broken } = readIncidents(context, options);
  const due = incidents.filter(({ state }) => isDue(state, context.now()));
  if (due.length === 0) {
    const printer = await createPrinter(context);
    warnOfBroken(printer, broken);
    await printRows(printer, { rows: [], isFleet: false });
    printer.note(
      nothingDue(
        incidents.map(({ state }) => state),
        context.now(),
      ),
    );
  } else await resumeThese(context, options, due);
  refuseBroken(broken);
}

/** Those of the data folder, or the one of the ledger that is given. Throws NothingFoundError where it isn't there. */
function readIncidents(
  context: Context,
  { ledger }: ResumeIncidentOptions,
): { incidents: DueIncident[]; broken: readonly BrokenIncident[] } {
  if (ledger !== undefined) {
    const choice = chooseLedger(context, { ledger });
    const state = requireLedger(context, choice, readLedger(context.settings.files, choice.place));
    return { incidents: [{ flags: { ledger }, state }], broken: [] };
  }
  const { known, broken } = new IncidentFolder(context.settings).listOpen();
  const incidents = known.map(({ state }) => ({ flags: { incident: state.head.incident }, state }));
  return { incidents: incidents.toReversed(), broken };
}

async function resumeThese(
  context: Context,
  options: ResumeIncidentOptions,
  due: readonly DueIncident[],
): Promise<void> {
  await persist(context, "resumed");
  const session = await openFleetSession(context);
  const { printer } = session;
  if (options.ledger !== undefined) for (const { state } of due) requireSameApi(state, session.api);
  const own = due.filter(({ state }) => isSameApi(state.head.target, session.api));
  for (const { state } of due.filter((each) => !own.includes(each))) {
    const { incident, target } = state.head;
    printer.note(
      `incident ${incident} is due and left alone: it belongs to ${describeApi(target)} (profile "${target.profile}")`,
    );
  }
  if (own.length === 0) return printRows(printer, { rows: [], isFleet: false });
  if (options.dryRun) {
    const wanted = own.map(({ flags, state }) => ({ options, choice: chooseLedger(context, flags), state }));
    const prepared = await prepareResumes(context, session, wanted);
    showResumePlan(context, prepared);
    return printPlannedResume(context, prepared);
  }
  const resume = () => resumeOwn(context, session, { own, options });
  if (options.ledger !== undefined) return resume();
  // Two that take ledger after ledger would each get some of them, and both fail.
  const path = join(context.settings.dataDir, "incidents", "due");
  return context.settings.files.withLock(path, resume, { waitMs: 0, what: "resume --due" });
}

async function resumeOwn(
  context: Context,
  session: FleetSession,
  { own, options }: { own: readonly DueIncident[]; options: ResumeIncidentOptions },
): Promise<void> {
  await withLedgers(context, own, async ({ open, refused }) => {
    const [first, ...more] = open.length === 0 ? refused : [undefined, ...refused];
    for (const { incident, error } of more.flatMap((each) => each ?? []))
      session.printer.warn(`incident ${incident} is left alone: ${messageOf(error)}`);
    if (first !== undefined) throw first.error;
    await resumeOpen(context, session, { open, options });
    if (refused[0] !== undefined) throw refused[0].error;
  });
}

async function resumeOpen(
  context: Context,
  session: FleetSession,
  { open, options }: { open: readonly OpenIncident[]; options: ResumeIncidentOptions },
): Promise<void> {
  // Another herm may have brought it back, or given it a later time, until its ledger was ours.
  const still = open.flatMap((each) => {
    const { state } = each.ledger;
    return state !== undefined && isDue(state, context.now()) ? [{ ...each, state }] : [];
  });
  if (still.length === 0) {
    session.printer.note("nothing is due any more: another herm was here meanwhile");
    return printRows(session.printer, { rows: [], isFleet: false });
  }
  const wanted = still.map(({ choice, state }) => ({ options, choice, state }));
  const prepared = await prepareResumes(context, session, wanted);
  showResumePlan(context, prepared);
  if (!options.yes) await askForResume(context, prepared);
  for (const { choice } of still) rememberLedger(context, session.printer, choice);
  await carryOutResumes(context, prepared, still);
}

/** The ledgers that are ours now, and those that another herm has or that can't be written to. */
interface Opened {
  open: readonly OpenIncident[];
  refused: readonly { incident: string; error: unknown }[];
}

async function withLedgers(
  context: Context,
  [next, ...others]: readonly DueIncident[],
  work: (opened: Opened) => Promise<void>,
  { open, refused }: Opened = { open: [], refused: [] },
): Promise<void> {
  if (next === undefined) return work({ open, refused });
  let isOpen = false;
  try {
    return await withChosenLedger(context, next.flags, (ledger) => {
      isOpen = true;
      return withLedgers(context, others, work, { open: [...open, ledger], refused });
    });
  } catch (error) {
    if (isOpen) throw error;
    const { incident } = next.state.head;
    return withLedgers(context, others, work, { open, refused: [...refused, { incident, error }] });
  }
}

/** What can't be read may be due as well. */
function refuseBroken(broken: readonly BrokenIncident[]): void {
  if (broken.length === 0) return;
  const what = `${counted(broken.length, "ledger")} can't be read: ${broken.map(({ name }) => name).join(", ")}`;
  throw new PartialFailureError(what, {
    hint: (herm) => `${herm("incidents", "list")} says why; what is due in them wasn't resumed`,
  });
}
