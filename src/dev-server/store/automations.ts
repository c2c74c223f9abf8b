import {
  type Database,
  readInteger,
  readNullable,
  readPlain,
  readText,
  type SqlValue,
  type StoredRow,
  toText,
} from "./database.js";
import type { PageRequest } from "./page.js";

export interface StoredAutomation {
  seq: number;
  automationId: string;
  deploymentId: string;
  name: string;
  /** As it was given. */
  schedule: string;
  /** How it is read: five fields, UTC. */
  cron: string;
  instructions: string;
  threadId: string;
  enabled: boolean;
  /** The due time that fires next, in ms; null when paused. */
  nextRunAt: number | null;
  createdAt: number;
  updatedAt: number;
}

export class AutomationTable {
  constructor(private readonly database: Database) {}

  insert(automation: Omit<StoredAutomation, "seq">): number {
    return this.database.insert(
      `INSERT INTO automations
         (automation_id, deployment_id, name, schedule, cron, instructions, thread_id, enabled, next_run_at,
          created_at, updated_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      automation.automationId,
      automation.deploymentId,
      ...fieldValues(automation),
      automation.createdAt,
      automation.updatedAt,
    );
  }

  update(automation: StoredAutomation): void {
    this.database.run(
      `UPDATE automations
       SET name = ?, schedule = ?, cron = ?, instructions = ?, thread_id = ?, enabled = ?, next_run_at = ?,
           updated_at = ?
       WHERE automation_id = ?`,
      ...fieldValues(automation),
      automation.updatedAt,
      automation.automationId,
    );
  }

  /** The schedule went on: `next_run_at` alone moves, `updated_at` doesn't. */
  setNextRunAt(automationId: string, nextRunAt: number | null): void {
    this.database.run(
      "UPDATE automations SET next_run_at = ? WHERE automation_id = ?",
      nextRunAt,
      automationId,
    );
  }

  /** Past runs, their threads and events stay. */
  remove(automationId: string): void {
    this.database.run("DELETE FROM automations WHERE automation_id = ?", automationId);
  }

  find(deploymentId: string, automationId: string): StoredAutomation | undefined {
    const row = this.database.get(
      "SELECT * FROM automations WHERE automation_id = ? AND deployment_id = ?",
      automationId,
      deploymentId,
    );
    return row && toAutomation(row);
  }

  /** Newest first. */
  list(deploymentId: string, page: PageRequest): StoredAutomation[] {
    const rows = this.database.all(
      "SELECT * FROM automations WHERE deployment_id = ? AND seq < ? ORDER BY seq DESC LIMIT ?",
      deploymentId,
      page.before,
      page.rows,
    );
    return rows.map(toAutomation);
  }

  /** The one that fires next: earliest due time, then age. */
  nextDue(): (StoredAutomation & { nextRunAt: number }) | undefined {
    const row = this.database.get(
      "SELECT * FROM automations WHERE next_run_at IS NOT NULL ORDER BY next_run_at, seq LIMIT 1",
    );
    return row && { ...toAutomation(row), nextRunAt: readInteger(row, "next_run_at") };
  }

  /** The crons of all that are due up to a time, with their next due times. */
  dueUntil(time: number): { cron: string; nextRunAt: number }[] {
    const rows = this.database.all("SELECT cron, next_run_at FROM automations WHERE next_run_at <= ?", time);
    return rows.map((row) => ({ cron: readPlain(row, "cron"), nextRunAt: readInteger(row, "next_run_at") }));
  }
}

function fieldValues(automation: Omit<StoredAutomation, "seq">): SqlValue[] {
  return [
    toText(automation.name),
    toText(automation.schedule),
    automation.cron,
    toText(automation.instructions),
    automation.threadId,
    automation.enabled ? 1 : 0,
    automation.nextRunAt,
  ];
}

function toAutomation(row: StoredRow): StoredAutomation {
  return {
    seq: readInteger(row, "seq"),
    automationId: readPlain(row, "automation_id"),
    deploymentId: readPlain(row, "deployment_id"),
    name: readText(row, "name"),
    schedule: readText(row, "schedule"),
    cron: readPlain(row, "cron"),
    instructions: readText(row, "instructions"),
    threadId: readPlain(row, "thread_id"),
    enabled: readInteger(row, "enabled") === 1,
    nextRunAt: readNullable(row, "next_run_at", readInteger),
    createdAt: readInteger(row, "created_at"),
    updatedAt: readInteger(row, "updated_at"),
  };
}
