import { appendFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  fleet,
  manifest as fleetManifest,
  recordOf,
  runOdd,
  startWorld,
  unseen,
} from "../gitops/odd-answers.js";
import { inShort, type ManifestServer, startOnMonday } from "./manifest-server.js";

const now = new Date("2026-03-02T08:00:00Z");
const item = (name: string, rest = "") =>
  `  - {name: ${name}, schedule: every day at 9am, instructions: do ${name}${rest}}\n`;
const words = ["-f", "herm.yaml", "--all-deployments", "--record", "r.yaml", "--yes"];

const apply = async ({ run }: ManifestServer, ...more: string[]) => {
  const { code, stdout, stderr } = await run(["apply", ...words, "--json", ...more], { now });
  return { code, rows: stdout === "" ? [] : inShort(stdout), stderr };
};
const names = async (server: ManifestServer, id?: string) => (await server.state(id)).map(({ name }) => name);

describe("the top of a file", () => {
  it("says whom all of it is for, beside what an item says, and what an item is otherwise", async () => {
    const server = await startOnMonday();
    const vip = await server.deploy("Acme", { customer: "cus_vip" });
    const test = await server.deploy("Acme test", { customer: "cus_vip" });
    server.write({
      "herm.yaml": `for: {customers: [cus_vip]}\nnot: {deployments: ["* test"]}\ndefaults: {tz: Europe/Berlin, enabled: false, initial: [enabled], spread: 0m}\nremoved: [Old]\nautomations:\n${item("A")}${item("B", ", tz: UTC, enabled: true")}${item("C", ", not: {deployments: [Acme]}")}`,
    });
    await server.create({ name: "Old" }, vip);
    await server.create({ name: "Old" }, test);
    await server.run(["apply", "-f", "herm.yaml", "--all-deployments", "--yes"], { now });
    expect(await server.state(vip)).toMatchObject([
      { name: "A", schedule: "0 8 * * *", enabled: false },
      { name: "B", schedule: "0 9 * * *", enabled: true },
    ]);
    expect([await names(server, test), await names(server)]).toEqual([["Old"], []]);
  });

  it("is wrong once, at its place", async () => {
    const server = await startOnMonday();
    server.write({ "herm.yaml": `defaults: {enabled: 7, name: x}\nautomations:\n${item("A")}${item("B")}` });
    const { code, stderr } = await server.run(["diff", "-f", "herm.yaml", "-d", "dep_local"], { now });
    expect(code).toBe(2);
    expect(stderr.match(/herm\.yaml:1:/g)).toHaveLength(2);
  });
});

