import type { DeploymentSummary } from "../../api/types.js";
import type { OnceSender } from "../../changes/once.js";
import type { CommandChanges } from "../../command/command-again.js";
import type { ItemResult, Outcome, Success } from "../../fleet/outcome.js";
import type { DeploymentReading } from "../../fleet/read-fleet.js";
import type { NewItem } from "../../history/change.js";
import type { Candidate } from "../../incident/scope.js";
import type { RenderOptions } from "../../output/printer.js";
import type { Prompts } from "../../prompts.js";
import type { EndedOperation } from "../fleet/exit-error.js";
import type { Names } from "../fleet/names.js";
import type { DoneResult } from "../fleet/outage.js";
import type { FleetRow } from "../fleet/rows.js";
import type { ChangeOptions, OpenChange, RecordedItem } from "../sending/change.js";

/** How an operation is spoken of. */
export interface OperationWords {
  /** `Update`, as its question begins. */
  verb: string;
  /** `Updating`, beside its bar. */
  doing: string;
  /** Also the result of a row that it did. */
  done: DoneResult;
  /** `update`, as in "to update" and "nothing to update". */
  toDo: string;
  /** What an item is that was so already: `paused already`. */
  unchanged: string;
  /** What can't be planned, if not that it `can't be read`. */
  cant?: string;
  /** What an item is, if not an `automation`. */
  noun?: string;
}

/** The flags that every operation has. */
export interface OperationInput {
  dryRun: boolean;
  yes: boolean;
  concurrency?: number | undefined;
  /** So many failures stop the rest. */
  maxFailures?: number | undefined;
}

/** What an operation is about to do. */
export interface Plan<Item> {
  /** What is sent, in this order. */
  items: readonly Item[];
  /** What a single ref named, where it is so already. */
  only?: Item | undefined;
  /** What is left as it is or couldn't be read, with why. */
  rest: readonly FleetRow[];
  unreadable: readonly DeploymentReading[];
  /** Those that were looked into: of several, rows say which. */
  deployments: readonly DeploymentSummary[];
  /** What people call all that it is about. */
  names: Names;
  /** The command that does the rest names it by refs: what is done it would refuse, or do again. */
  isRestByRefs: boolean;
  /** What that command names in place of what was typed, by what is left to do; or a sentence, where there is no such command. */
  again?: CommandChanges | ((left: readonly FleetRow[]) => CommandChanges | string);
  /** Its entry in the history has these. */
  recorded?: ChangeOptions;
  /** It is about one alone, however that was named: what fails is its own error. */
  isOneItem?: boolean;
  /** What it ends with where nothing is to be sent; undefined: its rows say it. `hint`: the command that does the rest. */
  failure?(hint: string): unknown;
  /** What is shown before the question; absent: refs, of which the question says enough. */
  view?: PlanView | undefined;
  /** Beside the counts of `--dry-run`. */
  counts?: readonly string[];
  /** What is asked; absent: how many of what. */
  question?: string | undefined;
}

/** What a plan shows a person besides how many there are of what. */
export interface PlanView {
  /** Where it goes, as `targetLine` gives it. Plain text, as are the lines. */
  target?: string;
  /** Below the target: whose incident it is, what is undone. */
  lead?: readonly string[];
  /** Beside the counts. */
  counts?: readonly string[];
  /** Ready lines: what is about to change; absent: the names. */
  body?(look: RenderOptions): Promise<readonly string[]> | readonly string[];
}

/** Shows and tells what the conductor would, of plans that are a result by themselves: of files. */
interface PlanFileView<Item, Answer> {
  /** As the result, where nothing is sent. */
  printDryRun(): Promise<void>;
  /** Before the question; `isShown`: the plan too, rather than what is odd about it alone. */
  show(isShown: boolean): Promise<void>;
  /** What became of all. Gives what the conductor needn't tell any more. */
  report(results: readonly ItemResult<Item, Answer>[]): Promise<"all" | "rows" | undefined>;
}

