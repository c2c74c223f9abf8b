import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import type { FetchLike } from "../../src/api/fetch.js";
import { embedDevServer } from "../../src/dev-server/embed.js";
import { addAutomation, addDeployment, call, type Server } from "../incident/fleet.js";
import { fetchFrom, herm, temporaryFolder } from "../support/harness.js";
import { closedPipe } from "../support/streams.js";
import { third } from "../support/third.js";

const hourMs = 3_600_000;
const startMs = Date.UTC(2026, 10, 2);
const hours = Array.from({ length: 7 * 24 }, (_, at) => at);

/** A random number from 0 to 1, the same in each run of the test. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

const scripts = [
  "Do it.",
  "Do it.",
  "@dev fail no disk",
  "@dev ask Send it?",
  "@dev wait 2000\n@dev fail no disk",
  "@dev wait 2000",
];

interface Truth {
  name: string;
  deployment: string;
  /** `running`: its end decides. */
  state: "waiting" | "failing" | "running" | "well";
}

/**
 * All automations on the server, by id. `reported`: for those reported as waiting, runs before the newest count too.
 */
async function truthOf(
  server: Server,
  deployments: readonly string[],
  reported: ReadonlyMap<string, Truth> = new Map(),
): Promise<Map<string, Truth>> {
  const truth = new Map<string, Truth>();
  for (const deployment of deployments) {
    const { body } = await call(server, "GET", `/v1/deployments/${deployment}/automations?limit=100`);
    for (const each of body.data as Record<string, unknown>[]) {
      const last = each.last_run_status;
      const id = String(each.automation_id);
      let state: Truth["state"] =
        last === "waiting_on_human"
          ? "waiting"
          : each.enabled === false || last === null || last === "completed"
            ? "well"
            : last === "error"
              ? "failing"
              : "running";
      if (reported.get(id)?.state === "waiting" && state !== "failing") {
        const got = await call(server, "GET", `/v1/deployments/${deployment}/automations/${id}`);
        const runs = got.body.recent_runs as { status: string }[];
        if (runs.some(({ status }) => status === "waiting_on_human")) state = "waiting";
      }
      truth.set(id, { name: String(each.name), deployment, state });
    }
  }
  return truth;
}

/** What a read has to report: the differences from earlier reports, for all automations that can be read. */
function expectedNews(
  truth: ReadonlyMap<string, Truth>,
  { reported, unreadable }: { reported: Map<string, Truth>; unreadable: ReadonlySet<string> },
) {
  const after = new Map(reported);
  const news = { new: [] as string[], over: [] as string[] };
  for (const [id, now] of truth) {
    if (unreadable.has(now.deployment) || now.state === "running" || now.state === "well") continue;
    if (reported.get(id)?.state !== now.state) news.new.push(`${id} ${now.state}`);
    after.set(id, now);
  }
  for (const [id, { state, deployment }] of reported) {
    const now = truth.get(id)?.state ?? "well";
    if (unreadable.has(deployment) || now !== "well") continue;
    news.over.push(`${id} ${state}`);
    after.delete(id);
  }
  return { news: { new: news.new.toSorted(), over: news.over.toSorted() }, after };
}

describe("a week of status --new", () => {
  it("reports each event once, correctly, despite faults, restarts and clock changes", async () => {
    const looks = third(hours);
    const random = seeded(49 + (looks[0] ?? 0));
    const oneOf = <T>(all: readonly T[]): T => all[Math.floor(random() * all.length)] as T;
    const folder = temporaryFolder();
    const dataFile = join(folder, "server.db");
    const open = () => embedDevServer({ dataFile, apiKey: "key_week", now: () => startMs });
    let server = await open();
    onTestFinished(() => server.close());
    const deployments: string[] = [];
    for (const name of ["Acme", "Bolt", "Core", "Dune"])
      deployments.push(await addDeployment(server, { name }));
    const add = (deployment: string) =>
      addAutomation(server, { deployment, name: "Job", schedule: "0 * * * *", instructions: oneOf(scripts) });
    for (const deployment of deployments) for (let at = 0; at < 4; at += 1) await add(deployment);

    const act = async () => {
      const [id, { deployment }] = oneOf([...(await truthOf(server, deployments))]);
      const path = `/v1/deployments/${deployment}/automations/${id}`;
      const dice = random();
      if (dice < 0.7) await call(server, "PATCH", path, { instructions: oneOf(scripts) });
      else if (dice < 0.9) await call(server, "PATCH", path, { enabled: random() < 0.6 });
      else {
        await call(server, "DELETE", path);
        await add(oneOf(deployments));
      }
    };

    let reported = new Map<string, Truth>();
    const totals = { new: 0, over: 0, faults: 0, lost: 0, restarts: 0 };
    for (const at of looks) {
      for (let acts = 0; acts < 2; acts += 1) await act();
      // Some reads see runs that are still going.
      await server.advance(random() < 0.3 ? 5400 : 3600);
      if (random() < 0.05) {
        totals.restarts += 1;
        await server.close();
        server = await open();
      }
      const unreadable = new Set(random() < 0.2 ? [oneOf(deployments)] : []);
      totals.faults += unreadable.size;
      const served = fetchFrom(server);
      const fetch: FetchLike = async (url, init) =>
        [...unreadable].some((each) => url.includes(`${each}/automations`))
          ? new Response('{"error":{"code":"internal","message":"down"}}', { status: 500 })
          : served(url, init);
      const { body } = await call(server, "GET", "/_dev/clock");
      const skewMs = random() < 0.1 ? oneOf([-30, -2, 2, 30]) * 24 * hourMs : 0;
      const now = new Date(Date.parse(String(body.now)) + skewMs);
      // However long this takes, no time limit ends.
      const timer = () => () => undefined;
      const look = { server, fetch, now, home: folder, pid: 10_000 + at, timer };
      const argv = ["status", "--new", "-o", "json"];
      if (random() < 0.1) {
        totals.lost += 1;
        await herm(argv, { ...look, stdout: closedPipe() });
      }
      const { code, stdout, stderr } = await herm(argv, look);
      const seen = JSON.parse(stdout) as Record<"new" | "over", Record<string, string>[]>;
      const brief = (rows: Record<string, string>[]) =>
        rows.map(({ automation_id, state }) => `${automation_id} ${state}`).toSorted();
      const { news, after } = expectedNews(await truthOf(server, deployments, reported), {
        reported,
        unreadable,
      });
      expect({ at, new: brief(seen.new), over: brief(seen.over), stderr: code === 1 ? stderr : "" }).toEqual({
        at,
        ...news,
        stderr: "",
      });
      expect(code).toBe(unreadable.size > 0 ? 8 : news.new.length > 0 ? 9 : 0);
      reported = after;
      totals.new += news.new.length;
      totals.over += news.over.length;
    }
    const least = { new: 40, over: 40, faults: 10, lost: 5, restarts: 3 };
    const isLess = ([what, count]: [string, number]) =>
      totals[what as keyof typeof totals] < (count * looks.length) / hours.length;
    expect(Object.entries(least).filter(isLess)).toEqual([]);
  }, 120_000);
});
