import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { startManifestServer } from "./manifest-server.js";

const local = ["-d", "dep_local"];
const text = (name: string, rest = "") =>
  `automations:\n  - name: ${name}\n    schedule: every day at 9am\n    instructions: x\n${rest}`;
const pause = ["pause", "--incident", "INC-42", "--yes"];

async function start() {
  const all = await startManifestServer();
  const names = async () => (await all.state()).map(({ name, enabled }) => `${name} ${enabled}`);
  const apply = (file: string, ...flags: string[]) => {
    all.write({ "herm.yaml": file });
    return all.run(["apply", "-f", "herm.yaml", ...local, ...flags]);
  };
  return { ...all, names, apply };
}

describe("an automation held by an open incident", () => {
  it("prevents create and apply from adding a scheduled duplicate", async () => {
    const { apply, names, create, run } = await start();
    await create({ name: "B" });
    await run([...pause, "--all", ...local]);
    const applied = await apply(text("A", "    id: a\n"));
    expect(applied.code).toBe(6);
    expect(applied.stderr).toMatch(
      /^ {2}! A\n {6}"B" \(auto_\w+\), held by INC-42, is the same, so no duplicate is created/m,
    );
    expect(applied.stderr).toContain("\nPlan: 1 failed\n");
    // Nothing was done after the plan reported it, so it is repeated only as the error.
    expect(applied.stderr).not.toContain("✗");
    const quiet = await apply(text("A"), "--quiet");
    expect(quiet.stderr).toMatch(/^error: "A" in dep_local: "B" \(auto_\w+\), held by INC-42, is the same/);
    const diff = await run(["diff", "-f", "herm.yaml", ...local, "--json"]);
    expect(diff.code).toBe(9);
    expect(JSON.parse(diff.stdout)).toMatchObject([{ action: "create", result: "failed" }]);
    const words = ["create", "--name=A", "--schedule=0 9 * * *", ...local];
    const made = await run([...words, "--instructions=x"]);
    expect(made.code).toBe(6);
    expect(made.stderr).toMatch(
      /^error: "B" \(auto_\w+\), held by INC-42, is the same, so no duplicate is created$/m,
    );
    expect((await run([...words, "--instructions=else"])).code).toBe(0);
    expect(await names()).toEqual(["A true", "B false"]);
    await run(["resume", "--incident", "INC-42", "--yes"]);
    expect((await run([...words, "--instructions=x", "--allow-duplicate"])).code).toBe(0);
  });

  it("is reported once across many deployments, and with its id in a single deployment", async () => {
    const { run, create, deploy, write, cwd } = await start();
    for (const name of ["Acme", "Beta"]) await create({ name: "B" }, await deploy(name));
    await run([...pause, "--all", "--all-deployments"]);
    write({ "herm.yaml": text("A") });
    const env = { GITHUB_ACTIONS: "true", GITHUB_STEP_SUMMARY: join(cwd, "summary.md") };
    const words = ["apply", "-f", "herm.yaml", "--yes", "--all-deployments", "--report", "markdown=r.md"];
    const why = '"B", held by INC-42, is the same, so no duplicate is created';
    const { stdout, stderr, code } = await run(words, { tty: true, columns: 200, env });
    expect(code).toBe(8);
    expect(stderr).toMatch(
      /^ {2}! A {2}in 2 deployments: (Acme \(cus_1\), Beta \(cus_1\)|Beta \(cus_1\), Acme \(cus_1\))$/m,
    );
    expect(stderr.split(`\n      ${why}\n`)).toHaveLength(2);
    expect(stderr).toContain("\nPlan: 1 to create, 2 failed in 3 deployments; runs a day: 0 → 1\n");
    expect(stdout).toBe("1 applied · 2 failed\n");
    for (const file of ["summary.md", "r.md"]) {
      const table = readFileSync(join(cwd, file), "utf8").split("<details>")[0] ?? "";
      expect(table.match(/held by/g)).toHaveLength(1);
    }
    const piped = await run([...words, "-o", "table"], { env });
    expect(piped.stderr.match(/^::error .*"A" in 2 deployments \(/gm)).toHaveLength(1);
    expect(piped.stdout.match(/"B" \(auto_\w+\), held by INC-42/g)).toHaveLength(2);
    const one = await run([...words.slice(0, -1), "markdown=r.md", "--except", "Beta"], { tty: true, env });
    expect(one.stderr).toMatch(/"B" \(auto_\w+\), held by/);
  });

  it.each([
    ["B (auto_1)", "B (auto_2)"],
    ["B: auto_1", "B: auto_2"],
    ["auto_1", "auto_2"],
  ])("is reported separately if names contain text that looks like ids: %s, %s", async (one, other) => {
    const { run, create, deploy, write } = await start();
    await create({ name: one }, await deploy("Acme"));
    await create({ name: other }, await deploy("Beta"));
    await run([...pause, "--all", "--all-deployments"]);
    write({ "herm.yaml": text("A") });
    const { stderr } = await run(["apply", "-f", "herm.yaml", "--yes", "--all-deployments"], {
      tty: true,
      columns: 200,
    });
    expect(stderr).toContain(`\n  ! A  in Acme (cus_1)\n      "${one}" (auto_`);
    expect(stderr).toContain(`\n  ! A  in Beta (cus_1)\n      "${other}" (auto_`);
  });

  it("causes a single failure, with exit code 8, even under --dry-run", async () => {
    const { apply, names, create, run } = await start();
    await create({ name: "B" });
    await run([...pause, "--all", ...local]);
    const two = `${text("A")}  - name: C\n    schedule: every hour\n    instructions: y\n  - name: D\n    schedule: every day at 9am\n    instructions: x\n`;
    const dry = await apply(two, "--dry-run");
    expect(dry.code).toBe(8);
    const applied = await apply(two, "--json");
    expect(applied.code).toBe(8);
    expect(JSON.parse(applied.stdout).map(({ result }: { result: string }) => result)).toEqual([
      "failed",
      "done",
      "failed",
    ]);
    expect(await names()).toEqual(["B false", "C true"]);
  });
});

describe("a rename without a record", () => {
  it("creates a second automation, unless `formerly` contains the old name", async () => {
    const { apply, names } = await start();
    await apply(text("A"));
    expect((await apply(text("B", "    formerly: A\n"))).code).toBe(0);
    expect(await names()).toEqual(["B true"]);
    expect((await apply(text("A"))).code).toBe(0);
    expect(await names()).toEqual(["A true", "B true"]);
  });
});
