import type { Audit } from "../../../observe/audit.js";
import type { ListOptions } from "../../../output/list.js";
import type { Printer } from "../../../output/printer.js";
import type { AuditQuestion, Audits } from "./collect.js";
import type { AuditSubject } from "./subject-columns.js";

/** What a row of an audit is of, and what is kept of each automation for it. */
export interface AuditView<Verdict extends Audit>
  extends Pick<AuditQuestion<Verdict>, "judge" | "wantsRuns"> {
  /** Prints the rows, and gives how many there were. */
  print(
    printer: Printer,
    audits: Audits<Verdict>,
    common: Pick<ListOptions<AuditSubject>, "deploymentOf" | "empty">,
  ): Promise<number>;
}
