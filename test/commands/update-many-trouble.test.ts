import { beforeEach, describe, expect, it } from "vitest";
import type { FetchLike } from "../../src/api/fetch.js";
import { InterruptedError } from "../../src/errors/cli-errors.js";
import { fetchFrom, type HermOptions } from "../support/harness.js";
import { type ManifestServer, startManifestServer } from "./manifest-server.js";

const reword = ["update", "--all-deployments", "--replace", "Slack", "--with", "Teams", "--yes", "--json"];

let world: ManifestServer;
let ids: Record<string, string>;

beforeEach(async () => {
  world = await startManifestServer();
  ids = {};
  for (const name of ["Acme", "Bolt", "Core"]) {
    ids[name] = await world.deploy(name);
    for (const automation of ["one", "two", "three"])
      await world.create({ name: automation, instructions: `Tell ${name} on Slack.` }, ids[name]);
  }
  await world.writes();
});

/** Handles a request before the server sees it; if it returns a response, the server doesn't get the request. */
type First = (method: string, url: string) => Promise<Response | undefined>;

const run = (words: readonly string[], first: First, options: HermOptions = {}) => {
  const send = fetchFrom(world.server);
  const fetch: FetchLike = async (url, init) => (await first(init.method, url)) ?? send(url, init);
  return world.run(words, { fetch, ...options });
};

const isPatch = (method: string, url: string, name: string) =>
  method === "PATCH" && url.includes(ids[name] ?? "nowhere");

interface Row {
  deployment_name: string;
  name: string;
  result: string;
  reason?: string;
  error?: string;
}

/** The number of a deployment's rows with this result. */
function results(stdout: string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { deployment_name, result } of JSON.parse(stdout) as Row[])
    counts[`${deployment_name} ${result}`] = (counts[`${deployment_name} ${result}`] ?? 0) + 1;
  return counts;
}

async function texts(): Promise<string[]> {
  const all = await Promise.all(Object.values(ids).map((id) => world.state(id)));
  return all.flat().map(({ instructions }) => instructions ?? "");
}

