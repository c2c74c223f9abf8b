import { HermError } from "../../../api/errors.js";
import { beforeEveryEvent, isFinal } from "../../../api/schema.js";
import type { Message } from "../../../api/types.js";
import { declareCommand, requestCodes } from "../../../command/declaration.js";
import { optional } from "../../../command/flags.js";
import type { Context } from "../../../context/context.js";
import { labelledRows } from "../../../output/block.js";
import { createPrinter, printOne } from "../../../output/printer.js";
import { safe } from "../../../output/safe.js";
import { paintStatus, statusText } from "../../../output/status-words.js";
import { factSeparator, type Style } from "../../../output/style.js";
import { indentedText } from "../../../output/text/fold.js";
import { ago, formatLocalTime } from "../../../output/time.js";
import { textOrDash, valueText } from "../../../output/value-text.js";
import { summarize } from "../../../runs/closing-line.js";
import { cachedRun, type FoundRun } from "../../../runs/find.js";
import { type RunState, readEvent, reduce, startRun } from "../../../runs/reduce.js";
import { callRows } from "../../../runs/render.js";
import { runJson } from "../../../runs/run-row.js";
import { tookText } from "../list/run-columns.js";
import { readMessages } from "../shared/messages.js";
import { requireRunRef, resolveRun } from "../shared/resolve-run.js";

export const command = declareCommand({
  effect: "reads",
  arguments: {
    ref: optional("run|ref", "a run (run_…), or an automation, for its newest run", {
      completes: "runs or refs",
    }),
  },
  help: {
    about: "Show one run as it is now: status, times, tool calls, messages.",
    use: "See what a run did, said or asked; for an automation, its newest run.",
    notes:
      "Tool calls come from a replay of the run's events. The local server can replay them for a week, another API only for runs that herm triggered and followed.",
    inPipe:
      "one field and its value per line, then the messages: role, time, content; then the tool calls: tool, arguments, result",
    exitCodes: requestCodes({ 4: "no such deployment, automation or run" }),
    examples: ["herm runs show run_8Qk2", 'herm runs show "Weekly video variations" --output json'],
  },
  async run(context, { ref }): Promise<void> {
    const found = await resolveRun(context, await requireRunRef(context, { ref, verb: "show" }));
    const printer = await createPrinter(context);
    const [messages, replayed] = printer.format.isNamesOnly
      ? []
      : await Promise.all([readMessages(context, found), readReplay(context, found)]);
    const toolCalls = replayed === undefined ? null : summarize(replayed).tool_calls;
    await printOne(printer, {
      json: { ...runJson(found), messages: messages ?? [], tool_calls: toolCalls },
      name: found.run.run_id,
      table: async () => {
        const { style, columns } = printer;
        const view = { found, messages, replayed, now: context.serverNow(), style, columns };
        return printer.out(printer.stdoutIsTty ? await renderRun(view) : renderPipedRun(view));
      },
    });
  },
});

/** Time limit in milliseconds: a replay arrives at once, but a run that is still active may never end. */
const maxWaitMs = 5_000;
const quietMs = 400;
const mostMs = 3_000;

const mostTries = 4;

/**
 * Replays a run to read its tool calls, which its thread doesn't contain; undefined if the API can't replay it
 * (src/runs/README.md, "Showing a run").
 */
async function readReplay(context: Context, found: FoundRun): Promise<RunState | undefined> {
  const { settings, signal } = context;
  const { isLocalServer } = await context.client();
  const after = isLocalServer ? beforeEveryEvent : cachedRun(settings, found.run.run_id)?.after_event;
  if (after === undefined) return undefined;
  for (let tries = 0; tries < mostTries; tries += 1) {
    try {
      const replayed = await replay(context, found, after);
      if (replayed !== undefined) return replayed;
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof HermError)) throw error;
    }
  }
  return undefined;
}

/** The state; undefined if the replay was empty or broke off, because a part would look like a whole finished run. */
async function replay(
  context: Context,
  { deployment_id, run }: FoundRun,
  after: string,
): Promise<RunState | undefined> {
  const client = await context.client();
  const { signal } = context;
  const options = { signal, lastEventId: after, maxWaitMs, replayQuietMs: quietMs };
  const startedMs = context.monotonic();
  const stream = await client.deployments.events.open(deployment_id, { run_id: run.run_id }, options);
  const none = startRun(run.run_id);
  let state = none;
  try {
    for await (const batch of stream) {
      for (const event of batch) state = reduce(state, readEvent(event));
      if (isFinal(state.status) || context.monotonic() - startedMs > mostMs) break;
    }
  } finally {
    stream.close();
  }
  const isWhole = isFinal(state.status) || !isFinal(run.status);
  return isWhole && state !== none ? state : undefined;
}

interface ShownRun {
  found: FoundRun;
  messages: readonly Message[] | undefined;
  replayed: RunState | undefined;
  now: Date;
  style: Style;
  columns: number;
}

async function renderRun(shown: ShownRun): Promise<string> {
  const { found, now, style } = shown;
  const { run, automation, deployment_id } = found;
  const facts: [string, string][] = [
    ["run", safe(run.run_id, "cell")],
    ["automation", safe(automation.automation_id, "cell")],
    ["deployment", safe(deployment_id, "cell")],
    ["status", paintStatus(statusText(run.status, style), run.status, style)],
    ...(run.error ? [["error", safe(run.error, "cell")] satisfies [string, string]] : []),
    ["trigger", safe(textOrDash(run.trigger), "cell")],
    ["started", formatLocalTime(run.started_at, now, factSeparator(style), ago)],
    ["took", `${tookText(run, now)}${run.completed_at ? "" : " so far"}`],
    ["thread", safe(textOrDash(run.thread_id), "cell")],
  ];
  const lines = [
    style.bold(safe(textOrDash(automation.name), "cell")),
    ...(await labelledRows(facts, { width: 11, style })),
    "",
    style.bold("Tool calls"),
    ...callLines(shown),
    "",
    style.bold("Messages"),
    ...messageLines(shown),
  ];
  return `${lines.join("\n")}\n`;
}

function callLines({ replayed, style, columns }: ShownRun): string[] {
  if (replayed === undefined) return ["  unavailable: the API sends them only during a run"];
  if (replayed.toolCalls === 0) return ["  none"];
  const width = Math.max(10, columns - 3);
  return callRows(replayed, { width, style }).map((row) => `  ${row}`);
}

function messageLines({ messages, columns }: ShownRun): string[] {
  if (messages === undefined) return ["  its thread can't be read"];
  if (messages.length === 0) return ["  none yet"];
  return messages.flatMap((message, at) => {
    const who = safe(textOrDash(message.role), "cell");
    const rows = indentedText(textOrDash(message.content), { columns, by: 4 });
    return [...(at === 0 ? [] : [""]), `  ${who}`, ...rows];
  });
}

function renderPipedRun({ found, messages = [], replayed }: ShownRun): string {
  const fields = Object.entries(runJson(found)).map(([field, value]) => [field, valueText(value)]);
  const said = messages.map(({ role, created_at, content }) => [
    "message",
    ...[role, created_at, content].map(textOrDash),
  ]);
  const calls = replayed === undefined ? [] : summarize(replayed).tool_calls;
  const called = calls.map((call) => [
    "tool_call",
    valueText(call.tool),
    valueText(call.arguments),
    valueText(call.result),
  ]);
  const rows = [...fields, ...said, ...called];
  return rows.map((row) => `${row.map((cell) => safe(cell, "cell")).join("\t")}\n`).join("");
}
