import type { AutomationFields } from "../../../api/types.js";
import { commandLine, flagWords } from "../../../command-line/next-command.js";
import { canBeTyped } from "../../../command-line/shell-quote.js";
import type { Context } from "../../../context.js";
import { readSchedule } from "../../../schedule/read.js";
import type { KeptAutomation, KeptCopy } from "./kept.js";

export interface UpdateUndo {
  deploymentId: string;
  before: KeptAutomation;
  changes: Partial<AutomationFields>;
  copy: KeptCopy;
}

/** The command that takes an update back, or where that finds what was there; instructions come from the kept copy. */
export function undoUpdate(
  context: Pick<Context, "settings">,
  { deploymentId, before, changes, copy }: UpdateUndo,
): string {
  const words = ["automations", "update", `${deploymentId}/${before.automation_id}`];
  if (changes.name !== undefined) words.push(...flagWords("--name", before.name ?? ""));
  if (changes.schedule !== undefined) words.push(...scheduleFlags(before.schedule ?? ""));
  if (changes.thread_id !== undefined && before.thread_id)
    words.push(...flagWords("--thread", before.thread_id));
  if (changes.instructions !== undefined) words.push(...flagWords("--instructions-file", copy.instructions));
  return typedOrKept(context, words, copy);
}

/** The command that takes back a change of several automations, to be pasted: a shell passes over what it says of the data folder. */
export function undoChange(context: Pick<Context, "settings">, id: string): string {
  return `${commandLine(context, ["undo", id])}  # with this data folder`;
}

/** The command that brings a deleted automation back, under a new id. */
export function undoDelete(context: Pick<Context, "settings">, { manifest }: KeptCopy): string {
  return commandLine(context, ["automations", "apply", "-f", manifest]);
}

/** The command that makes a twin again beside the one that stayed: by its name a manifest would find that one. */
export function undoTwin(
  context: Pick<Context, "settings">,
  { deploymentId, before, copy }: Omit<UpdateUndo, "changes">,
): string {
  const words = ["automations", "create", "--allow-duplicate", "-d", deploymentId];
  words.push(...flagWords("--name", before.name ?? ""), ...scheduleFlags(before.schedule ?? ""));
  words.push(...flagWords("--instructions-file", copy.instructions));
  if (before.enabled === false) words.push("--paused");
  return typedOrKept(context, words, copy);
}

function typedOrKept(context: Pick<Context, "settings">, words: string[], { manifest }: KeptCopy): string {
  if (words.every(canBeTyped)) return commandLine(context, words);
  return `what was there can't be typed into a shell; it is kept in ${manifest}`;
}

function scheduleFlags(schedule: string): string[] {
  const reading = readSchedule(schedule);
  const comesBackTheSame = reading.ok && reading.cron === schedule;
  return [...flagWords("--schedule", schedule), ...(comesBackTheSame ? [] : ["--as-typed"])];
}
