import { describe, expect, it } from "vitest";
import type { FetchInit, FetchLike } from "../../src/api/fetch.js";
import { addAutomation, addDeployment, call, enabledNames, type Server } from "../incident/fleet.js";
import { fetchFrom, type HermOptions, herm, startServer, temporaryFolder } from "../support/harness.js";

const now = new Date(Math.floor(Date.now() / 60_000) * 60_000);
const later = new Date(now.getTime() + 3 * 3_600_000);

/** Two deployments of three automations that fire each hour, an incident for each that is due, and three hours later. */
async function start({ isPaused = true } = {}) {
  const server = await startServer({ now: () => now.getTime() });
  const home = temporaryFolder();
  const other = await addDeployment(server, { name: "Other" });
  const deployments = ["dep_local", other];
  const run = (words: string, options: HermOptions = {}) =>
    herm(words.split(" "), { server, home, now: later, ...options });
  for (const [at, deployment] of deployments.entries()) {
    for (const name of ["a", "b", "c"])
      await addAutomation(server, { name, deployment, schedule: "0 * * * *" });
    const words = `automations pause --all -d ${deployment} --incident INC-${at} --until 1h --yes`;
    if (isPaused) await run(words, { now });
  }
  if (isPaused) await server.advance(3 * 3600);
  return { server, home, run, deployments, enabled: () => enabledNames(server, deployments) };
}

const isChange = ({ method }: FetchInit) => method !== "GET";

/** The key is revoked after so many changes. */
function _revokedAfter(server: Parameters<typeof fetchFrom>[0], changes: number): FetchLike {
  let sent = 0;
  return async (url, init) => {
    sent += isChange(init) ? 1 : 0;
    if (sent <= changes) return fetchFrom(server)(url, init);
    return Response.json({ error: "unauthorized", message: "no such key" }, { status: 401 });
  };
}

interface Row {
  automation_id: string | null;
  name: string;
  result: string;
  reason?: string;
}

const _countOf = (stdout: string, wanted: string) =>
  (JSON.parse(stdout) as Row[]).filter(({ result, automation_id: id }) => result === wanted && id !== null)
    .length;

async function startedByHand(server: Server, deployments: readonly string[]): Promise<number[]> {
  const counts: number[] = [];
  for (const deployment of deployments) {
    const path = `/v1/deployments/${deployment}/automations`;
    const list: { data?: { automation_id: string }[] } = (await call(server, "GET", path)).body;
    for (const { automation_id } of list.data ?? []) {
      const one: { recent_runs?: { trigger: string }[] } = (
        await call(server, "GET", `${path}/${automation_id}`)
      ).body;
      counts.push(one.recent_runs?.filter(({ trigger }) => trigger === "manual").length ?? 0);
    }
  }
  return counts;
}

const _pause = "automations pause --all-deployments --incident X --yes --json";
const due = "automations resume --due --catch-up --yes --json";

describe("a resume whose answer was lost", () => {
  const patches = ({ method }: FetchInit) => method === "PATCH";

  it("is made up for all the same once reading back confirms it", async () => {
    const { server, run, deployments } = await start();
    let lost: string | undefined;
    let isOver = false;
    const fetch: FetchLike = async (url, init) => {
      const answer = await fetchFrom(server)(url, init);
      if (patches(init)) lost ??= url;
      // Neither an answer about it nor the reading that decides comes through, until all is read back.
      isOver ||= lost !== undefined && !url.includes("auto_");
      return url === lost && !isOver ? new Response("<html>", { status: 200 }) : answer;
    };
    const { code, stdout, stderr } = await run(
      "automations resume --incident INC-0 --catch-up --yes --json",
      { fetch },
    );
    expect(code).toBe(0);
    expect(stdout).toContain("confirmed by reading back");
    expect(stderr).toContain("3 resumed · 3 started");
    expect(await startedByHand(server, deployments.slice(0, 1))).toEqual([1, 1, 1]);
  });

  it("is made up for by the same command again where nothing could be read back", async () => {
    const { server, run, deployments } = await start();
    let isAway = false;
    const fetch: FetchLike = async (url, init) => {
      if (!isAway) {
        const answer = await fetchFrom(server)(url, init);
        if (!patches(init)) return answer;
      }
      isAway = true;
      throw Object.assign(new Error("ECONNRESET"), { code: "ECONNRESET" });
    };
    const cut = await run(due, { fetch });
    expect(cut.code).toBe(12);
    expect((await run(due)).code).toBe(0);
    expect(await startedByHand(server, deployments)).toEqual([1, 1, 1, 1, 1, 1]);
  });
});
