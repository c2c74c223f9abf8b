import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HermClient } from "../../src/api/client.js";
import { RetryBudget } from "../../src/api/retry/retry.js";
import type { List } from "../../src/api/types.js";

interface FakeAnswer {
  status?: number;
  body: unknown;
}

/** A client whose list requests are answered by `answer`, which receives each query. */
function listing(answer: (query: URLSearchParams) => FakeAnswer) {
  const queries: string[] = [];
  const herm = new HermClient({
    apiKey: "k",
    retryBudget: new RetryBudget(),
    fetch: async (url) => {
      const { searchParams, search } = new URL(url);
      queries.push(search);
      const { status = 200, body } = answer(searchParams);
      return Response.json(body, { status });
    },
  });
  return { herm, queries };
}

const page = (ids: string[], cursor?: string | null) => ({
  body: { data: ids.map((automation_id) => ({ automation_id })), next_cursor: cursor },
});

async function idsOf(list: List<{ automation_id: string }>): Promise<string[]> {
  const ids: string[] = [];
  for await (const { automation_id } of list) ids.push(automation_id);
  return ids;
}

const outcomeOf = (work: Promise<unknown>) => work.catch((error: unknown) => error);

describe("a list", () => {
  it("sends no request until it is used", async () => {
    const { herm, queries } = listing(() => page(["auto_1"]));
    const list = herm.automations.list("dep_1");
    expect(queries).toEqual([]);
    expect([await list, await list]).toEqual([
      { data: [{ automation_id: "auto_1" }], next_cursor: null },
      { data: [{ automation_id: "auto_1" }], next_cursor: null },
    ]);
    expect(queries).toEqual([""]);
  });

  it("behaves like a promise, and provides its next page", async () => {
    const { herm, queries } = listing((query) =>
      query.get("cursor") === "c1" ? page(["auto_2"], null) : page(["auto_1"], "c1"),
    );
    const list = herm.automations.list("dep_1", { limit: 1 });
    let settled = 0;
    const first = await list.catch(() => undefined).finally(() => (settled += 1));
    await list.finally(() => (settled += 1));
    const second = await first?.getNextPage();
    expect([settled, first?.hasNextPage(), second?.hasNextPage(), second?.data]).toEqual([
      2,
      true,
      false,
      [{ automation_id: "auto_2" }],
    ]);
    expect({ ...first }).toEqual({ data: [{ automation_id: "auto_1" }], next_cursor: "c1" });
    expect(queries).toEqual(["?limit=1", "?limit=1&cursor=c1"]);
    await expect(second?.getNextPage()).rejects.toThrow("this is the last page");
    const refused = listing(() => ({ status: 404, body: {} })).herm.automations.list("dep_1");
    expect(await refused.catch(({ name }) => name)).toBe("NotFoundError");
  });

  it("resolves to one page, but iterates over all pages", async () => {
    const { herm, queries } = listing((query) =>
      query.get("cursor") === "c1" ? page(["auto_2", "auto_3"], null) : page(["auto_1"], "c1"),
    );
    expect(await herm.automations.list("dep_1", { limit: 1 })).toMatchObject({ next_cursor: "c1" });
    expect(await idsOf(herm.automations.list("dep_1", { limit: 1 }))).toEqual(["auto_1", "auto_2", "auto_3"]);
    expect(await idsOf(herm.automations.list("dep_1"))).toEqual(["auto_1", "auto_2", "auto_3"]);
    expect(queries).toEqual([
      "?limit=1",
      "?limit=1",
      "?limit=1&cursor=c1",
      "?limit=100",
      "?limit=100&cursor=c1",
    ]);
  });

  it("keeps its filters, and starts at a given cursor", async () => {
    const { herm, queries } = listing((query) => ({
      body: {
        data: [{ deployment_id: `dep_${query.get("cursor")}` }],
        next_cursor: query.get("cursor") === "a" ? "b" : "",
      },
    }));
    const ids: string[] = [];
    for await (const { deployment_id } of herm.deployments.list({ customer_id: "cus_1", cursor: "a" }))
      ids.push(deployment_id);
    expect(ids).toEqual(["dep_a", "dep_b"]);
    expect(queries).toEqual([
      "?limit=100&customer_id=cus_1&cursor=a",
      "?limit=100&customer_id=cus_1&cursor=b",
    ]);
  });

  it("stops reading pages when the loop ends", async () => {
    const { herm, queries } = listing(() => page(["auto_1"], "c1"));
    for await (const _item of herm.automations.list("dep_1")) break;
    expect(queries).toHaveLength(1);
  });

  it.each([
    ["a repeated cursor", (cursor: string | null) => page([`auto_${cursor}`], cursor === "c1" ? "c2" : "c1")],
    ["an ignored cursor", () => page(["auto_1", "auto_2"], "c1")],
    ["a page without new items", (cursor: string | null) => page(["auto_1"], `${cursor}+`)],
    [
      "an empty page with a cursor",
      (cursor: string | null) => page(cursor === null ? ["auto_1"] : [], `${cursor}+`),
    ],
  ])("rejects a cycle of pages: %s", async (_name, answer) => {
    const { herm, queries } = listing((query) => answer(query.get("cursor")));
    expect(await outcomeOf(idsOf(herm.automations.list("dep_1")))).toMatchObject({
      name: "EndlessListError",
    });
    expect(queries.length).toBeLessThanOrEqual(4);
  });

  describe("a list that reads ahead", () => {
    /** Pages whose responses wait until they are released. */
    function held(pages: FakeAnswer[]) {
      const sent: { cursor: string; signal: AbortSignal | undefined; answer(): void }[] = [];
      const herm = new HermClient({
        apiKey: "k",
        maxRetries: 0,
        fetch: (url, { signal }) => {
          const cursor = new URL(url).searchParams.get("cursor") ?? "0";
          const { status = 200, body }: FakeAnswer = pages[Number(cursor)] ?? page([]);
          return new Promise((resolve, reject) => {
            signal?.addEventListener("abort", () => reject(signal.reason));
            sent.push({ cursor, signal, answer: () => resolve(Response.json(body, { status })) });
            if (cursor === "0") resolve(Response.json(body, { status }));
          });
        },
      });
      return { pages: herm.automations.list("dep_1").pages({ prefetch: true }), sent };
    }

    it("requests only the next page while one is being used", async () => {
      const { pages, sent } = held([page(["auto_1"], "1"), page(["auto_2"], "2"), page(["auto_3"])]);
      const seen: string[][] = [];
      for await (const { data } of pages) {
        seen.push(sent.map(({ cursor }) => cursor));
        expect(data).toHaveLength(1);
        sent.at(-1)?.answer();
      }
      expect(seen).toEqual([
        ["0", "1"],
        ["0", "1", "2"],
        ["0", "1", "2"],
      ]);
    });

    it("drops the prefetched page when the loop ends", async () => {
      const { pages, sent } = held([page(["auto_1"], "1")]);
      for await (const _page of pages) break;
      expect(sent.map(({ cursor, signal }) => [cursor, signal?.aborted])).toEqual([
        ["0", false],
        ["1", true],
      ]);
    });

    it("fails only when the loop reaches the failed page", async () => {
      const { pages, sent } = held([page(["auto_1"], "1"), { status: 403, body: {} }]);
      const ids: string[] = [];
      const reading = (async () => {
        for await (const { data } of pages) {
          sent.at(-1)?.answer();
          await new Promise(setImmediate);
          ids.push(...data.map(({ automation_id }) => automation_id));
        }
      })();
      expect(await outcomeOf(reading)).toMatchObject({ name: "PermissionDeniedError" });
      expect(ids).toEqual(["auto_1"]);
    });

    it("rejects a cycle, and requests each cursor only once", async () => {
      const { pages, sent } = held([page(["auto_1"], "1"), page(["auto_2"], "1")]);
      const reading = (async () => {
        for await (const _page of pages) sent.at(-1)?.answer();
      })();
      expect(await outcomeOf(reading)).toMatchObject({ name: "EndlessListError" });
      expect(sent.map(({ cursor }) => cursor)).toEqual(["0", "1"]);
    });
  });

  it("may end with an empty page", async () => {
    const { herm } = listing((query) => (query.has("cursor") ? page([]) : page(["auto_1"], "c1")));
    expect(await idsOf(herm.automations.list("dep_1"))).toEqual(["auto_1"]);
  });

  it.each([
    ["no data", { next_cursor: null }],
    ["data that isn't a list", { data: {}, next_cursor: null }],
    ["a cursor that isn't text", { data: [], next_cursor: { after: 1 } }],
  ])("rejects a response with %s", async (_name, body) => {
    const { herm } = listing(() => ({ body }));
    expect(await outcomeOf(idsOf(herm.automations.list("dep_1")))).toMatchObject({
      name: "UnexpectedAnswerError",
    });
  });

  it("leaves items without a usable id unchanged", async () => {
    const data = [null, { automation_id: "auto_1", name: "W" }, { name: "no id" }, 7, { automation_id: 8 }];
    const { herm } = listing(() => ({ body: { data, next_cursor: null } }));
    expect(await herm.automations.list("dep_1")).toMatchObject({
      data: [{ automation_id: "auto_1" }],
      invalid: [null, { name: "no id" }, 7, { automation_id: 8 }],
    });
    expect(await idsOf(herm.automations.list("dep_1"))).toEqual(["auto_1"]);
  });

  it("accepts a number as a cursor", async () => {
    const { herm } = listing((query) =>
      query.get("cursor") === null
        ? { body: { data: [{ automation_id: "auto_1" }], next_cursor: 17 } }
        : { body: { data: [{ automation_id: `auto_${query.get("cursor")}` }], next_cursor: null } },
    );
    expect(await idsOf(herm.automations.list("dep_1"))).toEqual(["auto_1", "auto_17"]);
  });

  it("returns each item once, in order, even if pages shift", async () => {
    const cuts = fc.array(
      fc.record({ size: fc.integer({ min: 1, max: 5 }), overlap: fc.integer({ min: 0, max: 3 }) }),
      { maxLength: 8 },
    );
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 20 }), cuts, async (count, pieces) => {
        const ids = Array.from({ length: count }, (_, index) => `auto_${index}`);
        const { herm } = listing((query) => {
          const [number = 0, start = 0] = (query.get("cursor") ?? "0 0").split(" ").map(Number);
          const { size, overlap } = pieces[number] ?? { size: count + 1, overlap: 0 };
          const end = start + size;
          return page(
            ids.slice(Math.max(0, start - overlap), end),
            end < count ? `${number + 1} ${end}` : null,
          );
        });
        expect(await idsOf(herm.automations.list("dep_1"))).toEqual(ids);
      }),
      { numRuns: 50 },
    );
  });
});

