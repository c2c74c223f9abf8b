import type { Command } from "commander";
import type { DeploymentStatus, DeploymentSummary } from "../../api/types.js";
import type { Context } from "../../context.js";
import { printList } from "../../output/list.js";
import { createPrinter } from "../../output/printer.js";
import { colourOfStatus, statusText } from "../../output/status.js";
import type { Column } from "../../output/table.js";
import { relative } from "../../output/time.js";
import { readCount } from "../flag-values.js";
import { take } from "../take.js";

const statuses = ["provisioning", "ready", "error"] as const;

export interface DeploymentsListOptions {
  customer?: string | undefined;
  status?: DeploymentStatus | undefined;
  limit?: number | undefined;
}

export function addDeploymentsListCommand(parent: Command, context: Context): void {
  const command = parent.command("list");
  command
    .option("--customer <id>", "those of one customer")
    .addOption(command.createOption("--status <status>", statuses.join(", ")).choices(statuses))
    .option("--limit <n>", "at most this many (default: all)")
    .action((flags: { customer?: string; status?: DeploymentStatus; limit?: string }) =>
      listDeployments(context, {
        customer: flags.customer,
        status: flags.status,
        limit: readCount("--limit", flags.limit),
      }),
    );
}

/** Prints the account's deployments, page by page. */
export async function listDeployments(
  context: Context,
  { customer, status, limit }: DeploymentsListOptions,
): Promise<void> {
  const client = await context.client();
  const query = {
    limit: Math.min(limit ?? 100, 100),
    ...(customer === undefined ? {} : { customer_id: customer }),
    ...(status === undefined ? {} : { status }),
  };
  const items = client.deployments.list(query, { signal: context.signal });
  await printList<DeploymentSummary>(await createPrinter(context), {
    format: context.settings.output,
    items: limit === undefined ? items : take(items, limit),
    columns: columns(context.now()),
    json: (deployment) => deployment,
    name: (deployment) => deployment.deployment_id,
    empty:
      customer === undefined && status === undefined
        ? "there are no deployments"
        : "no deployment fits these filters",
    total: (count) => `${count} deployment${count === 1 ? "" : "s"}`,
  });
}

function columns(now: Date): Column<DeploymentSummary>[] {
  return [
    { key: "name", title: "NAME", shrink: 3, minWidth: 12, cell: (row) => row.name },
    {
      key: "status",
      title: "STATUS",
      cell: (row) => statusText(row.status),
      piped: (row) => row.status,
      style: (text, row, style) => colourOfStatus(text, row.status, style),
    },
    { key: "customer", title: "CUSTOMER", shrink: 2, cell: (row) => row.customer_id },
    {
      key: "created",
      title: "CREATED",
      shrink: 1,
      cell: (row) => relative(new Date(row.created_at), now),
      piped: (row) => row.created_at,
    },
    { key: "id", title: "ID", cell: (row) => row.deployment_id },
  ];
}
