import type { FetchLike } from "../../src/api/fetch.js";
import { call, type Server } from "../incident/fleet.js";
import { changedAnswers } from "../incident/without-updated-at.js";

/** A proxy whose answers say of every run that was started by hand that something else started it; null: nothing. */
export const looksScheduled = (
  server: Pick<Server, "fetch">,
  trigger: string | null = "schedule",
): FetchLike =>
  changedAnswers(server, (text) =>
    text.replaceAll('"trigger":"manual"', `"trigger":${JSON.stringify(trigger)}`),
  );

/** Starts a run as curl would, some time later by the server's clock. */
export async function runLater(
  server: Server,
  {
    deployment = "dep_local",
    automation,
    afterS = 60,
  }: { deployment?: string; automation: string; afterS?: number },
): Promise<string> {
  await call(server, "POST", "/_dev/clock", { advance_s: afterS });
  const path = `/v1/deployments/${deployment}/automations/${automation}/trigger`;
  return String((await call(server, "POST", path)).body.run_id);
}
