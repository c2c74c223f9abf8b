import { expect, it } from "vitest";
import { stateOfRow } from "../../src/commands/automations/shared/automation-columns.js";
import { herm } from "../support/harness.js";
import { useMachineZone } from "../support/machine-zone.js";
import { AuditWorld } from "./audit-world.js";
import { topSnapshot } from "./top-rows.js";

useMachineZone("UTC");

const everyYear = "0 0 1 12 *";

/** Failing, waiting and overdue automations, and one without problems, at 10:40. */
async function sickWorld() {
  const world = await AuditWorld.open("2026-01-05T08:10:00Z");
  await world.create("Fails", everyYear, "@dev fail no disk");
  await world.create("Waits", everyYear, "@dev ask Send it?");
  await world.create("Overdue", "0 * * * *");
  await world.create("Well", everyYear);
  for (const name of ["Fails", "Waits", "Well"])
    expect(await world.run(["trigger", name])).toMatchObject({ code: 0 });
  await world.pass(60);
  await world.rest(90, { isLost: true });
  return world;
}

const namesIn = ["Fails", "Overdue", "Waits", "Well"];

/** The state of each automation in a list, get, status and top, in JSON and in a pipe. */
async function attention(world: AuditWorld) {
  const { server, home, now } = world;
  const run = async (...argv: string[]) => (await herm(argv, { server, home, now })).stdout;
  const listed = JSON.parse(await run("automations", "list", "--all-deployments", "-o", "json"));
  const columns = ["--columns", "name,status", "--all-deployments"];
  const piped = new Map((await run("automations", "list", ...columns)).split("\n").map(fields));
  const needs: { name: string; state: string }[] = JSON.parse(
    await run("status", "-o", "json"),
  ).needs_attention;
  const [, ...rows] = (await run("status")).trimEnd().split("\n");
  const inStatus = new Map(rows.map((row) => fields(row).toReversed() as [string, string]));
  const { rows: inTop, stops } = await topSnapshot(world, { home });
  const states: Record<string, unknown> = {};
  for (const name of namesIn) {
    const ref = `dep_local/${name}`;
    const got = JSON.parse(await run("automations", "get", ref, "-o", "json"));
    const row = inTop.find(({ automation }) => automation.name === name);
    const every = new Set([
      listed.find((each: { name: string }) => each.name === name).state,
      piped.get(name)?.split(",")[0],
      got.state,
      /^state\t(.*)$/m.exec(await run("automations", "get", ref))?.[1],
      row && stateOfRow(row),
    ]);
    const attends = new Set([needs.find((each) => each.name === name)?.state, inStatus.get(name)]);
    states[name] = [[...every].join(), [...attends].join()];
  }
  const stopped = needs.filter(({ state }) => state === "stopped").length;
  return { ...states, stopped, inTop: stops };
}

function fields(row: string): [string, string] {
  const [first = "", second = ""] = row.split("\t");
  return [first, second];
}

const sick = {
  Fails: ["failing", "failing"],
  Overdue: ["overdue", "overdue"],
  Waits: ["waiting", "waiting"],
  Well: ["enabled", ""],
  stopped: 0,
  inTop: [],
};

it("a fleet with many problems gets the same attention in every view, over time", async () => {
  const world = await sickWorld();
  const { server, home, now } = world;
  const run = async (...argv: string[]) =>
    expect([argv, (await herm(argv, { server, home, now })).code]).toEqual([argv, 0]);
  expect(await attention(world)).toEqual(sick);
  const all = namesIn.map((name) => `dep_local/${name}`);

  const whilePaused = {
    Fails: ["paused", ""],
    Overdue: ["paused", ""],
    Waits: ["waiting", "waiting"],
    Well: ["paused", ""],
    stopped: 1,
  };
  await run("automations", "pause", "--all-deployments", "--incident", "INC-7", "--yes");
  expect(await attention(world)).toEqual({
    ...whilePaused,
    inTop: [expect.stringMatching(/^! stopped {2}INC-7 {2}4 paused by \S+, since \d\d:\d\d$/)],
  });
  await run("automations", "resume", "--incident", "INC-7", "--yes");
  expect(await attention(world)).toEqual(sick);

  await run("automations", "pause", ...all);
  expect(await attention(world)).toEqual({
    ...whilePaused,
    inTop: ["! stopped  4 paused, not by any incident known here"],
  });
  await run("undo", "last", "--yes");
  expect(await attention(world)).toEqual(sick);

  await run("automations", "update", ...all, "--schedule", "0 5 * * *", "--yes");
  await run("undo", "last", "--yes");
  expect(await attention(world)).toEqual(sick);
  await run("automations", "update", ...all, "--instructions", "Other.", "--yes");
  await run("undo", "last", "--yes");
  expect(await attention(world)).toEqual(sick);
}, 120_000);
