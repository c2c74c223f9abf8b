import { declareCommand } from "../../command/declaration.js";
import { flag } from "../../command/flags.js";
import { commandLine } from "../../command-line/next-command.js";
import { exitCodes, QuietExit } from "../../errors/cli-errors.js";
import { recallIncident } from "../../incident/check.js";
import { elsewhereHint, IncidentFolder, type KnownIncident } from "../../incident/incident-folder.js";
import { messageOf } from "../../invocation/report-error.js";
import { agoColumn, column, pipedFields } from "../../output/columns.js";
import { printList } from "../../output/print-list.js";
import { createPrinter } from "../../output/printer.js";
import type { Column } from "../../output/render-table.js";
import { redactTexts } from "../../settings/key.js";
import { headJson } from "./check-view.js";
import { noteChanges, redactedState } from "./print-incident.js";

export const command = declareCommand({
  effect: "reads",
  flags: {
    exitCode: flag("exit with 9 if anything is listed"),
  },
  help: {
    about: "List the incidents on this machine, newest first, without sending requests.",
    use: "Find an incident's name, and see which incidents are still open.",
    inPipe: pipedFields(columns(new Date(0))),
    exitCodes: { 9: "with --exit-code, if anything is listed" },
    examples: ["herm incidents list"],
  },
  async run(context, { exitCode }): Promise<void> {
    const printer = await createPrinter(context);
    const { known, broken } = new IncidentFolder(context.settings).list();
    noteChanges(
      context,
      known.map(({ state }) => state).filter(({ closed }) => closed === undefined),
    );
    const items = known.map(({ location, state }) => ({
      location: redactTexts(location, context.settings),
      state: redactedState(state, context.settings),
    }));
    const count = await printList<KnownIncident>(printer, {
      items,
      columns: columns(context.now()),
      json: listItem,
      name: ({ state }) => state.head.incident,
      empty: `no incidents here. Pausing a selection starts one:\n  ${commandLine(context, pauseExample)}\n${elsewhereHint((...words) => commandLine(context, words))}`,
    });
    for (const { name, error } of broken) printer.warn(`incident ${name} can't be read: ${messageOf(error)}`);
    if (exitCode && count > 0) throw new QuietExit(exitCodes.found);
  },
});

const pauseExample = ["automations", "pause", "--all-deployments", "--incident", "INC-1"];

function listItem({ state, location }: KnownIncident): object {
  const { closed, items } = state;
  return {
    ...headJson(state),
    closed_at: closed?.at ?? null,
    items: items.size,
    paused: countPaused(state),
    ledger: location.path,
  };
}

function countPaused(state: KnownIncident["state"]): number {
  if (state.closed?.why === "resumed") return 0;
  const { items } = recallIncident(state);
  return items.filter(
    (item) => item.was_enabled === true && (item.state === "paused" || item.state === "skipped"),
  ).length;
}

function columns(now: Date): Column<KnownIncident>[] {
  return [
    column("incident", ({ state }) => state.head.incident, { steps: { 8: 20, 12: 1 } }),
    column("state", ({ state }) => (state.closed === undefined ? "open" : "closed"), {
      steps: { 11: "hidden" },
    }),
    column("paused", ({ state }) => String(countPaused(state)), { align: "right", steps: { 10: "hidden" } }),
    agoColumn("created", ({ state }) => state.head.created_at, { now, hiddenAt: 9 }),
    column("api", ({ state }) => state.head.target.origin, {
      steps: { 1: ({ state }) => state.head.target.origin.replace(/^https?:\/\//, ""), 5: "hidden" },
    }),
    column("reason", ({ state }) => state.head.reason ?? "", { steps: { 2: 40, 4: 20, 6: 12, 7: "hidden" } }),
  ];
}
