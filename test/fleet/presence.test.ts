import { describe, expect, it } from "vitest";
import { HermClient } from "../../src/api/client.js";
import type { KnownAutomation } from "../../src/fleet/lists.js";
import { AskedBefore, presenceIn } from "../../src/fleet/presence.js";
import { readFleet } from "../../src/fleet/read-fleet.js";

interface World {
  /** Ids in successive reads of the list; the last is repeated. */
  lists: string[][];
  there: readonly string[];
  /** Status and body of the response to a GET of something missing. */
  absent?: { status: number; body: string };
  listStatus?: number;
}

const notFound = JSON.stringify({ error: "not_found", message: "no such automation" });

function startWorld({ lists, there, absent = { status: 404, body: notFound }, listStatus = 200 }: World) {
  const asked: string[] = [];
  const left = [...lists];
  const fetch = async (url: string) => {
    const id = /automations\/(\w+)/.exec(url)?.[1];
    asked.push(id ?? "list");
    if (id === undefined) {
      const ids = left.length > 1 ? left.shift() : left[0];
      const data = ids?.map((automation_id) => ({ automation_id, enabled: true }));
      return new Response(JSON.stringify({ data, next_cursor: null }), { status: listStatus });
    }
    if (there.includes(id)) return Response.json({ automation_id: id, enabled: false });
    return new Response(absent.body, { status: absent.status });
  };
  return { asked, herm: new HermClient({ apiKey: "k", baseUrl: "http://127.0.0.1", fetch, maxRetries: 0 }) };
}

const deployments = [{ deployment_id: "dep_1" }];
const knownOf = (...ids: string[]) => ids.map((automation_id) => ({ deployment_id: "dep_1", automation_id }));

async function look(herm: HermClient, known: readonly KnownAutomation[], asked?: AskedBefore) {
  const { signal } = new AbortController();
  const readings = await readFleet(herm, { deployments, known, asked, signal });
  const presence = presenceIn(readings);
  return known.map((item) => presence(item).is);
}

describe("an automation missing from a list", () => {
  it("is checked with a single GET", async () => {
    const { herm, asked } = startWorld({ lists: [["auto_1"]], there: ["auto_2"] });
    expect(await look(herm, knownOf("auto_1", "auto_2", "auto_3"))).toEqual(["there", "there", "not there"]);
    expect(asked).toEqual(["list", "auto_2", "auto_3"]);
  });

  it.each([
    ["a proxy's page with 404", { status: 404, body: "<html>not found</html>" }],
    ["403", { status: 403, body: "{}" }],
    ["500", { status: 500, body: "" }],
    ["404 of another kind", { status: 404, body: JSON.stringify({ error: "no_route", message: "" }) }],
  ])("counts as unknown if the response to its GET is %s", async (_, absent) => {
    const { herm } = startWorld({ lists: [[]], there: [], absent });
    expect(await look(herm, knownOf("auto_1"))).toEqual(["unknown"]);
  });

  it("counts as unknown, without a request, if the deployment's list is unreadable", async () => {
    const { herm, asked } = startWorld({ lists: [[]], there: [], listStatus: 404 });
    expect(await look(herm, knownOf("auto_1"))).toEqual(["unknown"]);
    expect(asked).toEqual(["list"]);
  });

  it("causes a second list if over 500 are missing, then at most 500 GETs", async () => {
    const ids = Array.from({ length: 1_300 }, (_, at) => `auto_${at}`);
    const { herm, asked } = startWorld({ lists: [[], ids.slice(0, 700)], there: ids });
    const found = await look(herm, knownOf(...ids));
    expect(asked.filter((each) => each === "list")).toHaveLength(2);
    expect(asked).toHaveLength(502);
    expect(found.filter((each) => each === "there")).toHaveLength(1_200);
    expect(found.filter((each) => each === "unknown")).toHaveLength(100);
  });

  it("is looked up once a minute during a watch", async () => {
    const { herm, asked } = startWorld({ lists: [[]], there: [] });
    let nowMs = 7;
    const before = new AskedBefore(() => nowMs);
    const gets = async () => {
      asked.length = 0;
      expect(await look(herm, knownOf("auto_1"), before)).toEqual(["not there"]);
      return asked.filter((each) => each !== "list").length;
    };
    expect(await gets()).toBe(1);
    nowMs += 59_999;
    expect(await gets()).toBe(0);
    nowMs += 1;
    expect(await gets()).toBe(1);
  });

  it.each([
    ["as herm changed it", [[]], ["auto_1"], false, [1, 0, 0]],
    ["gone", [[]], [], false, [1, 0, 0]],
    ["different from herm's change", [[]], ["auto_1"], true, [1, 1, 1]],
    ["listed, but different from herm's change", [["auto_1"]], ["auto_1"], false, [1, 1, 1]],
  ] as const)(
    "is looked up as often as needed after herm's own change: %s",
    async (_, lists, there, enabled, counts) => {
      const { herm, asked } = startWorld({ lists: lists.map((ids) => [...ids]), there });
      const before = new AskedBefore(() => 7);
      const isAsAnswered: KnownAutomation["isAsAnswered"] = (listed) => listed?.enabled === enabled;
      const known = knownOf("auto_1").map((item) => ({ ...item, isAsAnswered }));
      for (const count of counts) {
        asked.length = 0;
        await look(herm, known, before);
        expect(asked.filter((each) => each !== "list")).toHaveLength(count);
      }
    },
  );
});

