import { describe, expect, it } from "vitest";
import { addFault } from "../incident/fleet.js";
import { type HermOptions, herm, startServer, temporaryFolder } from "../support/harness.js";
import { addDeployment } from "./run-server.js";

/** Two deployments, none chosen: `Digest` in both, `Weekly` in one. */
async function prepare() {
  const server = await startServer();
  const options = { server, home: temporaryFolder() };
  const other = await addDeployment(server, { name: "Luna", customer_id: "cus_luna" });
  const create = (deployment: string, name: string) =>
    herm(
      [
        "automations",
        "create",
        "-d",
        deployment,
        "--name",
        name,
        "--schedule",
        "@daily",
        "--instructions",
        "x",
      ],
      options,
    );
  await create("dep_local", "Digest");
  await create(other, "Digest");
  await create(other, "Weekly");
  return {
    other,
    server,
    run: (argv: readonly string[], more: HermOptions = {}) => herm(argv, { ...options, ...more }),
  };
}

describe("a bare name without a chosen deployment", () => {
  it("is searched for in all deployments by read-only commands", async () => {
    const { run, other } = await prepare();
    const { code, stdout } = await run(["automations", "get", "Weekly", "--json"]);
    expect({ code, place: JSON.parse(stdout).deployment_id }).toEqual({ code: 0, place: other });
    const several = await run(["automations", "get", "Digest"]);
    expect(several).toMatchObject({ code: 6, stderr: expect.stringContaining("Luna/Digest") });
    expect((await run(["automations", "get", "Nothing"])).code).toBe(4);
  });

  it("is found by read-only commands if there is only one deployment", async () => {
    const options = { server: await startServer(), home: temporaryFolder(), env: {} };
    const words = ["--name", "D1", "--schedule", "@daily", "--instructions", "x", "-d", "dep_local"];
    await herm(["automations", "create", ...words], options);
    expect(await herm(["automations", "get", "D1"], options)).toMatchObject({ code: 0, stderr: "" });
    expect(await herm(["runs", "list", "D1"], options)).toMatchObject({ code: 0, stdout: "" });
    expect(await herm(["automations", "get", "D2"], options)).toMatchObject({ code: 4 });
    expect(await herm(["automations", "pause", "D1"], options)).toMatchObject({ code: 2 });
  });

  it("can be selected among readable deployments, after a warning about the others", async () => {
    const { run, server, other } = await prepare();
    await addFault(server, {
      method: "GET",
      path: `/v1/deployments/${other}/automations`,
      count: null,
      action: { type: "fail", status: 403 },
    });
    const picked = await run(["automations", "get", "Digest"], { answers: ["Local/Digest"] });
    expect(picked).toMatchObject({ code: 0, stderr: expect.stringMatching(/^warning: Luna: /) });
  });

  it("needs confirmation before a change, and is rejected in a pipe", async () => {
    const { run } = await prepare();
    const pause = ["automations", "pause", "Weekly"];
    expect((await run(pause)).code).toBe(2);
    expect((await run(pause, { answers: [false] })).code).toBe(1);
    expect((await run(pause, { answers: [true] })).code).toBe(0);
    expect((await run(["automations", "resume", "Weekly", "--yes"], { answers: [] })).code).toBe(0);
  });
});

describe("an automation in one of several deployments", () => {
  it("is shown with its deployment in questions and results on a terminal", async () => {
    const { run, other } = await prepare();
    const on = { tty: true, env: { HERM_DEPLOYMENT: other } };
    const printed = async (words: readonly string[], more: HermOptions = {}) =>
      (await run(words, { ...on, ...more })).stdout.split("\n")[0]?.trimEnd();
    expect(await printed(["automations", "pause", "Weekly"])).toMatch(/^✓ Paused Luna\/Weekly {2}auto_\w+$/);
    expect(await printed(["automations", "trigger", "Weekly", "--no-follow"])).toMatch(
      /^✓ Started Luna\/Weekly {2}run_\w+$/,
    );
    const answers: unknown[] = [true];
    const words = ["automations", "delete", "Weekly"];
    expect(await printed(words, { answers })).toMatch(/^✓ Deleted Luna\/Weekly {2}auto_\w+$/);
    const create = ["automations", "create", "--name", "New", "--schedule", "@daily", "--instructions", "x"];
    expect(await printed(create)).toMatch(/^✓ Created Luna\/New {2}auto_\w+$/);
  });

  it("is deleted by bare name after one question, which names the customer", async () => {
    const { run } = await prepare();
    const words = ["automations", "delete", "Weekly"];
    const unanswered = await run(words, { answers: [] });
    expect(unanswered.stderr).toContain('the question "Delete "Luna/Weekly"?"');
    expect(await run(words, { answers: [true] })).toMatchObject({ code: 0 });
  });

  it("is shown by name alone if deployments can't be read", async () => {
    const { run, other, server } = await prepare();
    await addFault(server, {
      method: "GET",
      path: "/v1/deployments",
      count: null,
      action: { type: "fail", status: 403 },
    });
    const words = ["automations", "pause", "Weekly"];
    const { code, stdout } = await run(words, { tty: true, env: { HERM_DEPLOYMENT: other } });
    expect({ code, first: stdout.split("\n")[0] }).toEqual({
      code: 0,
      first: expect.stringMatching(/^✓ Paused Weekly {2}auto_/),
    });
  });
});
