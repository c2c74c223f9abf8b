import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../support/harness.js";
import { addDeployment, startRunServer } from "./run-server.js";

const now = new Date("2026-03-02T08:30:00Z");

async function prepare() {
  const home = temporaryFolder();
  const local = await startRunServer({ startAt: Date.parse("2026-03-02T08:00:00Z") });
  const acme = await addDeployment(local.server, { name: "Acme", customer_id: "cus_acme" });
  const first = await local.create("First", "Go.");
  const second = await local.create("Second", "Go.", acme);
  await local.trigger(second, acme);
  const run = (line: string) => local.run(line.split(" "), { now, home });
  return { local, run, acme, first, second };
}

describe("the flags --columns and --sort with names from JSON", () => {
  it("print the same value as in JSON in a pipe", async () => {
    const { run, acme, first, second } = await prepare();
    const keys = [
      ...["automation_id", "deployment_id", "deployment_name", "customer_id", "enabled", "next_run_at"],
      ...["last_run_at", "last_run_status", "updated_at"],
    ];
    const json = await run("automations list --all-deployments --json");
    const items: Record<string, unknown>[] = JSON.parse(json.stdout);
    expect(items.map((item) => item.automation_id).sort()).toEqual([first, second].sort());
    const rows = items.map((item) => keys.map((key) => String(item[key] ?? "")).join("\t"));
    const piped = await run(`automations list --all-deployments --columns ${keys.join(",")}`);
    expect(
      piped.stdout
        .trimEnd()
        .split("\n")
        .map((row) => row.trimEnd()),
    ).toEqual(rows.map((row) => row.trimEnd()));
    expect(rows.join("\n")).toContain(`${second}\t${acme}\tAcme\tcus_acme\ttrue\t2026-03-03T00:00:00.000Z`);
  });

  it("sort by a JSON name as by its short form", async () => {
    const { run } = await prepare();
    const sorted = async (key: string) =>
      (await run(`automations list --all-deployments --columns name --sort ${key}`)).stdout;
    expect(await sorted("last_run_at")).toBe("Second\nFirst\n");
    expect(await sorted("deployment_name")).toBe("Second\nFirst\n");
    expect(await sorted("name")).toBe("First\nSecond\n");
  });

  it("show relative times on a terminal, even for one deployment", async () => {
    const { local, first } = await prepare();
    const words =
      "automations list -d dep_local --columns name,next_run_at,last_run_at,deployment,automation_id";
    const shown = await local.run(words.split(" "), { tty: true, columns: 120, now });
    expect(shown.stdout.split("\n").map((line) => line.split(/ {2,}/))).toEqual([
      ["NAME", "NEXT_RUN_AT", "LAST_RUN_AT", "DEPLOYMENT", "AUTOMATION_ID"],
      ["First", "in 15 h", "–", "dep_local", first],
      [""],
    ]);
    const piped = await local.run(words.split(" "), { now });
    expect(piped.stdout).toBe(`First\t2026-03-03T00:00:00.000Z\t\tdep_local\t${first}\n`);
  });

  it("work in runs list", async () => {
    const { run, acme, second } = await prepare();
    const keys = [
      ...["run_id", "deployment_id", "deployment_name", "customer_id", "automation_id", "thread_id"],
      ...["started_at", "completed_at"],
    ];
    const [item, ...others] = JSON.parse((await run("runs list --all-deployments --json")).stdout);
    expect(others).toEqual([]);
    expect(item).toMatchObject({ deployment_id: acme, deployment_name: "Acme", automation_id: second });
    const piped = await run(`runs list --all-deployments --columns ${keys.join(",")} --sort started_at`);
    expect(piped.stdout).toBe(`${keys.map((key) => String(item[key])).join("\t")}\n`);
    const one = await run(`runs list ${acme}/${second} --columns deployment,automation_id`);
    expect(one.stdout).toBe(`${acme}\t${second}\n`);
    expect((await run("runs list --sort strted_at")).stderr).toContain("hint: did you mean started_at?");
  });

  it.each([
    ["--columns name,nxt_run_at", '--columns: there is no column "nxt_run_at"'],
    ["--sort nxt_run_at", "--sort must be one of name, schedule,"],
  ])("reject an unknown name (%s), with a suggestion", async (flags, message) => {
    const { run } = await prepare();
    const { code, stdout, stderr } = await run(`automations list ${flags}`);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(`error: ${message}`);
    expect(stderr).toContain("\nhint: did you mean next_run_at?\n");
  });
});

describe("the JSON of several deployments", () => {
  it.each([
    "automations list --all-deployments",
    "automations upcoming --all-deployments",
    "automations list -d Acme -d dep_local",
    "automations pause --all-deployments --dry-run",
    "automations pause --all-deployments --incident INC-1 --yes",
    "automations pause Second First -d Acme -d dep_local",
  ])("includes each deployment's name: %s", async (line) => {
    const { run, acme } = await prepare();
    const { code, stdout } = await run(`${line} --json`);
    const items: { deployment_id: string; deployment_name: string }[] = JSON.parse(stdout);
    expect(code).toBe(0);
    const names = new Map(items.map((item) => [item.deployment_id, item.deployment_name]));
    expect(names).toEqual(
      new Map([
        [acme, "Acme"],
        ["dep_local", "Local"],
      ]),
    );
  });

  it("includes each deployment's name for resumed automations", async () => {
    const { run } = await prepare();
    await run("automations pause --all-deployments --incident INC-1 --yes");
    const { stdout } = await run("automations resume --incident INC-1 --yes --json");
    const items: { deployment_name: string; result: string }[] = JSON.parse(stdout);
    expect(items.map((item) => `${item.deployment_name} ${item.result}`).sort()).toEqual([
      "Acme resumed",
      "Local resumed",
    ]);
  });

  const lookingBack = ["automations audit --verbose", "automations audit --by automation", "runs list"];

  it.each(lookingBack)("includes each deployment's name for runs: %s", async (line) => {
    const { local, acme } = await prepare();
    await local.server.advance(24 * 3600);
    const later = { now: new Date("2026-03-03T08:30:00Z") };
    const { code, stdout } = await local.run([...line.split(" "), "--all-deployments", "--json"], later);
    expect(code).toBe(0);
    const items: { deployment_id: string; deployment_name: string; customer_id: string }[] =
      JSON.parse(stdout);
    const places = items.map((item) =>
      [item.deployment_id, item.deployment_name, item.customer_id].join(" "),
    );
    expect([...new Set(places)].sort()).toEqual(
      [`${acme} Acme cus_acme`, "dep_local Local cus_local"].sort(),
    );
    const one = await local.run([...line.split(" "), "-d", "dep_local", "--json"], later);
    expect(one.stdout).toContain('"deployment_id": "dep_local"');
    expect(one.stdout).not.toMatch(/deployment_name|customer_id/);
  });

  it("omits deployment_name for one chosen deployment", async () => {
    const { run } = await prepare();
    const { stdout } = await run("automations list -d dep_local --json");
    expect(stdout).not.toContain("deployment_name");
  });
});
