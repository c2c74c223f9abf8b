import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  all,
  fleet,
  recordOf,
  runOdd,
  type Status,
  startWorld,
  unlisted,
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

describe("the head of a manifest", () => {
  it("limits all items to its targets, and sets their defaults", async () => {
    const server = await startOnMonday();
    const vip = await server.deploy("Acme", { customer: "cus_vip" });
    const test = await server.deploy("Acme test", { customer: "cus_vip" });
    server.write({
      "herm.yaml": `for: {customers: [cus_vip]}\nnot: {deployments: ["* test"]}\ndefaults: {tz: Europe/Berlin, enabled: false, initial: true, spread: 0m}\nremoved: [Old]\nautomations:\n${item("A")}${item("B", ", tz: UTC, enabled: true")}${item("C", ", not: {deployments: [Acme]}")}`,
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

  it("causes one error per mistake, at its position", async () => {
    const server = await startOnMonday();
    server.write({ "herm.yaml": `defaults: {enabled: 7, name: x}\nautomations:\n${item("A")}${item("B")}` });
    const { code, stderr } = await server.run(["diff", "-f", "herm.yaml", "-d", "dep_local"], { now });
    expect(code).toBe(2);
    expect(stderr.match(/herm\.yaml:1:/g)).toHaveLength(2);
  });
});

describe("an exclusion with `not`, by id or exact name", () => {
  const many = ["A", "B", "C", "D", "E", "F"].map((name) => item(name)).join("");
  const start = async () => {
    const server = await startOnMonday();
    const acme = await server.deploy("Acme", { customer: "cus_acme" });
    server.write({ "herm.yaml": `automations:\n${many}` });
    for (const verb of ["adopt", "apply"]) expect((await server.run([verb, ...words], { now })).code).toBe(0);
    await server.create({ name: "Their own" }, acme);
    return { ...server, acme };
  };

  it("lists automations of an excluded deployment separately, outside the deletion limits", async () => {
    const server = await start();
    const { acme } = server;
    server.write({ "herm.yaml": `not: {deployments: [Acme, dep_gone]}\nautomations:\n${many}` });
    const asked = await server.run(["apply", ...words.slice(0, -1), "--prune"], {
      now,
      answers: [],
      columns: 140,
    });
    expect(asked.stderr).toContain("Plan: 6 unchanged in 2 deployments; 6 deletions, leaving: Acme; ");
    const question = "Apply 6 automations in 1 deployment (6 deletions, leaving: Acme)?";
    expect(asked.stderr).toContain(`nobody answered the question "${question}"`);
    const done = await apply(server, "--prune");
    expect(done).toMatchObject({ code: 0 });
    expect(done.rows).toContain("delete A (leaving, enabled) done");
    expect([await names(server, acme), (await names(server)).length]).toEqual([["Their own"], 6]);
    expect(readFileSync(join(server.cwd, "r.yaml"), "utf8")).not.toContain(acme);
    expect(await apply(server, "--prune", "--strict")).toMatchObject({
      code: 0,
      rows: [],
      stderr:
        "herm.yaml:1:27: deployment dep_gone matches none of the selected deployments\nno changes: 6 automations match the files\n",
    });
    server.write({ "herm.yaml": `automations:\n${many}` });
    expect((await apply(server, "--prune")).rows).toHaveLength(6);
  });

  it.each([
    ["a glob", `not: {deployments: ["Ac*"]}\nautomations:\n${many}`],
    ["a customer", `not: {customers: [cus_acme]}\nautomations:\n${many}`],
    ["an empty file", `automations: []\n`],
  ])("counts towards the deletion limits if it isn't exact: %s", async (_what, text) => {
    const server = await start();
    server.write({ "herm.yaml": text });
    const refused = await apply(server, "--prune", "--except", "Local");
    expect(refused).toMatchObject({ code: 8, stderr: expect.stringContaining("6 deletions here") });
  });

  it("counts towards the deletion limits if partial, as do unlisted items", async () => {
    const server = await start();
    const some = ["A", "B"].map((name) => item(name, ", not: {deployments: [Acme]}")).join("");
    const plan = async (text: string) => {
      server.write({ "herm.yaml": text });
      const words = ["diff", "-f", "herm.yaml", "--record", "r.yaml", "--prune", "-d", "Acme"];
      return (await server.run(words, { now, columns: 140 })).stdout;
    };
    expect(await plan(`automations:\n${some}${item("C")}`)).toMatch(
      /^Plan: 5 to delete, 1 unchanged; (?!6)/m,
    );
    expect(await plan(`automations:\n${some}`)).toMatch(/^Plan: 4 to delete; 2 deletions, leaving: Acme; /m);
  });
});

describe("an initial item", () => {
  it("is created once, marked in the record, and never changed or recreated", async () => {
    const server = await startOnMonday();
    const write = (...items: string[]) =>
      server.write({ "herm.yaml": `automations:${items.length > 0 ? "" : " []"}\n${items.join("")}` });
    const lines = () => readFileSync(join(server.cwd, "r.yaml"), "utf8").match(/"\w".*$/gm);
    const initial = item("A", ", initial: true");
    write(initial, item("B", ", initial: true"));
    for (const verb of ["adopt", "apply"]) expect((await server.run([verb, ...words], { now })).code).toBe(0);
    expect(lines()).toEqual(['"A" # initial', '"B" # initial']);
    const [{ automation_id: id } = {}, { automation_id: gone } = {}] = await server.state();
    const path = "/v1/deployments/dep_local/automations";
    await server.call("PATCH", `${path}/${id}`, { name: "Mine", schedule: "0 5 * * *", enabled: false });
    await server.call("DELETE", `${path}/${gone}`);
    await server.writes();
    const skipped = ["skipped B (deleted since)"];
    expect(await apply(server, "--prune", "--resume-paused")).toMatchObject({ code: 0, rows: skipped });
    write();
    expect(await apply(server, "--prune", "--delete-paused")).toMatchObject({ code: 0, rows: [] });
    expect([lines(), await server.writes()]).toEqual([['"A" # initial'], []]);
    write(initial, item("B", ", initial: true"));
    expect((await apply(server, "--prune")).rows).toEqual(["create B done"]);
    server.write({ "herm.yaml": "removed: [A, B]\n" });
    const removed = ["delete Mine (removed, paused) done", "delete B (removed, enabled) done"];
    expect((await apply(server, "--delete-paused")).rows).toEqual(removed);
    expect([await names(server), lines()]).toEqual([[], null]);
  });

  it("is recreated on request, and remains when its deployment is excluded", async () => {
    const server = await startOnMonday();
    const acme = await server.deploy("Acme");
    const items = `automations:\n${item("A", ", initial: true")}${item("B")}`;
    server.write({ "herm.yaml": items });
    for (const verb of ["adopt", "apply"]) await server.run([verb, ...words], { now });
    const [{ automation_id: first } = {}] = await server.state(acme);
    await server.call("DELETE", `/v1/deployments/${acme}/automations/${first}`);
    expect((await apply(server, "--recreate")).rows).toEqual(["create A done"]);
    const id = (await server.state(acme)).find(({ name }) => name === "A")?.automation_id;
    server.write({ "herm.yaml": `not: {deployments: [Acme]}\n${items}` });
    const left = await apply(server, "--prune");
    expect(left.rows).toEqual(["skipped A (not deleted: initial)", "delete B (leaving, enabled) done"]);
    const command = `automations delete ${acme}/${id}`;
    expect(left.stderr).toContain(
      `not deleted, because of initial: "A" in Acme\nhint: to delete: herm ${command}\n`,
    );
    expect((await apply(server, "--prune")).stderr).toContain(`herm ${command}\n`);
    expect((await server.runHerm([...command.split(" "), "--yes"], { now })).code).toBe(0);
    expect(await apply(server, "--prune")).toMatchObject({ code: 0, rows: [] });
    expect(readFileSync(join(server.cwd, "r.yaml"), "utf8")).not.toContain(acme);
  });
});

describe("adopt --forget", () => {
  const forget = (...more: string[]) => ["adopt", "--forget", ...more];

  it.each<[Status, number]>([
    [404, 0],
    [403, 0],
    [500, 8],
    ["html", 8],
  ])("handles a deployment that returns %s, and exits with %s", async (status, code) => {
    const world = await startWorld();
    const { beta } = world;
    const isForgotten = code === 0;
    const dry = await runOdd(world, forget(beta, "--dry-run"), unseen(beta, status));
    expect(dry).toMatchObject({ code, isRecordAsBefore: true, sent: [] });
    const done = await runOdd(world, forget(beta, "--yes"), unseen(beta, status));
    expect(done).toMatchObject({ code, isRecordAsBefore: !isForgotten, sent: [] });
    const why = `can't be seen with key …${world.server.apiKey.slice(-4)}`;
    expect(done.rows).toEqual(
      isForgotten ? ["A", "B", "C"].map((name) => `forget ${name} (${why}) done`) : [],
    );
    expect([recordOf(world).includes(beta), recordOf(world).split(world.acme).length]).toEqual([
      !isForgotten,
      4,
    ]);
    if (isForgotten)
      expect(
        await runOdd(world, ["apply", ...fleet, "--prune", "--yes"], unseen(beta, status)),
      ).toMatchObject({
        code: 0,
        rows: [],
      });
  });

  it("rejects visible deployments, unrecorded ones, and selections", async () => {
    const world = await startWorld();
    for (const [words, code, text] of [
      [[world.beta], 6, `Beta (${world.beta}) is still visible: nothing was changed`],
      [["dep_other"], 4, "herm.lock.yaml has no automations in dep_other"],
      [["Beta"], 4, "herm.lock.yaml has no automations in Beta"],
      [[world.beta, "--match", "A"], 2, "--forget and --match can't be used together"],
      [[world.beta, "-d", world.acme], 2, "--forget and -d can't be used together"],
    ] as const) {
      const refused = await runOdd(world, forget(...words, "--yes"), () => undefined);
      expect(refused).toMatchObject({ code, isRecordAsBefore: true, sent: [] });
      expect(refused.message).toContain(text);
    }
  });

  it("rejects a key that sees no recorded deployment, perhaps another account's", async () => {
    const world = await startWorld();
    const refused = await runOdd(
      world,
      forget(world.beta, "--yes"),
      all(unseen(world.beta), unlisted(world.acme)),
    );
    expect(refused).toMatchObject({ code: 6, isRecordAsBefore: true });
    expect(refused.message).toBe("this key can't see the deployment in herm.lock.yaml: nothing was sent");
  });

  it("asks on a terminal, and finds the record by folder, files or name", async () => {
    const server = await start();
    const lines = () => readFileSync(join(server.cwd, "herm.lock.yaml"), "utf8").split("dep_gone/").length;
    for (const words of [[], ["-f", "herm.yaml", "--all-deployments"], ["--record", "herm.lock.yaml"]]) {
      server.write({ "herm.lock.yaml": `${server.text}  dep_gone/auto_1: "A"\n` });
      const no = await server.run(forget("dep_gone", ...words), { now, answers: [false] });
      expect([no.code, lines()]).toEqual([1, 2]);
      const yes = await server.run(forget("dep_gone", ...words), { now, answers: [true] });
      expect(yes).toMatchObject({ code: 0, stdout: "✓ 1 forgotten\n" });
      expect(yes.stderr).toContain("Plan: 1 to forget\n");
      expect(lines()).toBe(1);
    }
    const none = await server.run(forget("dep_gone", "-f", "sub", "--yes"), { now });
    expect(none).toMatchObject({ code: 2, stderr: expect.stringContaining("no record named") });

    async function start() {
      const server = await startOnMonday();
      server.write({ "herm.yaml": `automations:\n${item("A")}`, "sub/herm.yaml": "automations: []\n" });
      for (const verb of ["adopt", "apply"])
        await server.run([verb, "-f", "herm.yaml", "-d", "dep_local", "--yes"], { now });
      return { ...server, text: readFileSync(join(server.cwd, "herm.lock.yaml"), "utf8") };
    }
  });

  it("is suggested by apply for an invisible deployment", async () => {
    const world = await startWorld();
    const { stderr, code } = await runOdd(world, ["apply", ...fleet, "--yes"], unseen(world.beta));
    expect([code, stderr]).toEqual([
      8,
      expect.stringContaining(`; if a deployment is gone for good: adopt --forget ${world.beta}`),
    ]);
  });
});

it("a record with excluded deployments is rejected until adopt rewrites it", async () => {
  const server = await startOnMonday();
  server.write({ "herm.yaml": `automations:\n${item("A")}` });
  const here = ["-f", "herm.yaml", "-d", "dep_local", "--yes"];
  for (const verb of ["adopt", "apply"]) await server.run([verb, ...here], { now });
  const text = readFileSync(join(server.cwd, "herm.lock.yaml"), "utf8");
  server.write({ "herm.lock.yaml": `${text}  dep_1/left: "Acme"\n` });
  for (const verb of ["apply", "diff"]) {
    const { code, stderr } = await server.run([verb, ...here.slice(0, verb === "diff" ? -1 : 5)], { now });
    expect([code, stderr]).toEqual([
      6,
      "error: herm.lock.yaml has lines in an older format (dep_1/left): nothing was sent\nhint: to write a new one: herm adopt --file herm.yaml -d dep_local\n",
    ]);
  }
  expect((await server.run(["adopt", ...here], { now })).code).toBe(0);
  expect(readFileSync(join(server.cwd, "herm.lock.yaml"), "utf8")).toBe(text);
  expect((await server.run(["apply", ...here], { now })).code).toBe(0);
});
