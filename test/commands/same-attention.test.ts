import { expect, it } from "vitest";
import { sleep } from "../../src/api/abort.js";
import { FleetReader } from "../../src/commands/top/fleet-reader.js";
import { stateCounts } from "../../src/commands/top/top-view.js";
import { WatchedDeployments } from "../../src/commands/top/watched-deployments.js";
import { Exclusions } from "../../src/fleet/exclusions.js";
import { Invocation } from "../../src/invocation/invocation.js";
import { addAutomation } from "../incident/fleet.js";
import { herm, testSystem } from "../support/harness.js";
import { AuditWorld } from "./audit-world.js";

/** Four automations: one failing, one waiting, one overdue, and one without problems. */
async function sickFleet(): Promise<AuditWorld> {
  const world = await AuditWorld.open("2026-06-01T00:00:00Z");
  const path = "/v1/deployments/dep_local/automations";
  const add = (name: string, schedule: string, instructions: string) =>
    addAutomation(world.server, { name, schedule, instructions });
  const failing = await add("Failing", "0 0 1 1 *", "@dev fail no quota");
  const waiting = await add("Waiting", "0 0 1 1 *", "@dev ask Go on?");
  await add("Overdue", "0 9 * * *", "Do it.");
  const well = await add("Well", "0 0 1 1 *", "Do it.");
  for (const id of [failing, failing, failing, waiting, well]) {
    await world.send("POST", `${path}/${id}/trigger`, {});
    await world.pass(5);
  }
  await world.rest(12 * 60, { isLost: true });
  return world;
}

/** The automations that need attention in each view. */
async function attentionIn(world: AuditWorld): Promise<unknown> {
  const { server, home, now } = world;
  const options = { server, home, now, env: { HERM_DEPLOYMENT: "dep_local" } };
  const rows = async (...words: string[]) => {
    const { stdout } = await herm(words, options);
    return stdout
      .trimEnd()
      .split("\n")
      .map((line) => line.split("\t"));
  };
  const get = async (name: string) => {
    const { stdout } = await world.run(["get", name], { tty: true });
    return stdout.match(/(?<=^ *status +\S+ )(failing|overdue|waiting|enabled)/m)?.[0] ?? stdout;
  };
  const context = new Invocation(testSystem({ ...options, sleep, monotonic: () => performance.now() }), []);
  const off = { local: false, quiet: false, debug: false, noColor: true, noInput: true };
  context.flags = { deployments: [], ...off };
  await context.prepareSettings();
  const selection = { deployments: [], allDeployments: true, except: new Exclusions([]) };
  const deployments = new WatchedDeployments(context, selection);
  const top = await new FleetReader(context, { deployments, selection }).read();
  return {
    list: (await rows("automations", "list")).map(([name, , state]) => [name, state]),
    failures: (await rows("automations", "list", "--failures", "3")).map(([name]) => name),
    status: (await rows("status")).map(([word, what]) => (word === "counts" ? word : [word, what])),
    get: await Promise.all(["Failing", "Waiting", "Overdue", "Well"].map(get)),
    top: stateCounts(top.rows, top),
    stops: top.stops,
  };
}

const sick = {
  list: [
    ["Well", "enabled"],
    ["Overdue", "overdue"],
    ["Waiting", "waiting"],
    ["Failing", "failing"],
  ],
  failures: ["Failing"],
  status: ["counts", ["waiting", "Waiting"], ["failing", "Failing"], ["overdue", "Overdue"]],
  get: ["failing", "waiting", "overdue", "enabled"],
  top: "1 waiting · 1 failing · 1 overdue (estimate) · 1 enabled",
  stops: [],
};

const commands = (...lines: string[]) => lines.map((line) => line.split(" "));

it.each([
  [
    "a pause and its resume",
    commands("automations pause --all --incident INC-1 --yes", "automations resume --incident INC-1 --yes"),
  ],
  ["a pause and its undo", commands("automations pause Failing Overdue Waiting", "undo last --yes")],
  ["edits and their undo", commands("automations update --all --schedule @daily --yes", "undo last --yes")],
  [
    "all of these in turn",
    commands(
      "automations pause --all --incident INC-1 --yes",
      "automations resume --incident INC-1 --yes",
      "automations update --all --schedule @daily --yes",
      "undo last --yes",
      "automations pause Failing Overdue Waiting",
      "undo last --yes",
    ),
  ],
])("every view shows the same automations as needing attention after %s", async (_case, lines) => {
  const world = await sickFleet();
  const before = await attentionIn(world);
  expect(before).toEqual(sick);
  const { server, home } = world;
  for (const words of lines) {
    await world.pass(1);
    const options = { server, home, now: world.now, env: { HERM_DEPLOYMENT: "dep_local" } };
    expect(await herm(words, options)).toMatchObject({ code: 0 });
  }
  expect(await attentionIn(world)).toEqual(before);
});
