import type { InputOf } from "../../command/declaration.js";
import { advanced, flag, inGroup, texts } from "../../command/flags.js";
import { fileFlags, recordFlag } from "../manifest/file-flags.js";

const { prune: _prune, record: _record, ...flags } = fileFlags;
export const adoptInput = {
  flags: {
    ...flags,
    ...inGroup("Files", {
      record: recordFlag,
    }),
    forget: advanced(
      texts("deployment", "remove from the record a deployment that is no longer visible", {
        excludes: ["different", "customer", "match", "except"],
      }),
    ),
    different: advanced(flag("adopt automations even if their schedule or text differs")),
    ...inGroup("Safety", {
      dryRun: flag("show what it would record without writing anything"),
      yes: flag("don't ask for confirmation"),
    }),
    ...inGroup("Output", { verbose: advanced(flag("a row for every automation")) }),
  },
};

export type AdoptInput = InputOf<typeof adoptInput>;
