import { beforeAll, describe, expect, it } from "vitest";
import { temporaryFolder } from "../support/harness.js";
import { addDeployment, devCall, type RunServer, startRunServer } from "./run-server.js";

beforeAll(() => {
  process.env.TZ = "Europe/Berlin";
});

const startAt = Date.parse("2026-03-02T08:00:00Z");
const hourMs = 3_600_000;

interface World extends RunServer {
  home: string;
  acme: string;
  now(): Promise<Date>;
  pass(seconds: number): Promise<Response>;
  call(method: string, path: string, body?: object): Promise<Record<string, unknown>>;
  /** Runs an automation so many times, an hour apart; `of`: what the n-th run does. */
  runs(name: string, count: number, of: (n: number) => string, options?: RunsOptions): Promise<string>;
}

interface RunsOptions {
  deployment?: string;
  schedule?: string;
  /** At the end; default: true. */
  enabled?: boolean;
}

async function startWorld(): Promise<World> {
  const local = await startRunServer({ startAt });
  const { server } = local;
  const home = temporaryFolder();
  const acme = await addDeployment(server, { name: "Acme", customer_id: "cus_acme" });
  const pass = (seconds: number) => devCall(server, "clock", { advance_s: seconds });
  const now = async () => new Date(JSON.parse(await (await devCall(server, "clock")).text()).now);
  const call: World["call"] = async (method, path, body) => {
    const headers = { authorization: `Bearer ${server.apiKey}`, "content-type": "application/json" };
    const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    return JSON.parse(await (await server.fetch(new Request(`http://127.0.0.1${path}`, init))).text());
  };
  const runs: World["runs"] = async (
    name,
    count,
    of,
    { deployment = "dep_local", schedule, enabled = true } = {},
  ) => {
    const id = await local.create(name, "Go.", deployment);
    const path = `/v1/deployments/${deployment}/automations/${id}`;
    await call("PATCH", path, { enabled: false });
    for (let n = 0; n < count; n += 1) {
      await call("PATCH", path, { instructions: `Go.\n${of(n)}` });
      await local.trigger(id, deployment);
      await pass(3600);
    }
    await call("PATCH", path, { enabled, ...(schedule === undefined ? {} : { schedule }) });
    return id;
  };
  return { ...local, home, acme, now, pass, call, runs };
}

/** By the server's time. */
async function told({ run, now, home }: World, line: string, options: Parameters<RunServer["run"]>[1] = {}) {
  return run(["runs", "stats", ...line.split(" ").filter(Boolean)], { now: await now(), home, ...options });
}

async function rowsOf(world: World, line: string): Promise<Record<string, never>[]> {
  const { code, stdout, stderr } = await told(world, `${line} --json`);
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.not.stringContaining("error") });
  return JSON.parse(stdout);
}

const waits = (seconds: number) => `@dev wait ${seconds}`;
const fails = (text: string) => `@dev fail ${text}`;

