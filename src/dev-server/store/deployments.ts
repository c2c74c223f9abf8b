import type { DeploymentStatus } from "../../api/types.js";
import {
  type Database,
  readInteger,
  readPlain,
  readText,
  type SqlValue,
  type StoredRow,
  toText,
} from "./database.js";
import type { PageRequest } from "./page.js";

export interface StoredDeployment {
  seq: number;
  deploymentId: string;
  customerId: string;
  name: string;
  systemPrompt: string;
  model: string;
  /** What it becomes once `settledAt` (ms) has come; until then it is provisioning. */
  outcome: "ready" | "error";
  settledAt: number;
  threadId: string;
  createdAt: number;
}

export interface DeploymentFilter {
  customerId?: string | undefined;
  status?: DeploymentStatus | undefined;
}

/** Where a deployment stands at a moment of the server's clock. */
export function statusAt(deployment: StoredDeployment, now: number): DeploymentStatus {
  return now < deployment.settledAt ? "provisioning" : deployment.outcome;
}

export class DeploymentTable {
  constructor(private readonly database: Database) {}

  insert(deployment: Omit<StoredDeployment, "seq">): number {
    return this.database.insert(
      `INSERT INTO deployments
         (deployment_id, customer_id, name, system_prompt, model, outcome, settled_at, thread_id, created_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      deployment.deploymentId,
      toText(deployment.customerId),
      toText(deployment.name),
      toText(deployment.systemPrompt),
      toText(deployment.model),
      deployment.outcome,
      deployment.settledAt,
      deployment.threadId,
      deployment.createdAt,
    );
  }

  find(deploymentId: string): StoredDeployment | undefined {
    const row = this.database.get("SELECT * FROM deployments WHERE deployment_id = ?", deploymentId);
    return row && toDeployment(row);
  }

  /** Newest first. */
  list(page: PageRequest, filter: DeploymentFilter, now: number): StoredDeployment[] {
    const { where, values } = toCondition(filter, now);
    const rows = this.database.all(
      `SELECT * FROM deployments WHERE seq < ? ${where} ORDER BY seq DESC LIMIT ?`,
      page.before,
      ...values,
      page.rows,
    );
    return rows.map(toDeployment);
  }

  isEmpty(): boolean {
    return this.database.get("SELECT 1 AS there FROM deployments LIMIT 1") === undefined;
  }

  /** Every id, oldest first. */
  ids(): string[] {
    const rows = this.database.all("SELECT deployment_id FROM deployments ORDER BY seq");
    return rows.map((row) => readPlain(row, "deployment_id"));
  }
}

function toCondition(filter: DeploymentFilter, now: number): { where: string; values: SqlValue[] } {
  const parts: string[] = [];
  const values: SqlValue[] = [];
  if (filter.customerId !== undefined) {
    parts.push("AND customer_id = ?");
    values.push(toText(filter.customerId));
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

function toDeployment(row: StoredRow): StoredDeployment {
  return {
    seq: readInteger(row, "seq"),
    deploymentId: readPlain(row, "deployment_id"),
    customerId: readText(row, "customer_id"),
    name: readText(row, "name"),
    systemPrompt: readText(row, "system_prompt"),
    model: readText(row, "model"),
    outcome: readPlain(row, "outcome") === "error" ? "error" : "ready",
    settledAt: readInteger(row, "settled_at"),
    threadId: readPlain(row, "thread_id"),
    createdAt: readInteger(row, "created_at"),
  };
}
