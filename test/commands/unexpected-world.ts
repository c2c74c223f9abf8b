import type { FetchLike } from "../../src/api/fetch.js";
import { addAutomation, addDeployment, call, type Server } from "../incident/fleet.js";
import { changedAnswers } from "../incident/without-updated-at.js";
import { type HermOptions, herm, startServer, temporaryFolder } from "../support/harness.js";

export const pauseAll = "automations pause --all-deployments --incident INC-1 --yes";

/** A proxy that changes the trigger of every manual run in its responses; null: leaves it out. */
export const looksScheduled = (
  server: Pick<Server, "fetch">,
  trigger: string | null = "schedule",
): FetchLike =>
  changedAnswers(server, (text) =>
    text.replaceAll('"trigger":"manual"', `"trigger":${JSON.stringify(trigger)}`),
  );

/** Starts a run like curl, some time later by the server's clock. */
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

/** Four deployments with two automations each, behind a proxy that makes every run look scheduled. */
export async function start(trigger: string | null = "schedule") {
  const server = await startServer();
  const home = temporaryFolder();
  const deployments = ["dep_local"];
  for (const name of ["Acme", "Bolt", "Core"]) deployments.push(await addDeployment(server, { name }));
  const ids = new Map<string, string>();
  for (const deployment of deployments)
    for (const name of ["Weekly report", "Inbox triage"])
      ids.set(`${deployment}/${name}`, await addAutomation(server, { deployment, name }));
  const requests: string[] = [];
  const proxy = looksScheduled(server, trigger);
  const fetch: FetchLike = (url, options) => {
    requests.push(`${options.method} ${new URL(url).pathname}`);
    return proxy(url, options);
  };
  const run = (words: string, options: HermOptions = {}) =>
    herm(words.split(" "), { server, home, fetch, ...options });
  const idOf = (at: number, name: string) => ids.get(`${deployments[at]}/${name}`) ?? "";
  /** One automation in each deployment runs, each 60 s after the previous one. */
  const runWeekly = (at: number) =>
    runLater(server, { deployment: deployments[at] ?? "", automation: idOf(at, "Weekly report") });
  const runAllWeekly = async () => {
    const runs: string[] = [];
    for (const at of deployments.keys()) runs.push(await runWeekly(at));
    return runs;
  };
  return { server, home, run, proxy, requests, deployments, idOf, runWeekly, runAllWeekly };
}
