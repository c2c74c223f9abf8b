import { advanced, count, duration, flag, inGroup, reasonFlag, type Values } from "../../command/flags.js";
import { fileFlags } from "../manifest/file-flags.js";
import { reportFlag } from "../manifest/report/flag.js";

export const applyFlags = {
  ...fileFlags,
  ...inGroup("Safety", {
    dryRun: flag("show what would change, and change nothing"),
    yes: flag("don't ask"),
    maxDeletes: advanced(
      count("refuse more deletions than this in all (default: 5 in a deployment)", { least: 0 }),
    ),
  }),
  strict: advanced(flag("fail if something is skipped, not ready, or matches nothing")),
  resumePaused: advanced(flag("resume paused automations if the file says enabled: true")),
  deletePaused: advanced(flag("also delete paused automations")),
  recreate: advanced(flag("recreate automations that were deleted after apply created them")),
  waitReady: advanced(
    duration("wait until deployments are ready (default 2m, only for those given by name)"),
  ),
  report: reportFlag,
  printSchema: advanced(flag("print the manifest's JSON Schema, for editors")),
  reason: advanced(reasonFlag),
};

export type ApplyInput = Values<typeof applyFlags>;
