import { type Audit, auditOf } from "../../../observe/audit.js";
import { printList } from "../../../output/list.js";
import { auditColumns } from "./columns.js";
import { type AuditRow, auditJson, auditRows, groupDeployments, groupRuns, worstFirst } from "./rows.js";
import { isBeforeAll, seenOf } from "./summary.js";
import type { AuditView } from "./view.js";

export function scheduledRunsView({ verbose }: { verbose: boolean }): AuditView<Audit> {
  return {
    judge: verbose ? auditOf : withoutOnTime,
    print: (printer, audits, common) => {
      const rows = auditRows(audits, { isNothingKnown: isBeforeAll(seenOf(audits.audited)) });
      const { isFleet, times } = audits;
      const isNew = onceEach();
      return printList<AuditRow>(printer, {
        ...common,
        items: printer.isForPerson && !verbose ? groupDeployments(worstFirst(groupRuns(rows))) : rows,
        columns: auditColumns(new Date(times.nowMs), { isFleet }),
        json: auditJson,
        name: ({ automation, deployment_id }) => {
          const id = automation?.automation_id;
          return isNew(`${deployment_id}/${id}`) ? id : undefined;
        },
      });
    },
  };
}

/** Drops runs on time, which would take the memory of a large fleet. */
export const withoutOnTime: typeof auditOf = (automation, options) => {
  const audit = auditOf(automation, options);
  return { ...audit, scheduledRuns: audit.scheduledRuns.filter(({ result }) => result !== "on_time") };
};

function onceEach(): (text: string) => boolean {
  const given = new Set<string>();
  return (text) => given.size < given.add(text).size;
}
