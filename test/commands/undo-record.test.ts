import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { startManifestServer } from "./manifest-server.js";

const manifest = (...names: string[]) =>
  `automations:${names.length === 0 ? " []" : ""}\n${names
    .map((name) => `  - {name: ${name}, schedule: every day at 9am, instructions: do ${name}}\n`)
    .join("")}`;

async function start() {
  const server = await startManifestServer();
  server.write({ "herm.yaml": manifest() });
  const begun = await server.run(["adopt", "-f", "herm.yaml", "-d", "dep_local", "--yes"]);
  expect(begun).toMatchObject({ code: 0 });
  const record = join(server.cwd, "herm.lock.yaml");
  return {
    ...server,
    record,
    made: () => readFileSync(record, "utf8").match(/(?<=auto_\w+: ")\w+(?="$)/gm) ?? [],
    apply: (...more: string[]) =>
      server.run(["apply", "-f", "herm.yaml", "-d", "dep_local", "--yes", "-o", "table", ...more]),
    adopt: (...more: string[]) =>
      server.run(["adopt", "-f", "herm.yaml", "-d", "dep_local", "--yes", ...more]),
    undo: (id = "last") => server.runHerm(["undo", id, "--yes"]),
  };
}

const rowsOf = (stdout: string) =>
  stdout.split("\n").flatMap((line) => (line === "" ? [] : [line.split("\t").slice(2, 4).join(" ")]));

describe("herm undo of an apply with a record", () => {
  it("explains that deleted automations and their record lines aren't restored", async () => {
    const { write, apply, adopt, undo, record } = await start();
    write({ "herm.yaml": manifest("A", "B") });
    await apply();
    const undone = await undo();
    expect(undone.stderr).toContain(
      `${record} still has the deleted automations: apply creates them again only with --recreate\n`,
    );
    expect(rowsOf((await apply()).stdout)).toEqual(["skipped A", "skipped B"]);
    const [, id = ""] = /undo: herm undo (\w+)/.exec(undone.stderr) ?? [];
    const back = await undo(id);
    expect(back.stderr).toContain(
      `${record} doesn't have 2 automations that were created again, so --prune skips them: put them back into the file, then adopt -f <file>\n`,
    );
    expect((await adopt()).code).toBe(0);
    expect(rowsOf((await apply("--verbose")).stdout)).toEqual(["unchanged A", "unchanged B"]);
  });

  it("is suggested even for a single change, because it updates the record", async () => {
    const { write, apply, undo, record } = await start();
    write({ "herm.yaml": manifest("A") });
    const { stderr } = await apply();
    const [, id = ""] = /^undo: herm undo (\w+)$/m.exec(stderr) ?? [];
    expect((await undo(id)).stderr).toContain(
      `${record} still has the deleted automation: apply creates it again only with --recreate\n`,
    );
  });

  it("explains that restored automations aren't pruned, and how to adopt them", async () => {
    const { write, apply, adopt, undo, made, state } = await start();
    write({ "herm.yaml": manifest("A", "B") });
    await apply();
    write({ "herm.yaml": manifest("A") });
    await apply("--prune");
    expect((await undo()).stderr).toContain(": put it back into the file, then adopt -f <file> --match B\n");
    await apply("--prune");
    expect((await state()).map(({ name }) => name)).toEqual(["A", "B"]);
    write({ "herm.yaml": manifest("A", "B") });
    expect((await adopt("--match", "B")).code).toBe(0);
    expect(made()).toEqual(["A", "B"]);
    write({ "herm.yaml": manifest("A") });
    await apply("--prune");
    expect((await state()).map(({ name }) => name)).toEqual(["A"]);
  });

  it("restores updates even if the list needed for deletions is refused", async () => {
    const { write, apply, undo, state, call } = await start();
    write({ "herm.yaml": manifest("A", "B") });
    await apply();
    write({ "herm.yaml": manifest("A").replace("9am", "8am") });
    await apply("--prune");
    const path = "/v1/deployments/dep_local/automations";
    const action = { type: "fail", status: 403 };
    await call("POST", "/_dev/faults", { path, method: "GET", count: null, action });
    const { code, stdout } = await undo();
    expect(code).toBe(8);
    expect(stdout).toMatch(/^A\tundone\t/m);
    expect(stdout).toMatch(/^B\tunknown\t/m);
    await call("DELETE", "/_dev/faults");
    expect(await state()).toMatchObject([{ name: "A", schedule: "0 9 * * *" }]);
  });

  it("doesn't mention the record after field changes, or if there is no record", async () => {
    const { write, apply, undo, record } = await start();
    write({ "herm.yaml": manifest("A") });
    await apply();
    write({ "herm.yaml": manifest("A").replace("9am", "10am") });
    await apply();
    expect((await undo()).stderr).not.toContain("herm.lock.yaml");
    rmSync(record);
    write({ "herm.yaml": manifest("C") });
    await apply();
    expect((await undo()).stderr).not.toContain("herm.lock.yaml");
  });
});
