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

export interface OperationWords {
  /** `Update`, as its question begins; in small letters in "nothing to update". */
  verb: string;
  /** `Updating`: the word beside the progress bar. */
  doing: string;
  /** The result of each row that was done, and its word in the counts. */
  done: DoneResult;
  /** The text of what was so already, if not `unchanged`: `already paused`. */
  unchanged?: string;
  /** The text of what failed to be planned, if not `can't be read`. */
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
  /** The item of a single ref, where it is so already. */
  unchangedItem?: Item | undefined;
  /** Rows of what is skipped, unchanged or couldn't be read. */
  unsentRows: readonly FleetRow[];
  unreadable: readonly DeploymentReading[];
  /** Deployments that were read: of several, rows say which. */
  deployments: readonly DeploymentSummary[];
  names: Names;
  /** Names by refs in the command that does the rest: what is done it would refuse, or do again. */
  retriesByRefs?: boolean;
  /** Replaces parts of that command, by the rows left to do; or says in a sentence that there is none. */
  retryCommand?: CommandChanges | ((left: readonly FleetRow[]) => CommandChanges | string);
  changeOptions?: ChangeOptions;
  /** True when what fails is its own error, however it was named. */
  isOneItem?: boolean;
  /** The error where nothing is to be sent; undefined: its rows say it. `hint`: the command that does the rest. */
  failure?(hint: string): unknown;
  /** The error of what couldn't be read, where nothing else failed. */
  incomplete?: CliError | undefined;
  /** Shown before the question; absent for refs, of which the question says enough. */
  view?: PlanView | undefined;
  counts?: readonly string[];
  question?: string | undefined;
}

export interface PlanView {
  /** The first line, as `targetLine` gives it. Plain text, as are the lines. */
  target?: string;
  reach?: Reach | undefined;
  /** Below the target: whose incident it is, what is undone. */
  lead?: readonly string[];
  counts?: readonly string[];
  /** Ready lines of the changes; absent: the names. */
  body?(options: RenderOptions): Promise<readonly string[]> | readonly string[];
  /** True when `body` doesn't say what is changed: rows do. */
  namesNoItems?: true;
}

/** Shows and reports plans that are a result by themselves: of files. */
interface PlanFileView<Item, Answer, Planned> {
  printDryRun(plan: Planned): Promise<void>;
  /** Shows the plan before the question, or without `isShown` its warnings alone. */
  show(plan: Planned, isShown: boolean): Promise<void>;
  /** Reports the results; gives what needn't be reported any more. */
  report(results: readonly ItemResult<Item, Answer>[], plan: Planned): Promise<"all" | "rows" | undefined>;
}

export interface SendTools {
  change: OpenChange;
  recorded?: RecordedItem | undefined;
  /** Given with a journal, which it tells that an item is sent again. */
  resend?: SendHooks["resend"] | undefined;
  /** Given in a selection: lets go of the worker of a change whose answer was lost, and looks for it at the end. */
  settleLater?: SettleLater | undefined;
}

/** The record of an incident's changes. */
export interface Journal<Item, Answer, Planned> {
  /** Resolves when all items are on the disk, before the first change is sent. */
  begin(changeId: string, items: readonly NewItem[], plan: Planned): Promise<void>;
  /** Right before an item is sent, or sent again. Throws where that can't be written: then nothing more is sent. */
  recordSending(item: Item, state?: { isLost: boolean }): void;
  recordOutcome(item: Item, outcome: Outcome<Answer>, then: () => void): void;
  end(): Promise<void>;
  close(): Promise<void>;
}

export interface CheckedResults {
  at: Date;
  /** Beside the counts: `0 enabled`; undefined: nothing could be read. */
  what: string | undefined;
  rows: readonly FleetRow[];
  unreadable: readonly DeploymentReading[];
  /** Rows and counts of what was done besides. */
  more?: { rows: readonly FleetRow[]; counts: readonly string[] };
  messages?: EndedOperation["messages"];
}

/** What was read once all was sent. */
export interface ReadBack {
  /** Undefined after Ctrl-C. */
  found: CheckedResults | undefined;
  after(isOutage: boolean): CliError | undefined;
}

interface Ended<Item, Answer, Planned> {
  plan: Planned;
  results: readonly ItemResult<Item, Answer>[];
  /** True when an outage prevented everything: its error says it all. */
  isOutage: boolean;
}

/**
 * A change of one automation or of many, as data and what differs from all others; `runOperation` does what is the same, and
 * hands what `plan` returns to the later steps (src/operations/README.md).
 */
export interface Operation<Item, Answer = undefined, Planned extends Plan<Item> = Plan<Item>> {
  words: OperationWords;
  input: OperationInput;
  /** `updating a selection` for what is asked about first. */
  confirmationSubject?: string | undefined;
  /** True when there may be nothing to ask about: whether somebody can be asked is checked then. */
  asksOnlyIfAny?: boolean;
  /** Asks where stdin is taken. */
  prompts?: Prompts | undefined;
  /** One ref and no selection: JSON is one object, and its own error says most. */
  isSingle?: boolean;
  canBeUndone?: boolean;
  plan(): Promise<Planned>;
  fileView?: PlanFileView<Item, Answer, Planned>;
  subject(item: Item): Candidate;
  /** An item as the history has it, where the plan says all of it: all are on the disk before the first is sent. */
  toHistoryItem?(item: Item): NewItem;
  /** How the change moves when it runs, for the plan. */
  move?(item: Item): Move;
  /** Surrounds the sending of a single ref: opens what has to be open before. */
  surround?(item: Item, send: () => Promise<void>): Promise<void>;
  /** Called right before the first is sent; what it throws keeps all from being sent. */
  beforeSending?(plan: Planned): Promise<void>;
  journal?: Journal<Item, Answer, Planned> | undefined;
  triesEveryDeployment?: boolean;
  /** Sends one item, recorded before and after by `tools.change`. Throws where it failed. */
  send(item: Item, tools: SendTools, plan: Planned): Promise<Success<Answer>>;
  /** Reads what is so once all was sent. */
  readBack?(results: readonly ItemResult<Item, Answer>[], plan: Planned): Promise<ReadBack | undefined>;
  /** Adds to a row; of a planned one `success` is undefined. */
  detail?(item: Item, success: Success<Answer> | undefined): Partial<FleetRow>;
  /** The command that shows whether an item was done whose answer is lost: then it isn't done again. */
  checkCommand?(item: Item): string;
  /** Prints the one automation that a single ref named; `success` is undefined where it was so already. */
  printItem?(item: Item, success: Success<Answer> | undefined): Promise<void>;
  /** Prints what a person may want to know or do next; gives the error where nothing failed, and yet not all is as it should be. */
  after?(ended: Ended<Item, Answer, Planned>): Promise<CliError | undefined>;
  /** Lets go of what the plan, or sending it, took; called also where that failed. */
  close?(plan: Planned): void;
}
