import type { HermClient } from "../../../api/client.js";
import { TimeoutError } from "../../../api/errors.js";
import type { RawEventStream } from "../../../api/events/stream.js";
import type { AutomationDetail, AutomationRef, EventQuery } from "../../../api/types.js";
import { commandLine } from "../../../command-line/next-command.js";
import type { Context } from "../../../context/context.js";
import {
  CliError,
  DeclinedError,
  exitCodes,
  InterruptedError,
  OutcomeUnknownError,
  RunFailedError,
  RunWaitsError,
} from "../../../errors/cli-errors.js";
import { createPrinter, type Printer, watchEnd } from "../../../output/printer.js";
import { safe } from "../../../output/safe.js";
import { columnsNow } from "../../../output/terminal/watch-screen.js";
import { textOrDash } from "../../../output/value-text.js";
import { closingLine, summarize } from "../../../runs/closing-line.js";
import { cacheRuns } from "../../../runs/find.js";
import { followRun as followEvents } from "../../../runs/follow.js";
import type { FollowEnd, FollowSource, RunStart } from "../../../runs/follow-source.js";
import { jsonlView, liveView, plainView, type RunView, silentView } from "../../../runs/live-view.js";
import { answerAsked, savedTextNote } from "../answer/send-answer.js";

interface FollowRequest {
  deployment_id: string;
  automation: Pick<AutomationDetail, "automation_id" | "name">;
  query: EventQuery;
  timeoutMs: number | undefined;
  startRun(): Promise<RunStart>;
  /** True if following has no other effect, so that it ends when nobody reads its output any more. */
  onlyReads: boolean;
  isOver?: boolean;
  isNew?: true;
}

/**
 * Follows a run and prints it (src/runs/README.md, "Following a run"). Throws RunFailedError, RunWaitsError,
 * OutcomeUnknownError or InterruptedError unless it completes.
 */
export async function showFollowedRun(context: Context, request: FollowRequest): Promise<void> {
  const { deployment_id, automation, query, timeoutMs, onlyReads, isOver = false } = request;
  const printer = await createPrinter(context);
  const view = chooseView(context, printer);
  const client = await context.client();
  const run: FollowedRun = { deployment_id, automation, beganMs: context.monotonic(), isJoined: false };
  const { canPrompt } = context.io;
  try {
    const end = await followEvents({
      source: followSource({ client, deployment_id, automation_id: automation.automation_id, query, isOver }),
      view,
      sleep: (ms, signal) => context.sleep(ms, signal),
      signal: context.signal,
      timeoutMs,
      start: () => beginRun(context, { request, run, printer }),
      answer: canPrompt ? (_, asked) => answerAsked(context, { ...asked, ...run, view }) : undefined,
      isOutputClosed: () => onlyReads && printer.closed,
    });
    if (request.isNew) await rememberRun(context, run, end);
    await printEnd(context, { end, run, printer, view });
    const ref = `${deployment_id}/${end.state.run_id}`;
    throwOutcome(context, { end, ref, name: textOrDash(automation.name), isReported: printer.isForPerson });
  } catch (error) {
    await view.close();
    if (error instanceof DeclinedError && run.run_id !== undefined) {
      throw new DeclinedError(`${run.run_id} got no answer, and is still waiting${savedTextNote(error)}`, {
        hint: commandLine(context, ["runs", "answer", `${deployment_id}/${run.run_id}`]),
      });
    }
    if (error instanceof InterruptedError && run.run_id !== undefined) {
      const back = commandLine(context, ["runs", "watch", `${deployment_id}/${run.run_id}`]);
      printer.note(`${run.run_id} is still running; to come back: ${back}`);
      throw watchEnd(error, printer);
    }
    throw error;
  } finally {
    await view.close();
  }
}

interface FollowedRun extends Pick<FollowRequest, "deployment_id" | "automation"> {
  run_id?: string;
  beganMs: number;
  isJoined: boolean;
}

async function beginRun(
  context: Context,
  { request, run, printer }: { request: FollowRequest; run: FollowedRun; printer: Printer },
): Promise<RunStart> {
  const beginning = await request.startRun();
  // From here on, the run's output has the terminal to itself.
  (await context.client()).stopReportingSilence();
  run.run_id = beginning.run_id;
  run.isJoined = beginning.joined !== undefined;
  await rememberRun(context, run);
  if (printer.format.isNamesOnly) await printer.line(safe(beginning.run_id, "cell"));
  return beginning;
}

/** Saves where the run is, and the event after which its stream can be replayed. */
function rememberRun(
  { settings }: Pick<Context, "settings">,
  { run_id = "", deployment_id, automation: { automation_id } }: FollowedRun,
  { afterEvent }: Pick<FollowEnd, "afterEvent"> = {},
): Promise<void> {
  const place = { run_id, deployment_id, automation_id };
  return cacheRuns(settings, [{ ...place, after_event: afterEvent }]);
}

