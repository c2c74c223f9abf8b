import { describe, expect, it } from "vitest";
import { addAutomation, addDeployment, addFault, enabledNames, requestCounts } from "../incident/fleet.js";
import { type HermOptions, herm, startServer, temporaryFolder } from "../support/harness.js";

/** Acme and Bolt, each with an automation "Weekly"; Bolt is in use by default. */
async function start() {
  const server = await startServer();
  const home = temporaryFolder();
  const acme = await addDeployment(server, { name: "Acme" });
  const bolt = await addDeployment(server, { name: "Bolt" });
  const weekly = await addAutomation(server, { name: "Weekly", deployment: acme });
  const other = await addAutomation(server, { name: "Weekly", deployment: bolt });
  const run = (words: readonly string[], options: HermOptions = {}) =>
    herm(words, { server, home, env: { HERM_DEPLOYMENT: bolt }, ...options });
  const enabledIn = (deployment: string) => enabledNames(server, [deployment]);
  return { server, acme, bolt, weekly, other, run, enabledIn };
}

describe("a reference with its deployment's name", () => {
  it.each([
    ["automations", "get", "Acme/Weekly"],
    ["automations", "update", "Acme/Weekly", "--instructions", "Other."],
    ["automations", "trigger", "Acme/Weekly", "--no-follow"],
    ["runs", "show", "Acme/Weekly"],
    ["runs", "list", "Acme/Weekly"],
  ])("is accepted by %s %s", async (...words) => {
    const { run, acme, weekly } = await start();
    if (words[0] === "runs") await run(["automations", "trigger", `${acme}/${weekly}`, "--no-follow"]);
    const { code, stdout } = await run([...words, "--json"]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining(weekly) });
  });

  it("works for pause, resume, incidents and delete, without affecting other automations", async () => {
    const { run, acme, bolt, enabledIn } = await start();
    const steps: [words: string, isEnabled: boolean][] = [
      ["pause Acme/Weekly", false],
      ["resume Acme/Weekly", true],
      ["pause Acme/Weekly --incident INC-1", false],
      ["resume Acme/Weekly --incident INC-1", true],
      ["pause Acme/Weekly --all-deployments --incident INC-2 --yes", false],
      ["resume --incident INC-2 --yes", true],
      ["delete Acme/Weekly --yes", false],
    ];
    for (const [words, isEnabled] of steps) {
      expect({ words, code: (await run(["automations", ...words.split(" ")])).code }).toEqual({
        words,
        code: 0,
      });
      expect(await enabledIn(acme)).toEqual(isEnabled ? ["Weekly"] : []);
      expect(await enabledIn(bolt)).toEqual(["Weekly"]);
    }
  });

  it("may contain a run's id, even if the run is unknown here", async () => {
    const { run, acme, weekly } = await start();
    const elsewhere = { home: temporaryFolder() };
    const words = ["automations", "trigger", `${acme}/${weekly}`, "--no-follow", "-o", "name"];
    const run_id = (await run(words, elsewhere)).stdout.trim();
    const shown = await run(["runs", "show", `Acme/${run_id}`, "--json"]);
    expect(shown.code).toBe(0);
    expect(JSON.parse(shown.stdout)).toMatchObject({ run_id, deployment_id: acme });
    expect(await run(["runs", "show", `Bolt/${run_id}`])).toMatchObject({ code: 4, stdout: "" });
    expect(await run(["runs", "show", `Nowhere/${run_id}`])).toMatchObject({ code: 4, stdout: "" });
  });

  it("needs no chosen deployment", async () => {
    const { run, enabledIn, acme } = await start();
    const paused = await run(["automations", "pause", "Acme/Weekly"], { env: {} });
    expect(paused).toMatchObject({ code: 0, stderr: expect.stringContaining("undo: ") });
    expect(await enabledIn(acme)).toEqual([]);
  });

  it("leaves bare names to the deployments chosen with -d", async () => {
    const { server, run, acme, bolt, enabledIn } = await start();
    await addAutomation(server, { name: "Daily", deployment: acme });
    await addAutomation(server, { name: "Daily", deployment: "dep_local" });
    const words = ["automations", "pause", "Acme/Weekly", "Daily", "-d", bolt, "-d", "dep_local"];
    expect((await run(words)).code).toBe(0);
    expect(await enabledIn(acme)).toEqual(["Daily"]);
    expect(await enabledIn("dep_local")).toEqual([]);
    expect(await enabledIn(bolt)).toEqual(["Weekly"]);
  });

  it("is rejected if the deployment is ambiguous, with the ids", async () => {
    const { server, run, acme, enabledIn } = await start();
    const second = await addDeployment(server, { name: "Acme" });
    const refused = await run(["automations", "pause", "Acme/Weekly"]);
    expect(refused).toMatchObject({ code: 6, stdout: "" });
    expect(refused.stderr).toContain('error: 2 deployments are named "Acme"\n');
    expect(refused.stderr).toContain(acme);
    expect(refused.stderr).toContain(second);
    expect(await enabledIn(acme)).toEqual(["Weekly"]);
  });

  it("exits with 4 and a suggestion if it doesn't exist", async () => {
    const { run } = await start();
    expect(await run(["automations", "get", "Acme/Wekly"])).toMatchObject({
      code: 4,
      stderr: 'error: no automation "Wekly" in Acme\nhint: did you mean "Acme/Weekly"?\n',
    });
    expect(await run(["automations", "get", "Acmee/Weekly"])).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('hint: did you mean "Acme/Weekly"?\n'),
    });
  });

  it("fails with the API's error if the deployment is unreadable", async () => {
    const { server, run, acme, enabledIn } = await start();
    const path = `/v1/deployments/${acme}/automations`;
    await addFault(server, { method: "GET", path, count: 1, action: { type: "fail", status: 403 } });
    expect(await run(["automations", "pause", "Acme/Weekly"])).toMatchObject({ code: 3, stdout: "" });
    expect(await enabledIn(acme)).toEqual(["Weekly"]);
  });
});

