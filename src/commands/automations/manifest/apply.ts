import type { Command } from "commander";
import { readCount, readDuration } from "../../../command-line/flag-values.js";
import type { Context } from "../../../context.js";
import { UsageError } from "../../../errors.js";
import { createPrinter } from "../../../output/printer.js";
import { addManifestFlags, type ManifestFlags, readManifestFlags } from "./flags.js";
import { type ApplyOptions, applyManifests } from "./run-apply.js";

interface ApplyFlags extends ManifestFlags {
  dryRun?: boolean;
  yes?: boolean;
  resumePaused?: boolean;
  removeTwins?: boolean;
  maxDeletes?: string;
  maxFailures?: string;
  waitReady?: string;
  printSchema?: boolean;
}

const defaultWaitReadyMs = 2 * 60 * 1000;

export function addApplyCommand(parent: Command, context: Context): void {
  const command = parent.command("apply");
  addManifestFlags(command)
    .option("--dry-run", "show what would change, ask and change nothing")
    .option("--yes", "don't ask")
    .option("--resume-paused", "turn on what was found paused, if it says enabled: true")
    .option("--remove-twins", "delete what is there twice and equal, but for the oldest")
    .option("--max-deletes <n>", "more deletions in one deployment are refused (default 5)")
    .option("--max-failures <n>", "stop after so many failures")
    .option("--wait-ready <duration>", "for a named deployment that isn't ready (default 2m)")
    .option("--print-schema", "print the manifest's JSON Schema, for editors")
    .action((flags: ApplyFlags) => runApply(context, flags));
}

async function runApply(context: Context, flags: ApplyFlags): Promise<void> {
  if (flags.printSchema !== true) return applyManifests(context, readApplyFlags(context, flags));
  const { manifestSchema } = await import("../../../manifest/schema.js");
  await (await createPrinter(context)).json(manifestSchema);
}

function readApplyFlags(context: Context, flags: ApplyFlags): ApplyOptions {
  const options = readManifestFlags(context, flags);
  const { dryRun = false, yes = false, resumePaused = false, removeTwins = false } = flags;
  if (options.createOnly && resumePaused) {
    throw new UsageError("--create-only and --resume-paused exclude each other");
  }
  if (options.createOnly && removeTwins) {
    throw new UsageError("--create-only and --remove-twins exclude each other");
  }
  return {
    ...options,
    isDryRun: dryRun,
    isConfirmed: yes,
    resumePaused,
    removeTwins,
    mostDeletes: readCount("--max-deletes", flags.maxDeletes, 0),
    maxFailures: readCount("--max-failures", flags.maxFailures),
    waitReadyMs:
      flags.waitReady === undefined ? defaultWaitReadyMs : readDuration("--wait-ready", flags.waitReady),
  };
}
