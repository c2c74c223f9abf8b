import { innerController } from "../../api/abort.js";
import type { Persistence } from "../../api/persistence.js";
import type { Context } from "../../context.js";
import { PartialFailureError } from "../../errors.js";
import { execute } from "../../fleet/execute.js";
import type { Progress } from "../../fleet/progress.js";
import { counted, firstOf, listed } from "../../output/count.js";
import type { Printer } from "../../output/printer.js";
import { openProgress } from "./progress.js";

const fewestShown = 10;

type Stage = "deployments" | "automations" | "threads";

/** A bar on a terminal while much is read, one for each stage; elsewhere nothing. */
export class ReadingProgress {
  #stage: Stage | undefined;
  #left = 0;
  #progress: Progress | undefined;

  constructor(
    private readonly context: Pick<Context, "io" | "settings" | "signal" | "monotonic">,
    private readonly printer: Printer,
    private readonly options: { isSilent?: boolean } = {},
  ) {}

  /** There is so much to be read; so much more where its stage isn't over. */
  start(stage: Stage, count: number): void {
    if (stage !== this.#stage) this.finish();
    this.#stage = stage;
    this.#left += count;
    const isShown = this.context.io.stderrIsTty && this.options.isSilent !== true;
    if (this.#progress !== undefined) this.#progress.more(count);
    else if (isShown && this.#left >= fewestShown) {
      const options = { verb: `Reading ${stage}`, total: this.#left };
      this.#progress = openProgress(this.context, this.printer, options);
    }
  }

  item(): void {
    this.#left -= 1;
    this.#progress?.item("", false);
  }

  finish(): void {
    this.#progress?.finish();
    this.#progress = undefined;
    this.#stage = undefined;
    this.#left = 0;
  }
}

/** What several readings gave. */
export interface ReadOrFailed<Item, Value> {
  found: { item: Item; value: Value }[];
  errors: { item: Item; error: unknown }[];
}

interface Reading<Item, Value> {
  read(item: Item): Promise<Value>;
  progress: ReadingProgress;
  stage: Stage;
  /** Nothing is begun when it has aborted; what wasn't is neither found nor an error. */
  until?: AbortSignal | undefined;
  /** How many at once, if not as many as usual. */
  concurrency?: number | undefined;
  /** How the requests of `read` are sent again through an outage; absent: each for itself. */
  persistence?: Persistence | undefined;
}

/** Reads several at once; what fails doesn't stop the others, but a refused key does. */
export async function readWhatCanBe<Item, Value>(
  context: Context,
  items: readonly Item[],
  { read, progress, stage, until, concurrency, persistence }: Reading<Item, Value>,
): Promise<ReadOrFailed<Item, Value>> {
  const { signal } = context;
  const client = await context.client();
  progress.start(stage, items.length);
  const reading = innerController(signal, until);
  const results = await execute<Item, Value>({
    items,
    signal: reading.signal,
    concurrency,
    persistence,
    reader: client,
    run: async (item) => ({ result: "done", value: await read(item) }),
    onOutcome: () => progress.item(),
  }).finally(() => {
    progress.finish();
    reading.abort();
  });
  signal.throwIfAborted();
  const all: ReadOrFailed<Item, Value> = { found: [], errors: [] };
  for (const { item, outcome } of results) {
    if ("value" in outcome) all.found.push({ item, value: outcome.value });
    if ("error" in outcome) all.errors.push({ item, error: outcome.error });
    else if ("cause" in outcome) all.errors.push({ item, error: outcome.cause });
  }
  return all;
}

/** What could not be read, and why. */
export interface Unread {
  kind: "deployment" | "automation";
  /** What people call it; over several deployments an automation behind its deployment's name. */
  what: string;
  error: unknown;
}

/** An automation that could not be read. `isFleet`: it is one of several deployments'. */
export function unreadAutomation(
  called: string,
  { target, error, isFleet }: { target: { name: string }; error: unknown; isFleet: boolean },
): Unread {
  return { kind: "automation", what: isFleet ? `${target.name}/${called}` : called, error };
}

/** A person is told so many causes. */
const mostCauses = 10;

/**
 * What could be read was printed; this says what couldn't, and why. To a person what failed alike is one line: an outage of a
 * tenth of a fleet is more than a screen has lines.
 */
export async function warnOfUnread(
  unread: readonly Unread[],
  { printer, settings }: { printer: Printer; settings: Context["settings"] },
): Promise<void> {
  if (unread.length === 0) return;
  const { causeOf, judgeItem } = await import("../../report.js");
  const lineOf = ({ what, error }: Unread) => `${what}: ${judgeItem(error, settings).message}`;
  if (!printer.isForPerson) {
    for (const each of unread) printer.warn(lineOf(each));
    return;
  }
  const { groupBy } = await import("../../manifest/group-by.js");
  const groups = groupBy(unread, ({ error }) => causeOf(error, settings));
  const lines = [...groups].flatMap(([cause, alike]) =>
    alike.length === 1 ? alike.map(lineOf) : `${listed(alike.map(({ what }) => what))}: ${cause}`,
  );
  for (const line of firstOf(lines, mostCauses)) printer.warn(line.trim());
}

/** The error of what could not be read beside what could; undefined: all was. `what`: what is incomplete. */
export function unreadError(unread: readonly Unread[], what = "list"): PartialFailureError | undefined {
  if (unread.length === 0) return undefined;
  const parts = (["deployment", "automation"] as const).flatMap((kind) => {
    const count = unread.filter((each) => each.kind === kind).length;
    return count === 0 ? [] : counted(count, kind);
  });
  return new PartialFailureError(`${parts.join(" and ")} could not be read`, {
    hint: `the ${what} is incomplete: run it again`,
  });
}

/** Call when what could be read was printed: warns of what couldn't, and throws PartialFailureError if there is any. */
export async function endUnread(
  unread: readonly Unread[],
  { what, ...options }: { printer: Printer; settings: Context["settings"]; what?: string },
): Promise<void> {
  await warnOfUnread(unread, options);
  const error = unreadError(unread, what);
  if (error !== undefined) throw error;
}