describe("a reference with an unknown deployment's name", () => {
  it.each([
    ["automations", "get"],
    ["automations", "trigger"],
    ["automations", "pause"],
    ["automations", "pause", "--incident", "INC-1"],
    ["automations", "update", "--name", "New"],
    ["automations", "update", "--dry-run", "--name", "New"],
    ["automations", "delete", "--yes"],
    ["automations", "audit"],
    ["runs", "list"],
    ["runs", "show"],
    ["runs", "watch"],
  ])("causes an error with suggestions in %s %s %s, and no question", async (...words) => {
    const { server, run, enabledIn, acme } = await start();
    await addDeployment(server, { name: "Acme US" });
    for (const options of [{ answers: [] }, {}]) {
      expect(await run([...words, "Acm/Weekly"], { env: {}, ...options })).toEqual({
        code: 4,
        stdout: "",
        stderr: 'error: no deployment named "Acm"\nhint: did you mean "Acme US" or "Acme"?\n',
      });
    }
    expect(await enabledIn(acme)).toEqual(["Weekly"]);
  });

  it("is reported together with the chosen deployment and the existing references", async () => {
    const { server, run, bolt } = await start();
    const us = await addDeployment(server, { name: "Acme of Upper Austria" });
    await addAutomation(server, { name: "Weekly", deployment: us });
    expect(await run(["automations", "get", "Acme of/Weekly"])).toEqual({
      code: 4,
      stdout: "",
      stderr: `error: no automation named "Acme of/Weekly" in ${bolt}, and no deployment named "Acme of"\nhint: did you mean "Acme of Upper Austria/Weekly"?\n`,
    });
    const everywhere = ["automations", "pause", "Acme of/Weekly", "--all-deployments", "--yes"];
    expect(await run(everywhere)).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('hint: did you mean "Acme of Upper Austria/Weekly"?\n'),
    });
  });

  it.each([
    [{ HERM_DEPLOYMENT: "Blot" }, [], 'no deployment named "Blot" (HERM_DEPLOYMENT)'],
    [{}, ["-d", "Blot"], 'no deployment named "Blot"'],
  ])("is reported with the setting that contains it: %j %j", async (env, words, text) => {
    const { run } = await start();
    expect(await run(["automations", "list", ...words], { env })).toEqual({
      code: 4,
      stdout: "",
      stderr: `error: ${text}\nhint: did you mean "Bolt"?\n`,
    });
  });

  it("is reported by --except, which doesn't accept references", async () => {
    const { run, enabledIn, acme } = await start();
    for (const [value, hint] of [
      ["Acmee/Weekly", 'did you mean "Acme"?'],
      ["Acme/Weekly", '--except takes an automation without its deployment: "Weekly"'],
    ]) {
      const refused = await run([
        "automations",
        "pause",
        "--all-deployments",
        "--yes",
        "--except",
        `${value}`,
      ]);
      expect(refused).toMatchObject({
        code: 4,
        stderr: expect.stringContaining(`hint: nothing was changed; ${hint}\n`),
      });
    }
    expect(await enabledIn(acme)).toEqual(["Weekly"]);
  });

  it("may be an automation's name, if -d or `name:` is given", async () => {
    const { server, run, bolt } = await start();
    await addAutomation(server, { name: "A/B test", deployment: bolt });
    const { code, stderr } = await run(["automations", "get", "A/B test"], { env: {}, answers: [] });
    expect({ code, stderr }).toEqual({
      code: 4,
      stderr: 'error: no deployment named "A"\nhint: if the slash is part of its name, also give -d\n',
    });
    const asked = { env: {}, answers: [bolt, false] };
    expect((await run(["automations", "get", "name:A/B test"], asked)).code).toBe(0);
    expect((await run(["automations", "get", "A/B test", "-d", "Bolt"], { env: {} })).code).toBe(0);
  });
});

