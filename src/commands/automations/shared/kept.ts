import { join } from "node:path";
import type { AutomationDetail } from "../../../api/types.js";
import type { Context } from "../../../context.js";
import { unrecorded } from "../../../files/file-error.js";
import { forgetOldestCopies, keepTextIn, keptFolderOf, unusedStem } from "../../../files/kept-text.js";
import { writeManifest } from "../../../manifest/write.js";

/** As much of an automation as is kept. */
export type KeptAutomation = Pick<
  AutomationDetail,
  "automation_id" | "name" | "schedule" | "enabled" | "instructions" | "thread_id"
>;

export interface Keeping {
  deploymentId: string;
  automation: KeptAutomation;
  /** What is about to be done with it. */
  change: "update" | "delete";
}

/** Where an automation was kept: as a manifest that apply reads, and its instructions alone, to the letter. */
export interface KeptCopy {
  manifest: string;
  instructions: string;
}

/** Below this lies all that is kept. */
export function keptFolder({ settings }: Pick<Context, "settings">): string {
  return keptFolderOf(settings.dataDir);
}

/**
 * Keeps an automation in the data folder before it is changed (src/changes/README.md, "Nothing is lost"): the last 20
 * copies of each. Throws UnrecordedError: what can't be kept isn't changed.
 */
export function keepCopy(context: Context, keeping: Keeping): Promise<KeptCopy> {
  return writeCopy(context, keeping).catch((error: unknown) => {
    throw unrecorded(error);
  });
}

async function writeCopy(context: Context, keeping: Keeping): Promise<KeptCopy> {
  const { files } = context.settings;
  const folder = join(keptFolder(context), folderName(keeping));
  files.ensureFolder(folder);
  return files.withLock(
    folder,
    () => {
      const stem = unusedStem(folder, context.now());
      const copy = { manifest: `${stem}.yaml`, instructions: `${stem}.md` };
      files.write(copy.instructions, keeping.automation.instructions ?? "");
      files.write(copy.manifest, manifestOf(keeping, context.now()));
      forgetOldestCopies(folder);
      return copy;
    },
    { what: "the folder of kept copies" },
  );
}

/** Keeps a text that a person wrote and that could not be used; gives its path. */
export function keepText(context: Context, text: string): string {
  const { files, dataDir } = context.settings;
  return keepTextIn({ files, dataDir, now: context.now() }, text);
}

/** Ids are the server's: nothing in them may lead to another folder. */
function folderName({ deploymentId, automation }: Keeping): string {
  return `${deploymentId}.${automation.automation_id}`.replaceAll(/[^\w-]/g, "_");
}

function manifestOf({ deploymentId, automation, change }: Keeping, now: Date): string {
  const { automation_id, name, schedule, enabled, instructions, thread_id } = automation;
  // What was deleted may have been one of two that were the same but for their names.
  const distinct = change === "delete";
  const thread = thread_id ? `, its runs in ${thread_id}` : "";
  return writeManifest({
    deploymentId,
    automations: [
      {
        automation_id,
        name: name ?? automation_id,
        schedule: schedule ?? "",
        enabled: enabled ?? true,
        instructions: instructions ?? "",
        distinct,
      },
    ],
    title: `${automation_id} before its ${change} at ${now.toISOString()}${thread}`,
  });
}
