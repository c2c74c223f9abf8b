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
      texts("deployment", "drop a deployment that can't be seen any more", {
        excludes: ["different", "customer", "match", "except"],
      }),
    ),
    different: advanced(flag("also adopt automations that differ in schedule or text")),
    ...inGroup("Safety", {
      dryRun: flag("show what it would record, and write nothing"),
      yes: flag("don't ask"),
    }),
    ...inGroup("Output", { verbose: advanced(flag("a row for every automation")) }),
  },
};

export type AdoptInput = InputOf<typeof adoptInput>;
