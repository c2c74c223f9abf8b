import { addAutomation, addDeployment, call, type Server } from "../incident/fleet.js";

export const places = [
  ...["Acme", "Bolt", "Core", "Dune", "Echo", "Flux", "Gale", "Helm", "Iris", "Jade", "Kite", "Luna"],
];
const each = 25;

/** A schedule that is next due in ten days, and never near now. */
export function farOff(): string {
  const day = new Date(Date.now() + 10 * 86_400_000);
  return `0 9 ${day.getUTCDate()} ${day.getUTCMonth() + 1} *`;
}

export interface Fleet {
  /** Ids by name. */
  deployments: Map<string, string>;
  /** For each deployment, ids by name. */
  automations: Map<string, Map<string, string>>;
}

/**
 * 12 deployments with 25 automations each: in three, `Inbox triage` is waiting; in four, `Weekly report` failed; in one
 * each, `Invoices` failed for another reason and `Nightly sync` is running; in two, `Hourly check` is due every hour.
 * All others are due in ten days.
 */
export async function addFleet(server: Server): Promise<Fleet> {
  const fleet: Fleet = { deployments: new Map(), automations: new Map() };
  for (const [at, name] of places.entries()) {
    const deployment = await addDeployment(server, { name, customer: `cus_${at % 3}` });
    const ids = new Map<string, string>();
    const add = async (automation: string, instructions: string, schedule = farOff()) => {
      ids.set(
        automation,
        await addAutomation(server, { deployment, name: automation, instructions, schedule }),
      );
    };
    await add("Inbox triage", "@dev ask Send 412 e-mails to everybody on the list?");
    await add("Weekly report", `@dev fail the ledger is locked by another process (${name})`);
    await add("Invoices", "@dev fail HTTP 502 from billing.example");
    await add("Nightly sync", "@dev wait 100000");
    if (at < 2) await add("Hourly check", "Look.", "0 * * * *");
    for (let number = ids.size; number < each; number += 1) await add(`Job ${number}`, "Do it.");
    fleet.deployments.set(name, deployment);
    fleet.automations.set(name, ids);
  }
  const trigger = async (place: string, automation: string) => {
    const deployment = fleet.deployments.get(place);
    const id = fleet.automations.get(place)?.get(automation);
    await call(server, "POST", `/v1/deployments/${deployment}/automations/${id}/trigger`);
  };
  for (const place of ["Acme", "Bolt", "Core"]) await trigger(place, "Inbox triage");
  for (const place of ["Dune", "Echo", "Flux", "Gale"]) await trigger(place, "Weekly report");
  await trigger("Helm", "Invoices");
  await trigger("Luna", "Nightly sync");
  return fleet;
}
