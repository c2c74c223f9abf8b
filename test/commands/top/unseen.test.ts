import { describe, expect, it } from "vitest";
import type { FetchLike } from "../../../src/api/fetch.js";
import type { FleetSnapshot } from "../../../src/commands/top/fleet-reader.js";
import { stateCounts } from "../../../src/commands/top/top-view.js";
import { addAutomation, call } from "../../incident/fleet.js";
import { fetchFrom } from "../../support/harness.js";
import { type UnseenPlace, unseenDeployments, unseenInLists, unseenWays } from "../../support/unseen.js";
import { startReader, statesOf } from "./reader.js";

const namesOf = (snapshot: FleetSnapshot | undefined) =>
  snapshot?.rows.map(({ name, isStale }) => `${isStale ? "~" : ""}${name}`).sort();

const countsOf = (snapshot: FleetSnapshot | undefined) => snapshot && stateCounts(snapshot.rows, snapshot);

/** The two deployments, one with two more automations, and entries that may be missing from its list. */
async function start() {
  const reader = await startReader();
  const { server, away } = reader;
  const first = await addAutomation(server, { name: "First", deployment: away });
  await addAutomation(server, { name: "Second", deployment: away });
  const place: UnseenPlace = { server, deployment: away, automation: first };
  expect(namesOf((await reader.read()).snapshot)).toEqual(["Away", "First", "Second", "There"]);
  reader.requests.splice(0);
  const gets = () => reader.requests.splice(0).filter((request) => /automations\/auto_/.test(request)).length;
  /** Answers GETs of the automation, and lists, according to `place`. */
  const answer = (lists: FetchLike, get: () => Response): FetchLike => {
    return async (url, init) => (url.includes(`/${first}`) ? get() : lists(url, init));
  };
  return { ...reader, place, first, gets, answer };
}

const notFound = () => Response.json({ error: "not_found", message: "no such thing" }, { status: 404 });

describe("herm top with unseen automations", () => {
  it("sends no extra request while all automations are listed", async () => {
    const { read, gets } = await start();
    await read();
    expect(gets()).toBe(0);
  });

  it.each(unseenDeployments)(
    "keeps marked rows, names the deployment, and restores them: %s",
    async (way) => {
      const { read, time, place, answerBy } = await start();
      answerBy(unseenWays[way](place));
      await time.advance(60_000);
      const { snapshot } = await read();
      expect(namesOf(snapshot)).toEqual(["There", "~Away", "~First", "~Second"]);
      expect(snapshot?.unanswered?.names).toEqual(["Away"]);
      if (/key|404$/.test(way)) {
        const last4 = place.server.apiKey.slice(-4);
        expect(snapshot?.unanswered?.why).toBe(`${place.deployment} can't be seen with key …${last4}`);
      }
      answerBy(undefined);
      await time.advance(60_000);
      expect(namesOf((await read()).snapshot)).toEqual(["Away", "First", "Second", "There"]);
    },
  );

  it.each(unseenInLists)(
    "requests automations missing from lists once a minute, and keeps them: %s",
    async (way) => {
      const { read, time, place, gets, answerBy } = await start();
      const asked = way === "an empty list" ? 3 : 1;
      answerBy(unseenWays[way](place));
      expect(namesOf((await read()).snapshot)).toEqual(["Away", "First", "Second", "There"]);
      expect(gets()).toBe(asked);
      const { snapshot } = await read();
      // The response to the earlier request may be stale.
      expect(namesOf(snapshot)?.filter((name) => name.startsWith("~"))).toHaveLength(asked);
      expect(gets()).toBe(0);
      await time.advance(60_000);
      expect(namesOf((await read()).snapshot)).toEqual(["Away", "First", "Second", "There"]);
      expect(gets()).toBe(asked);
      answerBy(undefined);
      expect(namesOf((await read()).snapshot)).toEqual(["Away", "First", "Second", "There"]);
      expect(gets()).toBe(0);
    },
  );

  it.each<[string, () => Response]>([
    ["refused", () => new Response("{}", { status: 403 })],
    ["a proxy's page", () => new Response("<html>no</html>", { status: 404 })],
  ])("marks automations that it couldn't check, and counts them separately: %s", async (_, get) => {
    const { read, place, answer, answerBy } = await start();
    answerBy(answer(unseenWays["a page that lacks one"](place), get));
    const { snapshot } = await read();
    expect(namesOf(snapshot)).toEqual(["Away", "Second", "There", "~First"]);
    expect(snapshot?.rows.find(({ name }) => name === "First")?.isNotListed).toBe(true);
    expect(countsOf(snapshot)).toBe("1 not listed · 3 enabled");
    expect(countsOf((await read()).snapshot)).toBe("1 not listed · 3 enabled");
    answerBy(undefined);
    expect(countsOf((await read()).snapshot)).toBe("4 enabled");
  });

  it("drops an automation after a 404, and restores it if a list shows it", async () => {
    const { read, place, answer, answerBy } = await start();
    answerBy(answer(unseenWays["a page that lacks one"](place), notFound));
    expect(namesOf((await read()).snapshot)).toEqual(["Away", "Second", "There"]);
    answerBy(undefined);
    expect(namesOf((await read()).snapshot)).toEqual(["Away", "First", "Second", "There"]);
  });

  it("drops a deleted automation", async () => {
    const { read, server, away, first } = await start();
    await call(server, "DELETE", `/v1/deployments/${away}/automations/${first}`);
    expect(namesOf((await read()).snapshot)).toEqual(["Away", "Second", "There"]);
  });

  it("shows changes at once, even for automations missing from a list", async () => {
    const { read, server, time, place, answerBy } = await start();
    answerBy(unseenWays["a page that lacks one"](place));
    await read();
    const path = `/v1/deployments/${place.deployment}/automations/${place.automation}`;
    await call(server, "PATCH", path, { enabled: false });
    await time.advance(60_000);
    expect(countsOf((await read()).snapshot)).toBe("3 enabled · 1 paused");
  });

  it("keeps reading a deployment missing from the list of deployments", async () => {
    const { read, server, time, place, answerBy } = await start();
    answerBy(async (url, init) => {
      if (new URL(url).pathname !== "/v1/deployments") return fetchFrom(server)(url, init);
      return Response.json({ data: [], next_cursor: null });
    });
    await time.advance(60_000);
    await call(server, "PATCH", `/v1/deployments/${place.deployment}/automations/${place.automation}`, {
      enabled: false,
    });
    const { snapshot } = await read();
    expect(statesOf(snapshot)?.every(([, , mark]) => mark === "")).toBe(true);
    expect(countsOf(snapshot)).toBe("3 enabled · 1 paused");
    expect(snapshot?.label).toBe("2 deployments");
  });
});