describe("the response to herm's own change", () => {
  const answered = (isAsAnswered: KnownAutomation["isAsAnswered"]) =>
    knownOf("auto_1").map((item) => ({ ...item, isAsAnswered }));

  it("is trusted if the list agrees with it, and checked otherwise", async () => {
    const { herm, asked } = startWorld({ lists: [["auto_1"]], there: ["auto_1"] });
    await look(
      herm,
      answered((listed) => listed?.enabled === true),
    );
    expect(asked).toEqual(["list"]);
    const { signal } = new AbortController();
    const known = answered((listed) => listed?.enabled === false);
    const [reading] = await readFleet(herm, { deployments, known, signal });
    expect(reading?.automations).toEqual([expect.objectContaining({ enabled: false })]);
  });

  it("is dropped if a GET finds no automation", async () => {
    const { herm } = startWorld({ lists: [["auto_1"]], there: [] });
    const known = answered((listed) => listed === undefined);
    const { signal } = new AbortController();
    const [reading] = await readFleet(herm, { deployments, known, signal });
    expect(reading?.automations).toEqual([]);
    expect(reading?.notThere).toEqual(new Set(["auto_1"]));
  });

  it("makes a GET unnecessary if a list lacks the deleted automation", async () => {
    const { herm, asked } = startWorld({ lists: [[]], there: [] });
    expect(
      await look(
        herm,
        answered((listed) => listed === undefined),
      ),
    ).toEqual(["not there"]);
    expect(asked).toEqual(["list"]);
  });
});

describe("a list that contains an automation twice", () => {
  const twice = (enabled: boolean) => {
    const asked: string[] = [];
    const fetch = async (url: string) => {
      const id = /automations\/(\w+)/.exec(url)?.[1];
      const { searchParams } = new URL(url);
      const isSecond = searchParams.has("cursor");
      asked.push(id ?? (isSecond ? "page 2" : "page 1"));
      const automation_id = "auto_1";
      if (id !== undefined) return Response.json({ automation_id, enabled: false, name: "read" });
      return isSecond
        ? Response.json({
            data: [{ automation_id, enabled }, { automation_id: "auto_2" }],
            next_cursor: null,
          })
        : Response.json({ data: [{ automation_id, enabled: true }], next_cursor: "2" });
    };
    const herm = new HermClient({ apiKey: "k", baseUrl: "http://127.0.0.1", fetch, maxRetries: 0 });
    return { asked, read: () => readFleet(herm, { deployments, signal: new AbortController().signal }) };
  };

  it("shows the automation once, without a GET, if both rows are identical", async () => {
    const { asked, read } = twice(true);
    const [reading] = await read();
    expect(reading?.automations).toMatchObject([{ enabled: true }, { automation_id: "auto_2" }]);
    expect(asked).toEqual(["page 1", "page 2"]);
  });

  it("shows the automation as a GET returns it if the rows differ", async () => {
    const { asked, read } = twice(false);
    const [reading] = await read();
    expect(reading?.automations).toMatchObject([
      { enabled: false, name: "read" },
      { automation_id: "auto_2" },
    ]);
    expect(asked).toEqual(["page 1", "page 2", "auto_1"]);
  });
});
