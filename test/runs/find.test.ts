import { describe, expect, it } from "vitest";
import { HermClient } from "../../src/api/client.js";
import { parseRunRef, searchRun } from "../../src/runs/find.js";

describe("the reference of a run", () => {
  it.each([
    ["run_1", { run_id: "run_1", deployment_id: undefined }],
    ["dep_1/run_1", { run_id: "run_1", deployment_id: "dep_1" }],
    ["auto_1", undefined],
    ["dep_1/auto_1", undefined],
    ["run_1/../x", undefined],
    ["run_", undefined],
    ["name:run_1", undefined],
    ["My run_1", undefined],
  ])("%s is read as %j", (text, expected) => {
    expect(parseRunRef(text)).toEqual(expected);
  });
});

/** An API with this many automations, of which the one at `holder` has the run; those with higher numbers ran later. */
function apiOf({ automations, holder }: { automations: number; holder: number }) {
  const asked: string[] = [];
  const items = Array.from({ length: automations }, (_, at) => ({
    automation_id: `auto_${at}`,
    name: `n${at}`,
    schedule: "0 0 * * *",
    enabled: true,
    last_run_at: at === 0 ? null : new Date(at * 60_000).toISOString(),
  }));
  const answer = (path: string): object => {
    const id = /automations\/(auto_\d+)$/.exec(path)?.[1];
    if (id === undefined) {
      const from = Number(new URL(path, "http://127.0.0.1").searchParams.get("cursor") ?? 0);
      const next = from + 100 < items.length ? String(from + 100) : null;
      return { data: items.slice(from, from + 100), next_cursor: next };
    }
    const run = { run_id: "run_x", status: "completed", started_at: "2026-03-02T09:00:00Z" };
    return { ...items[Number(id.slice(5))], recent_runs: id === `auto_${holder}` ? [run] : [] };
  };
  const client = new HermClient({
    apiKey: "hk_1",
    baseUrl: "http://127.0.0.1",
    fetch: async (url) => {
      asked.push(url);
      return new Response(JSON.stringify(answer(url)), { headers: { "content-type": "application/json" } });
    },
  });
  return { client, asked };
}

describe("the search for a run", () => {
  const search = (api: ReturnType<typeof apiOf>) =>
    searchRun({ client: api.client, run_id: "run_x", signal: new AbortController().signal }, "dep_1");

  it("starts with the automations that ran last", async () => {
    const api = apiOf({ automations: 90, holder: 88 });

    expect(await search(api)).toMatchObject({
      deployment_id: "dep_1",
      automation: { automation_id: "auto_88" },
    });
    expect(api.asked).toHaveLength(1 + 8);
  });

  it("skips automations that never ran, and finds no unknown run", async () => {
    const api = apiOf({ automations: 20, holder: 0 });

    expect(await search(api)).toBeUndefined();
    expect(api.asked).toHaveLength(1 + 19);
  });

  it("sends at most 200 requests", async () => {
    const api = apiOf({ automations: 450, holder: 3 });

    expect(await search(api)).toBeUndefined();
    expect(api.asked).toHaveLength(200);
  });
});
