import type { FetchLike } from "../../src/api/fetch.js";
import type { Server } from "./fleet.js";

/** The server as an API that doesn't send `updated_at`. */
export const withoutUpdatedAt = (server: Pick<Server, "fetch">): FetchLike =>
  changedAnswers(server, (text) => text.replace(/"updated_at":"[^"]*",?/g, "").replaceAll(",}", "}"));

/** The server behind a proxy that changes its responses. */
export const changedAnswers =
  (server: Pick<Server, "fetch">, change: (text: string) => string): FetchLike =>
  async (url, { method, headers, body, signal }) => {
    const request = new Request(url, { method, headers, body: body ?? null, signal: signal ?? null });
    const answer = await server.fetch(request);
    const text = await answer.text();
    return new Response(answer.status === 204 ? null : change(text), {
      status: answer.status,
      headers: answer.headers,
    });
  };
