import type { FetchLike } from "../../src/api/fetch.js";
import type { EmbeddedServer } from "../../src/dev-server/embed.js";
import { fetchFrom } from "./harness.js";

/** The app as it would answer at a later time had its scheduler stood still: what was due since didn't run. */
export function stalledUntil(now: Date, server: Pick<EmbeddedServer, "fetch">): FetchLike {
  const served = fetchFrom(server);
  return async (url, init) => {
    const { status, body, headers } = (await served(url, init)) as Response;
    return new Response(body, { status, headers: [...headers, ["date", now.toUTCString()]] });
  };
}
