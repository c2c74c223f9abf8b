import { FleetReader, type FleetSnapshot } from "../../src/commands/top/fleet-reader.js";
import { WatchedDeployments } from "../../src/commands/top/watched-deployments.js";
import { Exclusions } from "../../src/fleet/exclusions.js";
import { Invocation } from "../../src/invocation/invocation.js";
import { type HermOptions, testSystem } from "../support/harness.js";
import type { AuditWorld } from "./audit-world.js";

/** The data that top has on all deployments after its first read. */
export async function topSnapshot(
  { server, now }: Pick<AuditWorld, "server" | "now">,
  options: HermOptions,
): Promise<FleetSnapshot> {
  const sleep = (ms: number, signal?: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      if (ms === 0) resolve();
      signal?.addEventListener("abort", () => reject(signal.reason));
    });
  const context = new Invocation(testSystem({ server, now, sleep, ...options }), []);
  const none = { local: false, quiet: false, debug: false, noColor: true, noInput: true };
  context.flags = { deployments: [], ...none };
  await context.prepareSettings();
  const selection = { deployments: [], allDeployments: true, except: new Exclusions([]) };
  const deployments = new WatchedDeployments(context, selection);
  return new FleetReader(context, { deployments, selection }).read();
}