interface Ending {
  end: FollowEnd;
  run: FollowedRun;
  printer: Printer;
  view: RunView;
}

async function printEnd(context: Context, { end, run, printer, view }: Ending): Promise<void> {
  const { deployment_id, automation } = run;
  const { run_id } = end.state;
  const { whole, isForReading } = printer.format;
  if (whole !== undefined) {
    const summary = summarize(end.state);
    const ids = { automation_id: automation.automation_id, deployment_id, run_id };
    return whole(printer, { ...ids, ...summary, text: end.wholeText ?? summary.text });
  }
  if (!isForReading) return;
  const showCommand = commandLine(context, ["runs", "show", `${deployment_id}/${run_id}`]);
  const durationMs = durationOf(end, { run, nowMs: context.monotonic() });
  const columns = printer.stdoutIsTty ? columnsNow(context.io) : undefined;
  await view.end(
    end.state,
    closingLine(end.state, { durationMs, showCommand, style: printer.style, columns }),
  );
  if (end.wholeText !== undefined) await view.note(`some text was missed; to see all of it: ${showCommand}`);
}

/** Milliseconds by the server's clock if the server sent both times, or else by ours. */
function durationOf(end: FollowEnd, { run, nowMs }: { run: FollowedRun; nowMs: number }): number | undefined {
  const { started_at, completed_at } = end.run ?? {};
  if (started_at && completed_at) return Date.parse(completed_at) - Date.parse(started_at);
  return run.isJoined ? undefined : nowMs - run.beganMs;
}

/** Chooses the view for the format: live on a terminal with cursor control, or else plain lines. */
function chooseView(context: Context, printer: Printer): RunView {
  const { io } = context;
  const { format } = printer;
  if (!format.isForReading) return format.events === undefined ? silentView(printer) : jsonlView(printer);
  if (!io.stdoutIsTty || !io.canRedraw) return plainView(printer);
  return liveView({
    printer,
    columns: () => columnsNow(io),
    now: () => context.monotonic(),
    sleep: (ms, signal) => context.sleep(ms, signal),
  });
}

/** Throws the error for the way in which a followed run ended; returns if it completed, or if its reader has left. */
function throwOutcome(
  context: Context,
  { end, ref, name, isReported }: { end: FollowEnd; ref: string; name: string; isReported: boolean },
): void {
  const { state, reason, cause } = end;
  const run = `${state.run_id} of "${name}"`;
  const show = commandLine(context, ["runs", "show", ref]);
  const watch = commandLine(context, ["runs", "watch", ref]);
  switch (reason) {
    case "closed":
      return;
    case "final":
      if (state.status === "completed") return;
      if (isReported) throw new RunFailedError(`${run} failed`);
      throw new RunFailedError(`${run} failed${state.error === undefined ? "" : `: ${state.error}`}`, {
        hint: `to see all of it: ${show}`,
      });
    case "waiting":
      throw new RunWaitsError(`${run} is waiting for an answer: ${questionText(state.question)}`, {
        hint: commandLine(context, ["runs", "answer", ref, "yes"]),
      });
    case "timeout":
      throw new OutcomeUnknownError(`stopped following ${run} before it ended`, {
        hint: `to keep following it: ${watch}`,
      });
    case "lost":
      throw new OutcomeUnknownError(
        `lost the stream of ${run}${cause instanceof Error ? `: ${cause.message}` : ""}`,
        {
          hint: `to see its status: ${show}`,
          cause,
        },
      );
  }
}

function questionText(question: string | undefined): string {
  return question === undefined || question.trim() === "" ? "its question can't be read" : question;
}

const maxWaitMs = 10_000;

function followSource(
  options: AutomationRef & { client: HermClient; query: EventQuery; isOver: boolean },
): FollowSource {
  const { client, deployment_id, automation_id, query, isOver } = options;
  return {
    open: async ({ signal, onReconnect }) =>
      isOver
        ? emptyStream
        : client.deployments.events
            .open(deployment_id, query, { signal, onReconnect, maxWaitMs })
            .catch(tellUnopened),
    readRun: async (run_id, signal) => {
      const { recent_runs } = await client.automations.get(deployment_id, automation_id, { signal });
      return recent_runs.find((run) => run.run_id === run_id);
    },
    readThread: (thread_id, signal) => client.threads.get(deployment_id, thread_id, { signal }),
  };
}

/** Throws an error of its own, because no flag extends the time limit for following. */
async function tellUnopened(error: unknown): Promise<never> {
  if (!(error instanceof TimeoutError && error.isTotalTimeout)) throw error;
  const { reachHint } = await import("../../../invocation/report-error.js");
  const message = `the event stream couldn't be opened: ${error.message}`;
  throw new CliError(message, exitCodes.unreachable, "timeout", { hint: reachHint, cause: error });
}

const emptyStream: RawEventStream = {
  lastEventId: "",
  close: () => undefined,
  async *[Symbol.asyncIterator]() {
    // No more data will arrive.
  },
};