describe("a name with a slash", () => {
  it("is matched as a whole, and only deployments with its prefix are read", async () => {
    const { server, run, bolt, enabledIn } = await start();
    await addAutomation(server, { name: "A/B test", deployment: bolt });
    expect((await run(["automations", "pause", "A/B test"])).code).toBe(0);
    expect(await enabledIn(bolt)).toEqual(["Weekly"]);
    const before = (await requestCounts(server)).GET ?? 0;
    expect((await run(["automations", "get", "name:A/B test", "--json"])).code).toBe(0);
    expect(((await requestCounts(server)).GET ?? 0) - before).toBe(2);
  });

  it("is rejected if ambiguous, with both ids, unless `name:` decides", async () => {
    const { server, run, acme, bolt, weekly, enabledIn } = await start();
    const own = await addAutomation(server, { name: "Acme/Weekly", deployment: bolt });
    const refused = await run(["automations", "pause", "Acme/Weekly"]);
    expect(refused).toMatchObject({ code: 6, stdout: "" });
    expect(refused.stderr).toContain(`${bolt}/${own}, ${acme}/${weekly}`);
    expect((await run(["automations", "pause", "name:Acme/Weekly"])).code).toBe(0);
    expect(await enabledIn(bolt)).toEqual(["Weekly"]);
    expect(await enabledIn(acme)).toEqual(["Weekly"]);
  });
});

it.each([
  ["S*", "--match 'S*'"],
  ["Acme/S*", "-d Acme --match 'S*'"],
])("a pattern instead of a name is explained: %s", async (ref, words) => {
  const { run } = await start();
  for (const verb of ["get", "pause"]) {
    const { code, stderr } = await run(["automations", verb, ref]);
    expect({ code, stderr }).toEqual({
      code: 4,
      stderr: expect.stringContaining(
        `hint: names must match exactly; to see what matches the pattern: herm automations list ${words}\n`,
      ),
    });
  }
});
