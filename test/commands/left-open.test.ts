import { describe, expect, it } from "vitest";
import { addAutomation, call, listAll } from "../incident/fleet.js";
import { type HermOptions, startServer, temporaryFolder } from "../support/harness.js";
import { LaggingLists } from "../support/lagging-lists.js";

/** A server with the automation A; a change to it is on its way when the command is killed. */
async function startWithOne({ enabled = true } = {}) {
  const world = new LaggingLists(await startServer(), 0);
  const id = await addAutomation(world.server, { name: "A", schedule: "0 9 * * *", enabled });
  const state = async () => {
    const { body } = await call(world.server, "GET", `/v1/deployments/dep_local/automations/${id}`);
    return `${body.schedule} ${body.enabled}`;
  };
  /** Runs a command at once, lets time pass, and returns how long it took. */
  const runTimed = async (words: readonly string[], options: HermOptions = {}) => {
    const startMs = world.ms;
    const ended = await world.run(words, options);
    const tookMs = world.ms - startMs;
    await world.pass(60_000);
    return { ...ended, tookMs, state: await state() };
  };
  return { world, id, runTimed };
}

const update = (schedule: string) => ["automations", "update", "A", "--schedule", schedule];
const edit = update("30 6 * * *");

describe("an unfinished change of a killed command", () => {
  it("is undone even if it takes effect later", async () => {
    const { world, runTimed } = await startWithOne();
    await world.kill(edit, { landsAfterMs: 3_000 });
    const undone = await runTimed(["undo", "last", "--yes"]);
    expect(undone).toMatchObject({ code: 0, state: "0 9 * * * true" });
    expect(undone.stdout).toContain("\tundone\t");
    expect(undone.tookMs).toBe(16_000);
    expect(undone.stderr).toMatch(/^1 change of c_\w{6} may still take effect: waiting 16 s$/m);
  });

  it("counts as not done 16 s after it was sent, but not earlier", async () => {
    const { world, runTimed } = await startWithOne();
    await world.kill(edit, {});
    world.ms += 6_000;
    const undone = await runTimed(["undo", "last", "--yes"]);
    expect(undone).toMatchObject({ code: 0, tookMs: 10_000, state: "0 9 * * * true" });
    expect(undone.stderr).toContain("waiting 10 s");
    expect(undone.stderr).toContain("nothing to undo");
    expect(await runTimed(["undo", "last", "--yes"])).toMatchObject({ code: 0, tookMs: 0 });
  });

  it.each([
    ["an update to the earlier value", edit, update("0 9 * * *"), "0 9 * * * true"],
    ["a resume by ref", ["automations", "pause", "A"], ["automations", "resume", "A"], "0 9 * * * true"],
    [
      "a resume of an incident",
      ["automations", "pause", "--all", "--incident", "INC-1", "--yes"],
      ["automations", "resume", "--incident", "INC-1", "--yes"],
      "0 9 * * * true",
    ],
  ])("delays %s", async (_, killed, words, state) => {
    const { world, runTimed } = await startWithOne();
    await world.kill(killed, { landsAfterMs: 9_000 });
    const ended = await runTimed(words);
    expect(ended).toMatchObject({ code: 0, state });
    expect(ended.tookMs).toBeGreaterThanOrEqual(9_000);
  });

  it.each([
    ["by ref", ["automations", "pause", "A"], ["automations", "resume", "A"]],
    [
      "of an incident",
      ["automations", "pause", "--all", "--incident", "INC-1", "--yes"],
      ["automations", "resume", "--incident", "INC-1", "--yes"],
    ],
  ])("delays a resume even after a pause %s that started long ago", async (_, killed, words) => {
    const { world, runTimed } = await startWithOne();
    await world.run(update("0 9 * * 1"));
    world.ageHistory();
    await world.kill(killed, { landsAfterMs: 3_000 });
    expect(await runTimed(words)).toMatchObject({ code: 0, state: "0 9 * * 1 true" });
  });

  it.each([
    ["an apply", ["apply", "--yes"], 0],
    ["an apply plan", ["apply", "--dry-run"], 0],
    ["a diff", ["diff"], 9],
  ])("delays %s that needs the earlier state", async (_, verb, code) => {
    const { world } = await startWithOne();
    const manifest = (schedule: string) =>
      JSON.stringify({ automations: [{ name: "A", schedule, instructions: "Do it." }] });
    const words = (verb: string[]) => ["automations", ...verb, "-f", "-", "--json"];
    await world.kill(words(["apply", "--yes"]), { landsAfterMs: 3_000, stdin: manifest("30 6 * * *") });
    const planned = await world.run(words(verb), { stdin: manifest("0 9 * * *") });
    expect(planned.code).toBe(code);
    expect(JSON.parse(planned.stdout)).toMatchObject([{ action: "update" }]);
  });

  it.each([
    ["an update", edit, "30 6 * * * true"],
    ["a resume", ["automations", "resume", "A"], "0 9 * * * true"],
  ])("delays the same command: %s", async (_, words, state) => {
    const { world, runTimed } = await startWithOne({ enabled: words === edit });
    await world.kill(words, {});
    expect(await runTimed(words)).toMatchObject({ code: 0, state, tookMs: 16_000 });
  });

  it("doesn't delay other changes, reads, or other data folders", async () => {
    const { world, runTimed } = await startWithOne();
    await addAutomation(world.server, { name: "B" });
    await world.kill(edit, {});
    const others = ["automations", "update", "B", "--schedule", "0 7 * * *"];
    expect(await runTimed(others)).toMatchObject({ code: 0, tookMs: 0 });
    await world.kill(edit, {});
    expect(await runTimed(["automations", "list"])).toMatchObject({ code: 0, tookMs: 0 });
    await world.kill(edit, {});
    expect(await world.run(["automations", "resume", "A"], { home: temporaryFolder() })).toMatchObject({
      code: 0,
    });
  });
});

