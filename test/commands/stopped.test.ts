import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { FetchLike } from "../../src/api/fetch.js";
import { addAutomation, addDeployment, call, setEnabled } from "../incident/fleet.js";
import { fetchFrom, type HermOptions, herm, startServer, temporaryFolder } from "../support/harness.js";
import { user } from "../support/user.js";
import { farOff } from "./status-fleet.js";

const linesOf = (text: string) => text.trimEnd().split("\n");

/** A deployment with two automations that have run, used from this data folder and a colleague's. */
async function start() {
  const server = await startServer();
  const home = temporaryFolder();
  const ids = [];
  for (const name of ["A", "B"]) {
    const id = await addAutomation(server, { name, schedule: farOff() });
    await call(server, "POST", `/v1/deployments/dep_local/automations/${id}/trigger`);
    ids.push(id);
  }
  await server.advance(1);
  const status = (argv: readonly string[] = [], options: HermOptions = {}) =>
    herm(["status", ...argv], { server, home, ...options });
  const run = async (...argv: string[]) =>
    expect(await herm(argv, { server, home })).toMatchObject({ code: 0 });
  const pauseAll = () => run("automations", "pause", "--all-deployments", "--incident", "INC-7", "--yes");
  const resumeAll = () => run("automations", "resume", "--incident", "INC-7", "--yes");
  const colleague: HermOptions = { home: temporaryFolder() };
  return { server, ids, status, run, pauseAll, resumeAll, colleague };
}

describe("a fleet stopped by an incident", () => {
  it("is reported in the first line of status, with exit code 9", async () => {
    const { status, pauseAll } = await start();
    await pauseAll();
    const { code, stdout } = await status(["--exit-code"], { tty: true });
    expect(code).toBe(9);
    expect(linesOf(stdout).slice(1)).toEqual([
      expect.stringMatching(new RegExp(`^! stopped {2}INC-7 {2}2 paused by ${user}, since \\d\\d:\\d\\d$`)),
      "2 automations · 0 enabled · 2 paused",
    ]);
    const piped = await status(["--exit-code"]);
    expect(piped).toMatchObject({ code: 9, stderr: expect.not.stringContaining("nothing") });
    expect(piped.stdout).toMatch(
      new RegExp(
        `^counts\t.*\t1 needs attention\nstopped\tINC-7\t\tINC-7\t\\d{4}-\\S+Z\t2 paused by ${user}\n$`,
      ),
    );
    expect(JSON.parse((await status(["--json"])).stdout)).toMatchObject({
      paused_by: [],
      needs_attention: [
        {
          state: "stopped",
          incident: "INC-7",
          automations: 2,
          paused_by: user,
          since: expect.stringMatching(/Z$/),
        },
      ],
    });
    expect(await status(["-o", "name"])).toMatchObject({ code: 0, stdout: "" });
    const inWords = await status([], { tty: true, env: { HERM_ACCESSIBLE: "1" } });
    expect(inWords.stdout).toMatch(new RegExp(`\nstopped {2}INC-7 {2}2 paused by ${user}, since `));
  });

  it("is mentioned only for the part that is stopped", async () => {
    const { server, status, pauseAll } = await start();
    const acme = await addDeployment(server, { name: "Acme" });
    await addAutomation(server, { deployment: acme, name: "C", schedule: farOff() });
    await pauseAll();
    const { stdout } = await status(["-d", "Acme"], { tty: true });
    expect(linesOf(stdout)[1]).toMatch(/^! stopped {2}INC-7 {2}1 paused by /);
    const none = await status(["-d", "Acme", "--except", "C", "--exit-code"], { tty: true });
    expect(none).toMatchObject({ code: 0, stdout: expect.not.stringContaining("stopped") });
  });

  it("is new once, and resolved once", async () => {
    const { status, pauseAll, resumeAll, server } = await start();
    const news = async (options: HermOptions = {}) => {
      const { code, stdout } = await status(["--new"], options);
      return [code, ...linesOf(stdout).map((line) => line.split("\t").slice(0, 5).join(" "))];
    };
    expect(await news()).toEqual([0, ""]);
    await pauseAll();
    expect(await news()).toEqual([9, "new stopped INC-7  INC-7"]);
    expect(await news()).toEqual([0, ""]);
    const fetch: FetchLike = async (url, init) =>
      url.includes("/automations") ? new Response("", { status: 500 }) : fetchFrom(server)(url, init);
    expect((await status(["--new"], { fetch })).code).not.toBe(0);
    await resumeAll();
    expect(await news()).toEqual([0, "over stopped INC-7  INC-7"]);
    expect(await news()).toEqual([0, ""]);
  });
});

