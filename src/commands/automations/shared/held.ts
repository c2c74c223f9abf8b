import type { Context } from "../../../context/context.js";
import { DeclinedError, UsageError } from "../../../errors/cli-errors.js";
import type { FleetItem } from "../../../incident/pause-plan.js";
import { nameInFleet } from "../../../operations/name-in-fleet.js";
import { safe } from "../../../output/safe.js";
import { type IncidentBadge, loadIncidentBadges } from "./incident-badges.js";

export interface Held {
  item: FleetItem;
  badge: IncidentBadge;
}

/** Finds the automations that are held by open incidents. */
export async function findHeld(context: Context, items: readonly FleetItem[]): Promise<Held[]> {
  const badgesOf = await loadIncidentBadges(context);
  return items.flatMap((item) =>
    badgesOf(item.deployment_id, item.automation).map((badge) => ({ item, badge })),
  );
}

/** Asks before held automations are run or resumed. Throws DeclinedError, or UsageError if it can't ask. */
export async function askAboutHeld(
  context: Context,
  held: readonly Held[],
  verb: "run" | "resume",
): Promise<void> {
  if (held.length === 0) return;
  const texts: string[] = [];
  for (const { item, badge } of held) {
    const { deployment_id, automation_id, name } = item;
    const called = await nameInFleet(context, { deployment_id, name: name ?? automation_id });
    const why = badge.reason === undefined ? "" : `: ${badge.reason}`;
    texts.push(`${JSON.stringify(called)} is ${badge.text}${why}`);
  }
  const what = texts.join("; ");
  const it = held.length === 1 ? "it" : "them";
  if (!context.io.canPrompt) throw new UsageError(what, { hint: `to ${verb} ${it} anyway, add --yes` });
  const question = { run: "Run", resume: "Resume" }[verb];
  const message = `${safe(what, "cell")}. ${question} ${it} anyway?`;
  if (!(await context.prompts.confirm({ message, default: false }))) throw new DeclinedError();
}
