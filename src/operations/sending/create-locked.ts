import type { Automation, AutomationFields } from "../../api/types.js";
import { createOnce } from "../../changes/once.js";
import type { Context } from "../../context/context.js";
import { listCurrentAutomations } from "../../fleet/read-fleet.js";
import type { Printer } from "../../output/printer.js";
import type { SendTools } from "../operation.js";
import { creationItem } from "./items.js";
import { lockDeployment } from "./locks.js";

export interface CreateWork {
  deployment_id: string;
  deployment: string;
  fields: AutomationFields;
  /** Checks right before sending; returns an existing automation, or throws, to send no request. */
  findExisting(present: readonly Automation[]): Promise<Automation | undefined>;
  onCreated?(automation_id: string): void;
  printer: Pick<Printer, "note">;
}

export interface Created {
  automation: Automation;
  existed: boolean;
  known: ReadonlySet<string>;
}

/** Creates at most once. Locks the deployment from listing to sending, so that a concurrent equal create finds it. */
export async function createLocked(
  context: Context,
  { change, recorded, settleLater }: SendTools,
  { deployment_id, deployment, fields, findExisting, onCreated, printer }: CreateWork,
): Promise<Created> {
  const options = {
    deployment_id,
    deployment,
    work: "creating in",
    creates: [fields],
    ownChangeId: change.id,
    printer,
  } as const;
  const lock = await lockDeployment(context, options);
  try {
    const { data: present } = await listCurrentAutomations(await context.client(), deployment_id, {
      signal: context.signal,
    });
    const known = new Set(present.map(({ automation_id }) => automation_id));
    const there = await findExisting(present);
    if (there !== undefined) return { automation: there, existed: true, known };
    // After a lost response, others wait for the open change in the history instead of the lock (locks.ts).
    const sending = {
      ...createOnce(context, { deployment_id, fields, known, onCreated }),
      onLost: () => lock.release(),
    };
    const item = recorded ?? creationItem(deployment_id, fields);
    const automation = await change.send(item, sending, settleLater);
    onCreated?.(automation.automation_id);
    return { automation, existed: false, known: new Set([...known, automation.automation_id]) };
  } finally {
    lock.release();
  }
}
