import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { inShort, type ManifestServer, startOnMonday } from "./manifest-server.js";

const now = new Date("2026-03-02T08:00:00Z");

const item = (name: string) =>
  `  - name: ${name}\n    schedule: every day at 9am\n    instructions: do ${name}\n`;
const manifest = (...items: string[]) => `automations:\n${items.join("")}`;

const readRecord = ({ cwd }: ManifestServer, file = "herm.lock.yaml") =>
  readFileSync(join(cwd, file), "utf8").split("made:\n")[1];

describe("adopt", () => {
  it("adopts the automations of the files in every deployment, and no others", async () => {
    const server = await startOnMonday();
    const other = await server.deploy("Acme");
    const one = await server.create({ name: "A", instructions: "do A" });
    const two = await server.create({ name: "A", instructions: "do A\n" }, other);
    await server.create({ name: "My own" });
    server.write({ "herm.yaml": manifest(item("A"), item("B")) });
    await server.writes();
    const words = ["adopt", "--file", "herm.yaml", "--all-deployments"];
    const planned = await server.run([...words, "--dry-run", "-o", "name"], { now });
    expect(planned.stdout.trim().split("\n").toSorted()).toEqual(
      [`dep_local/${one.automation_id}`, `${other}/${two.automation_id}`].toSorted(),
    );
    expect(existsSync(join(server.cwd, "herm.lock.yaml"))).toBe(false);
    const adopted = await server.run([...words, "--yes", "--json"], { now });
    expect(adopted.code).toBe(0);
    expect(JSON.parse(adopted.stdout)).toMatchObject([
      { action: "adopt", name: "A", result: "done" },
      { action: "adopt", name: "A", result: "done" },
    ]);
    expect(adopted.stderr).toContain("2 automations of the manifests don't exist yet\n");
    expect(readRecord(server)).toBe(
      [`  ${other}/${two.automation_id}: "A"\n`, `  dep_local/${one.automation_id}: "A"\n`]
        .toSorted()
        .join(""),
    );
    expect(await server.writes()).toEqual([]);
    const again = await server.run([...words, "--yes", "--json", "--verbose"], { now });
    expect(JSON.parse(again.stdout)).toMatchObject([{ action: "unchanged" }, { action: "unchanged" }]);
    server.write({ "herm.yaml": manifest(item("B")) });
    const pruned = await server.run(
      ["apply", "-f", "herm.yaml", "-d", "dep_local", "--prune", "--yes", "--json"],
      { now },
    );
    expect(pruned.code).toBe(0);
    expect((await server.state()).map(({ name }) => name)).toEqual(["B", "My own"]);
  });

  it("lists automations that differ, and skips them without --different", async () => {
    const server = await startOnMonday();
    const other = await server.deploy("Acme");
    const equal = { instructions: "do A" };
    await server.create({ name: "A", ...equal, enabled: false });
    const text = await server.create({ name: "A", instructions: "theirs" }, other);
    const time = await server.create({ name: "B", schedule: "0 10 * * *", instructions: "do B" });
    const summer = new Date("2026-07-06T08:00:00Z");
    // Automations that belong to the customer, and changes of the clocks, don't count as differences.
    await server.create({ name: "C", instructions: "theirs" }, other);
    await server.create({ name: "D", schedule: "0 8 * * *", instructions: "do D" });
    const initial = item("C").replace("\n", "\n    initial: true\n");
    const moved = item("D").replace("\n", "\n    tz: Europe/Berlin\n");
    server.write({ "herm.yaml": manifest(item("A"), item("B"), initial, moved) });
    await server.writes();
    const words = ["adopt", "-f", "herm.yaml", "--all-deployments", "--yes"];
    const first = await server.run([...words, "--json"], { now: summer });
    expect(first.code).toBe(0);
    expect(inShort(first.stdout).toSorted()).toEqual([
      "adopt A done",
      "adopt C done",
      "adopt D done",
      "skipped A (differs in instructions)",
      "skipped B (differs in schedule)",
    ]);
    expect(first.stderr).toContain(
      'not adopted, because they differ from the manifests: "A" in Acme, "B" in Local\nhint: to adopt them too, add --different\n',
    );
    const ids = () =>
      readRecord(server)
        ?.match(/auto_\w+/g)
        ?.toSorted();
    expect(ids()).not.toContain(text.automation_id);
    const narrowed = [...words, "--different", "--match", "B", "--except", "Acme"];
    expect((await server.run(narrowed, { now: summer })).code).toBe(0);
    const again = await server.run(words, { now: summer });
    expect(again).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('because it differs from the manifest: "A" in Acme\n'),
    });
    expect((await server.run([...words, "--different"], { now: summer })).code).toBe(0);
    expect(ids()).toHaveLength(5);
    expect(ids()).toEqual(expect.arrayContaining([text.automation_id, time.automation_id]));
    expect(await server.writes()).toEqual([]);
  });

  it("reports that it created an empty record", async () => {
    const server = await startOnMonday();
    await server.create({ name: "A", instructions: "theirs" });
    server.write({ "herm.yaml": manifest(item("A")) });
    const words = ["adopt", "--file", "herm.yaml", "-d", "dep_local", "--yes"];
    for (const tty of [true, false]) {
      const record = ["--record", `${tty}.lock.yaml`];
      const { code, stdout, stderr } = await server.run([...words, ...record], { now, tty });
      expect(code).toBe(0);
      expect(stderr).toContain(`created ${tty}.lock.yaml with 0 automations\n`);
      expect(stderr).toContain('not adopted, because it differs from the manifest: "A" in dep_local\n');
      expect(stdout + stderr).not.toContain("no changes");
    }
  });

  it("adopts only the selected automations, and asks on a terminal", async () => {
    const server = await startOnMonday();
    const { automation_id } = await server.create({ name: "A", instructions: "do A" });
    await server.create({ name: "B", instructions: "do B" });
    server.write({ "herm.yaml": manifest(item("A"), item("B")) });
    const words = ["adopt", "-f", "herm.yaml", "--record", "some.lock.yaml", "-d", "dep_local"];
    const onlyA = [...words, "--match", "A"];
    const no = await server.run(onlyA, { now, answers: [false] });
    expect(no.code).toBe(1);
    expect(existsSync(join(server.cwd, "some.lock.yaml"))).toBe(false);
    const yes = await server.run(onlyA, { now, answers: [true] });
    expect(yes).toMatchObject({ code: 0, stdout: "✓ 1 adopted\n" });
    expect(yes.stderr).toContain(`  + A  ${automation_id}\n`);
    expect(yes.stderr).toContain("Plan: 1 to adopt\n");
    expect(readRecord(server, "some.lock.yaml")).toBe(`  dep_local/${automation_id}: "A"\n`);
    const all = await server.run([...words, "--yes", "--verbose", "-o", "table"], { now });
    expect(all.stdout).toMatch(/^dep_local\tdep_local\tadopt\tB\tauto_\w+\t\t\tdone\t$/m);
    expect(all.stdout).toMatch(/^dep_local\tdep_local\tunchanged\tA\tauto_\w+\t\t\t\t$/m);
    const log = await server.run([...words, "--yes"], { now });
    expect(log.stdout).toBe("no changes: 2 automations are in the record\n");
    const again = await server.run([...onlyA, "--verbose"], { now, answers: [] });
    expect(again).toMatchObject({ code: 0, stdout: "no changes: 1 automation is in the record\n" });
  });

  it("lists missing automations, and leaves another API's record unchanged", async () => {
    const server = await startOnMonday();
    await server.create({ name: "A" });
    const foreign = `record: 1\napi: "https://api.example.com"\nmade:\n`;
    server.write({ "a.yaml": `automations:\n${item("A")}`, "other.lock.yaml": foreign });
    const bare = await server.run(["adopt", "--record", "x.lock.yaml", "--yes"], { now });
    expect(bare).toMatchObject({ code: 2, stderr: expect.stringContaining("no manifest given") });
    const unasked = await server.run(["adopt", "-f", "a.yaml", "--record", "x.lock.yaml"], { now });
    expect(unasked).toMatchObject({ code: 2 });
    expect(unasked.stderr).toContain("adopt needs --yes when herm can't ask");
    const words = ["adopt", "-f", "a.yaml", "--record", "other.lock.yaml", "-d", "dep_local", "--yes"];
    const refused = await server.run(words, { now });
    expect(refused.code).toBe(6);
    expect(refused.stderr).toContain("other.lock.yaml is the record of https://api.example.com, not of ");
    expect(readFileSync(join(server.cwd, "other.lock.yaml"), "utf8")).toBe(foreign);
  });

  it("annotates mistakes at their lines in GitHub Actions", async () => {
    const server = await startOnMonday();
    server.write({
      "herm.yaml": "automations:\n  - nam: A\n",
      "a.yaml": manifest(item("A")),
    });
    const words = ["adopt", "--record", "herm.lock.yaml", "-d", "dep_local", "--yes"];
    const env = { GITHUB_ACTIONS: "true" };
    const files = await server.run([...words, "-f", "herm.yaml"], { now, env });
    expect(files.code).toBe(2);
    expect(files.stderr).toContain("::error file=herm.yaml,line=2,col=5::unknown key nam");
    server.write({ "herm.lock.yaml": "record: 1\nwhat: 1\n" });
    const record = await server.run([...words, "-f", "a.yaml"], { now, env });
    expect(record.code).toBe(6);
    expect(record.stderr).toContain("::error file=herm.lock.yaml,line=2,col=1::not a line of a record");
  });
});
