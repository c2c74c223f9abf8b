import { once } from "node:events";
import { readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { embedDevServer } from "../../src/dev-server/embed.js";
import { seed } from "../../src/dev-server/example/seed.js";
import { openDriver } from "../../src/dev-server/store/database.js";
import { temporaryFolder } from "../support/harness.js";
import { spawnHerm, spawnServer } from "../support/spawn.js";

const at = Date.parse("2026-03-02T09:10:00Z");

/** Everything that a first start at a given time serves. */
async function served(now: number): Promise<Record<string, unknown>[]> {
  const server = await embedDevServer({ now: () => now, seed });
  onTestFinished(() => server.close());
  const get = async (path: string) => {
    const headers = { authorization: `Bearer ${server.apiKey}` };
    const response = await server.fetch(new Request(`http://127.0.0.1/v1/deployments${path}`, { headers }));
    return (await response.json()) as { data: Record<string, unknown>[] };
  };
  const details: Record<string, unknown>[] = [];
  for (const { deployment_id } of (await get("?limit=100")).data) {
    for (const { automation_id } of (await get(`/${deployment_id}/automations`)).data) {
      details.push({ ...(await get(`/${deployment_id}/automations/${automation_id}`)), deployment_id });
    }
  }
  return details;
}

const runsOf = (automation: Record<string, unknown>) =>
  automation.recent_runs as { run_id: string; status: string; started_at: string; completed_at: string }[];

describe("the example fleet", () => {
  it("is the same on every first start, ids included", async () => {
    const first = await served(at);
    expect(await served(at)).toEqual(first);
    expect(first.length).toBeGreaterThan(55);
    // A day later, the newest runs have the same ids and results, at later times.
    const later = await served(at + 86_400_000);
    const idsOf = (fleet: typeof first) => fleet.map((each) => [each.automation_id, runsOf(each)[0]?.run_id]);
    expect(idsOf(later)).toEqual(idsOf(first));
  });

  it.each([0, 3, 9, 14, 22])("contains examples of everything at any hour: after %i hours", async (hours) => {
    const now = at + hours * 3_600_000;
    const fleet = await served(now);
    const lasts = fleet.map((automation) => runsOf(automation)[0]?.status);
    expect(lasts.filter((status) => status === "error").length).toBeGreaterThanOrEqual(3);
    expect(lasts.filter((status) => status === "waiting_on_human").length).toBeGreaterThanOrEqual(1);
    expect(fleet.filter(({ enabled }) => enabled === false)).toHaveLength(3);
    for (const automation of fleet) {
      expect(runsOf(automation).length).toBeGreaterThan(automation.name === "Contract renewals" ? 2 : 9);
      for (const { started_at, completed_at } of runsOf(automation)) {
        expect(Date.parse(started_at)).toBeGreaterThanOrEqual(now - 210 * 86_400_000);
        expect(Date.parse(completed_at ?? started_at)).toBeLessThanOrEqual(now);
      }
    }
  });
});

/** Runs commands on the example in a home; its server is stopped with the test. */
function exampleOf(home: string) {
  onTestFinished(async () => void (await spawnHerm(["dev", "stop", "--example"], { home })));
  return {
    data: join(home, ".local", "share", "herm", "example.db"),
    run: (...words: string[]) => spawnHerm(words, { home, env: { HERM_PROFILE: "example" } }),
  };
}

describe("the profile example", () => {
  it("starts one server for two simultaneous commands, and introduces it once", async () => {
    const { run } = exampleOf(temporaryFolder());
    const both = await Promise.all([run("status"), run("deployments", "list")]);
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    const said = both.map(({ stderr }) => stderr).join("");
    expect(said.match(/example server started/g)).toHaveLength(1);
    expect(said).toContain(
      "example server started · stops when idle · herm dev stop --example\n12 customers, 62 automations · what to try: herm help local-server\n",
    );
    const { stdout: topic } = await run("help", "local-server");
    const [section = ""] = topic.split("A fleet to try")[1]?.split("Rehearse an incident") ?? [];
    const lines = [...section.matchAll(/^ +herm (?!top|dev)(.*)$/gm)].map(([, words = ""]) =>
      words.split(" "),
    );
    expect(lines).toHaveLength(4);
    for (const words of lines) {
      const { code, stdout, stderr } = await run(...words);
      expect({ code, isEmpty: stdout === "", said: stderr.includes("started") }).toEqual({
        code: 0,
        isEmpty: false,
        said: false,
      });
    }
    const plan = await run("automations", "pause", "--all-deployments", "--incident", "INC-1", "--dry-run");
    expect(plan.stderr.split("\n")[0]).toBe("example (HERM_PROFILE) · 15 of 15 deployments");
    // Its own work doesn't keep it running longer than use does.
    const stay = async () => JSON.parse((await run("dev", "status", "-o", "json")).stdout).because;
    await expect.poll(stay).toBe("use");
    expect((await run("dev", "stop", "--example")).code).toBe(0);
    const again = await run("deployments", "list");
    expect(again.stderr).toBe("example server started · stops when idle · herm dev stop --example\n");
  });

  it("is used by a foreground server, and starts over after a reset", async () => {
    const home = temporaryFolder();
    const { run } = exampleOf(home);
    await run("deployments", "list");
    const foreground = await spawnServer(["--example"], { home });
    expect(foreground.said.deployments).toHaveLength(15);
    expect(await run("deployments", "list")).toMatchObject({ code: 0, stderr: "" });
    expect(await run("dev", "reset", "--yes")).toMatchObject({ code: 6 });
    foreground.child.kill("SIGTERM");
    await once(foreground.child, "exit");
    expect(await run("dev", "reset", "--yes")).toMatchObject({ code: 0 });
    expect((await run("deployments", "list")).stderr).toContain("12 customers, 62 automations");
  });

  it.each([
    ["damaged", async (path: string) => writeFileSync(path, "no database, but text")],
    [
      "from another version",
      async (path: string) => {
        const newer = await openDriver(path);
        newer.exec("PRAGMA user_version = 7");
        newer.close();
      },
    ],
  ])("recreates its data if it is %s, and says so", async (_what, damage) => {
    const { run, data } = exampleOf(temporaryFolder());
    await run("deployments", "list");
    await run("dev", "stop", "--example");
    await damage(data);
    const { code, stdout, stderr } = await run("deployments", "list");
    expect({ code, rows: stdout.split("\n").length }).toEqual({ code: 0, rows: 16 });
    expect(stderr).toContain("the example could not be read, and was recreated\n");
  });

  it("keeps data that is merely unwritable, and says so", async () => {
    const { run, data } = exampleOf(temporaryFolder());
    await run("deployments", "list");
    await run("dev", "stop", "--example");
    const kept = readFileSync(data);
    // The file format's own mark for a file that this version may read but not write.
    kept[18] = 3;
    writeFileSync(data, kept);
    const { code, stderr } = await run("deployments", "list");
    expect(stderr).toContain("readonly");
    expect(code).toBe(1);
    expect(readFileSync(data).equals(kept)).toBe(true);
  });

  it("follows no symbolic link in place of its data", async () => {
    const home = temporaryFolder();
    const { run, data } = exampleOf(home);
    await run("deployments", "list");
    await run("dev", "stop", "--example");
    symlinkSync(join(home, "elsewhere"), `${data}-wal`);
    expect(await run("deployments", "list")).toMatchObject({ code: 1, stdout: "" });
  });

  it.each([
    [["--local", "--profile", "example"], "--local and --profile example can't be used together"],
    [
      ["--profile", "example", "--api-url", "http://127.0.0.1:1"],
      "--profile example and --api-url can't be used together",
    ],
  ])("can't be used with %j", async (flags, message) => {
    const { code, stderr } = await spawnHerm([...flags, "deployments", "list"]);
    expect({ code, first: stderr.split("\n")[0] }).toEqual({ code: 2, first: `error: ${message}` });
  });
});
