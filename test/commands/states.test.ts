import { expect, it } from "vitest";
import type { FetchLike } from "../../src/api/fetch.js";
import { stateOfRow } from "../../src/commands/automations/shared/automation-columns.js";
import { changedAnswers } from "../incident/without-updated-at.js";
import { fetchFrom, type HermOptions, herm, temporaryFolder } from "../support/harness.js";
import { useMachineZone } from "../support/machine-zone.js";
import { AuditWorld, withoutField } from "./audit-world.js";
import { topSnapshot } from "./top-rows.js";

useMachineZone("UTC");

const name = "Hourly report";

type Answers = Pick<HermOptions, "home" | "fetch">;

/** A world at 10:40, in which an hourly automation ran at 09:00 and missed 10:00. */
async function lateWorld(instructions = "x"): Promise<AuditWorld> {
  const world = await AuditWorld.open("2026-01-05T08:10:00Z");
  const create = ["create", "--name", name, "--schedule", "0 * * * *", "--instructions", instructions];
  expect(await world.run(create)).toMatchObject({ code: 0 });
  await world.pass(60);
  await world.rest(90, { isLost: true });
  return world;
}

/** The state in every view: list, get, status and top, on a terminal, in a pipe and in JSON. */
async function viewsOf(world: AuditWorld, { home = world.home, ...answers }: Answers = {}) {
  const options = { home, ...answers };
  const jsonOf = async (argv: string[]) =>
    JSON.parse((await world.run([...argv, "-o", "json"], options)).stdout);
  const [listed] = await jsonOf(["list"]);
  const piped = await world.run(["list", "--columns", "status"], options);
  const shown = await world.run(["list", "--columns", "status"], { ...options, tty: true, columns: 200 });
  const detail = await world.run(["get", name], options);
  const { server, now } = world;
  const status = await herm(["status", "-o", "json"], { server, now, ...options });
  const { needs_attention: rows } = JSON.parse(status.stdout);
  return {
    list: piped.stdout.trim(),
    listJson: listed.state,
    screen: /[◉○▲✗?!]+ (\w+)/.exec(shown.stdout)?.[1],
    get: /^state\t(.*)$/m.exec(detail.stdout)?.[1],
    getJson: (await jsonOf(["get", name])).state,
    top: await topState(world, options),
    // It has rows only for automations that need attention.
    status: rows[0]?.state ?? null,
  };
}

async function topState(world: AuditWorld, options: Answers) {
  const { rows } = await topSnapshot(world, options);
  return rows[0] && stateOfRow(rows[0]);
}

const everywhere = (state: string, inStatus: string | null = state) => ({
  ...{ list: state, listJson: state, screen: state, get: state, getJson: state, top: state },
  status: inStatus,
});

it("the state is the same word in every view: overdue, paused, overdue again, failing, paused", async () => {
  const world = await lateWorld();
  expect(await viewsOf(world)).toEqual(everywhere("overdue"));
  const shown = await world.run(["get", name], { tty: true });
  expect(shown.stdout).toMatch(/status +! overdue · was due .*10:00/);
  await world.run(["pause", name]);
  expect(await viewsOf(world)).toEqual(everywhere("paused", "stopped"));
  await world.run(["resume", name]);
  expect(await viewsOf(world)).toEqual(everywhere("overdue"));
  await world.run(["update", name, "--instructions", "@dev fail"]);
  await world.pass(25);
  expect(await viewsOf(world)).toEqual(everywhere("failing"));
  await world.run(["pause", name]);
  expect(await viewsOf(world)).toEqual(everywhere("paused", "stopped"));
  const failing = await world.run(["list", "--failing", "--columns", "name,status"]);
  expect(failing.stdout).toBe(`${name}\tpaused\n`);
}, 60_000);

it("an automation's state ignores changes from before the local server's reset", async () => {
  const before = await lateWorld();
  expect(await before.run(["pause", "--all", "--incident", "INC-1", "--yes"])).toMatchObject({ code: 0 });
  expect(await before.run(["resume", "--incident", "INC-1", "--yes"])).toMatchObject({ code: 0 });
  const world = await lateWorld();
  const [old, id] = await Promise.all([idIn(before), idIn(world)]);
  await world.pass(1);
  await world.send("PATCH", `/v1/deployments/dep_local/automations/${id}`, { instructions: "y" });
  // Like a new example, the new server has the same automation with the same id, but another store.
  const answers = changedAnswers(world.server, (text) => text.replaceAll(id, old));
  const fetch: FetchLike = (url, init) => answers(url.replace(old, id), init);
  const { home } = before;
  expect(await viewsOf(world, { home, fetch })).toEqual(everywhere("enabled", null));
  const audit = ["audit", name, "--since", "2026-01-05T09:30:00Z", "-o", "json"];
  expect(JSON.parse((await world.run(audit, { home, fetch })).stdout)).toMatchObject([
    { result: "unknown", reason: "before_last_change" },
  ]);
}, 60_000);

async function idIn(world: AuditWorld): Promise<string> {
  const [{ automation_id }] = JSON.parse((await world.run(["list", "-o", "json"])).stdout);
  return automation_id;
}

/** The runs that catch-up would start. */
async function startsIn(world: AuditWorld, answers: Answers = {}) {
  const words = ["catch-up", name, "--since", "2026-01-05T09:30:00Z", "--dry-run", "-o", "json"];
  const { code, stdout } = await world.run(words, answers);
  expect(code).toBe(0);
  return JSON.parse(stdout).filter(({ result }: { result: string }) => result === "planned");
}