/** What an item is sent by. */
export interface SendTools {
  /** This command's entry in the history. */
  change: OpenChange;
  /** The item as `record` had it recorded. */
  recorded?: RecordedItem | undefined;
  /** For what is sent at most once. */
  sender(): OnceSender;
}

/** Where an incident's changes are written down. */
export interface Journal<Item, Answer> {
  /** What has to be on the disk before the first change is sent, and is when it resolves. */
  begin(changeId: string): Promise<void>;
  /** Right before an item is sent. Throws where that can't be written: then nothing more is sent. */
  recordSending(item: Item): void;
  /** What became of it; `then` is called once that is written. */
  recordOutcome(item: Item, outcome: Outcome<Answer>, then: () => void): void;
  /** All of it is on the disk when it resolves. */
  end(): Promise<void>;
  close(): Promise<void>;
  /** An error of writing, with what had taken effect before it; another as it is. */
  explain(error: unknown): unknown;
}

/** What was read once all was sent. */
export interface CheckedResults {
  at: Date;
  /** Beside the counts: `0 enabled`; undefined: nothing could be read. */
  what: string | undefined;
  /** Of what was sent, judged by what is so now. */
  rows: readonly FleetRow[];
  unreadable: readonly DeploymentReading[];
  /** What was done besides, and its counts. */
  more?: { rows: readonly FleetRow[]; counts: readonly string[] };
  /** Messages whose fate counts too. */
  messages?: EndedOperation["messages"];
}

/** What became of all items, for what a person may want next. */
interface Ended<Item, Answer> {
  results: readonly ItemResult<Item, Answer>[];
  rows: readonly FleetRow[];
  /** An outage kept everything from being done: its error says all. */
  isOutage: boolean;
  /** Its id in the history. */
  changeId: string;
}

/**
 * A change of one automation or of many, as data and what differs from all others; `conduct` does what is the same
 * (src/commands/operations/README.md).
 */
export interface Operation<Item, Answer = undefined> {
  words: OperationWords;
  input: OperationInput;
  /** `updating a selection`: it is asked about first; undefined: it isn't. */
  asks: string | undefined;
  /** By whom, where stdin is taken. */
  prompts?: Prompts | undefined;
  /** One ref and no selection: JSON is one object, and its own error says most. */
  isSingle: boolean;
  /** Whether it can be taken back by `herm undo`. */
  canBeUndone: boolean;
  /** Reads, chooses and decides; nothing is sent. */
  plan(): Promise<Plan<Item>>;
  fileView?: PlanFileView<Item, Answer>;
  /** Which automation an item is. */
  subject(item: Item): Candidate;
  /** An item as the history has it, where the plan says all of it: all are on the disk before the first is sent. */
  record?(item: Item): NewItem;
  /** Called right before the first is sent; what it throws keeps all from being sent. */
  begin?(items: readonly Item[]): Promise<void>;
  /** Where it is recorded; absent: in the history alone. */
  journal?: Journal<Item, Answer> | undefined;
  /** Tries every deployment, also where the first one refuses. */
  triesEveryDeployment?: boolean;
  /** Sends one item, recorded before and after by `tools.change`. Throws where it failed. */
  send(item: Item, tools: SendTools): Promise<Success<Answer>>;
  /** Reads what is so once all was sent; undefined after Ctrl-C. */
  readBack?(results: readonly ItemResult<Item, Answer>[]): Promise<CheckedResults | undefined>;
  /** What a row says besides what became of it; of a planned one `answer` is undefined. */
  detail?(item: Item, answer: Success<Answer> | undefined): Partial<FleetRow>;
  /** The command that shows whether an item was done whose answer is lost: then it isn't done again. */
  check?(item: Item): string;
  /** Prints the one automation that a single ref named; `success` is undefined where it was so already. */
  printItem?(item: Item, success: Success<Answer> | undefined): Promise<void>;
  /** Says what a person may want to know or do next. */
  after?(ended: Ended<Item, Answer>): Promise<void> | void;
  /** Throws where all went well, and yet it isn't as it should be; called last. */
  refuse?(): void;
}