describe("a killed create", () => {
  const create = ["automations", "create", "--name", "B", "--schedule", "0 7 * * *", "--instructions", "Go."];
  const undo = ["undo", "last", "--yes"];
  /** The names of all automations on the server, of which some may have existed before. */
  const startWith = async (fields: Record<string, unknown>[] = []) => {
    const { world } = await startWithOne();
    for (const each of fields)
      await addAutomation(world.server, { name: "B", schedule: "0 7 * * *", ...each });
    const names = async () => (await listAll(world.server)).map(({ name }) => name).sort();
    return { world, names };
  };

  it.each([0, 3_000, 15_000])("is undone if it takes effect after %d ms", async (landsAfterMs) => {
    const { world, names } = await startWith();
    await world.kill(create, { landsAfterMs });
    const startMs = world.ms;
    const undone = await world.run(undo);
    expect(undone).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^B\tundone\tauto_\w+\tdeleted$/m),
    });
    expect(undone.stderr).toMatch(/^1 change of c_\w{6} may still take effect: waiting 16 s$/m);
    expect({ tookMs: world.ms - startMs, names: await names() }).toEqual({ tookMs: 16_000, names: ["A"] });
    expect(await world.run(undo)).toMatchObject({
      code: 0,
      stderr: expect.stringContaining("nothing to undo"),
    });
    expect(await names()).toEqual(["A"]);
  });

  it("is undone a minute later, without a wait", async () => {
    const { world, names } = await startWith();
    await world.kill(create, { landsAfterMs: 3_000 });
    await world.pass(60_000);
    expect(await world.run(undo)).toMatchObject({ code: 0, stderr: expect.not.stringContaining("waiting") });
    expect(await names()).toEqual(["A"]);
  });

  it.each<[string, Record<string, unknown>]>([
    ["with the same name", { schedule: "0 8 * * *", instructions: "Go." }],
    ["with other instructions", { instructions: "Stop." }],
  ])("counts as not done if the server has only an automation %s", async (_, fields) => {
    const { world, names } = await startWith([fields]);
    await world.kill([...create, "--allow-duplicate"], {});
    const undone = await world.run(undo);
    expect(undone).toMatchObject({ code: 0, stderr: expect.stringContaining("nothing to undo") });
    expect(await names()).toEqual(["A", "B"]);
  });

  it("isn't confused with an identical automation created here just before", async () => {
    const { world, names } = await startWith();
    await world.run(create);
    await world.kill([...create, "--allow-duplicate"], {});
    expect(await world.run(undo)).toMatchObject({
      code: 0,
      stderr: expect.stringContaining("nothing to undo"),
    });
    expect(await names()).toEqual(["A", "B"]);
  });

  it("has an unknown outcome if several automations match, which are listed", async () => {
    const { world, names } = await startWith();
    await world.kill(create, { landsAfterMs: 3_000 });
    const id = await addAutomation(world.server, { name: "B", schedule: "0 7 * * *", instructions: "Go." });
    const undone = await world.run(undo);
    expect(undone).toMatchObject({ code: 12, stderr: expect.stringContaining(id) });
    expect(undone.stderr.match(/auto_\w+/g)).toHaveLength(2);
    expect(await names()).toEqual(["A", "B", "B"]);
  });
});

describe("a pause after a killed resume", () => {
  it.each([
    ["by ref", ["automations", "pause", "A"]],
    ["of a selection", ["automations", "pause", "--all", "--yes"]],
  ])("is sent at once %s, even if already paused, and checked at the end", async (_, words) => {
    const { world, runTimed } = await startWithOne({ enabled: false });
    await world.kill(["automations", "resume", "A"], {});
    const startMs = world.ms;
    const sentAfterMs: number[] = [];
    const paused = await runTimed(words, {
      fetch: (url, init) => {
        if (init.method === "PATCH") sentAfterMs.push(world.ms - startMs);
        return world.fetch(url, init);
      },
    });
    expect(paused).toMatchObject({ code: 0, tookMs: 16_000, state: "0 9 * * * false" });
    expect(sentAfterMs).toEqual([0]);
  });

  it("is sent again by reference if the resume takes effect after it", async () => {
    const { world, runTimed } = await startWithOne({ enabled: false });
    await world.kill(["automations", "resume", "A"], { landsAfterMs: 5_000 });
    const paused = await runTimed(["automations", "pause", "A"]);
    expect(paused).toMatchObject({ code: 0, state: "0 9 * * * false" });
  });

  it("exits with 8 for an incident if the resume takes effect later", async () => {
    const { world, runTimed } = await startWithOne();
    const pause = ["automations", "pause", "--all", "--incident", "INC-1", "--yes"];
    const resume = ["automations", "resume", "--incident", "INC-1", "--yes"];
    await world.run(pause);
    await world.kill(resume, { landsAfterMs: 5_000 });
    expect(await runTimed(pause)).toMatchObject({ code: 8, state: "0 9 * * * true" });
    expect(await runTimed(pause)).toMatchObject({ code: 0, state: "0 9 * * * false" });
    expect(await runTimed(resume)).toMatchObject({ code: 0, state: "0 9 * * * true" });
  });
});