it("overdue without updated_at is counted from a resume here, and outlasts a pause", async () => {
  const world = await AuditWorld.open("2026-01-05T08:10:00Z");
  const fetch = withoutField(world, "updated_at");
  const run = async (...words: string[]) =>
    expect(await world.run(words, { fetch })).toMatchObject({ code: 0 });
  await run("create", "--name", name, "--schedule", "0 * * * *", "--instructions", "x");
  await world.pass(60);
  await run("pause", name);
  await run("resume", name);
  await world.rest(90, { isLost: true });
  const audit = ["audit", name, "--since", "2026-01-05T09:30:00Z", "-o", "json"];
  const elsewhere = { home: temporaryFolder(), fetch };
  for (const switches of [[], ["pause", "resume"]]) {
    for (const each of switches) await run(each, name);
    expect(await viewsOf(world, { fetch })).toEqual(everywhere("overdue"));
    expect(JSON.parse((await world.run(audit, { fetch })).stdout)).toMatchObject([
      { expected_at: "2026-01-05T10:00:00Z", result: "missed" },
    ]);
    expect(await viewsOf(world, elsewhere)).toEqual(everywhere("enabled", null));
    expect(JSON.parse((await world.run(audit, elsewhere)).stdout)).toMatchObject([
      { result: "unknown", reason: "no_updated_at" },
    ]);
  }
  await world.rest(45, { isLost: true });
  expect(await startsIn(world, { fetch })).toEqual([expect.objectContaining({ name, missed: 2 })]);
  expect(await startsIn(world, elsewhere)).toEqual([]);
}, 60_000);

it("a missed run that the platform won't start is overdue in every view", async () => {
  const world = await lateWorld();
  await world.rest(30, { isLost: true });
  expect(await viewsOf(world)).toEqual(everywhere("overdue"));
  const listed = await world.run(["list", "--overdue", "--columns", "name,status"]);
  expect(listed.stdout).toBe(`${name}\toverdue\n`);
  // These lists show too little, so overdue automations are read.
  const bare = withoutField(world, "updated_at");
  const fetch: FetchLike = (url, init) =>
    (url.includes("/automations?") ? bare : fetchFrom(world.server))(url, init);
  expect(await viewsOf(world, { fetch })).toEqual({
    ...everywhere("overdue"),
    ...{ list: "enabled", listJson: "enabled", screen: "enabled" },
  });
  const asked = await world.run(["list", "--overdue", "--columns", "name,status"], { fetch });
  expect(asked.stdout).toBe(`${name}\toverdue\n`);
  const { stdout } = await herm(["status", "-o", "json"], {
    server: world.server,
    home: world.home,
    now: world.now,
  });
  expect(JSON.parse(stdout)).toMatchObject({
    automations: { overdue: 1 },
    at_least: ["running", "waiting"],
  });
}, 60_000);

it("overdue lasts through a pause, a rename and an undone update", async () => {
  const world = await lateWorld();
  const { server, now, home } = world;
  const run = async (...words: string[]) =>
    expect(await herm(words, { server, now, home, env: { HERM_DEPLOYMENT: "dep_local" } })).toMatchObject({
      code: 0,
    });
  await run("automations", "pause", name);
  await run("automations", "update", name, "--schedule", "0 0 * * *");
  expect(await viewsOf(world)).toEqual(everywhere("paused", "stopped"));
  await run("undo", "last", "--yes");
  await run("automations", "resume", name);
  await run("automations", "update", name, "--name", "Renamed");
  await run("automations", "update", "Renamed", "--name", name);
  expect(await viewsOf(world)).toEqual(everywhere("overdue"));
  await run("automations", "update", name, "--schedule", "0 0 * * *");
  expect(await viewsOf(world)).toEqual(everywhere("enabled", null));
  await run("undo", "last", "--yes");
  expect(await viewsOf(world)).toEqual(everywhere("overdue"));
  // At that time it wasn't enabled with its current schedule.
  await run("automations", "pause", name);
  await run("automations", "update", name, "--schedule", "15 * * * *");
  await run("automations", "resume", name);
  expect(await viewsOf(world)).toEqual(everywhere("enabled", null));
}, 60_000);

it.each([
  ["by name", ["pause", name], ["resume", name]],
  [
    "by an incident",
    ["pause", "--all", "--incident", "INC-1", "--yes"],
    ["resume", "--incident", "INC-1", "--yes"],
  ],
])(
  "overdue before a pause %s continues after it, if that pause is known",
  async (_, pause, resume) => {
    const world = await lateWorld();
    expect(await world.run(pause)).toMatchObject({ code: 0 });
    expect(await world.run(resume)).toMatchObject({ code: 0 });
    expect(await viewsOf(world)).toEqual(everywhere("overdue"));
    const audit = ["audit", name, "--since", "2026-01-05T09:30:00Z", "-o", "json"];
    const judged = async (home = world.home) => JSON.parse((await world.run(audit, { home })).stdout);
    expect(await judged()).toMatchObject([{ expected_at: "2026-01-05T10:00:00Z", result: "missed" }]);
    const elsewhere = temporaryFolder();
    expect(await judged(elsewhere)).toMatchObject([{ result: "unknown", reason: "before_last_change" }]);
    expect(await viewsOf(world, { home: elsewhere })).toEqual(everywhere("enabled", null));
    await world.rest(45, { isLost: true });
    expect(await startsIn(world)).toEqual([expect.objectContaining({ name, missed: 2 })]);
    expect(await startsIn(world, { home: elsewhere })).toEqual([]);
  },
  60_000,
);
