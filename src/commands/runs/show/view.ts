import type { Message } from "../../../api/types.js";
import { labelledRows } from "../../../output/block.js";
import { safe } from "../../../output/safe.js";
import { paintStatus, statusText } from "../../../output/status.js";
import { factSeparator, type Style } from "../../../output/style.js";
import { indentedText } from "../../../output/text/fold.js";
import { ago, formatLocalTime } from "../../../output/time.js";
import { textOrDash, valueText } from "../../../output/value-text.js";
import type { RunState } from "../../../run-view/reduce.js";
import { callRows } from "../../../run-view/render.js";
import { summarize } from "../../../run-view/summary.js";
import type { FoundRun } from "../../../runs/find.js";
import { runJson } from "../../../runs/run-row.js";
import { tookText } from "../list/columns.js";

export interface ShownRun {
  found: FoundRun;
  messages: readonly Message[] | undefined;
  replayed: RunState | undefined;
  now: Date;
  style: Style;
  columns: number;
}

export async function renderRun(shown: ShownRun): Promise<string> {
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
  if (replayed === undefined) return ["  can't be read: the API sends them only while a run happens"];
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

export function renderPipedRun({ found, messages = [], replayed }: ShownRun): string {
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