describe("a server without a limit parameter", () => {
  const strict = (query: URLSearchParams): FakeAnswer => {
    if (query.has("limit"))
      return { status: 400, body: { error: "validation_error", message: "unknown query parameter: limit" } };
    return query.get("cursor") === "c1" ? page(["auto_2"]) : page(["auto_1"], "c1");
  };

  it("receives the request again, without the limit", async () => {
    const { herm, queries } = listing(strict);
    expect(await idsOf(herm.automations.list("dep_1"))).toEqual(["auto_1", "auto_2"]);
    expect(queries).toEqual(["?limit=100", "", "?cursor=c1"]);
    expect(await herm.automations.list("dep_1", { limit: 5 })).toMatchObject({ next_cursor: "c1" });
  });

  it.each([0, -1, 101, 1.5])("gets no second request after rejecting the limit %d", async (limit) => {
    const { herm, queries } = listing(strict);
    const list = herm.automations.list("dep_1", { limit });
    await expect(list).rejects.toMatchObject({ name: "ValidationError", status: 400 });
    expect(queries).toHaveLength(1);
  });

  it("gets no second request after any other 400", async () => {
    const { herm, queries } = listing(() => ({ status: 400, body: { message: "no such cursor" } }));
    await expect(idsOf(herm.automations.list("dep_1"))).rejects.toMatchObject({ status: 400 });
    expect(queries).toHaveLength(1);
  });
});
