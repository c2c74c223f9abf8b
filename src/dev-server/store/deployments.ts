import type { DeploymentStatus } from "../../api/types.js";
import type { Database } from "./database.js";
import type { SqlValue } from "./drivers.js";
import { integer, type PageRequest, plain, type RowOf, storedText, Table, word } from "./table.js";

const kinds = {
  seq: integer,
  deployment_id: plain,
  customer_id: storedText,
  name: storedText,
  system_prompt: storedText,
  model: storedText,
  /** The status once `settled_at` (ms) has come; until then it is provisioning. */
  outcome: word("ready", "error"),
  settled_at: integer,
  thread_id: plain,
  created_at: integer,
};

export type StoredDeployment = RowOf<typeof kinds>;

interface DeploymentFilter {
  customer_id?: string | undefined;
  status?: DeploymentStatus | undefined;
}

export function statusAt(deployment: StoredDeployment, now: number): DeploymentStatus {
  return now < deployment.settled_at ? "provisioning" : deployment.outcome;
}

export class DeploymentTable extends Table<typeof kinds> {
  constructor(database: Database) {
    super(database, "deployments", kinds);
  }

  /** Newest first. */
  select(page: PageRequest, filter: DeploymentFilter, now: number): StoredDeployment[] {
    const { where, values } = toCondition(filter, now);
    return this.all(`WHERE seq < ? ${where} ORDER BY seq DESC LIMIT ?`, page.before, ...values, page.rows);
  }

  isEmpty(): boolean {
    return this.database.get("SELECT seq FROM deployments LIMIT 1") === undefined;
  }

  ids(): string[] {
    const rows = this.database.all("SELECT deployment_id FROM deployments ORDER BY seq");
    return rows.map(({ deployment_id }) => plain.read(deployment_id));
  }
}

function toCondition(filter: DeploymentFilter, now: number): { where: string; values: SqlValue[] } {
  const parts: string[] = [];
  const values: SqlValue[] = [];
  if (filter.customer_id !== undefined) {
    parts.push("AND customer_id = ?");
    values.push(storedText.write(filter.customer_id));
  }
  if (filter.status === "provisioning") {
    parts.push("AND settled_at > ?");
    values.push(now);
  } else if (filter.status !== undefined) {
    parts.push("AND settled_at <= ? AND outcome = ?");
    values.push(now, filter.status);
  }
  return { where: parts.join(" "), values };
}
