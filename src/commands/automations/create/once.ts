import type { Automation, AutomationFields } from "../../../api/types.js";
import type { Context } from "../../../context.js";
import { PartialFailureError } from "../../../errors.js";
import type { Printer } from "../../../output/printer.js";
import { sendRecorded } from "../../sending/change.js";
import { creationItem } from "../../sending/items.js";
import { findMadeTwice, madeTwiceText } from "../../sending/made-twice.js";
import { openSender } from "../../sending/once.js";
import { takeTurn } from "../../sending/turn.js";
import { listAutomations } from "../../targets/automations.js";

export interface CreateWork {
  deploymentId: string;
  fields: AutomationFields;
  /** Looks at what is there right before it is sent; throws to send nothing. */
  check(present: readonly Automation[]): Promise<void>;
  printer: Printer;
}

export interface Created {
  automation: Automation;
  /** Ids of all that is there, this one included. */
  known: ReadonlySet<string>;
}

/**
 * Creates at most once, and alone with this data folder from the list to the sending: of several that create the same at
 * once one finds nothing, and the others find that.
 */
export async function createOnce(context: Context, work: CreateWork): Promise<Created> {
  const { deploymentId, fields, check, printer } = work;
  const wish = {
    deploymentId,
    deployment: deploymentId,
    work: "create",
    creates: [fields],
    printer,
  } as const;
  const turn = await takeTurn(context, wish);
  try {
    const present = await listAutomations(context, deploymentId);
    await check(present);
    const known = new Set(present.map(({ automation_id }) => automation_id));
    const automation = await sendOnce(context, { ...work, known, onSent: turn.release });
    return { automation, known: known.add(automation.automation_id) };
  } finally {
    turn.release();
  }
}

async function sendOnce(
  context: Context,
  { deploymentId, fields, known, onSent, printer }: CreateWork & { known: Set<string>; onSent(): void },
): Promise<Automation> {
  const sender = openSender(context, printer);
  const create = { deploymentId, fields, known };
  try {
    const item = creationItem(deploymentId, fields);
    const send = async () => (await sender.create(create, onSent)).value;
    return await sendRecorded(context, { item }, { send });
  } finally {
    await sender.close();
  }
}

/** Throws PartialFailureError where another machine made one of the same name meanwhile. */
export async function checkMadeOnce(
  context: Context,
  { deploymentId, automation, known, printer }: Created & { deploymentId: string; printer: Printer },
): Promise<void> {
  const { automation_id, name } = automation;
  if (typeof name !== "string") return;
  const place = { deploymentId, deployment: deploymentId, names: new Set([name]), known };
  const [twice] = await findMadeTwice(context, { places: [place], printer });
  if (twice === undefined) return;
  throw new PartialFailureError(madeTwiceText(twice), {
    hint: (herm) =>
      `${automation_id} was created here; ${herm("automations", "list", "-d", deploymentId, "--match", name)} shows them: delete the one you don't want`,
  });
}
