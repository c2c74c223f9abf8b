import { UsageError } from "../../../errors.js";
import type { DeploymentTarget } from "../../../fleet/selection.js";
import type { WrittenAutomation } from "../../../manifest/export/manifest-text.js";
import { groupBy } from "../../../manifest/group-by.js";
import { isSameText } from "../../../manifest/plan/equality.js";
import type { DesiredItem } from "../../../manifest/state/desired-items.js";
import type { DesiredState } from "../../../manifest/state/desired-state.js";
import { joinNames, limitLines } from "../../../output/count.js";
import { schedulesEqual } from "../../../schedule/compare.js";

export interface CopySource {
  deployment: DeploymentTarget;
  automation: WrittenAutomation;
}

export interface CopyOptions {
  paused: boolean;
  update: boolean;
}

/**
 * Desired states of the targets: one of each name but its own. Pure. Throws UsageError where sources of one name
 * differ, and where no target would get anything but its own.
 */
export function desiredStates(
  sources: readonly CopySource[],
  targets: readonly DeploymentTarget[],
  options: CopyOptions,
): DesiredState[] {
  const groups = [...groupBy(sources, ({ automation }) => automation.name).values()];
  refuseClashes(groups, options);
  const all = targets.map((target): DesiredState => {
    const isOwn = ({ deployment }: CopySource) => deployment.deployment_id === target.deployment_id;
    const items = groups.flatMap(([first, ...others]) =>
      first === undefined || [first, ...others].some(isOwn) ? [] : [itemOf(first, options)],
    );
    return { target, desired: { items, removed: [] } };
  });
  const states = all.filter(({ desired }) => desired.items.length > 0);
  if (states.length === 0) throw ontoItself(groups, targets);
  return states;
}

/** Leaves `enabled` of what exists to its deployment, unless both flags are given. */
function itemOf({ automation }: CopySource, { paused, update }: CopyOptions): DesiredItem {
  const { name, schedule, instructions, enabled } = automation;
  return {
    name,
    // To the letter: the platform has read it so once.
    schedule: { ok: true, text: schedule, cron: schedule },
    instructions,
    enabled: enabled && !paused,
    initial: new Set(paused && update ? [] : ["enabled"]),
  };
}

const mostClashes = 5;

function refuseClashes(groups: readonly CopySource[][], { paused }: CopyOptions): void {
  const clashes = groups.flatMap((group) => {
    const [first, ...others] = group;
    if (first === undefined) return [];
    const fields = new Set(others.flatMap((other) => differingFields(first, other, paused)));
    if (fields.size === 0) return [];
    const where = group.map(
      ({ deployment, automation }) => `${deployment.name} (${automation.automation_id})`,
    );
    return [`"${first.automation.name}" differs in ${[...fields].join(" and ")}: ${joinNames(where, 4)}`];
  });
  if (clashes.length === 0) return;
  const [only = ""] = clashes;
  const text =
    clashes.length === 1
      ? `${only}; nothing was changed`
      : [
          `${clashes.length} names have differing automations; nothing was changed`,
          ...limitLines(clashes, mostClashes),
        ].join("\n");
  throw new UsageError(text, {
    hint: "give one ref per name, or exclude the others with --except",
  });
}

function differingFields(one: CopySource, other: CopySource, paused: boolean): string[] {
  const [a, b] = [one.automation, other.automation];
  const isSameSchedule = a.schedule === b.schedule || schedulesEqual(a.schedule, b.schedule);
  return [
    ...(isSameSchedule ? [] : ["schedule"]),
    ...(isSameText(a.instructions, b.instructions) ? [] : ["instructions"]),
    ...(paused || a.enabled === b.enabled ? [] : ["enabled"]),
  ];
}

function ontoItself(groups: readonly CopySource[][], targets: readonly DeploymentTarget[]): UsageError {
  const names = joinNames(
    groups.flatMap(([first]) => (first === undefined ? [] : `"${first.automation.name}"`)),
  );
  const where = joinNames(targets.map(({ name }) => name));
  return new UsageError(`${names} can't be copied onto itself in ${where}`, {
    hint: "--to names another deployment",
  });
}
