import type { Context } from "../../context/context.js";
import { PartialFailureError } from "../../errors/errors.js";
import { type ReadOrFailed, readEach } from "../../fleet/read-many.js";
import type { Limits } from "../../fleet/silent-deployments.js";
import type { Candidate } from "../../incident/scope.js";
import { counted, joinNames, limitLines } from "../../output/count.js";
import type { Printer } from "../../output/printer.js";
import { silenceHint } from "../selection/selection.js";
import type { ReadingProgress, Stage } from "./progress.js";

interface ProgressReadOptions<Item, Value> {
  read(item: Item, limits: Limits): Promise<Value>;
  progress: ReadingProgress;
  stage: Stage;
  concurrency?: number | undefined;
  /** Starts nothing more once aborted; what wasn't started is neither found nor an error. */
  until?: AbortSignal | undefined;
}

/** Reads several at once, with a bar; what fails doesn't stop the others. Throws where the key is refused for all. */
export async function readWithProgress<Item extends { deployment_id: string }, Value>(
  context: Context,
  items: readonly Item[],
  { read: readIn, progress, stage, ...reading }: ProgressReadOptions<Item, Value>,
): Promise<ReadOrFailed<Item, Value>> {
  const { signal } = context;
  const client = await context.client();
  progress.start(stage, items.length);
  const readOne =
    items.length < 2
      ? undefined
      : (await import("../../fleet/silent-deployments.js")).readOneOfMany(context, client);
  const read = (item: Item) =>
    readOne === undefined ? readIn(item, { signal }) : readOne((limits) => readIn(item, limits), signal);
  const options = { ...reading, read, client, signal, onRead: () => progress.item() };
  return readEach(items, options).finally(() => progress.finish());
}

export interface ReadFailure {
  kind: "deployment" | "automation";
  /** The name; over several deployments behind the deployment's. */
  what: string;
  error: unknown;
}

export function unreadableAutomation(
  { deployment_name, deployment_id, automation_id, name }: Candidate,
  { error, isFleet }: { error: unknown; isFleet: boolean },
): ReadFailure {
  const called = name || automation_id;
  const what = isFleet ? `${deployment_name ?? deployment_id}/${called}` : called;
  return { kind: "automation", what, error };
}

const mostCauses = 10;

/**
 * Warns of what couldn't be read. To a person equal causes are one line: an outage of a tenth of a fleet is more than a
 * screen has lines.
 */
export async function warnOfUnreadable(
  unreadable: readonly ReadFailure[],
  { printer, settings }: { printer: Printer; settings: Context["settings"] },
): Promise<void> {
  if (unreadable.length === 0) return;
  const { causeOf, explainItemError } = await import("../../invocation/report.js");
  const lineOf = ({ what, error }: ReadFailure) => `${what}: ${explainItemError(error, settings).message}`;
  if (!printer.isForPerson) {
    for (const each of unreadable) printer.warn(lineOf(each));
    return;
  }
  const { groupBy } = await import("../../manifest/group-by.js");
  const groups = groupBy(unreadable, ({ error }) => causeOf(error, settings));
  const lines = [...groups].flatMap(([cause, alike]) =>
    alike.length === 1 ? alike.map(lineOf) : `${joinNames(alike.map(({ what }) => what))}: ${cause}`,
  );
  for (const line of limitLines(lines, mostCauses)) printer.warn(line.trim());
}

/** The error of an incomplete `what`; undefined where all was read. */
export function unreadableError(
  unreadable: readonly ReadFailure[],
  what = "list",
): PartialFailureError | undefined {
  if (unreadable.length === 0) return undefined;
  const parts = (["deployment", "automation"] as const).flatMap((kind) => {
    const count = unreadable.filter((each) => each.kind === kind).length;
    return count === 0 ? [] : counted(count, kind);
  });
  const waitHint = silenceHint(unreadable.filter(({ kind }) => kind === "deployment"));
  return new PartialFailureError(`${parts.join(" and ")} could not be read`, {
    hint: `the ${what} is incomplete: ${waitHint ?? "run it again"}`,
  });
}

/** Warns of what couldn't be read, after the rest was printed; throws PartialFailureError if there is any. */
export async function reportUnreadable(
  unreadable: readonly ReadFailure[],
  { what, ...options }: { printer: Printer; settings: Context["settings"]; what?: string },
): Promise<void> {
  await warnOfUnreadable(unreadable, options);
  const error = unreadableError(unreadable, what);
  if (error !== undefined) throw error;
}
