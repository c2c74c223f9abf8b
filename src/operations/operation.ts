import type { DeploymentSummary } from "../api/types.js";
import type { SendHooks } from "../changes/sending.js";
import type { CommandChanges } from "../command/rerun-command.js";
import type { Prompts } from "../context/prompts.js";
import type { CliError } from "../errors/cli-errors.js";
import type { ItemResult, Outcome, Success } from "../fleet/outcome.js";
import type { DeploymentReading } from "../fleet/read-fleet.js";
import type { NewItem } from "../history/change.js";
import type { Candidate } from "../incident/scope.js";
import type { RenderOptions } from "../output/printer.js";
import type { Move } from "../schedule/frequency.js";
import type { EndedOperation } from "./rows/exit-error.js";
import type { Names } from "./rows/names.js";
import type { Reach } from "./rows/reach.js";
import type { DoneResult, FleetRow } from "./rows/result-rows.js";
import type { SettleLater } from "./sending/lost-changes.js";
import type { ChangeOptions, OpenChange, RecordedItem } from "./sending/open-change.js";

/**
 * A change to one automation or to many, as data and the steps that are its own; `runOperation` does the common steps,
 * and passes the result of `plan` to the later ones (src/operations/README.md).
 */
export interface Operation<Item, Answer = undefined, Planned extends Plan<Item> = Plan<Item>> {
  words: OperationWords;
  input: OperationInput;
  /** `updating a selection`, if a selection is confirmed first. */
  confirmationSubject?: string | undefined;
  /** True if the question may turn out to be unnecessary, so that the check for a terminal waits until it is asked. */
  asksOnlyIfAny?: boolean;
  /** The prompts to use if stdin is already taken. */
  prompts?: Prompts | undefined;
  /** True for one ref and no selection, when JSON is one object, and the ref's own error is the best one. */
  isSingle?: boolean;
  canBeUndone?: boolean;
  plan(): Promise<Planned>;
  fileView?: PlanFileView<Item, Answer, Planned>;
  subject(item: Item): Candidate;
  /** Returns an item for the history, if the plan knows all of it; all are then recorded before the first is sent. */
  toHistoryItem?(item: Item): NewItem;
  /** Returns the change to its run times, for the plan. */
  move?(item: Item): Move;
  /** Wraps the sending of a single ref, to open its resources first. */
  surround?(item: Item, send: () => Promise<void>): Promise<void>;
  /** Called right before the first item is sent; an error prevents sending any. */
  beforeSending?(plan: Planned): Promise<void>;
  journal?: Journal<Item, Answer, Planned> | undefined;
  triesEveryDeployment?: boolean;
  /** Sends one item, recorded before and after by `tools.change`. Throws on failure. */
  send(item: Item, tools: SendTools, plan: Planned): Promise<Success<Answer>>;
  /** Reads the state after the last change. */
  readBack?(results: readonly ItemResult<Item, Answer>[], plan: Planned): Promise<ReadBack | undefined>;
  /** Adds to a row; `success` is undefined for a planned change. */
  detail?(item: Item, success: Success<Answer> | undefined): Partial<FleetRow>;
  /** Returns the command that shows whether an item with a lost response was done, so that it isn't repeated. */
  checkCommand?(item: Item): string;
  /** Prints the automation of a single ref; `success` is undefined if it was already in that state. */
  printItem?(item: Item, success: Success<Answer> | undefined): Promise<void>;
  /** Prints advice or next steps; returns an error if all succeeded but the final state is still wrong. */
  after?(ended: Ended<Item, Answer, Planned>): Promise<CliError | undefined>;
  /** Releases the resources that planning and sending used, even after a failure. */
  close?(plan: Planned): void;
}

export interface OperationWords {
  /** `Update`, the first word of its question; in lower case in "nothing to update". */
  verb: string;
  /** `Updating`: the word beside the progress bar. */
  doing: string;
  /** The result of each completed row, and its word in the counts. */
  done: DoneResult;
  /** The text for an item already in that state, such as `already paused`; default: `unchanged`. */
  unchanged?: string;
  /** The text for an item that couldn't be planned; default: `can't be read`. */
  cant?: string;
  noun?: string;
}