describe("leaving", () => {
  it("deletes what the record has there, beside --max-deletes, and then may fit nobody", async () => {
    const server = await startOnMonday();
    const acme = await server.deploy("Acme");
    const many = ["A", "B", "C", "D", "E", "F"].map((name) => item(name)).join("");
    server.write({ "herm.yaml": `automations:\n${many}` });
    expect((await server.run(["adopt", ...words], { now })).code).toBe(0);
    expect((await apply(server)).code).toBe(0);
    await server.create({ name: "Their own" }, acme);
    server.write({ "herm.yaml": `leaving: [Acme, dep_gone]\nautomations:\n${many}` });
    const asked = await server.run(["apply", ...words.slice(0, -1)], { now, answers: [], columns: 140 });
    expect(asked.stderr).toContain("Plan: 6 to delete, 6 of them leaving, 6 unchanged");
    const question = "Apply 6 automations in 1 deployment (6 deletions in 1 leaving deployment)?";
    expect(asked.stderr).toContain(`nobody answered the question "${question}"`);
    const done = await apply(server);
    expect(done).toMatchObject({ code: 0 });
    expect(done.rows).toContain("delete A (leaving, enabled) done");
    expect([await names(server, acme), (await names(server)).length]).toEqual([["Their own"], 6]);
    const left = `\n  ${acme}/left: "Acme"\n`;
    expect(readFileSync(join(server.cwd, "r.yaml"), "utf8").split(acme)).toHaveLength(2);
    expect(readFileSync(join(server.cwd, "r.yaml"), "utf8")).toContain(left);
    const again = "no changes: 6 automations match the files\n";
    expect(await apply(server, "--prune")).toMatchObject({ code: 0, rows: [], stderr: again });
  });

  it("may name what left for good, by its id or name", async () => {
    const world = await startWorld();
    const { beta } = world;
    const leave = (ref: string) =>
      world.write({ "herm.yaml": `leaving: [${ref}]\n${fleetManifest("A", "B", "C")}` });
    leave("Bete");
    const unnamed = await runOdd(world, ["apply", ...fleet, "--yes"], unseen(beta));
    expect(unnamed.code).toBe(8);
    expect(unnamed.stderr).toContain(
      `warning: herm.yaml:1:11: no deployment is or was named "Bete" (herm.lock.yaml has ${beta}, which can't be seen: name it by id)\n`,
    );
    leave("Beta");
    expect((await runOdd(world, ["apply", ...fleet, "--yes"], () => undefined)).code).toBe(0);
    expect(recordOf(world)).toContain(`  ${beta}/left: "Beta"\n`);
    for (const ref of ["Beta", beta]) {
      leave(ref);
      const again = await runOdd(world, ["apply", ...fleet, "--yes", "--strict"], unseen(beta));
      expect(again).toMatchObject({ code: 0, isRecordAsBefore: true });
      expect(again.stderr).not.toContain("warning");
    }
    world.write({ "herm.yaml": fleetManifest("A") });
    await runOdd(world, ["apply", ...fleet, "--yes"], () => undefined);
    expect(recordOf(world)).toMatch(new RegExp(`${beta}/auto_\\w+: "A"`));
    expect(recordOf(world)).not.toContain("left");
  });

  it("warns of a name that nothing has, or ever had; with --strict that is 8", async () => {
    const world = await startWorld();
    world.write({ "herm.yaml": `leaving: [Bete]\n${fleetManifest("A", "B", "C")}` });
    for (const [verb, strict, code] of [
      ["apply", [], 0],
      ["apply", ["--strict"], 8],
      ["diff", [], 0],
      ["diff", ["--strict"], 8],
    ] as const) {
      const words = [verb, ...fleet, ...(verb === "apply" ? ["--yes"] : []), ...strict];
      const ended = await runOdd(world, words, () => undefined);
      expect(ended.code, words.join(" ")).toBe(code);
      expect(ended.stderr).toContain('warning: herm.yaml:1:11: no deployment is or was named "Bete"\n');
    }
  });

  it("reaches a deployment that the file no longer names, and forgets one that is gone", async () => {
    const server = await startOnMonday();
    const [acme, beta] = [await server.deploy("Acme"), await server.deploy("Beta")];
    const files = (head: string) => server.write({ "herm.yaml": `${head}\nautomations:\n${item("A")}` });
    const run = (verb: string) =>
      server.run([verb, "-f", "herm.yaml", "--record", "r.yaml", "--yes"], { now });
    files(`deployments: [${acme}, ${beta}, dep_local]`);
    for (const verb of ["adopt", "apply"]) expect((await run(verb)).code).toBe(0);
    appendFileSync(join(server.cwd, "r.yaml"), '  dep_gone/auto_1: "A"\n');
    files(`deployments: [dep_local, ${beta}]`);
    const unseen = await run("apply");
    expect([unseen.code, unseen.stderr]).toEqual([8, expect.stringContaining("leaving: [dep_gone]")]);
    server.write({ "beta.yaml": "leaving: [Beta]\n" });
    const alone = ["apply", "-f", "beta.yaml", "--record", "r.yaml", "--yes"];
    expect(await server.run(alone, { now, env: { HERM_DEPLOYMENT: "" } })).toMatchObject({ code: 0 });
    expect(await names(server)).toEqual(["A"]);
    files(`deployments: [dep_local]\nleaving: [${acme}, dep_gone]`);
    expect((await run("apply")).code).toBe(0);
    expect([await names(server, acme), await names(server, beta), await names(server)]).toEqual([
      [],
      [],
      ["A"],
    ]);
    expect(readFileSync(join(server.cwd, "r.yaml"), "utf8")).toMatch(
      /made:\n {2}dep_local\/auto_\w+: "A"\n(?: {2}dep_\w+\/left: "(?:Acme|Beta|dep_gone)"\n){3}$/,
    );
  });
});
