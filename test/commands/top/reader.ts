import type { FetchLike } from "../../../src/api/fetch.js";
import { FleetReader, type FleetSnapshot } from "../../../src/commands/top/fleet-reader.js";
import { WatchedDeployments } from "../../../src/commands/top/watched-deployments.js";
import { Exclusions } from "../../../src/fleet/exclusions.js";
import { Invocation } from "../../../src/invocation/invocation.js";
import { settle, VirtualTime } from "../../api/virtual-time.js";
import { addAutomation, addDeployment, call } from "../../incident/fleet.js";
import { fetchFrom, startServer, testSystem } from "../../support/harness.js";

/** Two deployments read by top in virtual time; one may not respond, and both may respond oddly. */
export async function startReader({
  proxy = fetchFrom,
  more = 0,
}: {
  proxy?: typeof fetchFrom;
  more?: number;
} = {}) {
  const server = await startServer();
  const away = await addDeployment(server, { name: "Away" });
  const there = await addAutomation(server, { name: "There" });
  await addAutomation(server, { name: "Away", deployment: away });
  for (let number = 0; number < more; number += 1) {
    const deployment = await addDeployment(server, { name: `Customer ${number}` });
    await addAutomation(server, { name: "Report", deployment });
  }
  const time = new VirtualTime();
  let isHung = false;
  let odd: FetchLike | undefined;
  let hung = 0;
  const requests: string[] = [];
  const fetch: FetchLike = async (url, { signal, ...init }) => {
    requests.push(`${init.method} ${new URL(url).pathname}`);
    if (odd !== undefined) return odd(url, { ...init, signal });
    if (!isHung || !url.includes(away)) return proxy(server)(url, init);
    hung += 1;
    return new Promise((_resolve, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
  };
  const { sleep, monotonic, timer } = time;
  const context = new Invocation(testSystem({ server, fetch, sleep, monotonic, timer }), []);
  context.flags = {
    deployments: [],
    local: false,
    quiet: false,
    debug: false,
    noColor: true,
    noInput: true,
  };
  await context.prepareSettings();
  const selection = { deployments: [], allDeployments: true, except: new Exclusions([]) };
  const deployments = new WatchedDeployments(context, selection);
  const feed = new FleetReader(context, { deployments, selection });
  const read = async () => {
    let snapshot: FleetSnapshot | undefined;
    /** When a part first reported that a deployment doesn't respond. */
    let saidMs: number | undefined;
    const beganMs = time.monotonic();
    const onPart = ({ unanswered }: FleetSnapshot) => {
      if (unanswered !== undefined) saidMs ??= time.monotonic() - beganMs;
    };
    const reading = feed.read(undefined, onPart).then((came) => {
      snapshot = came;
    });
    for (let turn = 0; turn < 1300 && snapshot === undefined; turn += 1) {
      await settle();
      if (snapshot === undefined) await time.advance(50);
    }
    await reading;
    return { snapshot, saidMs, tookMs: time.monotonic() - beganMs };
  };
  return {
    read,
    server,
    there,
    away,
    requests,
    time,
    hang: (whether: boolean) => {
      isHung = whether;
    },
    /** Answers all requests from now on; undefined: as before. */
    answerBy: (fetch: FetchLike | undefined) => {
      odd = fetch;
    },
    hung: () => hung,
    pause: () => call(server, "PATCH", `/v1/deployments/dep_local/automations/${there}`, { enabled: false }),
  };
}

export const statesOf = (snapshot: FleetSnapshot | undefined) =>
  snapshot?.rows.map(({ deployment_name, automation, isStale }) => [
    deployment_name,
    automation.enabled,
    isStale ? "~" : "",
  ]);
