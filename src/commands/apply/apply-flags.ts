import { advanced, count, duration, flag, inGroup, reasonFlag, type Values } from "../../command/flags.js";
import { fileFlags } from "../manifest/file-flags.js";
import { reportFlag } from "../manifest/report/flag.js";

export const applyFlags = {
  ...fileFlags,
  ...inGroup("Safety", {
    dryRun: flag("show what would change without changing anything"),
    yes: flag("don't ask for confirmation"),
    maxDeletes: advanced(
      count("refuse more than this many deletions in total (default: 5 per deployment)", { least: 0 }),
    ),
  }),
  strict: advanced(flag("fail if anything is skipped or not ready, or a selector matches nothing")),
  resumePaused: advanced(flag("resume paused automations if the file says enabled: true")),
  deletePaused: advanced(flag("delete automations even if they are paused")),
  recreate: advanced(flag("recreate automations that were deleted after apply created them")),
  waitReady: advanced(duration("longest wait for deployments to be ready (default for named ones: 2m)")),
  report: reportFlag,
  printSchema: advanced(flag("print the JSON Schema of manifests, for editors")),
  reason: advanced(reasonFlag),
};

export type ApplyInput = Values<typeof applyFlags>;
