import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { startManifestServer } from "./manifest-server.js";

const local = ["-d", "dep_local"];
const text = (name: string, rest = "") =>
  `automations:\n  - name: ${name}\n    schedule: every day at 9am\n    instructions: x\n${rest}`;

async function start() {
  const all = await startManifestServer();
  const names = async () => (await all.state()).map(({ name, enabled }) => `${name} ${enabled}`);
  const apply = (file: string, ...flags: string[]) => {
    all.write({ "herm.yaml": file });
    return all.run(["apply", "-f", "herm.yaml", ...local, ...flags]);
  };
  return { ...all, names, apply };
}

describe("a rename that is taken back with git revert", () => {
  it("makes no twin: the create fails, and says from which it looks renamed and what decides", async () => {
    const { apply, names, run } = await start();
    await apply(text("A"));
    await apply(text("B", "    formerly: A\n"));
    const reverted = await apply(text("A"));
    expect(reverted.code).toBe(6);
    expect(reverted.stdout).toMatch(
      /^dep_local\tdep_local\tcreate\tA\t\t\S+\t\tfailed\tlooks renamed from "B" \(auto_\w+\)/,
    );
    expect(reverted.stderr).toMatch(/^ {2}\+ A\n {6}looks renamed from "B" \(auto_\w+\); formerly: or/m);
    expect(reverted.stderr).toContain("\nPlan: 1 failed\n");
    // Nothing was done since the plan said it, so it isn't said again but as the error.
    expect(reverted.stderr).not.toContain("✗");
    const quiet = await apply(text("A"), "--quiet");
    expect(quiet.stderr).toMatch(
      /^error: "A" in dep_local: looks renamed from "B" \(auto_\w+\); formerly: or/,
    );
    expect(await names()).toEqual(["B true"]);
    const diff = await run(["diff", "-f", "herm.yaml", ...local, "--json"]);
    expect(diff.code).toBe(9);
    expect(JSON.parse(diff.stdout)).toMatchObject([{ action: "create", result: "failed" }]);
    expect((await apply(text("A", "    formerly: B\n"))).code).toBe(0);
    expect(await names()).toEqual(["A true"]);
  });

  it("is told once over many deployments, whose ids differ, and with its id where it is one", async () => {
    const { run, create, deploy, write, cwd } = await start();
    for (const name of ["Acme", "Beta"]) await create({ name: "B" }, await deploy(name));
    write({ "herm.yaml": text("A") });
    const env = { GITHUB_ACTIONS: "true", GITHUB_STEP_SUMMARY: join(cwd, "summary.md") };
    const words = ["apply", "-f", "herm.yaml", "--yes", "--all-deployments", "--report", "markdown=r.md"];
    const why = 'looks renamed from "B"; formerly: or id: in the file decides';
    const { stdout, stderr, code } = await run(words, { tty: true, columns: 200, env });
    expect(code).toBe(8);
    expect(stderr).toMatch(/^ {2}\+ A {2}in 2 deployments: (Acme, Beta|Beta, Acme)$/m);
    expect(stderr.split(`\n      ${why}\n`)).toHaveLength(2);
    expect(stderr).toContain("\nPlan: 1 to create, 2 failed in 3 deployments\n");
    expect(stdout).toContain("\n1 applied · 2 failed\n");
    for (const file of ["summary.md", "r.md"]) {
      const table = readFileSync(join(cwd, file), "utf8").split("<details>")[0] ?? "";
      expect(table.match(/looks renamed/g)).toHaveLength(1);
    }
    const piped = await run(words, { env });
    expect(piped.stderr.match(/^::error .*"A" in 2 deployments: /gm)).toHaveLength(1);
    expect(piped.stdout.match(/looks renamed from "B" \(auto_\w+\)/g)).toHaveLength(2);
    const one = await run([...words.slice(0, -1), "markdown=r.md", "--except", "Beta"], { tty: true, env });
    expect(one.stderr).toMatch(/renamed from "B" \(auto_\w+\)/);
  });

  it("is told apart by names that differ in what looks like an id", async () => {
    const { run, create, deploy, write } = await start();
    await create({ name: "B (auto_1)" }, await deploy("Acme"));
    await create({ name: "B (auto_2)" }, await deploy("Beta"));
    write({ "herm.yaml": text("A") });
    const words = ["apply", "-f", "herm.yaml", "--yes", "--all-deployments"];
    const { stderr } = await run(words, { tty: true, columns: 200 });
    expect(stderr).toMatch(/^ {2}\+ A {2}in Acme\n {6}looks renamed from "B \(auto_1\)" \(auto_/m);
    expect(stderr).toMatch(/^ {2}\+ A {2}in Beta\n {6}looks renamed from "B \(auto_2\)" \(auto_/m);
  });

  it("is one failure among others: 8, also with --dry-run", async () => {
    const { apply, names, create } = await start();
    await create({ name: "B" });
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
    expect(await names()).toEqual(["B true", "C true"]);
    expect((await apply(text("A", "    id: a\n"))).code).toBe(0);
    expect((await apply(text("A", "    id: a\n"))).code).toBe(0);
    expect(await names()).toEqual(["A true", "B true", "C true"]);
  });

  it("restores what was deleted beside another that is the same", async () => {
    const { names, create, run, runHerm } = await start();
    await create({ name: "B" });
    await create({ name: "C" });
    const deleted = await run(["delete", "B", "--yes", ...local]);
    const undo = /^undo: herm (.+)$/m.exec(deleted.stderr)?.[1] ?? "";
    expect((await runHerm([...undo.split(" "), "--yes"])).code).toBe(0);
    expect(await names()).toEqual(["B true", "C true"]);
  });

  it("makes nothing that fires beside what an open incident holds, with apply or create, until it is over", async () => {
    const { apply, names, create, run } = await start();
    await create({ name: "B" });
    await run(["pause", "--all", "--incident", "INC-42", "--yes", ...local]);
    const applied = await apply(text("A", "    id: a\n"));
    expect(applied.code).toBe(6);
    expect(applied.stderr).toMatch(
      /"B" \(auto_\w+\), held by INC-42, is the same: nothing is created beside it/,
    );
    const words = ["create", "--name=A", "--schedule=0 9 * * *", ...local];
    const made = await run([...words, "--instructions=x"]);
    expect(made.code).toBe(6);
    expect(made.stderr).toMatch(
      /^error: "B" \(auto_\w+\), held by INC-42, is the same: nothing is created beside it$/m,
    );
    expect((await run([...words, "--instructions=else"])).code).toBe(0);
    expect(await names()).toEqual(["A true", "B false"]);
    await run(["resume", "--incident", "INC-42", "--yes"]);
    expect((await run([...words, "--instructions=x", "--allow-duplicate"])).code).toBe(0);
  });
});
