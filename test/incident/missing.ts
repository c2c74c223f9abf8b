import type { FetchLike } from "../../src/api/fetch.js";
import { fetchFrom } from "../support/harness.js";
import type { Server } from "./fleet.js";

const notFound = (): Response =>
  Response.json({ error: "not_found", message: "no such automation" }, { status: 404 });

/** The id in the path of a request for one automation. */
function automationOf(url: string): string | undefined {
  return /\/automations\/(auto_\w+)$/.exec(new URL(url).pathname)?.[1];
}

interface Missing {
  id: string;
  /** The number of requests for it that get a 404. */
  times: number;
  /** Counts from the first such request on. */
  from?: "GET" | "PATCH" | "DELETE";
}

/** A server that answers requests for one automation with 404, though its lists show it. */
export function missing(server: Server, { id, times, from }: Missing) {
  let left = times;
  let isOn = from === undefined;
  const requests: string[] = [];
  const fetch: FetchLike = async (url, init) => {
    const { pathname } = new URL(url);
    requests.push(`${init.method} ${pathname.replace(/^\/v1\/deployments\/?/, "").replace(id, "it")}`);
    if (automationOf(url) === id) {
      isOn ||= init.method === from;
      if (isOn && left > 0) {
        left -= 1;
        return notFound();
      }
    }
    return fetchFrom(server)(url, init);
  };
  return { fetch, requests };
}
