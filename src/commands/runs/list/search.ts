import type { Message, Run } from "../../../api/types.js";
import type { Context } from "../../../context.js";
import { DeclinedError, PartialFailureError, UsageError } from "../../../errors.js";
import { retryOutages } from "../../../operations/rows/outage-retry.js";
import { ReadingProgress } from "../../../operations/rows/progress.js";
import { counted } from "../../../output/count.js";
import type { RowDetails } from "../../../output/formats/format.js";
import type { Printer } from "../../../output/printer.js";
import { safe } from "../../../output/safe.js";
import { matchExcerpt, plainPattern } from "../../../output/text/excerpt.js";
import { cut } from "../../../output/width.js";
import { explainItemError } from "../../../report.js";
import { questionIn } from "../../../run-view/thread-text.js";
import type { RunRow } from "../../../runs/run-row.js";
import { readMessagesOfMany, threadsOf, type WithMessages } from "../shared/messages.js";

/** Requests that are sent without a question. */
const mostUnasked = 500;
const mostLines = 5;
const mostUnread = 10;

export interface SearchOptions {
  rows: readonly RunRow[];
  text: string;
  limit: number | undefined;
  concurrency: number | undefined;
  isSure: boolean;
  printer: Printer;
}

export interface SearchResult {
  rows: RunRow[];
  below: RowDetails<RunRow>;
  json(row: RunRow): { matches: readonly Match[]; unread?: string };
  isFound(row: RunRow): boolean;
  total(): string;
  throwFailure(): void;
}

/**
 * Searches errors, outputs and questions. Asks where that takes many requests; without a person these need `isSure`.
 * Throws the first error if nothing could be read.
 */
export async function searchRuns(context: Context, options: SearchOptions): Promise<SearchResult> {
  const { rows, text, limit, concurrency, printer } = options;
  const threads = threadsOf(rows).length;
  await checkRequests(context, options, threads);
  if (threads > 1) await retryOutages(context);
  const pattern = plainPattern(text);
  const progress = new ReadingProgress(context, printer);
  progress.start("threads", threads);
  const looked = await readMessagesOfMany(context, rows, {
    select: ({ run }, messages) => ({
      matches: matchesIn({ run, messages }, pattern),
      isGone: messages === undefined,
    }),
    enough: limit === undefined ? undefined : { limit, counts: ({ matches }) => matches.length > 0 },
    concurrency,
    onThread: () => progress.item(),
  }).finally(() => progress.finish());
  const unread = looked.filter(({ error }) => error !== undefined);
  if (unread[0] !== undefined && unread.length === looked.length) throw unread[0].error;
  return result(context, { ...options, pattern, looked, unread, limit });
}

async function checkRequests(
  { io, prompts }: Context,
  { rows, limit, isSure, printer }: SearchOptions,
  threads: number,
): Promise<void> {
  const requests = `${limit === undefined || threads < 2 ? "" : "at most "}${counted(threads, "request")}`;
  if (threads > mostUnasked && !isSure) {
    if (!io.canPrompt) {
      throw new UsageError(`--search would take ${requests}: it needs --yes when herm can't ask`, {
        hint: `--since, --match and --failed narrow the search of ${counted(rows.length, "run")}`,
      });
    }
    const message = `Search ${counted(rows.length, "run")}? It takes ${requests}.`;
    if (!(await prompts.confirm({ message, default: false })))
      throw new DeclinedError("nothing was searched");
  } else if (threads > 0 && printer.format.isForReading) {
    printer.note(`searching ${counted(rows.length, "run")}: ${requests}`);
  }
}

interface Found {
  matches: readonly Match[];
  isGone: boolean;
}

interface Finished extends SearchOptions {
  pattern: RegExp;
  looked: readonly WithMessages<Found>[];
  unread: readonly WithMessages<Found>[];
}

