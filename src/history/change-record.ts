/** A change that was sent to an automation, or may have been. Triggers and answers aren't changes. */
export interface ChangeRecord {
  deployment_id: string;
  automation_id: string;
  change: "create" | "update" | "pause" | "resume" | "delete";
  incident?: string | undefined;
  at: Date;
  /** The server's time, where its clock differs: a local server's may have been moved. */
  servedAt?: Date | undefined;
}
