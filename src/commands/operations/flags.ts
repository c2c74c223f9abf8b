import { count, reasonFlag, seldom, under, yes } from "../../command/flags.js";

/** The flags of every operation, how it is done. */
export const operationFlags = {
  ...under("Safety", {
    dryRun: yes("show what it would do, and change nothing"),
    yes: yes("don't ask"),
  }),
  ...under("Output", {
    verbose: seldom(yes("a row for every automation")),
  }),
  concurrency: seldom(count("how many at once (default 8)")),
  reason: seldom(reasonFlag),
};

/** How an operation is carried out that a person has chosen elsewhere: now, and without a question. */
export const atOnce = { dryRun: false, yes: true };