function result({ settings }: Context, finished: Finished): SearchResult {
  const { rows, looked, unread, limit, printer, text } = finished;
  const matchesOf = new Map(looked.map(({ row, value }) => [row, value?.matches ?? []]));
  const problemOf = new Map(unread.map(({ row, error }) => [row, explainItemError(error, settings).message]));
  const found = looked.filter(({ row }) => (matchesOf.get(row) ?? []).length > 0).map(({ row }) => row);
  const shown = found.slice(0, limit);
  const shownUnread = unread.slice(0, printer.isForPerson ? mostUnread : undefined).map(({ row }) => row);
  const gone = looked.filter(({ value }) => value?.isGone).length;
  const json = (row: RunRow) => ({ matches: matchesOf.get(row) ?? [], unread: problemOf.get(row) });
  return {
    rows: [...shown, ...shownUnread],
    below: {
      lines: (row) => shownLines(json(row), finished),
      piped: (row) => [
        ...(matchesOf.get(row) ?? []).map(({ field, line }) => [field, line]),
        ...(problemOf.has(row) ? [["unread", problemOf.get(row) ?? ""]] : []),
      ],
    },
    json,
    isFound: (row) => !problemOf.has(row),
    total: () => {
      const searched = counted(looked.length, "run");
      const without = gone === 0 ? "" : `; ${gone} had no readable thread`;
      if (found.length === 0) return `${JSON.stringify(text)} not found: ${searched} searched${without}`;
      const part = shown.length < found.length ? `, ${shown.length} shown` : "";
      const left = rows.length - looked.length;
      const rest = left === 0 ? "" : `; limit reached, ${left} more not searched`;
      return `found in ${found.length} of ${searched}${part}${without}${rest}`;
    },
    throwFailure: () => {
      if (unread.length === 0) return;
      throw new PartialFailureError(`${counted(unread.length, "run")} could not be searched`, {
        hint: "the list is incomplete: run it again",
      });
    },
  };
}

function shownLines(
  { matches, unread }: ReturnType<SearchResult["json"]>,
  { printer: { style, columns }, pattern }: Finished,
): string[] {
  const width = Math.max(10, columns - labelWidth - 3);
  const more = matches.length - mostLines;
  const first = matches.slice(0, mostLines);
  const rest = more > 0 ? [`… and ${counted(more, "more line")}`] : [];
  const problem = unread === undefined ? [] : [safe(`its thread can't be read: ${unread}`, "cell")];
  if (style.isInWords) {
    const lines = first.map(({ field, line }) => `found in ${field}: ${safe(line, "cell")}`);
    return [...lines, ...rest, ...problem.map((text) => `unread: ${text}`)];
  }
  const labelled = (label: string, text: string) => `  ${label.padEnd(labelWidth)} ${text}`;
  const look = { width, mark: style.bold };
  return [
    ...first.map(({ field, line }) => labelled(field, matchExcerpt(line, pattern, look))),
    ...rest.map((text) => `  ${text}`),
    ...problem.map((text) => labelled("unread", style.failing(cut(text, width)))),
  ];
}

const labelWidth = "question".length;

interface Match {
  field: "error" | "output" | "question";
  line: string;
}

/** Finds lines in a run's error, its agent's messages and its question, not in what people said. */
export function matchesIn(
  { run, messages = [] }: { run: Pick<Run, "status" | "error">; messages: readonly Message[] | undefined },
  pattern: RegExp,
): Match[] {
  const asks = run.status === "waiting_on_human" && questionIn(messages) !== undefined;
  const said = messages.flatMap(({ role, content }, at): [Match["field"], unknown][] => {
    if (role !== "agent") return [];
    return [[asks && at === messages.length - 1 ? "question" : "output", content]];
  });
  const texts: [Match["field"], unknown][] = [["error", run.error], ...said];
  return texts.flatMap(([field, text]) =>
    typeof text === "string" ? linesWith(text, pattern).map((line) => ({ field, line })) : [],
  );
}

function linesWith(text: string, pattern: RegExp): string[] {
  return text.split(/\r?\n/).filter((line) => line.search(pattern) >= 0);
}
