import type { FetchLike } from "../../src/api/fetch.js";
import type { EmbeddedServer } from "../../src/dev-server/embed.js";
import { fetchFrom } from "./harness.js";

/** The app as it would respond later if its scheduler had stopped, so that runs due since didn't happen. */
export function stalledUntil(now: Date, server: Pick<EmbeddedServer, "fetch">): FetchLike {
  const served = fetchFrom(server);
  return async (url, init) => {
    const { status, body, headers } = (await served(url, init)) as Response;
    return new Response(body, { status, headers: [...headers, ["date", now.toUTCString()]] });
  };
}
