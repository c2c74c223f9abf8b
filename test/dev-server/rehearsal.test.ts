import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { herm, temporaryFolder } from "../support/harness.js";
import { spawnHerm } from "../support/spawn.js";

/** Runs commands on a home's local server, which is stopped with the test. */
function localOf(home: string) {
  onTestFinished(async () => void (await spawnHerm(["dev", "stop"], { home })));
  const run = (...words: string[]) => spawnHerm(words, { home, env: { HERM_PROFILE: "local" } });
  return { run, json: async (...words: string[]) => JSON.parse((await run(...words, "-o", "json")).stdout) };
}

const weekly = ["--schedule", "every Monday at 9am", "--instructions", "Write it."];

describe("herm dev deployment", () => {
  it("creates a deployment that is ready when its id is printed", async () => {
    const { run, json } = localOf(temporaryFolder());
    await run("deployments", "list");
    const { code, stdout, stderr } = await run("dev", "deployment", "Acme EU", "--customer", "cus_acme");
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^dep_\w+\n$/) });
    expect(stderr).toContain(`herm --local automations create -d ${stdout.trim()}`);
    const [newest] = await json("deployments", "list");
    expect(newest).toMatchObject({ name: "Acme EU", customer_id: "cus_acme", status: "ready" });
  });
});

describe("herm dev fault", () => {
  it("makes the next requests fail, appears in the list, and can be cleared", async () => {
    const { run, json } = localOf(temporaryFolder());
    await run("deployments", "list");
    expect(
      await json("dev", "fault", "fail", "--status", "402", "--method", "GET", "--count", "2"),
    ).toMatchObject({
      method: "GET",
      count: 2,
      action: { type: "fail", status: 402 },
    });
    expect(await run("deployments", "list")).toMatchObject({ code: 6 });
    const listed = await run("dev", "fault", "list");
    expect(listed.stdout).toMatch(/^fail 402\tGET\t1\tfault_\w+\n$/);
    await run("dev", "fault", "clear");
    const delay = await run("dev", "fault", "delay", "--for", "2m", "--path", "/v1/deployments/dep_x/**");
    expect(delay.stdout).toMatch(/^delay 2 min\t\/v1\/deployments\/dep_x\/\*\*\t1\t/);
    await run("dev", "fault", "clear");
    expect(await run("dev", "fault", "list")).toMatchObject({
      stdout: "",
      stderr: "no faults are simulated\n",
    });
    expect(await run("deployments", "list")).toMatchObject({ code: 0 });
  });

  it("loses the response to a completed request", async () => {
    const { run, json } = localOf(temporaryFolder());
    await run("automations", "create", "--name", "A", ...weekly);
    expect(await run("dev", "fault", "commit", "--method", "PATCH")).toMatchObject({ code: 0 });
    expect(await run("automations", "pause", "A", "--yes")).toMatchObject({ code: 0 });
    expect(await run("dev", "fault", "list")).toMatchObject({ stdout: "" });
    expect(await json("automations", "get", "A")).toMatchObject({ enabled: false });
  });

  it("runs paused automations, which the incident then shows", async () => {
    const { run, json } = localOf(temporaryFolder());
    await run("automations", "create", "--name", "A", ...weekly);
    const enabled = await run("dev", "fault", "run-paused", "A");
    expect(enabled).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('no paused automation is named "A"'),
    });
    await run("automations", "pause", "A", "--incident", "INC-1", "--yes");
    expect(await run("incidents", "show", "INC-1")).toMatchObject({ code: 0 });
    // A run within a second of the pause may already have been on its way.
    await pause(1_500);
    expect(await run("dev", "fault", "run-paused", "Local/A")).toMatchObject({ code: 0 });
    expect(await run("incidents", "show", "INC-1")).toMatchObject({ code: 8 });
    const { recent_runs } = await json("automations", "get", "A");
    expect(recent_runs).toMatchObject([{ trigger: "schedule" }]);
  });

  it("never prints a fault's text to the terminal unescaped", async () => {
    const { run } = localOf(temporaryFolder());
    await run("deployments", "list");
    const set = await run("dev", "fault", "cut", "--path", "/\u001b[31mred");
    const listed = await run("dev", "fault", "list");
    expect(set.code).toBe(0);
    expect(listed.stdout).toContain("red");
    expect(set.stdout + listed.stdout).not.toContain("\u001b");
  });

  it.each([
    [["explode"], 'there is no fault "explode"', "faults: fail, delay, cut, commit, run-paused"],
    [["lst"], 'there is no fault "lst"', "did you mean list?"],
    [["delay"], "delay needs --for", "for example: herm dev fault delay --for 5s"],
    [
      ["delay", "--for", "1h"],
      "delay needs a --for of at most 10 minutes",
      "for example: herm dev fault delay --for 5s",
    ],
    [
      ["cut", "--status", "503"],
      "cut doesn't accept --status",
      "for example: herm dev fault cut --method GET",
    ],
    [
      ["fail", "--status", "200"],
      "fail needs a --status from 400 to 599",
      "for example: herm dev fault fail --status 503",
    ],
    [
      ["fail", "--path", "v1"],
      "fail needs a --path that starts with /",
      "for example: herm dev fault fail --status 503",
    ],
    [
      ["run-paused"],
      "run-paused needs an automation",
      'for example: herm dev fault run-paused "Acme/Weekly report"',
    ],
    [
      ["run-paused", "A", "--count", "2"],
      "run-paused doesn't accept --method, --path or --count",
      'for example: herm dev fault run-paused "Acme/Weekly report"',
    ],
    [["fail", "A"], "fail doesn't accept an automation", "for example: herm dev fault fail --status 503"],
  ])("rejects %j, and shows the correct form", async (words, message, hint) => {
    expect(await herm(["dev", "fault", ...words])).toEqual({
      code: 2,
      stdout: "",
      stderr: `error: ${message}\nhint: ${hint}\n`,
    });
  });

  it("requires a running server", async () => {
    const { code, stderr } = await herm(["dev", "fault", "cut", "--data", "x.db"]);
    expect({ code, stderr }).toEqual({
      code: 4,
      stderr: expect.stringContaining("hint: to start one: herm dev --data x.db"),
    });
  });
});
