import { declareCommand, type InputOf, requestCodes } from "../../../command/declaration.js";
import { advanced, flag, inGroup, several, text } from "../../../command/flags.js";
import { hintTo, UsageError } from "../../../errors/cli-errors.js";
import { operationFlags, resultFields } from "../../../operations/change-flags.js";
import { readTargetChoice } from "../../../operations/selection/choose-automations.js";
import { changeFlags, isSelecting, readSelection } from "../../../operations/selection/selection-flags.js";
import { switchEnabled } from "../shared/switch-enabled.js";

export const command = declareCommand({
  effect: "changes",
  isFrozen: ({ dryRun }) => !dryRun,
  arguments: { refs: several("ref", "ids, exact names, or <deployment>/<name>", { completes: "refs" }) },
  flags: {
    ...inGroup("Which ones", {
      incident: text("name", "resume automations this incident paused; the flags below narrow the choice", {
        completes: "incidents",
      }),
      ledger: advanced(text("file", "use the incident in this ledger", { completes: "files" })),
      includeChanged: flag("include automations edited since the pause"),
    }),
    ...changeFlags,
    catchUp: flag("then start one run for each automation that missed any"),
    ...operationFlags,
  },
  help: {
    about: "Resume automations, or all that an incident paused.",
    use: "Use it after an incident. It skips and lists automations changed since the pause. If you name an automation that an open incident holds, it asks for confirmation; in a pipe it needs --yes.",
    notes:
      "--include-changed also resumes automations edited since, here or elsewhere; to resume automations that were paused again, name them.",
    inPipe: resultFields,
    exitCodes: requestCodes({
      0: "done, even if --except skipped some",
      1: "you answered no",
      4: "a ref, a selector or the incident matches nothing, or there is no such ledger",
      6: "a freeze, a name that matches several, the incident is closed, another herm process is still using it after --max-wait, or its ledger can't be written",
      8: "some failed or were also started by somebody else, or something the incident paused is still paused",
      12: "the outcome of some is unknown",
    }),
    examples: [
      'herm automations resume "Weekly video variations"',
      'herm automations resume --incident INC-42 --except "Report*"',
    ],
  },
  /** Resumes refs at once, or an incident's automations (src/incident/README.md, "Resuming"). */
  async run(context, input): Promise<void> {
    const { incident, ledger } = input;
    const selection = readSelection(context, input);
    if (incident === undefined && ledger === undefined) {
      if (isSelecting(selection) || input.includeChanged || input.catchUp) throw refusedSelection(input);
      const choice = await readTargetChoice(context, { ...input, all: false }, "resume");
      return switchEnabled(context, { choice, enabled: true, input });
    }
    const { resumeIncident } = await import("./resume-incident.js");
    await resumeIncident(context, { ...input, selection });
  },
});

function refusedSelection({ includeChanged, catchUp }: InputOf<typeof command>): UsageError {
  const alone = { "--include-changed": includeChanged, "--catch-up": catchUp };
  for (const [flag, value] of Object.entries(alone))
    if (value) return new UsageError(`${flag} needs --incident or --ledger`);
  return new UsageError(
    "resuming a selection needs --incident: without it, automations paused on purpose would be resumed too",
    {
      hint: hintTo("give an id or name, or --incident <name>; to see the incidents", "incidents", "list"),
    },
  );
}