describe("runs stats", () => {
  it("of 200 runs is what somebody counts by hand", async () => {
    const world = await startWorld();
    const ids: [string, string][] = [];
    for (let number = 0; number < 10; number += 1) {
      const deployment = number % 3 === 0 ? world.acme : "dep_local";
      const texts = ["no paper", "timeout", "no seat"];
      const of = (n: number) =>
        `${waits(((n * 7 + number) % 13) + 1)}\n${(n + number) % (number + 2) < 1 ? fails(texts[n % 3] ?? "") : ""}`;
      ids.push([deployment, await world.runs(`Number ${number}`, 20, of, { deployment })]);
    }
    const rows = await rowsOf(world, "--all-deployments");

    let counted = 0;
    for (const [deployment, id] of ids) {
      const detail = await world.call("GET", `/v1/deployments/${deployment}/automations/${id}`);
      const runs = (detail.recent_runs as Record<string, string>[]).toReversed();
      counted += runs.length;
      const took = runs
        .map(({ started_at = "", completed_at = "" }) => Date.parse(completed_at) - Date.parse(started_at))
        .sort((one, other) => one - other);
      const isFailed = runs.map(({ status }) => status === "error");
      const failures = runs.filter(({ status }) => status === "error");
      const failed = failures.length;
      const last = failures.at(-1);
      expect(rows.find((row) => row.automation_id === id)).toMatchObject({
        ...{ deployment_id: deployment, name: detail.name, runs: 20, completed: 20 - failed, failed },
        ...{ under_way: 0, success_percent: ((20 - failed) / 20) * 100 },
        ...{ median_ms: Math.round(((took[9] ?? 0) + (took[10] ?? 0)) / 2), p95_ms: took[18] },
        failures_in_a_row: 20 - 1 - isFailed.lastIndexOf(false),
        last_error: last?.error ?? null,
        runs_a_week: 7,
        last_runs: runs.map(({ status, started_at = "", completed_at = "" }) => ({
          ...{ status, took_ms: Date.parse(completed_at) - Date.parse(started_at) },
        })),
      });
      const texts = new Map<string, number>();
      for (const { error = "" } of failures) texts.set(error, (texts.get(error) ?? 0) + 1);
      const errors: { error: string; failed: number }[] =
        rows.find((row) => row.automation_id === id)?.errors ?? [];
      expect(new Map(errors.map((each) => [each.error, each.failed]))).toEqual(texts);
    }
    expect(counted).toBe(200);

    const byDeployment = await rowsOf(world, "--all-deployments --by deployment");
    const sum = (key: string, all: readonly Record<string, unknown>[]) =>
      all.reduce((total, row) => total + Number(row[key]), 0);
    for (const key of ["runs", "completed", "failed"]) expect(sum(key, byDeployment)).toBe(sum(key, rows));
    expect(byDeployment.find((row) => row.deployment_id === world.acme)).toMatchObject({
      ...{ deployment_name: "Acme", customer_id: "cus_acme", automations: 4, runs: 80, runs_a_week: 28 },
      ...{ automations_without_runs_a_week: 0, automations_without_agent_minutes: 0 },
    });
    const byError = await rowsOf(world, "--all-deployments --by error");
    expect(sum("failed", byError)).toBe(sum("failed", rows));
    expect(byError.map(({ error }) => error).toSorted()).toEqual(["no paper", "no seat", "timeout"]);
  });

  async function small() {
    const world = await startWorld();
    const of = (n: number) => (n < 3 ? fails("no paper") : waits(n));
    const good = await world.runs("Good", 4, (n) => waits(10 * (n + 1)), { schedule: "0 9 * * 1" });
    const was = await world.runs("Was bad", 5, of, { schedule: "0 9 1 * *" });
    const bad = await world.runs("Bad", 2, () => fails("timeout"), { deployment: world.acme });
    await world.create("Never ran", "Go.");
    return { world, good, was, bad };
  }

  it("shows what fails now first, in columns with a line of how far it saw", async () => {
    const { world } = await small();
    const { stdout, stderr } = await told(world, "--all-deployments", { tty: true, columns: 140 });
    expect(stdout.split("\n").map((line) => line.split(/ {2,}/).slice(0, 8))).toEqual([
      ["DEPLOYMENT", "NAME", "RUNS", "OK", "MEDIAN", "P95", "STREAK", "LAST RUNS"],
      ["Acme", "Bad", "2", "0%", expect.stringMatching(/ ms$/), expect.stringMatching(/ ms$/), "✗ 2", "✗✗"],
      ["Local", "Was bad", "5", "40%", expect.anything(), "4 s", "✗✗✗▆█", expect.anything()],
      ["Local", "Good", "4", "100%", "25 s", "40 s", "▂▄▆█", "1"],
      [""],
    ]);
    expect(stderr).toBe("3 of 4 automations, 11 runs: 54% ok\nall runs since 31 Jan 20:00 +01\n");
  });

  it("is rows in a pipe, ids alone as names, and sorts with the most first", async () => {
    const { world, good, was, bad } = await small();
    const { stdout, stderr } = await told(world, "");
    expect(stderr).toBe("");
    expect(stdout.replaceAll(/(?<=\t)(\d\d?)0\d\d(?=\t)/g, "$1k").split("\n")).toEqual([
      `Was bad\t5\t40\t${stdout.split("\t")[3]}\t4k\t0\txxx68\t0.23\t${stdout.split("\t")[8]}\tno paper\t${was}`,
      `Good\t4\t100\t25k\t40k\t0\t2468\t1\t0.42\t\t${good}`,
      "",
    ]);
    const names = async (flags: string) =>
      (await told(world, `--all-deployments ${flags} -o name`)).stdout.trim().split("\n");
    expect(await names("--sort p95")).toEqual([
      `dep_local/${good}`,
      `dep_local/${was}`,
      `${world.acme}/${bad}`,
    ]);
    expect(await names("--sort success")).toEqual([
      `${world.acme}/${bad}`,
      `dep_local/${was}`,
      `dep_local/${good}`,
    ]);
    expect(await names("--sort runs")).toEqual([
      `dep_local/${was}`,
      `dep_local/${good}`,
      `${world.acme}/${bad}`,
    ]);
    expect(await names("--by deployment")).toEqual([world.acme, "dep_local"]);
    expect(await names("--by error --sort last")).toEqual([
      expect.stringMatching(`^${world.acme}/run_`),
      expect.stringMatching(/^dep_local\/run_/),
    ]);
    const chosen = await told(world, "--columns name,known_since,deployment");
    expect(chosen.stdout).toBe(
      "Was bad\t2026-01-31T19:00:04Z\tdep_local\nGood\t2026-01-31T19:00:04Z\tdep_local\n".replaceAll(
        "2026-01-31T19:00:04Z",
        chosen.stdout.split("\t")[1] ?? "",
      ),
    );
  });

  it("takes refs, of several deployments too, and says of a deployment what isn't known of its forecast", async () => {
    const { world, bad } = await small();
    const refs = ["runs", "stats", "Was bad", `${world.acme}/${bad}`, "--json"];
    const { stdout } = await world.run(refs, { now: await world.now(), home: world.home });
    const rows: Record<string, unknown>[] = JSON.parse(stdout);
    expect(rows.map(({ name, deployment_name }) => [name, deployment_name])).toEqual([
      ["Bad", world.acme],
      ["Was bad", "dep_local"],
    ]);
    const [local] = await rowsOf(world, "--by deployment");
    expect(local).toMatchObject({
      ...{
        automations: 2,
        runs: 9,
        automations_without_runs_a_week: 0,
        automations_without_agent_minutes: 1,
      },
      runs_a_week: 8.23,
    });
    const { stdout: shown } = await told(world, "--by deployment", { tty: true, columns: 160 });
    expect(shown).toMatch(/\n.* {2}8\.2 {2,}≥ 0\.\d\d {2}/);
  });

  it("says how far back it saw where older runs may be missing", async () => {
    const world = await startWorld();
    await world.runs("Often", 25, () => "");
    await world.runs("Seldom", 1, () => "");
    const { stderr } = await told(world, "--json");
    expect(stderr).toBe("all runs since 2 Mar 14:00 +01; older ones of Often may be missing\n");
    const [often, seldom] = await rowsOf(world, "--sort runs");
    expect(often).toMatchObject({ runs: 20, known_since: expect.stringMatching(/^2026-03-02T13:00/) });
    expect(seldom).toMatchObject({ runs: 1, known_since: expect.stringMatching(/^2026-02-01T1/) });
    expect((await told(world, "--since 2h --quiet --json")).stderr).toBe("");
  });

  it("reads the pages of the lists, and what ran within the window, each once", async () => {
    const world = await startWorld();
    for (let number = 0; number < 12; number += 1)
      await world.runs(`Old ${number}`, 1, () => "", { enabled: false });
    await world.pass(48 * 3600);
    for (let number = 0; number < 7; number += 1) await world.runs(`New ${number}`, 1, () => "");
    const paths: string[] = [];
    let open = 0;
    let most = 0;
    const fetch: NonNullable<Parameters<RunServer["run"]>[1]>["fetch"] = async (url, init) => {
      open += 1;
      most = Math.max(most, open);
      paths.push(`${init.method} ${new URL(url).pathname}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
      const { method, headers } = init;
      const answer = await world.server.fetch(new Request(url, { method, headers }));
      open -= 1;
      return answer;
    };
    const { stdout } = await told(world, "--since 1d --concurrency 3 -o name", { fetch });
    expect(stdout.trim().split("\n")).toHaveLength(7);
    expect(most).toBe(3);
    const list = "GET /v1/deployments/dep_local/automations";
    expect(paths.filter((path) => path === list)).toHaveLength(1);
    expect(new Set(paths.filter((path) => path.startsWith(`${list}/`))).size).toBe(7);
    expect(paths).toHaveLength(8);
  });

  it("tells of a deployment that doesn't answer, and shows the rest", async () => {
    const { world } = await small();
    await devCall(world.server, "faults", {
      method: "GET",
      path: `/v1/deployments/${world.acme}/automations`,
      count: null,
      action: { type: "fail", status: 500 },
    });
    const { code, stdout, stderr } = await told(world, "--all-deployments --json --max-wait 1s");
    expect(code).toBe(8);
    expect(JSON.parse(stdout).map(({ name }: { name: string }) => name)).toEqual(["Was bad", "Good"]);
    expect(stderr).toMatch(/^warning: Acme: a fault that was asked for/m);
    expect(stderr).toContain("1 deployment could not be read");
  });

  it.each([
    ["--since soon", "--since must be a time"],
    ["--by name", "--by must be one of automation, deployment, error"],
    ["--sort speed", "--sort must be one of name, deployment"],
    ["--sort failed", '--sort: there is no column "failed"'],
    ["--by error --columns error,median", '--columns: there is no column "median"'],
    ["--concurrency 0", "--concurrency must be a whole number"],
    ["Good --all-deployments", "can't be used together"],
  ])("refuses %s before anything is sent", async (line, message) => {
    const world = await startWorld();
    let sent = 0;
    const { code, stdout, stderr } = await told(world, line, {
      fetch: async () => {
        sent += 1;
        throw new Error("nothing is to be sent");
      },
    });
    expect({ code, stdout, sent }).toEqual({ code: 2, stdout: "", sent: 0 });
    expect(stderr).toContain(message);
  });

  it("says why there is nothing", async () => {
    const empty = await startWorld();
    expect(await told(empty, "")).toMatchObject({
      ...{ code: 0, stdout: "", stderr: "no runs yet: no automations were found\n" },
    });
    expect((await told(empty, "--json")).stdout).toBe("[]\n");
    const world = await startWorld();
    const id = await world.runs("Good", 2, () => "", { enabled: false });
    await world.pass(3 * 24 * 3600);
    const why = async (line: string) => (await told(world, line)).stderr;
    expect(await why("--since 1h")).toBe("no run in this time; the last was 3 d ago: Good\n");
    expect(await why(`${id} --since 1h`)).toBe("no run in this time; the last was 3 d ago: Good\n");
    expect(await why("--match good*")).toContain("capitals matter");
    expect(await why("--by error")).toBe("nothing failed: 2 runs in this time\n");
    expect(await told(world, "Gone")).toMatchObject({ code: 4, stdout: "" });
    expect(await told(world, "auto_gone")).toMatchObject({ code: 4, stdout: "" });
  });

  it("draws digits without Unicode, and tells the sparkline in words in accessible mode", async () => {
    const { world } = await small();
    const terminal = { tty: true, columns: 100 };
    const digits = await told(world, "", { ...terminal, env: { LC_ALL: "C" } });
    expect(digits.stdout).toMatch(/ {2}xxx68 {2}/);
    expect(digits.stdout).not.toMatch(/[▁-█]/);
    const { stdout } = await told(world, "", { ...terminal, env: { HERM_ACCESSIBLE: "1" } });
    const [first = ""] = stdout.split("\n\n");
    expect(
      first
        .replace(/median: .*/, "median: …")
        .replace(/agent|0\.\d+ agent/, "… agent")
        .split("\n"),
    ).toEqual([
      "name: Was bad",
      "runs: 5",
      "success: 40%",
      "median: …",
      "p95: 4 s",
      "last runs: newest first: 2 ok, 3 failed; ok in 3 s to 4 s",
      "week: 0.23 runs expected",
      expect.stringMatching(/^minutes: .*-minutes a week expected$/),
      "error: no paper, 3 times",
      expect.stringMatching(/^id: auto_/),
    ]);
    expect(stdout).not.toMatch(/[▁-█✗\u001b]/);
    const coloured = await told(world, "", { ...terminal, env: { FORCE_COLOR: "1", NO_COLOR: "" } });
    expect(coloured.stdout).toContain("\u001b[38;5;131m✗✗✗\u001b[39m▆█");
  });

  it("looks at the runs of other machines' clocks too: what starts while it reads counts", async () => {
    const world = await startWorld();
    await world.runs("Good", 1, () => "");
    const behind = new Date((await world.now()).getTime() - 2 * hourMs);
    const { stdout } = await told(world, "--json", { now: behind });
    expect(JSON.parse(stdout)).toHaveLength(1);
  });
});
