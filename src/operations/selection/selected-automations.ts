import type { Automation, AutomationRef } from "../../api/types.js";
import type { Context } from "../../context/context.js";
import { isNotReady } from "../../fleet/outcome.js";
import { automationFilter, type DeploymentTarget, type Selection } from "../../fleet/selection.js";
import type { Printer } from "../../output/printer.js";
import { type ReadFailure, type ReadingProgress, readWithProgress } from "../rows/progress.js";
import { listAutomations, resolveAutomations, resolveDeployments } from "./resolve.js";
import { refuseSelection, warnOfAllSkipped } from "./selection-flags.js";

export interface SelectedAutomation extends AutomationRef {
  target: DeploymentTarget;
  /** Missing if an id was accepted unchecked. */
  listed?: Automation | undefined;
}

export interface AutomationSources {
  targets: readonly DeploymentTarget[];
  /** The automations of refs, instead of the targets' lists. */
  named?: readonly SelectedAutomation[] | undefined;
}

/** Finds the automations of refs, or the deployments of a selection. Throws UsageError if both are given. */
export async function sourcesOf(
  context: Context,
  { refs, selection }: { refs: readonly string[]; selection: Selection },
): Promise<AutomationSources> {
  if (refs.length === 0) return { targets: await resolveDeployments(context, selection) };
  refuseSelection(selection);
  const targets = new Map<string, DeploymentTarget>();
  const named = (await resolveAutomations(context, refs)).map(
    ({ deployment_id, deployment_name: name = deployment_id, automation_id, automation: listed }) => {
      const target = targets.get(deployment_id) ?? { deployment_id, name, isNamed: true };
      targets.set(deployment_id, target);
      return { deployment_id, automation_id, target, listed };
    },
  );
  return { targets: [...targets.values()], named };
}

/** A deployment that couldn't be listed, or an automation that may be failing, but whose runs couldn't be read. */
interface SelectionFailure extends ReadFailure {
  target: DeploymentTarget;
  item?: SelectedAutomation;
}

export interface SelectionListing {
  automations: readonly SelectedAutomation[];
  names: string[];
  /** Number of listed automations outside the selection. */
  leftOut: number;
  unreadable: SelectionFailure[];
  hasRead: boolean;
  isReadWhole: boolean;
}

interface ListOptions extends AutomationSources {
  selection: Selection;
  printer: Printer;
  progress: ReadingProgress;
  /** Counts only failures since the last change. */
  isChange?: boolean | undefined;
  isSilent?: boolean | undefined;
}

/**
 * Lists the selected automations, or returns those of refs. With several deployments, skips an unready one with a
 * warning. Throws QuietExit (0) if failures are requested but none fails.
 */
export async function listSelected(
  context: Context,
  { targets, named, selection, printer, progress, ...options }: ListOptions,
): Promise<SelectionListing> {
  if (named !== undefined)
    return { automations: named, names: [], leftOut: 0, unreadable: [], hasRead: false, isReadWhole: true };
  const isSelected = automationFilter(selection);
  const { found, errors } = await readWithProgress(context, targets, {
    progress,
    stage: "deployments",
    read: ({ deployment_id }, limits) => listAutomations(context, deployment_id, limits),
  });
  const unready = errors.filter(({ error }) => targets.length > 1 && isNotReady(error));
  warnOfAllSkipped(
    printer,
    unready.map(({ item }) => item),
  );
  const unreadable = errors.filter((each) => !unready.includes(each));
  const called = found.flatMap(({ item: target, value }) =>
    value.filter(isSelected).map((listed) => {
      const { deployment_id, name: deployment_name } = target;
      const { automation_id, name } = listed;
      return { deployment_id, deployment_name, automation_id, name, target, listed, automation: listed };
    }),
  );
  const unlisted = unreadable.map(({ item: target, error }) => {
    return { kind: "deployment" as const, what: target.name, target, error };
  });
  const { failures } = selection;
  // Loaded on demand, because a plain list starts faster.
  const counting = failures === undefined ? undefined : await import("../rows/select-failing.js");
  const failing = (await counting?.selectFailing(context, called, {
    ...{ ...options, failures, printer, isFleet: targets.length > 1 },
    unlisted: options.isSilent === true ? undefined : unlisted,
  })) ?? { items: called, unreadable: [] };
  const automations = failing.items;
  const listed = found.reduce((sum, { value }) => sum + value.length, 0);
  return {
    automations,
    leftOut: listed - automations.length,
    names: found.flatMap(({ value }) => value.flatMap(({ name }) => name ?? [])),
    unreadable: [...unlisted, ...failing.unreadable.map((each) => ({ ...each, target: each.item.target }))],
    hasRead: found.length > 0,
    isReadWhole: errors.length + failing.unreadable.length === 0,
  };
}

/** A last run of null means that it never ran; if the list has no last run, it may have run at any time. */
export function mayHaveRun(
  { last_run_at: at }: Pick<Automation, "last_run_at">,
  since: Date | undefined,
): boolean {
  if (at === null) return false;
  return at === undefined || since === undefined || Date.parse(at) >= since.getTime();
}
