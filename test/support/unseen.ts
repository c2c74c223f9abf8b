import type { FetchInit, FetchLike } from "../../src/api/fetch.js";
import type { EmbeddedServer } from "../../src/dev-server/embed.js";

export interface UnseenPlace {
  server: Pick<EmbeddedServer, "apiKey" | "fetch">;
  deployment: string;
  /** The automation that is missing from a list. */
  automation: string;
}

const notFound = () => Response.json({ error: "not_found", message: "no such thing" }, { status: 404 });
const page = (data: readonly unknown[], next_cursor: string | null = null) =>
  Response.json({ data, next_cursor });

/** Ways in which existing objects aren't visible, by name: a deployment, all deployments, or an automation in lists. */
export const unseenWays = {
  "another account's key": (place) => hidden(place, { isAll: true, answer: notFound }),
  "a key that sees fewer deployments": (place) => hidden(place, { isAll: false, answer: notFound }),
  "a deployment that answers 404": (place) => below(place, notFound),
  "a deployment that answers 403": (place) => below(place, () => new Response("{}", { status: 403 })),
  "a deployment that answers 500": (place) => below(place, () => new Response("", { status: 500 })),
  "a deployment that answers with HTML": (place) => below(place, () => html(200)),
  "a deployment that answers 404 with HTML": (place) => below(place, () => html(404)),
  "an empty list": (place) => listed(place, () => page([])),
  "a page that lacks one": (place) =>
    listed(place, (all) => page(all.filter((each) => each.automation_id !== place.automation))),
  "pages that shift": (place) =>
    listed(place, (all, cursor) => {
      const at = all.findIndex((each) => each.automation_id === place.automation);
      if (at === -1) return page(all);
      return cursor === null ? page(all.slice(0, at), "2") : page(all.slice(at + 1));
    }),
} satisfies Record<string, (place: UnseenPlace) => FetchLike>;

export type UnseenWay = keyof typeof unseenWays;

/** The ways in which the list of automations can be read. */
export const unseenInLists: readonly UnseenWay[] = [
  "an empty list",
  "a page that lacks one",
  "pages that shift",
];
export const unseenDeployments = (Object.keys(unseenWays) as UnseenWay[]).filter(
  (way) => !unseenInLists.includes(way),
);

function html(status: number): Response {
  return new Response("<html>sign in</html>", { status, headers: { "content-type": "text/html" } });
}

function below({ server, deployment }: UnseenPlace, answer: () => Response): FetchLike {
  return async (url, init) =>
    new URL(url).pathname.includes(`/${deployment}`) ? answer() : ask(server, url, init);
}

/** Accepts any key, so that tests can check what a command reports about its own. */
async function ask(
  { apiKey, fetch }: UnseenPlace["server"],
  url: string,
  { method, headers, body }: Pick<FetchInit, "method" | "headers" | "body">,
): Promise<Response> {
  const authorized = { ...headers, authorization: `Bearer ${apiKey}` };
  return fetch(new Request(url, { method, headers: authorized, ...(body !== undefined && { body }) }));
}

function hidden(
  place: UnseenPlace,
  { isAll, answer }: { isAll: boolean; answer: () => Response },
): FetchLike {
  const others = below(place, answer);
  return async (url, init) => {
    if (new URL(url).pathname !== "/v1/deployments") return others(url, init);
    const all = await ask(place.server, url, init);
    const { data }: { data: { deployment_id: string }[] } = JSON.parse(await all.text());
    const seen = data.filter((each) => !isAll && each.deployment_id !== place.deployment);
    // A local server's headers identify its store.
    return new Response(await page(seen).text(), all);
  };
}

interface Listed {
  automation_id: string;
}

function listed(
  { server, deployment }: UnseenPlace,
  answer: (all: readonly Listed[], cursor: string | null) => Response,
): FetchLike {
  return async (url, init) => {
    const { pathname, searchParams, origin } = new URL(url);
    if (init.method !== "GET" || !pathname.endsWith(`/${deployment}/automations`))
      return ask(server, url, init);
    const whole = await ask(server, `${origin}${pathname}?limit=100`, init);
    const { data }: { data: Listed[] } = JSON.parse(await whole.text());
    return answer(data, searchParams.get("cursor"));
  };
}
