import { bareClient } from "./bare-client.js";
import type { Bench, Figure } from "./figures.js";
import { fleet } from "./fleet-server.js";
import type { Program } from "./pairs.js";

const size = `${fleet.deployments.toLocaleString("en")} deployments × ${fleet.each}`;

/** The pages of the deployments, then their lists, then `last` once these are read. */
const bareReads = (last: string) => `${bareClient}
(async () => {
  const deployments = [];
  for (let cursor = "0"; cursor; ) {
    const page = await call("GET", "/v1/deployments?limit=100&cursor=" + cursor);
    deployments.push(...page.data);
    cursor = page.next_cursor;
  }
  const found = [];
  await each(deployments, async ({ deployment_id: id }) => {
    const page = await call("GET", "/v1/deployments/" + id + "/automations?limit=100");
    for (const { automation_id } of page.data) found.push(id + "/automations/" + automation_id);
  });
  ${last}
  agent.destroy();
})();`;

/** The number of rows that are read if the screen is unlimited: waiting ones first, each with its question. */
const rowsOfStatus = 100;

/**
 * Commands that read a whole fleet, compared with a loop that sends the same requests on eight persistent connections.
 */
export function fleetFigures(bench: Bench, command: Program, url: string): Figure[] {
  const env = { HERM_API_URL: url, HERM_API_KEY: "key_of_the_bench", HERM_DEPLOYMENT: undefined };
  const ours = (...words: string[]) => {
    const program = bench.herm(command)(...words, "--all-deployments");
    return { ...program, env: { ...program.env, ...env } };
  };
  const loop = (last: string): Program => {
    const program = bench.node("-e", bareReads(last));
    return { ...program, env: { ...program.env, URL_BASE: url, KEY: "key_of_the_bench" } };
  };
  const rows = `const waiting = found.filter((path) => path.endsWith("/auto_0")).slice(0, ${rowsOfStatus});
  await each(waiting, async (path) => {
    await call("GET", "/v1/deployments/" + path);
    await call("GET", "/v1/deployments/" + path.replace(/\\/automations.*/, "/threads/thr_1"));
  });`;
  const all = `await each(found, (path) => call("GET", "/v1/deployments/" + path));`;
  const common = { floor: "a loop of the same requests", target: "", isLong: true };
  return [
    {
      what: `\`status\` of ${size}`,
      ours: ours("status", "-q", "-o", "json"),
      against: loop(rows),
      ...common,
    },
    {
      what: `\`automations audit\` of ${size}`,
      ours: ours("automations", "audit", "-q", "-o", "json"),
      against: loop(all),
      ...common,
    },
  ];
}
