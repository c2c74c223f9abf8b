import type { Audit } from "../../../observe/audit.js";
import type { ListOptions } from "../../../output/list.js";
import type { Printer } from "../../../output/printer.js";
import type { AuditQuestion, Audits } from "./collect.js";
import type { AuditSubject } from "./subject-columns.js";

/** A kind of audit row, and what is saved of each automation for it. */
export interface AuditView<Verdict extends Audit>
  extends Pick<AuditQuestion<Verdict>, "judge" | "wantsRuns"> {
  /** Gives the number of rows. */
  print(
    printer: Printer,
    audits: Audits<Verdict>,
    common: Pick<ListOptions<AuditSubject>, "deploymentOf" | "empty">,
  ): Promise<number>;
}
