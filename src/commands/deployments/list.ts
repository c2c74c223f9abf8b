import type { DeploymentSummary, List } from "../../api/types.js";
import { declareCommand, requestCodes } from "../../command/declaration.js";
import { choice, count, inGroup, text } from "../../command/flags.js";
import { take } from "../../fleet/prefetch.js";
import { agoColumn, column, idColumn, pipedFields } from "../../output/columns.js";
import { countedOf } from "../../output/count.js";
import { printList } from "../../output/print-list.js";
import { createPrinter } from "../../output/printer.js";
import type { Column } from "../../output/render-table.js";
import { inWords, paintStatus, statusMark, statusText } from "../../output/status-words.js";
import { dash, textOrDash } from "../../output/value-text.js";

const statuses = ["provisioning", "ready", "error"] as const;

export const command = declareCommand({
  effect: "reads",
  flags: {
    ...inGroup("Which ones", {
      customer: text("id", "only one customer's deployments", { completes: "customers", mayBeEmpty: true }),
      status: choice(
        "status",
        `only those with the status ${statuses.join(", ").replace(/, (?!.*,)/, " or ")}`,
        statuses,
      ),
      limit: count("at most this many (default: all)"),
    }),
  },
  help: {
    about: "List deployments, newest first.",
    use: "Find the id or name for --deployment.",
    inPipe: pipedFields(columns(new Date(0), { customer: undefined, status: undefined })),
    exitCodes: requestCodes({ 4: "no such customer", 6: "the account has no credits left" }),
    examples: ["herm deployments list", "herm deployments list --status ready --output json"],
  },
  async run(context, { customer, status, limit }): Promise<void> {
    const client = await context.client();
    const query = {
      limit: Math.min(limit ?? 100, 100),
      customer_id: customer,
      status,
    };
    const soFar = { count: 0, isAtEnd: false };
    const all = rowsOf(client.deployments.list(query, { signal: context.signal }), soFar);
    const printer = await createPrinter(context);
    const rows = printer.format.isNamesOnly ? withIds(all) : all;
    await printList<DeploymentRow>(printer, {
      items: limit === undefined ? rows : take(rows, limit),
      columns: () => columns(context.serverNow(), { customer, status }),
      json: ({ deployment, invalid }) => (invalid === undefined ? deployment : invalid.entry),
      name: ({ deployment }) => deployment.deployment_id,
      empty:
        customer === undefined && status === undefined
          ? "there are no deployments"
          : "no deployment matches these filters",
      total: (count) =>
        countedOf(count, "deployment", { limit, total: soFar.isAtEnd ? soFar.count : undefined }),
    });
  },
});

interface DeploymentRow {
  deployment: DeploymentSummary;
  invalid?: { entry: unknown };
}

interface ReadSoFar {
  count: number;
  isAtEnd: boolean;
}

async function* rowsOf(list: List<DeploymentSummary>, soFar: ReadSoFar): AsyncGenerator<DeploymentRow> {
  for await (const { data, invalid = [], next_cursor } of list.pages()) {
    soFar.count += data.length + invalid.length;
    soFar.isAtEnd = next_cursor === null;
    yield* data.map((deployment) => ({ deployment }));
    yield* invalid.map(
      (entry): DeploymentRow => ({ deployment: { deployment_id: dash }, invalid: { entry } }),
    );
  }
}

async function* withIds(rows: AsyncIterable<DeploymentRow>): AsyncGenerator<DeploymentRow> {
  for await (const row of rows) if (row.invalid === undefined) yield row;
}

function columns(
  now: Date,
  filters: { customer: string | undefined; status: string | undefined },
): Column<DeploymentRow>[] {
  return [
    column("name", (row) => textOrDash(row.deployment.name), { steps: { 1: 40, 4: 20, 7: 12, 10: 1 } }),
    column("status", (row) => (filters.status === undefined ? statusText(row.deployment.status) : ""), {
      inWords: (row) => (filters.status === undefined ? statusText(row.deployment.status, inWords) : ""),
      steps: { 1: 24, 5: { sign: (row) => statusMark(row.deployment.status) }, 9: "hidden" },
      piped: (row) => textOrDash(row.deployment.status),
      style: (text, row, style) => paintStatus(text, row.deployment.status, style),
    }),
    column(
      "customer",
      (row) => (filters.customer === undefined ? textOrDash(row.deployment.customer_id) : ""),
      { steps: { 6: "hidden" }, piped: (row) => textOrDash(row.deployment.customer_id) },
    ),
    agoColumn("created", (row) => row.deployment.created_at, { now, hiddenAt: 3, title: "AGE" }),
    idColumn((row) => row.deployment.deployment_id, { steps: { 8: "hidden" } }),
  ];
}
