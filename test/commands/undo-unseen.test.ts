import { beforeEach, describe, expect, it } from "vitest";
import type { FetchLike } from "../../src/api/fetch.js";
import type { Automation } from "../../src/api/types.js";
import { fetchFrom } from "../support/harness.js";
import { LaggingLists } from "../support/lagging-lists.js";
import { type UnseenWay, unseenDeployments, unseenInLists, unseenWays } from "../support/unseen.js";
import { type ManifestServer, startManifestServer } from "./manifest-server.js";

let world: ManifestServer;

const local = ["-d", "dep_local"];

/** Commands whose changes are undone, and the state before them. */
const changes = {
  "an update": ["update", "A", "B", "--schedule", "0 7 * * *"],
  "a pause": ["pause", "A", "B"],
  "a creation": "create --name New --schedule @daily --instructions Go".split(" "),
  "a deletion": ["delete", "A", "B", "--yes"],
  "a single deletion": ["delete", "A", "--yes"],
} as const;

type ChangeKind = keyof typeof changes;
const kinds = Object.keys(changes) as ChangeKind[];

beforeEach(async () => {
  world = await startManifestServer();
  for (const name of ["A", "B", "C"]) await world.create({ name, instructions: `Do ${name}` });
});

const run: ManifestServer["runHerm"] = (...call) => world.runHerm(...call);

async function state(): Promise<string[]> {
  return (await world.state()).map(({ name, schedule, enabled }) => `${name} ${schedule} ${enabled}`);
}

async function idOf(name: string): Promise<string> {
  return (await world.state()).find((each) => each.name === name)?.automation_id ?? "none";
}

/** Makes a change; returns the state before it, and the odd world after it. */
async function changed(kind: ChangeKind, way?: UnseenWay) {
  const before = await state();
  expect((await run(["automations", ...changes[kind], ...local])).code).toBe(0);
  const left = await state();
  expect(left).not.toEqual(before);
  const automation = await idOf(kind === "a creation" ? "New" : "C");
  const place = { server: world.server, deployment: "dep_local", automation };
  return { before, left, fetch: way && unseenWays[way](place) };
}

/** Requests to the API, in short form. */
function counting() {
  const requests: string[] = [];
  const fetch: FetchLike = async (url, init) => {
    const { pathname } = new URL(url);
    requests.push(`${init.method} ${pathname.replace("/v1/deployments", "").replace(/auto_\w+/, "auto")}`);
    return fetchFrom(world.server)(url, init);
  };
  return { fetch, requests: () => requests.filter((each) => each.includes("dep_local")) };
}

const list = "GET /dep_local/automations";
const get = "GET /dep_local/automations/auto";

describe.each(kinds)("herm undo of %s", (kind) => {
  it.each(unseenDeployments)("reports an unknown state, and changes no automation: %s", async (way) => {
    const { before, left, fetch } = await changed(kind, way);
    const { code, stdout, stderr } = await run(["undo", "last", "--yes"], { fetch });
    expect(`${stdout}${stderr}`).not.toMatch(/deleted since|already undone|nothing to undo$/m);
    expect(stdout).not.toMatch(/\t(undone|unchanged|skipped)\t/);
    expect([3, 7, 8]).toContain(code);
    expect(await state()).toEqual(left);
    expect((await run(["undo", "last", "--yes"])).code).toBe(0);
    expect(await state()).toEqual(before);
  });

  it.each(unseenInLists)("restores each automation once: %s", async (way) => {
    const { before, fetch } = await changed(kind, way);
    expect(await run(["undo", "last", "--yes"], { fetch })).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("\tundone\t"),
    });
    expect(await state()).toEqual(before);
    // Even if it is repeated, and the list omits the recreated automation.
    const automation = await idOf("A");
    const again = unseenWays[way]({ server: world.server, deployment: "dep_local", automation });
    const { code, stdout } = await run(["undo", "last", "--yes"], { fetch: again });
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.not.stringMatching(/undone|skipped|failed/) });
    expect(await state()).toEqual(before);
  });

  it.each([800, 8_000])("reports no false failure if lists lag %i ms", async (lagMs) => {
    const before = await state();
    const lists = new LaggingLists(world.server, lagMs);
    expect((await lists.run(["automations", ...changes[kind], ...local])).code).toBe(0);
    for (const what of ["undone", "unchanged"]) {
      const { code, stdout, stderr } = await lists.run(["undo", "last", "--yes"]);
      expect({ code, stderr }).toEqual({ code: 0, stderr: expect.not.stringMatching(/exist|fail/) });
      expect(stdout).toContain(`\t${what}\t`);
      expect(stdout).not.toMatch(/failed|skipped/);
      expect(await state()).toEqual(before);
    }
  });
});

