import { innerController } from "../../api/abort.js";
import { isUnderWay } from "../../api/run-status.js";
import type { Context } from "../../context/context.js";
import { messageOf } from "../../invocation/report.js";
import { type FoundRun, waitingRun } from "../../runs/find.js";
import { questionIn } from "../../runs/thread-text.js";
import { nextTimes } from "../../schedule/cron-times.js";
import { readSchedule } from "../../schedule/read.js";
import { readMessages } from "../runs/shared/messages.js";
import type { PaneDetail } from "./pane.js";
import type { TopRow } from "./top-row.js";

const mostLaterTimes = 5;
/** Milliseconds on a row before more is read of it. */
const restsMs = 150;

export class SelectedDetail {
  #next: { row: TopRow; ends: AbortController } | undefined;
  #started = 0;
  /** Number of the last reading that was shown: older ones that end later aren't. */
  #shown = 0;
  #last: PaneDetail | undefined;

  constructor(
    private readonly context: Context,
    private readonly options: {
      over: AbortSignal;
      onRead(detail: PaneDetail): void;
      onError(error: unknown): void;
    },
  ) {}

  readSoon(row: TopRow | undefined): void {
    if (row !== undefined && this.#next?.row.key === row.key) {
      this.#next.row = row;
      return;
    }
    this.#next?.ends.abort();
    this.#next = undefined;
    if (row === undefined) return;
    const next = { row, ends: innerController(this.options.over) };
    this.#next = next;
    this.#read(next).catch(
      (error: unknown) => error === next.ends.signal.reason || this.options.onError(error),
    );
  }

  /** True when it can't change without its row changing: no run but the newest is going. */
  isSettled(row: TopRow | undefined): boolean {
    const { key, automation } = this.#last ?? {};
    return key === row?.key && automation?.recent_runs.slice(1).some(isUnderWay) === false;
  }

  async #read(next: { row: TopRow; ends: AbortController }): Promise<void> {
    await this.context.sleep(restsMs, next.ends.signal);
    next.ends.abort();
    this.#next = undefined;
    this.#started += 1;
    const order = this.#started;
    const detail = await readDetail(this.context, next.row, this.options.over);
    if (order < this.#shown) return;
    this.#shown = order;
    this.#last = withEarlier(detail, this.#last);
    this.options.onRead(this.#last);
  }
}

function withEarlier(detail: PaneDetail, before: PaneDetail | undefined): PaneDetail {
  if (detail.problem === undefined || before?.key !== detail.key) return detail;
  return { ...detail, automation: before.automation, question: before.question };
}

/** Throws only when the signal ends it. */
async function readDetail(context: Context, row: TopRow, signal: AbortSignal): Promise<PaneDetail> {
  const { key, deployment_id } = row;
  const laterTimes = await laterTimesOf(row);
  try {
    const client = await context.client();
    const automation = await client.automations.get(deployment_id, row.automation.automation_id, { signal });
    const reader = { client: () => context.client(), signal };
    const question = await readQuestion(reader, { automation, deployment_id });
    return { key, automation, question, laterTimes, problem: undefined };
  } catch (error) {
    signal.throwIfAborted();
    return { key, automation: undefined, question: undefined, laterTimes, problem: messageOf(error) };
  }
}

/** The question, empty where it can't be read, undefined where no run waits. */
async function readQuestion(
  reader: Pick<Context, "client" | "signal">,
  { automation, deployment_id }: Omit<FoundRun, "run">,
): Promise<string | undefined> {
  const run = waitingRun(automation);
  if (run === undefined) return undefined;
  try {
    return questionIn((await readMessages(reader, { deployment_id, automation, run })) ?? []) ?? "";
  } catch {
    reader.signal.throwIfAborted();
    return "";
  }
}

async function laterTimesOf({ automation: { schedule, next_run_at } }: TopRow): Promise<Date[]> {
  const reading = readSchedule(schedule ?? "");
  const next = new Date(next_run_at ?? Number.NaN);
  if (!reading.ok || Number.isNaN(next.getTime())) return [];
  return nextTimes(reading.cron, next, mostLaterTimes);
}
