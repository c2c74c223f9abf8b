import type { Audit } from "../../../observe/audit.js";
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
  const deployment: Column<Row> = {
    key: "deployment",
    title: "DEPLOYMENT",
    isName: true,
    cell: ({ deployment_name }) => deployment_name,
    piped: ({ deployment_id }) => deployment_id,
    priorities: [
      { order: 4, cutTo: 14 },
      { order: 8, cutTo: 10 },
      { order: 14, isHidden: true },
    ],
  };
  const name: Column<Row> = {
    key: "name",
    title: "NAME",
    isName: true,
    cell: ({ automation }) => (automation === undefined ? dash : textOrDash(automation.name)),
    priorities: [
      { order: 1, cutTo: 40 },
      { order: 4, cutTo: 20 },
      { order: 9, cutTo: 11 },
      { order: 15, cutTo: 1 },
    ],
  };
  const id: Column<Row> = {
    key: "id",
    title: "ID",
    cell: () => "",
    piped: ({ automation }) => automation?.automation_id ?? "",
  };
  return [...(isFleet ? [deployment] : []), name, ...columns, id];
}