export interface OperationInput {
  dryRun: boolean;
  yes: boolean;
  concurrency?: number | undefined;
}

export interface Plan<Item> {
  items: readonly Item[];
  /** A single ref's item, if it is already in that state. */
  unchangedItem?: Item | undefined;
  /** Rows of skipped, unchanged or unreadable items. */
  unsentRows: readonly FleetRow[];
  unreadable: readonly DeploymentReading[];
  /** Deployments that were read; if there are several, rows name theirs. */
  deployments: readonly DeploymentSummary[];
  names: Names;
  /** True if the command for the rest has to name refs, because as typed it would refuse or repeat completed items. */
  retriesByRefs?: boolean;
  /** Replaces parts of that command, given the remaining rows, or returns a sentence if there is no such command. */
  retryCommand?: CommandChanges | ((left: readonly FleetRow[]) => CommandChanges | string);
  changeOptions?: ChangeOptions;
  /** True if the command fails with the error of its only item, however that was named. */
  isOneItem?: boolean;
  /** Returns the error if there are no items to send, unless rows explain that. `hint`: the command for the rest. */
  failure?(hint: string): unknown;
  /** The error for unreadable items, if nothing else failed. */
  incomplete?: CliError | undefined;
  /** Shown before the question; absent for refs, which the question itself describes. */
  view?: PlanView | undefined;
  counts?: readonly string[];
  question?: string | undefined;
}

export interface PlanView {
  /** The first line, from `targetLine`. Plain text, like the other lines. */
  target?: string;
  reach?: Reach | undefined;
  /** The lines below the target: its incident, or the change that is undone. */
  lead?: readonly string[];
  counts?: readonly string[];
  /** The lines for the changes, ready to print; if absent, the names are printed. */
  body?(options: RenderOptions): Promise<readonly string[]> | readonly string[];
  /** True if `body` doesn't name the changed items, so that rows do. */
  namesNoItems?: true;
}

/** Shows and reports plans that are themselves a result: those made from files. */
interface PlanFileView<Item, Answer, Planned> {
  printDryRun(plan: Planned): Promise<void>;
  /** Shows the plan before the question, or only its warnings unless `isShown`. */
  show(plan: Planned, isShown: boolean): Promise<void>;
  /** Reports the results; returns the part that needs no further report. */
  report(results: readonly ItemResult<Item, Answer>[], plan: Planned): Promise<"all" | "rows" | undefined>;
}

export interface SendTools {
  change: OpenChange;
  recorded?: RecordedItem | undefined;
  /** Set if there is a journal, to report that an item is sent again. */
  resend?: SendHooks["resend"] | undefined;
  /** Set for a selection: frees the worker of a change whose response was lost, and looks for the change at the end. */
  settleLater?: SettleLater | undefined;
}

/** Where an incident records its changes. */
export interface Journal<Item, Answer, Planned> {
  /** Resolves once all items are on the disk, before the first change is sent. */
  begin(changeId: string, items: readonly NewItem[], plan: Planned): Promise<void>;
  /** Called right before an item is sent. Throws if that can't be recorded, after which no more items are sent. */
  recordSending(item: Item, state?: { isLost: boolean }): void;
  recordOutcome(item: Item, outcome: Outcome<Answer>, then: () => void): void;
  end(): Promise<void>;
  close(): Promise<void>;
}

export interface CheckedResults {
  at: Date;
  /** Text to add to the counts: `0 enabled`; undefined if no automation could be read. */
  what: string | undefined;
  rows: readonly FleetRow[];
  unreadable: readonly DeploymentReading[];
  more?: { rows: readonly FleetRow[]; counts: readonly string[] };
  messages?: EndedOperation["messages"];
}

/** The state read after the last change. */
export interface ReadBack {
  /** Undefined after Ctrl-C. */
  found: CheckedResults | undefined;
  after(isOutage: boolean): CliError | undefined;
}

interface Ended<Item, Answer, Planned> {
  plan: Planned;
  results: readonly ItemResult<Item, Answer>[];
  /** True if an outage prevented the whole read, so that its error is enough. */
  isOutage: boolean;
}
