import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type ManifestServer, startAt, startOnMonday } from "./manifest-server.js";

const now = new Date(startAt);
const longText = Array.from({ length: 30 }, (_, line) => `Step ${line}: use \${tool}.`).join("\n");
const names = ["Acme", "acme!", "Café: $${x} 日報", "日報"];

/** Deployments with the same names in each environment, but different ids. */
async function environment(): Promise<ManifestServer & { ids: string[] }> {
  const server = await startOnMonday();
  const ids: string[] = [];
  for (const name of names) ids.push(await server.deploy(name, { customer: `cus_${ids.length}` }));
  return { ...server, ids };
}

function filesIn(folder: string): Record<string, string> {
  const paths = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) => /\./.test(path));
  return Object.fromEntries(paths.sort().map((path) => [path, readFileSync(join(folder, path), "utf8")]));
}

describe("an export from one environment", () => {
  it("applies to another environment by name, file by file, and leaves no difference", async () => {
    const [staging, prod] = [await environment(), await environment()];
    expect(staging.ids.filter((id) => prod.ids.includes(id))).toEqual([]);
    for (const id of staging.ids) {
      await staging.create({ name: "Weekly", schedule: "0 9 * * 1", enabled: false }, id);
      await staging.create({ name: "Long", instructions: longText }, id);
    }
    const words = ["export", "--all-deployments", "--except", "dep_local", "--by-name", "--to", "out"];
    const exported = await staging.run(words, { now });
    expect(exported).toMatchObject({ code: 0, stderr: "" });
    const files = filesIn(join(staging.cwd, "out"));
    expect(Object.keys(files)).toEqual(
      ["acme", "acme-2", "cafe-x", "deployment"]
        .flatMap((stem) => [`${stem}.yaml`, `${stem}/long.md`])
        .sort(),
    );
    expect(Object.values(files).join("\n")).not.toMatch(/dep_|auto_|cus_/);
    expect(files["acme.yaml"]).toContain("# Automations of Acme\ndeployments: [Acme]\n");

    prod.write(files);
    expect(await prod.run(["apply", "-f", "."], { now })).toMatchObject({ code: 0 });
    const diff = await prod.run(["diff", "-f", "."], { now });
    const stdout = "no changes: 8 automations in 4 deployments match the files\n";
    expect(diff).toMatchObject({ code: 0, stdout });
    for (const [at, id] of prod.ids.entries()) {
      const [one, other] = [await staging.state(staging.ids[at]), await prod.state(id)];
      const told = ({ name, schedule, enabled, instructions }: (typeof one)[number]) => ({
        name,
        schedule,
        enabled,
        instructions,
      });
      expect(other.map(told)).toEqual(one.map(told));
    }
    await prod.run(["export", "--all-deployments", "--except", "dep_local", "--by-name", "--to", "back"], {
      now,
    });
    expect(filesIn(join(prod.cwd, "back"))).toEqual(files);
  });

  it("is written to stdout by name, even if the deployment was chosen by id", async () => {
    const { run, create, ids } = await environment();
    const [acme = ""] = ids;
    await create({ name: "A" }, acme);
    for (const chosen of [acme, "Acme"]) {
      const yaml = await run(["export", "-d", chosen, "--by-name"], { now });
      expect(yaml).toMatchObject({ code: 0, stdout: expect.stringContaining("deployments: [Acme]\n") });
      const json = await run(["export", "-d", chosen, "--by-name", "--json"], { now });
      expect(JSON.parse(json.stdout)).toMatchObject({ deployments: ["Acme"], automations: [{ name: "A" }] });
    }
  });

  it("is refused if names are ambiguous, and shows the ids", async () => {
    const { run, create, deploy, cwd } = await startOnMonday();
    const duplicates = [await deploy("Twin"), await deploy("Twin")];
    const odd = await deploy("dep_odd");
    const acme = await deploy("Acme");
    const [one, other] = [await create({ name: "A" }, acme), await create({ name: "A" }, acme)];
    const of = async (id: string) => (await run(["export", "-d", id, "--by-name"], { now })) satisfies object;
    const said = await of(duplicates[0] ?? "");
    expect(said).toMatchObject({ code: 6, stdout: "" });
    expect(said.stderr).toMatch(
      /^error: 2 deployments are named "Twin": dep_\w+, dep_\w+\nhint: without --by-name/,
    );
    for (const id of duplicates) expect(said.stderr).toContain(id);
    expect((await of(odd)).stderr).toContain(
      `error: the name of ${odd} is dep_odd, which looks like an id\n`,
    );
    const same = await of(acme);
    expect(same).toMatchObject({ code: 6, stdout: "" });
    expect(same.stderr).toMatch(/^error: 2 automations of Acme are named "A": /);
    for (const { automation_id } of [one, other]) expect(same.stderr).toContain(automation_id);

    const all = await run(["export", "--all-deployments", "--by-name", "--to", "out"], { now });
    expect(all).toMatchObject({ code: 8 });
    expect(all.stderr.match(/^warning: /gm)).toHaveLength(4);
    expect(all.stderr).toContain("4 of 5 failed");
    expect(readdirSync(join(cwd, "out"))).toHaveLength(1);
  });

  it("avoids file names that Windows reserves for devices", async () => {
    const { run, deploy, create, cwd } = await startOnMonday();
    const id = await deploy("AUX");
    await create({ name: "Con", schedule: "@daily", instructions: "Go.\n".repeat(30) }, id);
    expect((await run(["export", "-d", id, "--by-name", "--to", "out"], { now })).code).toBe(0);
    expect(readdirSync(join(cwd, "out"), { recursive: true }).map(String).toSorted()).toEqual(
      ["deployment-aux", "deployment-aux.yaml", join("deployment-aux", "instructions-con.md")].toSorted(),
    );
    const back = await run(["diff", "-f", "out"], { now });
    expect(back).toMatchObject({ code: 0, stdout: "no changes: 1 automation matches the files\n" });
  });
});
