import { describe, expect, it } from "vitest";
import type { FetchInit, FetchLike } from "../../src/api/fetch.js";
import { addAutomation, addDeployment, call, enabledNames, type Server } from "../incident/fleet.js";
import { differences, ledgerOf } from "../incident/interruption.js";
import { fetchFrom, type HermOptions, herm, startServer, temporaryFolder } from "../support/harness.js";

const now = new Date(Math.floor(Date.now() / 60_000) * 60_000);
const later = new Date(now.getTime() + 3 * 3_600_000);

/** Two deployments, each with three automations that run each hour, and an incident with both, three hours later. */
async function start({ isPaused = true } = {}) {
  const server = await startServer({ now: () => now.getTime() });
  const home = temporaryFolder();
  const other = await addDeployment(server, { name: "Other" });
  const deployments = ["dep_local", other];
  const run = (words: string, options: HermOptions = {}) =>
    herm(words.split(" "), { server, home, now: later, ...options });
  for (const deployment of deployments) {
    for (const name of ["a", "b", "c"])
      await addAutomation(server, { name, deployment, schedule: "0 * * * *" });
  }
  if (isPaused) {
    await run("automations pause --all-deployments --incident INC-0 --yes", { now });
    await server.advance(3 * 3600);
  }
  return { server, home, run, deployments, enabled: () => enabledNames(server, deployments) };
}

const isChange = ({ method }: FetchInit) => method !== "GET";

/** Revokes the key after this many changes. */
function revokedAfter(server: Parameters<typeof fetchFrom>[0], changes: number): FetchLike {
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

const countOf = (stdout: string, wanted: string) =>
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

const pause = "automations pause --all-deployments --incident X --yes --json";
const resume = "automations resume --incident INC-0 --yes --json";
const catchUp = `${resume} --catch-up`;

describe("a key revoked during an incident", () => {
  it("causes a report of all paused automations, and the way to undo it", async () => {
    const { server, run, enabled } = await start({ isPaused: false });
    const cut = await run(pause, { fetch: revokedAfter(server, 4) });
    expect(cut.code).toBe(8);
    expect(countOf(cut.stdout, "paused")).toBe(4);
    expect(cut.stderr).toContain("nothing could be checked\n");
    expect(cut.stderr).toContain("to resume them: herm automations resume --incident X\n");
    expect(await enabled()).toHaveLength(2);
    expect((await run(pause)).code).toBe(0);
    expect(await enabled()).toEqual([]);
  });

  it.each([1, 4, 7])("causes a report of all resumed automations: after %i changes", async (changes) => {
    const { server, home, run, deployments, enabled } = await start();
    const cut = await run(catchUp, { fetch: revokedAfter(server, changes) });
    expect(cut.code).toBe(8);
    expect(countOf(cut.stdout, "resumed") + countOf(cut.stdout, "started")).toBe(changes);
    expect(await enabled()).toHaveLength(Math.min(changes, 6));
    expect(await differences(ledgerOf(home, "INC-0"), server)).toEqual([]);
    expect((await run(catchUp)).code).toBe(0);
    expect(await startedByHand(server, deployments)).toEqual([1, 1, 1, 1, 1, 1]);
  });
});

describe("a false 404", () => {
  /** A 404 as from a misconfigured proxy, for every automation in a deployment. */
  const lost = (server: Parameters<typeof fetchFrom>[0], deployment: string): FetchLike => {
    return async (url, init) =>
      url.includes(`${deployment}/automations/auto_`)
        ? new Response("<html>404 Not Found</html>", {
            status: 404,
            headers: { "content-type": "text/html" },
          })
        : fetchFrom(server)(url, init);
  };

  it("doesn't count as a pause", async () => {
    const { server, run, deployments, enabled } = await start({ isPaused: false });
    const paused = await run(pause, { fetch: lost(server, "dep_local") });
    expect(paused.code).toBe(8);
    expect(countOf(paused.stdout, "failed")).toBe(3);
    expect(paused.stderr).toContain("the API answered 404, but the automation exists and is still enabled");
    expect(await enabledNames(server, deployments.slice(1))).toEqual([]);
    expect((await run(pause)).code).toBe(0);
    expect(await enabled()).toEqual([]);
  });

  it("doesn't count as a deletion, or close the incident", async () => {
    const { server, run, enabled } = await start();
    const back = await run(resume, { fetch: lost(server, "dep_local") });
    expect(back.code).toBe(8);
    expect(countOf(back.stdout, "failed")).toBe(3);
    expect(back.stderr).toContain("incident INC-0 stays open");
    expect(await enabled()).toEqual(["a", "b", "c"]);
    expect((await run(resume)).code).toBe(0);
    expect(await enabled()).toEqual(["a", "a", "b", "b", "c", "c"]);
  });
});

describe("a resume with a lost response", () => {
  const patches = ({ method }: FetchInit) => method === "PATCH";

  it("starts its missed runs once a check confirms it", async () => {
    const { server, run, deployments } = await start();
    let lost: string | undefined;
    let isOver = false;
    const fetch: FetchLike = async (url, init) => {
      const answer = await fetchFrom(server)(url, init);
      if (patches(init)) lost ??= url;
      // Until the final read of all, neither the response nor the read that decides gets through.
      isOver ||= lost !== undefined && !url.includes("auto_");
      return url === lost && !isOver ? new Response("<html>", { status: 200 }) : answer;
    };
    const { code, stdout, stderr } = await run(catchUp, { fetch });
    expect(code).toBe(0);
    expect(stdout).toContain("confirmed by a check");
    expect(stderr).toContain("6 resumed · 6 started");
    expect(await startedByHand(server, deployments)).toEqual([1, 1, 1, 1, 1, 1]);
  });

  it("starts its missed runs when rerun, if no check was possible", async () => {
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
    const cut = await run(catchUp, { fetch });
    expect(cut.code).toBe(12);
    expect((await run(catchUp)).code).toBe(0);
    expect(await startedByHand(server, deployments)).toEqual([1, 1, 1, 1, 1, 1]);
  });
});

it("a resume plan reports an unreadable deployment, and nothing else about it", async () => {
  const { server, run } = await start({ isPaused: false });
  await run("automations pause --all -d dep_local --incident INC-0 --yes");
  const fetch: FetchLike = async (url, init) =>
    url.includes("dep_local/")
      ? Response.json({ error: "deployment_not_ready", message: "not yet" }, { status: 409 })
      : fetchFrom(server)(url, init);
  const { code, stderr } = await run(catchUp, { fetch });
  expect(code).toBe(8);
  expect(stderr).toMatch(
    /incident INC-0\nnothing to resume among those read\ncan't be read: Local: not yet\n/,
  );
  expect(stderr).toContain(": 3 unknown\n");
});
