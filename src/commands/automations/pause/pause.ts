import { declareCommand, requestCodes } from "../../../command/declaration.js";
import { advanced, reasonFlag, several, text } from "../../../command/flags.js";
import { UsageError } from "../../../errors/cli-errors.js";
import { operationFlags, resultFields } from "../../../operations/change-flags.js";
import { readTargetChoice, targetFlags } from "../../../operations/selection/choose-automations.js";
import { switchEnabled } from "../shared/switch-enabled.js";

export const command = declareCommand({
  effect: "changes",
  arguments: { refs: several("ref", "ids, exact names, or <deployment>/<name>", { completes: "refs" }) },
  flags: {
    ...targetFlags,
    incident: text("name", "name the incident (default for a selection: a new name)", {
      completes: "incidents",
    }),
    ledger: advanced(text("file", "keep the incident's ledger in this file", { completes: "files" })),
    tell: advanced(
      text("text", "send this text once to each run still in progress; a waiting run takes it as its answer"),
    ),
    ...operationFlags,
    reason: { ...reasonFlag, about: "reason for the pause, shown to a colleague who takes over" },
  },
  help: {
    about:
      "Pause automations: schedules stop, runs in progress continue. For a selection, herm shows a plan, asks you to confirm it, and records an incident.",
    use: "A ref is paused right away. A selection is recorded, so that you can resume exactly what it paused. If it is interrupted, run the same command again to finish.",
    inPipe: resultFields,
    exitCodes: requestCodes({
      1: "you answered no",
      4: "a ref or a selector matches nothing",
      6: "a name matches several, the incident is closed, another herm process is still using it after --max-wait, or its ledger can't be written",
      8: "some failed, or something is still enabled or ran despite being paused",
      12: "the outcome of some is unknown",
    }),
    examples: [
      'herm automations pause "Weekly video variations"',
      'herm automations pause --all-deployments --incident INC-42 --reason "bad model"',
    ],
  },
  /** Pauses refs at once, or a selection as an incident (src/incident/README.md, "Pausing"). */
  async run(context, input): Promise<void> {
    const { incident, ledger, tell } = input;
    const isNamed = incident !== undefined || ledger !== undefined;
    const chosen = await readTargetChoice(context, input, "pause", { takesExcept: isNamed });
    if (!chosen.isSelection && !isNamed) {
      if (tell !== undefined)
        throw new UsageError("--tell needs a selection or an incident", {
          hint: "give --incident <name>, or --all, --match, --customer or --all-deployments",
        });
      return switchEnabled(context, { choice: chosen, enabled: false, input });
    }
    const { pauseIncident } = await import("./pause-incident.js");
    await pauseIncident(context, { ...input, choice: chosen });
  },
});