describe("the requests of herm undo", () => {
  it.each<[ChangeKind, string[]]>([
    ["an update", [get, get, get, get]],
    ["a pause", [get, get, get, get]],
    ["a creation", [get, get]],
  ])("are as few as possible if all automations are listed: %s", async (kind, expected) => {
    await changed(kind);
    const { fetch, requests } = counting();
    expect((await run(["undo", "last", "--yes"], { fetch })).code).toBe(0);
    expect(requests().filter((each) => each.startsWith("GET"))).toEqual(expected);
  });

  it("include a single list for two missing automations", async () => {
    await changed("a pause");
    const ids = [await idOf("A"), await idOf("B")];
    for (const id of ids) await world.call("DELETE", `/v1/deployments/dep_local/automations/${id}`);
    const { fetch, requests } = counting();
    // Automations answered here in the last 16 s would be read in addition to the list.
    const now = new Date(Date.now() + 60_000);
    const { code, stdout } = await run(["undo", "last", "--yes"], { fetch, now });
    expect(requests()).toEqual([get, get, list]);
    expect(stdout.match(/\tskipped\tauto_\w+\tdeleted since$/gm)).toHaveLength(2);
    expect(code).toBe(0);
  });

  it("include a GET before a create, even after a list", async () => {
    await changed("a single deletion");
    const { fetch, requests } = counting();
    expect((await run(["undo", "last", "--yes"], { fetch })).code).toBe(0);
    expect(requests()).toEqual([list, get, list, "POST /dep_local/automations", get, list]);
  });
});

describe("herm undo of a deletion, with contradictory lists", () => {
  /** Responses for successive lists of the deployment; the last is repeated. */
  function lists(...answers: ((all: readonly Automation[]) => readonly Automation[])[]): FetchLike {
    return async (url, init) => {
      if (init.method !== "GET" || !url.includes("/automations?")) return fetchFrom(world.server)(url, init);
      const answer = answers.length > 1 ? answers.shift() : answers[0];
      return Response.json({ data: answer?.(await world.list()), next_cursor: null });
    };
  }

  const all = (listed: readonly Automation[]) => listed;
  const withGhost = (listed: readonly Automation[]) => [
    ...listed,
    { automation_id: "auto_ghost", name: "A" },
  ];

  it("recreates the automation despite a list that later reads contradict", async () => {
    const { before } = await changed("a single deletion");
    const fetch = lists(all, withGhost, all);
    const { code, stderr } = await run(["undo", "last", "--yes"], { fetch });
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.not.stringContaining("exists") });
    expect(await state()).toEqual(before);
  });

  it("doesn't recreate an automation while lists show it, even if a GET fails", async () => {
    const { left } = await changed("a single deletion");
    const { code, stdout } = await run(["undo", "last", "--yes"], { fetch: lists(all, withGhost) });
    expect({ code, stdout }).toEqual({ code: 8, stdout: expect.stringContaining("\tunknown\t") });
    expect(await state()).toEqual(left);
  });

  it("doesn't confuse the automation with an older one of the same name", async () => {
    await world.create({ name: "A", instructions: "Do A" });
    const before = await state();
    await run(["automations", "delete", await idOf("A"), "--yes", ...local]);
    const { code, stdout } = await run(["undo", "last", "--yes"], { fetch: lists(() => [], all) });
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining("\tundone\t") });
    expect(await state()).toEqual(before);
  });

  it("lists a concurrent create and its own, even if the list lags", async () => {
    await changed("a single deletion");
    let other = "";
    const onlyOther = (listed: readonly Automation[]) =>
      listed.filter(({ automation_id }) => automation_id === other);
    const served = lists(all, all, onlyOther);
    const fetch: FetchLike = async (url, init) => {
      const answer = await served(url, init);
      if (init.method === "POST") other = (await world.create({ name: "A" })).automation_id;
      return answer;
    };
    const { code, stdout, stderr } = await run(["undo", "last", "--yes", "--json"], { fetch });
    const [{ automation_id: own }] = JSON.parse(stdout) as [Automation];
    expect({ code, stderr }).toEqual({
      code: 8,
      stderr: expect.stringContaining(`warning: "A" now exists twice in Local: ${own}, ${other}\n`),
    });
  });
});

