import type { Audit } from "../../../observe/audit.js";
import { deploymentColumn, idColumn, nameColumn } from "../../../output/columns.js";
import type { ListOptions } from "../../../output/list.js";
import type { Printer } from "../../../output/printer.js";
import type { Column } from "../../../output/table.js";
import { dash, textOrDash } from "../../../output/value-text.js";
import type { AuditQuestion, AuditSubject, Audits } from "./collect.js";

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

/** Adds the columns of name and id, which a pipe alone has, and of the deployment. */
export function withSubjectColumns<Row extends AuditSubject>(
  columns: readonly Column<Row>[],
  { isFleet }: { isFleet: boolean },
): Column<Row>[] {
  return [
    ...(isFleet ? [deploymentColumn<Row>({ steps: { 4: 14, 8: 10, 14: "hidden" } })] : []),
    nameColumn(({ automation }) => (automation === undefined ? dash : textOrDash(automation.name)), {
      steps: { 1: 40, 4: 20, 9: 11, 15: 1 },
    }),
    ...columns,
    idColumn(() => "", { piped: ({ automation }) => automation?.automation_id ?? "" }),
  ];
}
