import { chmodSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { resealed } from "../manifest/resealed.js";
import { startManifestServer } from "./manifest-server.js";
import { here, item, planned } from "./saved-plan-world.js";

describe("the file of a saved plan", () => {
  it("overwrites no other file, and follows no link", async () => {
    const { run, write, cwd } = await startManifestServer();
    write({ "herm.json": JSON.stringify({ automations: [item("A")] }) });
    const words = ["apply", "-f", "herm.json", ...here, "--plan-out"];
    const over = await run([...words, "herm.json"]);
    expect(over).toMatchObject({ code: 6, stdout: "" });
    expect(over.stderr).toContain("herm.json exists, and isn't a plan");
    symlinkSync("herm.json", join(cwd, "link.json"));
    expect(await run([...words, "link.json"])).toMatchObject({ code: 6 });
    expect(await run([...words, "deep/plan.json"])).toMatchObject({ code: 9 });
    symlinkSync("deep/plan.json", join(cwd, "to-plan.json"));
    for (const file of ["to-plan.json", "deep", "none.json"]) {
      expect(await run(["apply", "--plan", file])).toMatchObject({ code: 2, stdout: "" });
    }
    chmodSync(join(cwd, "deep"), 0o755);
    expect(await run(["apply", "--plan", "deep/plan.json"])).toMatchObject({ code: 0 });
    expect(statSync(join(cwd, "deep")).mode & 0o777).toBe(0o755);
  });

  it("is no manifest of the folder that it lies in, however large it is", async () => {
    const { run, write, cwd } = await startManifestServer();
    write({ "all/herm.json": JSON.stringify({ automations: [item("A")] }) });
    const words = ["apply", "-f", "all", ...here, "--plan-out", "all/plan.json"];
    expect(await run(words)).toMatchObject({ code: 9 });
    const file = join(cwd, "all", "plan.json");
    writeFileSync(file, readFileSync(file, "utf8") + " ".repeat(2 * 1024 * 1024));
    const again = await run(words);
    expect(again).toMatchObject({ code: 9 });
    expect(again.stderr).toContain("1 change saved in all/plan.json\n");
  });

  it("holds no key, whoever wrote it", async () => {
    const key = "key_0123456789abcdef";
    const { run, write, create, cwd } = await startManifestServer();
    await create(item("A", { instructions: `Use ${key} there.` }));
    write({ "herm.json": JSON.stringify({ automations: [item("A")] }) });
    const { code, stderr } = await run(["apply", "-f", "herm.json", ...here, "--plan-out", "plan.json"], {
      env: { PRISM_API_KEY: key },
    });
    expect({ code, stderr }).toMatchObject({
      code: 6,
      stderr: expect.stringContaining('one of your API keys is in the instructions of "A"'),
    });
    expect(() => readFileSync(join(cwd, "plan.json"))).toThrow();
  });

  it("calls deployments what they are called, whatever it says", async () => {
    const { run, write, deploy, cwd } = await startManifestServer();
    const one = await deploy("Production");
    await deploy("Other");
    write({ "herm.json": JSON.stringify({ automations: [item("A")] }) });
    await run(["apply", "-f", "herm.json", "-d", "Production", "--plan-out", "plan.json"]);
    const plan = await run(["apply", "--plan", "plan.json", "--dry-run"], { tty: true });
    expect(plan.stdout).toContain(`Production  ${one}`);
    const foes = readFileSync(join(cwd, "plan.json"), "utf8").replace("Production", "Staging");
    write({ "foe.json": resealed(foes) });
    const asked = await run(["apply", "--plan", "foe.json"], { answers: [false] });
    expect(asked.stderr).toContain(`Production  ${one}`);
  });

  it("has nothing sent where it isn't as it was written", async () => {
    const plan = await planned([item("A")], {
      automations: [item("A", { instructions: "New." }), item("B")],
    });
    const good = readFileSync(plan.file, "utf8");
    const changed = good.replace("New.", "Other.");
    const foes = ["dep_local", "auto_"].map((id) => resealed(good.replace(id, `${id}/../`)));
    for (const bad of [changed, ...foes]) {
      writeFileSync(plan.file, bad);
      expect(await plan.apply(["--yes"])).toMatchObject({ code: 2, stdout: "" });
    }
    writeFileSync(plan.file, good + " ".repeat(9 * 1024 * 1024));
    const large = await plan.apply(["--yes"]);
    expect(large).toMatchObject({ code: 2, stderr: expect.stringContaining("is larger than 8 MiB") });
    expect(await plan.writes()).toEqual([]);
  });
});
