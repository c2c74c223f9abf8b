import type { Engine } from "./engine.js";
import type { Stay } from "./idleness.js";
import { requestServer } from "./request-server.js";

type ServerStatus = ReturnType<typeof serverStatus>;

/** The path that is asked; the question isn't a use of the server. */
export const statusPath = "/_dev/status";

/** The state of a server: why it goes on (null: in the foreground, or about to stop), what is due next, and what it has. */
export function serverStatus({ store }: Engine, stay: Stay | undefined) {
  const next = store.automations.nextDue();
  const due = next && {
    name: next.name,
    deployment_id: next.deployment_id,
    automation_id: next.automation_id,
  };
  return { stay: stay ?? null, due: due ?? null, ...store.counts() };
}

/** Asks a server that has proved to be the data file's; undefined of one that doesn't know the question. */
export async function askStatus(owner: { url: string; apiKey: string }): Promise<ServerStatus | undefined> {
  const answer = await requestServer("GET", owner.url + statusPath, {
    authorization: `Bearer ${owner.apiKey}`,
  });
  try {
    const status = JSON.parse(answer?.text ?? "") as Partial<ServerStatus>;
    return typeof status.automations === "number" ? (status as ServerStatus) : undefined;
  } catch {
    return undefined;
  }
}
