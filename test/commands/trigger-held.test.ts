import { describe, expect, it } from "vitest";
import { addAutomation, call, requestCounts, setEnabled } from "../incident/fleet.js";
import { type HermOptions, herm, startServer, temporaryFolder } from "../support/harness.js";

/** Two automations, one of which an incident holds. */
async function start() {
  const server = await startServer();
  const home = temporaryFolder();
  const [heldId] = [
    await addAutomation(server, { name: "Weekly" }),
    await addAutomation(server, { name: "Other" }),
  ];
  const run = (argv: readonly string[], options: HermOptions = {}) =>
    herm(argv, { server, home, env: { HERM_DEPLOYMENT: "dep_local" }, ...options });
  await run(["automations", "pause", "Weekly", "--incident", "INC-1", "--reason", "bad model"]);
  const runsOf = async () => {
    const { body } = await call(server, "GET", `/v1/deployments/dep_local/automations/${heldId}`);
    return (body.recent_runs as unknown[]).length;
  };
  const trigger = (name: string, ...more: string[]) => [
    "automations",
    "trigger",
    name,
    "--no-follow",
    ...more,
  ];
  return { server, run, runsOf, trigger, heldId };
}

describe("a trigger of an automation held by an open incident", () => {
  it("is rejected in a pipe, but runs with --yes", async () => {
    const { server, run, runsOf, trigger } = await start();
    const before = await requestCounts(server);
    const refused = await run(trigger("Weekly"));
    expect(refused).toEqual({
      code: 2,
      stdout: "",
      stderr: 'error: "Weekly" is held by INC-1: bad model\nhint: to run it anyway, add --yes\n',
    });
    expect((await requestCounts(server)).POST).toBe(before.POST);
    expect((await run(trigger("Weekly", "--yes"))).code).toBe(0);
    expect(await runsOf()).toBe(1);
  });

  it("asks on a terminal, with the incident's name and its reason", async () => {
    const { run, runsOf, trigger } = await start();
    const asked = await run(trigger("Weekly"), { answers: [], columns: 200 });
    expect(asked.stderr).toContain('"Weekly" is held by INC-1: bad model. Run it anyway?');
    const declined = await run(trigger("Weekly"), { answers: [false] });
    expect([declined.code, await runsOf()]).toEqual([1, 0]);
    expect((await run(trigger("Weekly"), { answers: [true] })).code).toBe(0);
    expect(await runsOf()).toBe(1);
  });

  it.each<[string, (scene: Awaited<ReturnType<typeof start>>) => Promise<unknown>, string]>([
    ["another automation", async () => {}, "Other"],
    [
      "an automation that was enabled since",
      ({ server, heldId }) => setEnabled(server, heldId ?? "", true),
      "Weekly",
    ],
    [
      "an automation of a closed incident",
      ({ run }) => run(["incidents", "close", "INC-1", "--yes"]),
      "Weekly",
    ],
  ])("needs no question for %s", async (_, happens, name) => {
    const scene = await start();
    await happens(scene);
    expect((await scene.run(scene.trigger(name))).code).toBe(0);
  });
});
