import { several } from "../../../command/arguments.js";
import type { InputOf } from "../../../command/declaration.js";
import { count, time } from "../../../command/flags.js";
import { operationFlags } from "../../operations/flags.js";
import { selectionFlags } from "../../targets/selection.js";

export const catchUpInput = {
  arguments: { refs: several("ref", "ids, exact names, or <deployment>/<name>", { completes: "refs" }) },
  flags: {
    since: time("what was due since: 24h, yesterday, mon 06:00"),
    max: count("start at most this many, longest waiting first"),
    ...selectionFlags,
    ...operationFlags,
  },
};

export type CatchUpInput = InputOf<typeof catchUpInput>;
