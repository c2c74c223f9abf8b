import type { Command } from "commander";
import { readCount, readDuration, refuseTogether } from "../../../command-line/flag-values.js";
import type { Context } from "../../../context.js";
import { UsageError } from "../../../errors.js";
import { addSelectionFlags, readSelection, type SelectionFlags } from "../../targets.js";
import { type ListOptions, listAutomations } from "./print.js";

interface ListFlags extends SelectionFlags {
  limit?: string;
  enabled?: boolean;
  paused?: boolean;
  failing?: boolean;
  late?: boolean;
  grace?: string;
  waiting?: boolean;
  exitCode?: boolean;
  sort?: string;
  columns?: string;
  watch?: boolean;
}

/** With several deployments each has a column too. */
const columnKeys = ["name", "schedule", "status", "last", "next", "id", "deployment"] as const;

const defaultGraceMs = 15 * 60_000;

export function addListCommand(parent: Command, context: Context): void {
  const command = parent.command("list");
  command
    .option("--limit <n>", "at most this many (default: all)")
    .option("--enabled", "those that fire")
    .option("--paused", "those that don't")
    .option("--failing", "those whose last run ended in error")
    .option("--late", "those that should have run and didn't (an estimate)")
    .option("--grace <duration>", "how long a run may be late (default 15m)")
    .option("--waiting", "those whose last run waits for a human (any run: runs list --waiting)")
    .option("--exit-code", "end with 9 if anything is listed")
    .addOption(command.createOption("--sort <column>", `by ${columnKeys.join(", ")}`).choices(columnKeys))
    .option("--columns <a,b,c>", "only these columns, in this order")
    .option("--watch", "redraw in place and mark what changes, until Ctrl-C");
  addSelectionFlags(command).action((flags: ListFlags) =>
    listAutomations(context, readFlags(context, flags)),
  );
}

function readFlags(context: Context, flags: ListFlags): ListOptions {
  refuseTogether({ "--enabled": flags.enabled, "--paused": flags.paused });
  refuseTogether({ "--watch": flags.watch, "--exit-code": flags.exitCode });
  if (flags.grace !== undefined && flags.late !== true) throw new UsageError("--grace needs --late");
  if (flags.watch === true && (!context.io.stdoutIsTty || context.settings.output !== "table")) {
    throw new UsageError("--watch needs a terminal and the format table");
  }
  const limit = readCount("--limit", flags.limit);
  const graceMs = flags.grace === undefined ? defaultGraceMs : readDuration("--grace", flags.grace);
  return {
    selection: readSelection(context, flags),
    ...(limit === undefined ? {} : { limit }),
    ...(flags.enabled === true ? { enabled: true } : flags.paused === true ? { enabled: false } : {}),
    failing: flags.failing === true,
    waiting: flags.waiting === true,
    ...(flags.late === true ? { graceMs } : {}),
    exitCode: flags.exitCode === true,
    watch: flags.watch === true,
    ...(flags.sort === undefined ? {} : { sort: flags.sort }),
    ...(flags.columns === undefined ? {} : { columns: flags.columns.split(",").map((key) => key.trim()) }),
  };
}
