/** A change that was sent to an automation, or may have been. Triggers and answers aren't changes. */
export interface ChangeRecord {
  deployment_id: string;
  automation_id: string;
  change: "create" | "update" | "pause" | "resume" | "delete";
  /** The incident that it belongs to. */
  incident?: string | undefined;
  at: Date;
  /** The same by the server's clock, where that is known to be another: a local server's may have been moved. */
  servedAt?: Date | undefined;
}
