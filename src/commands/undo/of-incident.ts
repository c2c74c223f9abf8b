import type { Context } from "../../context.js";
import { type CommandWriter, UsageError } from "../../errors.js";
import { mayBeChanged } from "../../fleet/outcome.js";
import { itemKey } from "../../fleet/refs.js";
import type { Change } from "../../history/change.js";
import { IncidentFolder } from "../../incident/incident-folder.js";

/** Throws UsageError for a change of an incident, with the command that takes back just what that change did. */
export function refuseIncident({ settings }: Pick<Context, "settings">, change: Change): void {
  const { id, incident, items } = change;
  if (incident === undefined) return;
  const changed = items.filter(mayBeChanged);
  const isResume = changed.some(({ act }) => act === "resume");
  // Nothing but the incident's own words for all that its first pause did.
  const refs = id === incident ? [] : changed.map(itemKey);
  const isClosed = isResume && new IncidentFolder(settings).find(incident).state.closed !== undefined;
  const command = (herm: CommandWriter) =>
    [
      ...(isClosed ? [herm("incidents", "reopen", incident)] : []),
      herm("automations", isResume ? "pause" : "resume", "--incident", incident, ...refs),
    ].join(" && ");
  const what = isResume ? "pauses again what it brought back" : "brings back what it paused";
  throw new UsageError(`${id} belongs to incident ${incident}`, {
    hint: (herm) =>
      changed.length === 0 ? "it changed nothing" : `${command(herm)} ${what}; nothing was sent`,
  });
}