describe("herm undo in several deployments", () => {
  it("restores visible automations, lists the others, and can finish later", async () => {
    const acme = await world.deploy("Acme");
    const { automation_id: automation } = await world.create({ name: "A" }, acme);
    const retime = ["update", "--match", "A", "--all-deployments", "--schedule", "0 7 * * *", "--yes"];
    expect((await run(["automations", ...retime])).code).toBe(0);
    const fetch = unseenWays["a key that sees fewer deployments"]({
      ...{ server: world.server, deployment: acme, automation },
    });
    const here = await run(["undo", "last", "--yes"], { fetch });
    expect(here.stdout).toMatch(/^dep_local\tA\tundone\t/m);
    expect(here.stdout).toContain(`${acme}\tA\tunknown\t${automation}\t${acme} can't be seen with key`);
    expect(here.code).toBe(8);
    // It is missing from the list of deployments, but can still be named.
    const there = await run(["undo", "last", "-d", acme, "--yes"], { fetch });
    expect(there).toMatchObject({ code: 8, stderr: expect.stringContaining(`error: ${acme} can't be seen`) });
    expect((await run(["undo", "last", "-d", acme, "--yes"])).code).toBe(0);
    expect(await world.state(acme)).toMatchObject([{ schedule: "0 9 * * *" }]);
  });
});

describe("the key in herm undo's message", () => {
  it.each([
    ["by its last four characters", "hk_0123456789", "dep_local can't be seen with key …6789"],
    ["not at all if it is short", "hk_01234567", "dep_local can't be seen with this key"],
  ])("is shown %s", async (_, key, text) => {
    const { fetch } = await changed("a pause", "another account's key");
    const { code, stdout, stderr } = await run(["undo", "last", "--yes"], { fetch, key });
    expect({ code, stdout }).toEqual({ code: 8, stdout: expect.stringContaining(`\tunknown\tauto_`) });
    expect(stdout.match(new RegExp(`\t${text}$`, "gm"))).toHaveLength(2);
    expect(stderr).toContain(
      `error: 2 of 2 unknown; first: ${text}\nhint: with a key that can see it: herm undo c_`,
    );
  });

  it("appears in the plan, which doesn't claim that there is nothing to undo", async () => {
    const { fetch } = await changed("a pause", "another account's key");
    const { code, stderr } = await run(["undo", "last", "--yes"], { fetch, tty: true, columns: 200 });
    expect(stderr).toMatch(
      /\nnothing to undo among those read · 2 unknown\n {2}unknown: A, B: dep_local can't be seen with key …/,
    );
    expect(code).toBe(8);
    expect(await run(["undo", "last", "--dry-run"], { fetch })).toMatchObject({
      code: 8,
      stderr: expect.stringContaining("2 automations can't be read\n"),
    });
  });

  it("appears in the error if the API refuses the deployment", async () => {
    const { fetch } = await changed("a single deletion", "a deployment that answers 403");
    expect(await run(["undo", "last", "--yes"], { fetch, key: "hk_0123456789" })).toMatchObject({
      code: 8,
      stderr: expect.stringMatching(
        /error: dep_local can't be seen with key …6789\nhint: to see which key is used: herm auth status/,
      ),
    });
  });
});

describe("herm undo after a plan", () => {
  /** Once a change is about to be sent, all requests in the deployment get this response. */
  function after(reads: number, answer: () => Response): FetchLike {
    let remaining = reads;
    return async (url, init) => {
      if (!url.includes("dep_local/")) return fetchFrom(world.server)(url, init);
      remaining -= 1;
      return remaining < 0 ? answer() : fetchFrom(world.server)(url, init);
    };
  }

  const notFound = () => Response.json({ error: "not_found", message: "no such thing" }, { status: 404 });

  it.each<[ChangeKind, number]>([
    ["a pause", 2],
    ["a creation", 1],
    ["a single deletion", 2],
  ])("never reports a deletion if the deployment is no longer visible: %s", async (kind, reads) => {
    const { left } = await changed(kind);
    const { code, stdout, stderr } = await run(["undo", "last", "--yes"], {
      fetch: after(reads, notFound),
    });
    expect(code).toBe(8);
    expect(`${stdout}${stderr}`).toMatch(/dep_local can't be seen with/);
    expect(`${stdout}${stderr}`).not.toMatch(/deleted since|unchanged/);
    expect(await state()).toEqual(left);
  });
});