describe("a bulk update with failures", () => {
  it("doesn't overwrite a change made after the plan, and exits with 8", async () => {
    const [theirs] = await world.state(ids.Bolt);
    const path = `/v1/deployments/${ids.Bolt}/automations/${theirs?.automation_id}`;
    let gets = 0;
    const { code, stdout, stderr } = await run(reword, async (method, url) => {
      if (method === "GET" && url.endsWith(path) && ++gets === 2)
        await world.call("PATCH", path, { instructions: "Theirs on Slack." });
      return undefined;
    });
    expect(code).toBe(8);
    expect(results(stdout)).toEqual({
      "Acme updated": 3,
      "Bolt updated": 2,
      "Bolt failed": 1,
      "Core updated": 3,
    });
    const failed = (JSON.parse(stdout) as Row[]).find(({ result }) => result === "failed");
    expect(failed).toMatchObject({ name: theirs?.name, error: "changed since: instructions" });
    expect(JSON.parse(stderr.trim().split("\n").at(-1) ?? "").error.hint).toBe(
      "to finish it: herm automations update --all-deployments --replace Slack --with Teams --yes",
    );
    expect((await texts()).filter((text) => text === "Theirs on Slack.")).toHaveLength(1);
    const again = await run(reword, async () => undefined);
    expect([again.code, results(again.stdout)]).toEqual([0, { "Bolt updated": 1 }]);
  });

  it("skips automations that no longer match a condition on another field", async () => {
    const [theirs] = await world.state(ids.Bolt);
    const path = `/v1/deployments/${ids.Bolt}/automations/${theirs?.automation_id}`;
    let gets = 0;
    const words = ["update", "--all-deployments", "--if-schedule", "0 9 * * *", "--instructions", "New."];
    const { code, stdout } = await run([...words, "--yes", "--json"], async (method, url) => {
      if (method === "GET" && url.endsWith(path) && ++gets === 2)
        await world.call("PATCH", path, { schedule: "0 7 * * *" });
      return undefined;
    });
    expect(code).toBe(8);
    expect(stdout).toContain('"changed since: schedule"');
    expect((await texts()).filter((text) => text === "New.")).toHaveLength(8);
  });

  it("sends no request, and reports unchanged, if others already made the change", async () => {
    const other = async () => void (await world.run(reword));
    const { code, stdout } = await world.run(
      reword.filter((word) => word !== "--yes"),
      { answers: [() => other().then(() => true)] },
    );
    expect(code).toBe(0);
    expect(results(stdout)).toEqual({ "Acme unchanged": 3, "Bolt unchanged": 3, "Core unchanged": 3 });
  });

  it("waits as long as a 429 requests, and continues", async () => {
    let count = 0;
    const slept: number[] = [];
    const refuse: First = async (method) =>
      method === "PATCH" && ++count === 2
        ? new Response("", { status: 429, headers: { "retry-after": "7" } })
        : undefined;
    const sleep = async (ms: number) => void slept.push(ms);
    expect((await run(reword, refuse, { sleep })).code).toBe(0);
    expect(Math.max(...slept)).toBeGreaterThanOrEqual(7_000);
    expect((await texts()).every((text) => text.includes("Teams"))).toBe(true);
  });

  it.each([402, 403])(
    "skips a deployment that returns %i, updates the others, and exits with 8",
    async (status) => {
      const refuse: First = async (method, url) =>
        isPatch(method, url, "Bolt") ? Response.json({ error: { message: "no" } }, { status }) : undefined;
      const { code, stdout } = await run([...reword, "--concurrency", "1"], refuse);
      expect(code).toBe(8);
      expect(results(stdout)).toEqual({
        "Acme updated": 3,
        "Bolt failed": 1,
        "Bolt not started": 2,
        "Core updated": 3,
      });
    },
  );

  it("stops and exits with 3 if the key is refused", async () => {
    const refuse: First = async (method) =>
      method === "PATCH" ? Response.json({ error: { message: "no" } }, { status: 401 }) : undefined;
    const { code, stdout } = await run([...reword, "--concurrency", "1"], refuse);
    expect(code).toBe(3);
    expect(results(stdout)).toMatchObject({ "Acme not started": 3, "Bolt not started": 3 });
  });

  it("names an unreadable deployment, updates the others, and exits with 8", async () => {
    const { code, stdout, stderr } = await run(reword, async (_method, url) =>
      url.includes(`${ids.Bolt}/automations?`) ? new Response("<html>", { status: 400 }) : undefined,
    );
    expect(code).toBe(8);
    expect(results(stdout)).toEqual({ "Acme updated": 3, "Bolt failed": 1, "Core updated": 3 });
    expect(stderr).toContain("can't be read: Bolt: ");
  });

  it("names an unreadable automation, updates the others, and exits with 8", async () => {
    const [bad] = await world.state(ids.Core);
    const { code, stdout, stderr } = await run(reword, async (method, url) =>
      method === "GET" && url.endsWith(`/${bad?.automation_id}`)
        ? new Response("<html>", { status: 400 })
        : undefined,
    );
    expect(code).toBe(8);
    expect(results(stdout)).toEqual({
      "Acme updated": 3,
      "Bolt updated": 3,
      "Core updated": 2,
      "Core failed": 1,
    });
    expect(stderr).toContain(`can't be read: Core/${bad?.name}: `);
  });

  it("says that no automation was updated if the API is unreachable", async () => {
    const { code, stderr } = await run(reword.slice(0, -1), async () => {
      throw Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
    });
    expect([code, stderr]).toEqual([7, expect.stringContaining("nothing was updated")]);
  });

  it("reports unanswered updates as unknown, and confirms them when rerun", async () => {
    const send = fetchFrom(world.server);
    let isLost = false;
    const fetch: FetchLike = async (url, init) => {
      isLost ||= init.method === "PATCH";
      if (isLost && init.method !== "PATCH") return new Response("", { status: 503 });
      const answer = await send(url, init);
      return isLost ? new Response("", { status: 503 }) : answer;
    };
    const words = ["update", "Acme/one", "Bolt/two", "--replace", "Slack", "--with", "Teams"];
    const { code, stdout } = await world.run([...words, "--json", "--concurrency", "1"], { fetch });
    expect([code, stdout]).toEqual([12, expect.stringContaining('"unknown"')]);
    expect((await texts()).filter((text) => text.includes("Teams"))).toHaveLength(1);
    const again = await world.run([...words, "--json"]);
    expect(again.code).toBe(0);
    expect((JSON.parse(again.stdout) as Row[]).map(({ result }) => result).sort()).toEqual([
      "skipped",
      "updated",
    ]);
  });

  it("finishes requests in progress on Ctrl-C, and suggests a command for the rest", async () => {
    const controller = new AbortController();
    let count = 0;
    const press: First = async (method) => {
      if (method === "PATCH" && ++count === 4) controller.abort(new InterruptedError());
      return undefined;
    };
    const words = [...reword.slice(0, -1), "--reason", "INC-7"];
    const { code, stderr } = await run([...words, "--concurrency", "2"], press, {
      signal: controller.signal,
    });
    expect(code).toBe(130);
    const done = (await texts()).filter((text) => text.includes("Teams")).length;
    expect(stderr).toContain(`interrupted: ${done} of 9 updated, ${9 - done} not started`);
    expect(stderr).toContain(
      "hint: to finish it: herm automations update --all-deployments --replace Slack --with Teams --yes --reason INC-7 --concurrency 2",
    );
    const again = await world.run(reword);
    expect([again.code, (JSON.parse(again.stdout) as Row[]).length]).toEqual([0, 9 - done]);
  });

  it("lists the rest by reference if repeating the replacement would change others again", async () => {
    const words = ["update", "--all-deployments", "--replace", "ll", "--with", "l", "--yes"];
    await world.create({ name: "long", instructions: "Callll them." }, ids.Acme);
    const refuse: First = async (method, url) =>
      isPatch(method, url, "Bolt") ? Response.json({ error: { message: "no" } }, { status: 403 }) : undefined;
    const { code, stderr } = await run([...words, "--concurrency", "1"], refuse);
    expect(code).toBe(8);
    expect(stderr).toMatch(
      /hint: to finish it: herm automations update Bolt\/\w+ Bolt\/\w+ Bolt\/\w+ --replace ll --with l --yes --concurrency 1/,
    );
  });
});
