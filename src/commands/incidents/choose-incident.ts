import type { Context } from "../../context.js";
import { UsageError } from "../../errors.js";
import { elsewhereHint, IncidentFolder, type KnownIncident } from "../../incident/incident-folder.js";
import { counted } from "../../output/count.js";
import { factSeparatorFor } from "../../output/style.js";

/**
 * Finds an incident by name; without one the only open one, or a pick. Throws UsageError with the names where nobody can be
 * asked.
 */
export async function chooseIncident(
  context: Context,
  { name, verb }: { name: string | undefined; verb: string },
): Promise<KnownIncident> {
  const folder = new IncidentFolder(context.settings);
  if (name !== undefined) return folder.find(name);
  const { known } = folder.listOpen();
  const [only] = known;
  if (only === undefined) {
    throw new UsageError(`no incident to ${verb}: none is open here`, {
      hint: (herm) => `${herm("incidents", "list")} shows closed ones to name; ${elsewhereHint(herm)}`,
    });
  }
  if (known.length === 1) return only;
  if (!context.io.canPrompt) {
    const names = known.map(({ state }) => state.head.incident).join(", ");
    throw new UsageError(`which incident to ${verb}?`, {
      hint: `open here: ${context.settings.redact(names)}`,
    });
  }
  return context.prompts.pick({
    message: `Which incident to ${verb}?`,
    choices: known.map((incident) => ({
      name: context.settings.redact(incident.state.head.incident),
      value: incident,
      description: [
        context.settings.redact(incident.state.head.reason ?? "no reason given"),
        counted(incident.state.items.size, "automation"),
      ].join(factSeparatorFor(context)),
    })),
  });
}
