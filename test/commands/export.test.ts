import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { startAt, startOnMonday } from "./manifest-server.js";

const now = new Date(startAt);
const local = ["-d", "dep_local"];
const longText = Array.from({ length: 30 }, (_, line) => `Step ${line}: use \${tool}.`).join("\n");

describe("export", () => {
  it("accepts - for stdout in --to", async () => {
    const { run, create, cwd } = await startOnMonday();
    await create({ name: "A" });
    const plain = await run(["export", ...local], { now });
    expect(await run(["export", ...local, "--to", "-"], { now })).toEqual(plain);
    expect(await run(["export", ...local, "--to=-", "--force"], { now })).toEqual(plain);
    expect(plain.stdout).toContain("name: A");
    expect(existsSync(join(cwd, "-"))).toBe(false);
    expect(await run(["export", "--all-deployments", "--to", "-"], { now })).toEqual(
      await run(["export", "--all-deployments"], { now }),
    );
  });

  it("writes a tidy manifest without differences, even with duplicates, variables and paused automations", async () => {
    const { run, create } = await startOnMonday();
    await create({
      name: "B",
      schedule: "every Monday at 9am",
      instructions: "Use ${tool}.\n",
      enabled: false,
    });
    const duplicates = [
      await create({ name: "A", instructions: "one" }),
      await create({ name: "A", instructions: "two\n\n" }),
    ];
    const [first, second] = duplicates
      .map(({ automation_id }, index) => ({
        id: automation_id,
        lines: ["|-\n      one", "|+\n      two"][index],
      }))
      .sort((one, other) => (one.id < other.id ? -1 : 1));
    const { code, stdout, stderr } = await run(["export", ...local], { now });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toBe(`# Automations of dep_local
deployments: [dep_local]
automations:
  - name: A
    id: ${first?.id.replace("_", "-")}
    schedule: "0 9 * * *" # every day at 09:00 UTC
    instructions: ${first?.lines}

  - name: A
    id: ${second?.id.replace("_", "-")}
    schedule: "0 9 * * *" # every day at 09:00 UTC
    instructions: ${second?.lines}

  - name: B
    schedule: every Monday at 9am
    enabled: false
    instructions: |
      Use $\${tool}.
`);
    const diff = await run(["diff", "-f", "-", "--json", "--verbose"], { now, stdin: stdout });
    expect(diff.code).toBe(0);
    expect(JSON.parse(diff.stdout)).toMatchObject([
      { action: "unchanged" },
      { action: "unchanged" },
      { action: "unchanged" },
    ]);
    const json = await run(["export", ...local, "--json"], { now });
    expect((await run(["diff", "-f", "-"], { now, stdin: json.stdout })).code).toBe(0);
  });

  it("recreates the same automations elsewhere, once", async () => {
    const { run, create, deploy, state } = await startOnMonday();
    for (const instructions of ["one", "two", longText]) await create({ name: "A", instructions });
    const acme = await deploy("Acme");
    const stdin = (await run(["export", ...local], { now })).stdout;
    expect((await run(["apply", "-f", "-", "-d", acme], { now, stdin })).code).toBe(0);
    const again = await run(["apply", "-f", "-", "-d", acme, "--json"], { now, stdin });
    expect(again.stdout).not.toContain('"done"');
    const texts = (all: { instructions?: string | null }[]) =>
      all.map(({ instructions }) => instructions).sort();
    expect(texts(await state(acme))).toEqual(texts(await state()));
  });

  it("writes a fleet into a folder, with long instructions in separate files", async () => {
    const { run, create, deploy, cwd } = await startOnMonday();
    const acme = await deploy("Acme: the first", { customer: "cus_9" });
    for (const name of ["Wöchentlicher Bericht", "wochentlicher-bericht", "../../etc/passwd", "日報"]) {
      await create({ name, instructions: longText }, acme);
    }
    const slow = await deploy("Slow", { prompt: "@dev wait 60", isReady: false });
    const words = ["export", "--all-deployments", "--to", "out"];
    const { code, stdout, stderr } = await run(words, { now });
    expect(code).toBe(0);
    expect(stderr).toBe(`warning: Slow (${slow}) isn't ready: skipped\n`);
    expect(stdout.split("\n").sort()).toEqual(
      [
        "",
        "out/dep_local.yaml",
        `out/${acme}.yaml`,
        `out/${acme}/etc-passwd.md`,
        `out/${acme}/instructions.md`,
        `out/${acme}/wochentlicher-bericht-2.md`,
        `out/${acme}/wochentlicher-bericht.md`,
      ].sort(),
    );
    expect(readdirSync(join(cwd, "out")).sort()).toEqual([acme, `${acme}.yaml`, "dep_local.yaml"].sort());
    const manifest = readFileSync(join(cwd, "out", `${acme}.yaml`), "utf8");
    expect(manifest.split("\n")[0]).toBe("# Automations of Acme: the first (cus_9)");
    expect(manifest).toContain(`    instructions_file: ${acme}/etc-passwd.md\n`);
    expect(readFileSync(join(cwd, "out", acme, "etc-passwd.md"), "utf8")).toBe(
      longText.replaceAll("${", () => "$${"),
    );
    const diff = await run(["diff", "-f", "out"], { now });
    expect(diff.code).toBe(0);
    expect(diff.stdout).toBe("no changes: 4 automations match the files\n");
    const rows = await run(["diff", "-f", "out", "--json", "--verbose"], { now });
    expect(rows.stdout.match(/"unchanged"/g)).toHaveLength(4);
  });

  it("overwrites no existing file without --force", async () => {
    const { run, create, cwd } = await startOnMonday();
    await create({ name: "A" });
    mkdirSync(join(cwd, "out"));
    writeFileSync(join(cwd, "out", "dep_local.yaml"), "mine");
    const refused = await run(["export", ...local, "--to", "out"], { now });
    expect(refused).toMatchObject({
      code: 6,
      stdout: "",
      stderr:
        "error: out/dep_local.yaml already exists; nothing was written\nhint: to overwrite it, add --force\n",
    });
    expect(readFileSync(join(cwd, "out", "dep_local.yaml"), "utf8")).toBe("mine");
    expect((await run(["export", ...local, "--to", "out", "--force"], { now })).code).toBe(0);
    expect(readFileSync(join(cwd, "out", "dep_local.yaml"), "utf8")).toContain("- name: A\n");
    expect(readdirSync(join(cwd, "out"))).toEqual(["dep_local.yaml"]);
  });

  it("writes one deployment to a YAML or JSON file, depending on its extension", async () => {
    const { run, create, cwd } = await startOnMonday();
    await create({ name: "A" });
    const yaml = await run(["export", ...local, "--to", "sub/herm.yaml"], { now, tty: true });
    expect(yaml).toMatchObject({ code: 0, stdout: "✓ 1 automation in sub/herm.yaml\n" });
    expect((await run(["export", ...local, "--to", "herm.json"], { now })).stdout).toBe("herm.json\n");
    expect(JSON.parse(readFileSync(join(cwd, "herm.json"), "utf8"))).toMatchObject({
      deployments: ["dep_local"],
    });
    for (const file of ["sub/herm.yaml", "herm.json"]) {
      expect((await run(["diff", "-f", file], { now })).code).toBe(0);
    }
  });

  it("writes only automations selected by --match and --except", async () => {
    const { run, create } = await startOnMonday();
    const kept = await create({ name: "A kept" });
    await create({ name: "A left" });
    await create({ name: "B" });
    const words = ["export", ...local, "--match", "A*", "--except", "*left", "-o", "name"];
    expect((await run(words, { now })).stdout).toBe(`${kept.automation_id}\n`);
  });

  it("rejects several deployments without a folder, and writes no file", async () => {
    const { run, deploy, cwd } = await startOnMonday();
    await deploy("Acme");
    const many = await run(["export", "--all-deployments"], { now });
    expect(many).toMatchObject({
      code: 2,
      stdout: "",
      stderr:
        "error: one manifest can't contain 2 deployments\nhint: to write one file for each, use --to <folder>\n",
    });
    const file = await run(["export", "--all-deployments", "--to", "all.yaml"], { now });
    expect(file).toMatchObject({
      code: 2,
      stderr: "error: 2 deployments need a folder; all.yaml is a file\n",
    });
    expect(existsSync(join(cwd, "all.yaml"))).toBe(false);
  });

  it("rejects an unwritable target before it reads any automations", async () => {
    const { run, deploy, call } = await startOnMonday();
    await deploy("Acme");
    for (const words of [[], ["--to", "all.yaml"], ["--by-name"]])
      expect((await run(["export", "--all-deployments", ...words], { now })).code).toBe(2);
    const asked = (await call("GET", "/_dev/requests")) as { path: string; count: number }[];
    expect(asked.filter(({ path }) => path.includes("/automations"))).toEqual([]);
  });

  it("reports a system error in one line", async () => {
    const { run, cwd } = await startOnMonday();
    writeFileSync(join(cwd, "file"), "");
    const { code, stderr } = await run(["export", ...local, "--to", "file/herm.yaml"], { now });
    // For a folder below a file, Node 20 reports ENOTDIR, and 22 and later EEXIST.
    expect(stderr).toMatch(/^error: file\/herm\.yaml can't be written \((ENOTDIR|EEXIST)\)\n$/);
    expect(code).toBe(6);
  });

  it("writes the readable deployments and exits with 8 if another fails", async () => {
    const { run, failLists, deploy } = await startOnMonday();
    const acme = await deploy("Acme");
    await failLists(acme);
    const { code, stdout, stderr } = await run(["export", "--all-deployments", "--to", "out"], { now });
    expect({ code, stdout }).toEqual({ code: 8, stdout: "out/dep_local.yaml\n" });
    expect(stderr).toContain(`warning: Acme (${acme}): `);
  });
});
