import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { renderManifestPlan } from "../../src/commands/manifest/view/plan-printer.js";
import { plainStyle } from "../../src/output/style.js";
import { startAt, startOnMonday } from "./manifest-server.js";

const now = new Date(startAt);

const text = Array.from({ length: 9 }, (_, line) => `      Line ${line} for \${team}.`).join("\n");
const manifest = (more = "") => `values:
  - team: growth
    hour: 9
  - {for: {deployments: [Acme*]}, hour: 7}
automations:
  - name: Report of \${deployment.name}
    schedule: every day at \${hour}am
    tz: \${zone:-UTC}
    instructions: |
${text}${more}
`;

const fleet = async (names = ["Acme", "Beta", "Core", "Delta"]) => {
  const server = await startOnMonday();
  const ids = new Map<string, string>();
  for (const name of names) ids.set(name, await server.deploy(name, { customer: "cus_9" }));
  server.write({ "herm.yaml": manifest() });
  const all = ["-f", "herm.yaml", "--customer", "cus_9"];
  return { ...server, all, ids };
};

describe("a plan across deployments with different values", () => {
  it("reports a manifest automation's change once, as text before substitution", async () => {
    const { run, write, all } = await fleet();
    const terminal = { now, tty: true, columns: 100 };
    const made = await run(["apply", ...all, "--dry-run"], terminal);
    expect(made.stdout.split("\n").slice(1)).toEqual([
      "  + Report of ${deployment.name}  in 4 deployments: Delta, Core, Beta and 1 more",
      "      4 versions by their values, here Delta's:",
      "      schedule  every day at 09:00 UTC (0 9 * * *)",
      "      + Line 0 for growth.",
      "      + Line 1 for growth.",
      "      + Line 2 for growth.",
      "      … 6 more lines",
      "",
      "Plan: 4 to create in 4 deployments; runs a day: 0 → 4",
      "",
    ]);
    expect((await run(["apply", ...all], { now })).code).toBe(0);
    write({ "herm.yaml": manifest("\n      New for ${team}.").replace("hour: 9", "hour: 8") });
    const changed = await run(["diff", ...all], terminal);
    expect(changed.stdout.split("\n").filter((line) => line.startsWith("  ~"))).toEqual([
      "  ~ Report of ${deployment.name}  in 3 deployments: Delta, Core, Beta",
      "  ~ Report of Acme  in Acme",
    ]);
    write({ "herm.yaml": "automations: []\nremoved: ['Report of ${deployment.name}']\n" });
    const removed = await run(["diff", ...all], terminal);
    expect(removed.stdout.split("\n")[1]).toBe(
      "  − Report of ${deployment.name}  in 4 deployments: Delta, Core, Beta and 1 more  (removed, enabled)",
    );
  });

  it("shows a manual edit that would be lost separately", async () => {
    const { run, write, all, ids } = await fleet();
    const spread = (more: string) => `${manifest(more)}    spread: 2h\n`;
    write({ "herm.yaml": spread("") });
    expect((await run(["apply", ...all], { now })).code).toBe(0);
    const update = (name: string, ...flags: string[]) =>
      run(["update", `Report of ${name}`, "-d", ids.get(name) ?? "", ...flags], { now });
    await update("Core", "--instructions", "What Core wants.");
    await update("Beta", "--schedule", "0 5 * * *");

    const terminal = { now, tty: true, columns: 100 };
    write({ "herm.yaml": spread("\n      New.").replace("every day at", "every weekday at") });
    const { stdout } = await run(["diff", ...all], terminal);
    expect(
      stdout
        .split("\n")
        .filter((line) => line.startsWith("  ~"))
        .toSorted(),
    ).toEqual([
      "  ~ Report of ${deployment.name}  in 2 deployments: Delta, Acme",
      "  ~ Report of Beta  in Beta",
      "  ~ Report of Core  in Core",
    ]);
    expect(stdout).toContain("- What Core wants.");
    expect(stdout).toContain("0 5 * * * (every day at 05:00 UTC)");
  });

  it("explains each variable and its source with --verbose, including booleans", async () => {
    const { run, write } = await startOnMonday();
    write({
      "herm.yaml":
        'automations:\n  - {name: A, schedule: every hour, instructions: x, enabled: "${live}", initial: "${d:-true}"}\n',
      "v.yaml": "live: false\n",
    });
    const words = ["diff", "-f", "herm.yaml", "--values", "v.yaml", "-d", "dep_local", "--verbose"];
    const { stdout } = await run(words, { now, tty: true, columns: 100 });
    expect(stdout).toContain("  + A\n      ${live} = false  v.yaml:1:7\n      ${d} = true  default\n");
    expect(stdout).toContain("      enabled  false\n");
  });

  it("fits 620 updates with 620 values on a screen, and lists each with --verbose", async () => {
    const template = { name: "Report", varying: new Set(["instructions"] as const) };
    const position = { file: "herm.yaml", line: 6, column: 5 };
    const old = Array.from({ length: 9 }, (_, line) => `Line ${line}`).join("\n");
    const rows = Array.from({ length: 620 }, (_, at) => ({
      deployment_id: `dep_${at}`,
      deployment: `Deployment ${at}`,
      action: "update" as const,
      name: "Report",
      automation_id: `auto_${at}`,
      changes: { instructions: { from: `${old} ${at}`, to: `New ${at}\n${old} ${at}` } },
      position,
      template,
      isDifference: true,
    }));
    const short = await renderManifestPlan(rows, { style: plainStyle, width: undefined, isVerbose: false });
    expect(short.slice(0, 2)).toEqual([
      "  ~ Report  in 620 deployments: Deployment 0, Deployment 1, Deployment 2 and 617 more",
      "      620 versions by their values, here Deployment 0's:",
    ]);
    expect(short.at(-1)).toBe("Plan: 620 to update in 620 deployments");
    expect(short.length).toBeLessThan(10);
    expect(
      (await renderManifestPlan(rows, { style: plainStyle, width: undefined, isVerbose: true })).length,
    ).toBeGreaterThan(2480);
    // Without values, each is a different change, because somebody made it by hand.
    const byHand = rows.map((row) => ({ ...row, template: undefined }));
    expect(
      (await renderManifestPlan(byHand, { style: plainStyle, width: undefined, isVerbose: false })).length,
    ).toBeGreaterThan(2480);
  });

  it("reports a changed spread once, not per deployment", async () => {
    const template = { name: "Report", varying: new Set(["schedule"] as const), by: "spread" as const };
    const rows = Array.from({ length: 9 }, (_, at) => ({
      deployment_id: `dep_${at}`,
      deployment: `Deployment ${at}`,
      action: "update" as const,
      name: "Report",
      changes: { schedule: { from: `${at * 3} 9 * * 1`, to: `${at} 9 * * 1` } },
      spread_minutes: at,
      position: { file: "herm.yaml", line: 6, column: 5 },
      template,
      isDifference: true,
    }));
    const plan = await renderManifestPlan(rows, { style: plainStyle, width: undefined, isVerbose: false });
    expect(plan.filter((line) => line.startsWith("  ~"))).toHaveLength(1);
  });

  it("shows the beginning of a paragraph, or all of it with --verbose", async () => {
    const to = `Begin ${"and go on ".repeat(1000)}end.`;
    const changes = {
      name: { from: null, to: "A" },
      schedule: { from: null, to: "0 9 * * *" },
      instructions: { from: null, to },
    };
    const row = {
      deployment_id: "dep_1",
      deployment: "dep_1",
      action: "create" as const,
      name: "A",
      changes,
      isDifference: true,
    };
    const short = (await renderManifestPlan([row], { style: plainStyle, width: 80, isVerbose: false })).join(
      "\n",
    );
    expect(short).toMatch(/\+ Begin and go on [\s\S]{100,300}…$/m);
    expect(short.length).toBeLessThan(500);
    const whole = (
      await renderManifestPlan([row], { style: plainStyle, width: undefined, isVerbose: true })
    ).join("\n");
    expect(whole).toContain(to);
  });

  it("shows a paragraph's changed words, or all of it with --verbose", async () => {
    const words = Array.from({ length: 400 }, (_, at) => `word${at}`);
    const from = words.join(" ");
    const to = words.map((word, at) => (at === 200 ? "other" : word)).join(" ");
    const changes = { instructions: { from: `First.\n${from}\n`, to: `First.\n${to}\n` } };
    const row = {
      deployment_id: "dep_1",
      deployment: "dep_1",
      action: "update" as const,
      name: "A",
      changes,
      isDifference: true,
    };
    const short = await renderManifestPlan([row], { style: plainStyle, width: 80, isVerbose: false });
    expect(short.filter((line) => line.includes("word"))).toEqual([
      expect.stringMatching(/^ {8}… word.* word199 \[-word200-\]\{\+other\+\} word201 .*…$/),
    ]);
    expect(Math.max(...short.map((line) => line.length))).toBeLessThan(81);
    const whole = (
      await renderManifestPlan([row], { style: plainStyle, width: undefined, isVerbose: true })
    ).join("\n");
    expect(whole).toContain(`- ${from}`);
    expect(whole).toContain(`+ ${to}`);
  });

  it("explains each variable and its source with --verbose", async () => {
    const { run, write, all } = await fleet(["Acme", "Beta"]);
    write({ "values.yaml": "team: support\n" });
    const words = ["diff", ...all, "--values", "values.yaml", "--verbose"];
    const zone = ["--var", "zone=Europe/Berlin"];
    const { stdout } = await run([...words, ...zone], { now, tty: true, columns: 100 });
    expect(stdout.split("\n").filter((line) => line.includes(" = "))).toEqual([
      "      ${hour} = 9  herm.yaml:3:11",
      "      ${zone} = Europe/Berlin  --var zone",
      "      ${team} = support  values.yaml:1:7",
      "      ${hour} = 7  herm.yaml:4:41",
      "      ${zone} = Europe/Berlin  --var zone",
      "      ${team} = support  values.yaml:1:7",
    ]);
    const json = await run([...words, "--json", "--var", "hour=5"], { now });
    expect(JSON.parse(json.stdout)[0].values).toEqual([
      { name: "hour", value: "5", from: "--var hour" },
      { name: "zone", value: "UTC", from: "default" },
      { name: "team", value: "support", from: "values.yaml:1:7" },
    ]);
  });

  it("is short in a step summary", async () => {
    const { run, all, cwd, write } = await fleet();
    write({ summary: "" });
    const env = { GITHUB_ACTIONS: "true", GITHUB_STEP_SUMMARY: join(cwd, "summary") };
    const { stderr } = await run(["diff", ...all], { now, env });
    expect(stderr.split("\n").filter((line) => line.startsWith("::"))).toEqual([
      '::warning file=herm.yaml,line=6,col=5::"Report of ${deployment.name}" in 4 deployments (Delta, Core, Beta and 1 more) would be created',
    ]);
    expect(
      readFileSync(env.GITHUB_STEP_SUMMARY, "utf8")
        .split("\n")
        .filter((line) => line.startsWith("| create")),
    ).toEqual([
      "| create | <code>Delta, Core, Beta and 1 more</code> | <code>Report of ${deployment.name}</code> |  | <code>herm.yaml:6</code> |  |",
    ]);
  });
});
