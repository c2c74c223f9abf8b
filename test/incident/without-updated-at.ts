import type { FetchLike } from "../../src/api/fetch.js";
import type { Server } from "./fleet.js";

/** The server as an API that sends no updated_at. */
export const withoutUpdatedAt =
  (server: Server): FetchLike =>
  async (url, { method, headers, body, signal }) => {
    const request = new Request(url, { method, headers, body: body ?? null, signal: signal ?? null });
    const answer = await server.fetch(request);
    const text = await answer.text();
    const without = text.replace(/"updated_at":"[^"]*",?/g, "").replaceAll(",}", "}");
    return new Response(answer.status === 204 ? null : without, {
      status: answer.status,
      headers: answer.headers,
    });
  };