describe("a fleet without enabled automations", () => {
  it("counts as stopped for colleagues without the incident, unless narrowed or partly unread", async () => {
    const { server, status, pauseAll, colleague } = await start();
    await addDeployment(server, { name: "Acme" });
    await pauseAll();
    const { code, stdout } = await status(["--exit-code"], { tty: true, ...colleague });
    expect(code).toBe(9);
    expect(linesOf(stdout).slice(1, 3)).toEqual([
      "! stopped  2 paused, not by any incident known here",
      "2 automations · 0 enabled · 2 paused",
    ]);
    const json = JSON.parse((await status(["--json"], colleague)).stdout);
    expect(json.needs_attention).toEqual([
      { state: "stopped", incident: null, automations: 2, paused_by: null, since: null },
    ]);
    for (const argv of [
      ["-d", "dep_local"],
      ["--match", "A"],
      ["--except", "A"],
    ])
      expect(await status([...argv, "--exit-code"], colleague)).toMatchObject({ code: 0 });
    const fetch: FetchLike = async (url, init) =>
      /dep_(?!local)\w+\/automations/.test(url)
        ? new Response("", { status: 500 })
        : fetchFrom(server)(url, init);
    const part = await status(["--exit-code"], { tty: true, ...colleague, fetch });
    expect(part).toMatchObject({ code: 8, stdout: expect.not.stringContaining("stopped") });
    expect(part.stdout).toContain("\nnothing needs attention among those read\n");
  });

  it("is new once, and resolved when an automation is enabled again", async () => {
    const { server, ids, status, pauseAll, colleague } = await start();
    const env = { HERM_DATA_DIR: join(temporaryFolder(), "data") };
    const news = async () => {
      const { code, stdout } = await status(["--new", "-q"], { ...colleague, env });
      return [code, ...linesOf(stdout)];
    };
    await pauseAll();
    expect(await news()).toEqual([
      9,
      "new\tstopped\tall automations\t\t\t\t2 paused, not by any incident known here",
    ]);
    expect(await news()).toEqual([0, ""]);
    await setEnabled(server, ids[0] ?? "", true);
    expect(await news()).toEqual([0, "over\tstopped\tall automations\t\t\t\tno longer true"]);
  });
});

describe("a waiting run", () => {
  async function startWaiting() {
    const { server, ids, status, pauseAll, ...others } = await start();
    const [id = ""] = ids;
    const path = `/v1/deployments/dep_local/automations/${id}`;
    const instruct = (instructions: string) => call(server, "PATCH", path, { instructions });
    const trigger = async () => {
      await call(server, "POST", `${path}/trigger`);
      await server.advance(1);
    };
    await instruct("@dev ask Send it?");
    await trigger();
    return { server, status, pauseAll, instruct, trigger, id, ...others };
  }

  const waiting = (id: string, times: string, why: string) =>
    expect.stringMatching(new RegExp(`^\\? waiting${times} +A +${id} +\\S.* ${why}$`));

  it("keeps its row while its automation is paused, with a command for all", async () => {
    const { status, pauseAll, id } = await startWaiting();
    await pauseAll();
    const { stdout, stderr } = await status([], { tty: true });
    expect(linesOf(stdout).slice(2)).toEqual([
      "2 automations · 0 enabled · 2 paused",
      "needs attention: at least 1 waiting",
      "to see all waiting runs: herm runs list --waiting --all-deployments",
      "",
      expect.stringMatching(/^STATE /),
      waiting(id, "", "Send it\\?"),
    ]);
    expect(stderr).toContain("to answer them one by one: herm runs answer --all-deployments");
  });

  it("keeps its row behind a newer run of a paused or failing automation", async () => {
    const { server, status, run, instruct, trigger, id } = await startWaiting();
    await trigger();
    const now = async () => linesOf((await status([], { tty: true })).stdout).at(-1);
    expect(await now()).toEqual(waiting(id, " ×2", "Send it\\?"));
    await instruct("@dev fail no disk");
    await trigger();
    expect(await now()).toMatch(/^✗ failing · waiting ×2 +A .* no disk$/);
    const { needs_attention } = JSON.parse((await status(["--json"])).stdout);
    expect(needs_attention).toMatchObject([{ state: "failing", waiting_runs: 2, error: "no disk" }]);
    const shown = await herm(["automations", "get", `dep_local/${id}`], { server, tty: true });
    expect(shown.stdout).toContain("✗ failing · waiting ×2\n");
    await run("automations", "pause", `dep_local/${id}`);
    await server.advance(5);
    await instruct("Done.");
    await trigger();
    expect(await now()).toEqual(waiting(id, " ×2", "Send it\\?"));
    const got = await herm(["automations", "get", `dep_local/${id}`, "-o", "json"], { server });
    expect(JSON.parse(got.stdout)).toMatchObject({ state: "waiting", last_run_status: "completed" });
  });

  it("isn't resolved for status --new when its automation runs again", async () => {
    const { status, instruct, trigger } = await startWaiting();
    const news = async () => {
      const { code, stdout } = await status(["--new"]);
      return [code, ...linesOf(stdout).map((line) => line.split("\t").slice(0, 3).join(" "))];
    };
    expect(await news()).toEqual([9, "new waiting A"]);
    await instruct("Done.");
    await trigger();
    expect(await news()).toEqual([0, ""]);
  });
});

describe("the tick for a healthy fleet", () => {
  const verdict = async (status: Awaited<ReturnType<typeof start>>["status"]) =>
    linesOf((await status([], { tty: true })).stdout).find((line) => line.includes("needs attention"));

  it("appears for an empty fleet, but not after a paused automation's failure", async () => {
    const { server, ids, status } = await start();
    const empty = await herm(["status", "--exit-code"], { server: await startServer(), tty: true });
    expect(empty).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("\n✓ nothing needs attention\n"),
    });
    expect(await verdict(status)).toBe("✓ nothing needs attention");
    const path = `/v1/deployments/dep_local/automations/${ids[0]}`;
    await call(server, "PATCH", path, { instructions: "@dev fail no disk" });
    await call(server, "POST", `${path}/trigger`);
    await server.advance(1);
    expect(await verdict(status)).toBe("needs attention: 1 failing");
    await setEnabled(server, ids[0] ?? "", false);
    const { stdout } = await status([], { tty: true });
    expect(stdout).toContain("\n2 automations · 1 enabled · 1 paused · 1 of them failing");
    expect(await verdict(status)).toBe("nothing needs attention");
  });
});
