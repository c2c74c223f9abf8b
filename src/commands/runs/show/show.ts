import { optional } from "../../../command/arguments.js";
import { declareCommand } from "../../../command/declaration.js";
import { requestCodes } from "../../../command/help.js";
import { createPrinter } from "../../../output/printer.js";
import { printOne } from "../../../output/single-result.js";
import { summarize } from "../../../run-view/summary.js";
import { runJson } from "../../../runs/run-row.js";
import { readMessages } from "../shared/messages.js";
import { requireRunRef } from "../shared/require-run-ref.js";
import { resolveRun } from "../shared/resolve-run.js";
import { readReplay } from "./replay.js";
import { renderPipedRun, renderRun } from "./view.js";

export const command = declareCommand({
  effect: "reads",
  arguments: {
    ref: optional("run|ref", "a run (run_…), or an automation for its newest run", {
      completes: "runs or refs",
    }),
  },
  help: {
    about: "Show one run as it is now: status, times, tool calls, messages.",
    use: "See what a run did, said or asked; for an automation, its newest run.",
    notes:
      "Tool calls come from a replay of the run's events. The local server can replay them for a week, another API only for runs that herm triggered and followed.",
    inPipe:
      "a field and its value on each line, then the messages: role, time, content; then the tool calls: tool, arguments, result",
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
