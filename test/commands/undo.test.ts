import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import type { FetchLike } from "../../src/api/fetch.js";
import { changedAnswers, withoutUpdatedAt } from "../incident/without-updated-at.js";
import { fetchFrom, type HermOptions, herm, temporaryFolder } from "../support/harness.js";
import { type ManifestServer, startManifestServer } from "./manifest-server.js";

let world: ManifestServer;
let home: string;

const changeId = /c_[a-z2-9]{6}/;

function run(words: readonly string[], options: HermOptions = {}) {
  return herm(words, { server: world.server, cwd: world.cwd, home, ...options });
}

/** The id of the newest change, from where a person gets it: the question that `herm undo` asks. */
async function last(): Promise<string> {
  const { stdout } = await run(["undo", "--dry-run"], { tty: true });
  return changeId.exec(stdout)?.[0] ?? "none";
}

/** Moves all three, in one change. */
async function retimeAll(): Promise<void> {
  const items = ["A", "B", "C"].map(
    (name) => `  - { name: ${name}, schedule: "0 7 * * *", instructions: Do ${name} }\n`,
  );
  world.write({ "herm.yaml": `automations:\n${items.join("")}` });
  await run(["apply", "-f", "herm.yaml", "-d", "dep_local", "--yes"]);
}

async function schedules(): Promise<string[]> {
  return (await world.state()).map(({ name, schedule }) => `${name} ${schedule}`);
}

beforeEach(async () => {
  world = await startManifestServer();
  home = temporaryFolder();
  for (const name of ["A", "B", "C"]) await world.create({ name, instructions: `Do ${name}` });
});

describe("herm undo", () => {
  it("says that there is no change to undo", async () => {
    const { code, stdout, stderr } = await run(["undo", "last", "--yes"], { tty: true });
    expect({ code, stdout }).toEqual({ code: 4, stdout: "" });
    expect(stderr).toBe(
      "error: there is no change to undo\nhint: to see which data folder and API are in use: herm config list\n",
    );
  });

  it("shows the last change, asks, undoes it, and prints the next command", async () => {
    await retimeAll();
    expect(await schedules()).toEqual(["A 0 7 * * *", "B 0 7 * * *", "C 0 7 * * *"]);
    const { code, stdout, stderr } = await run(["undo"], { answers: [true], columns: 80 });
    expect(stderr).toContain("3 changes to undo in 1 deployment\n");
    expect(stderr).toContain("~ restore: 3 automations: A, B, C\n    schedule  0 7 * * * → 0 9 * * *\n");
    expect(stdout).toContain("3 undone\n");
    expect(stderr).toMatch(/undo: herm undo c_[a-z2-9]{6}\n$/);
    expect(code).toBe(0);
    expect(await schedules()).toEqual(["A 0 9 * * *", "B 0 9 * * *", "C 0 9 * * *"]);
    const again = await run(["undo"], { answers: [true] });
    expect(again).toMatchObject({
      code: 0,
      stdout: "",
      stderr: expect.stringContaining("nothing to undo · 3 already undone\n"),
    });
  });

  it("says which change is next after an undo, or that none is left", async () => {
    await run(["automations", "pause", "A", "-d", "dep_local"]);
    const first = await last();
    await run(["automations", "pause", "B", "-d", "dep_local"]);
    await run(["undo"], { answers: [true] });
    const again = await run(["undo"], { answers: [], columns: 200 });
    expect(again.stderr).toContain(
      `to undo the change before it, herm automations pause A -d dep_local: herm undo ${first}\n`,
    );
    expect(again.stderr).toContain("nothing to undo · 1 already undone\n");
    const redone = /^undo: herm undo (c_\w+)$/m.exec((await run(["undo", first, "--yes"])).stderr)?.[1] ?? "";
    expect((await run(["undo"], { answers: [] })).stderr).toContain("no other change is left to undo\n");
    const none = await run(["undo", "--yes"]);
    expect(none).toEqual({ code: 0, stdout: "", stderr: "no change is left to undo\n" });
    // The change that the undone undo had undone is in effect again.
    await run(["undo", redone, "--yes"]);
    expect((await run(["undo", "--yes"])).stderr).toContain(`herm undo ${first} --yes`);
  });

  it("changes no automation after a no, or in a dry run", async () => {
    await run(["automations", "pause", "A", "B", "-d", "dep_local"]);
    const id = await last();
    await world.writes();
    expect((await run(["undo"], { answers: [false] })).code).toBe(1);
    const { code, stdout } = await run(["undo", id, "--dry-run"]);
    expect({ code, stdout }).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^A\tplanned\tauto_\w+\tto be restored\n/),
    });
    expect(await world.writes()).toEqual([]);
  });

  it("undoes only selected automations, and later the rest without the selection", async () => {
    await retimeAll();
    const id = await last();
    const some = await run(["undo", id, "--match", "?", "--except", "B", "--except", "C"], {
      answers: [true],
      columns: 80,
    });
    expect(some.code).toBe(0);
    expect(some.stderr).toContain("1 change to undo in 1 deployment · 2 not selected\n");
    expect(some.stdout).toContain("1 undone\n");
    expect(await schedules()).toEqual(["A 0 9 * * *", "B 0 7 * * *", "C 0 7 * * *"]);
    const again = await run(["undo", id, "--match", "A"], { answers: [true] });
    expect(again.stderr).toContain("nothing to undo · 1 already undone");
    const [, undo = ""] = /^undo: herm (.*)$/m.exec(some.stderr) ?? [];
    expect((await run([...undo.split(" "), "--yes"])).code).toBe(0);
    expect((await schedules())[0]).toBe("A 0 7 * * *");
    const rest = await run(["undo", id, "--yes"]);
    expect(rest.code).toBe(0);
    expect(await schedules()).toEqual(["A 0 9 * * *", "B 0 9 * * *", "C 0 9 * * *"]);
  });

  it("undoes a change in one of several deployments", async () => {
    const acme = await world.deploy("Acme", { customer: "cus_acme" });
    await world.create({ name: "A", instructions: "Do A" }, acme);
    await run(["automations", "pause", "A", "--all-deployments", "--yes"]);
    await run([
      "automations",
      "update",
      "--match",
      "A",
      "--all-deployments",
      "--schedule",
      "0 7 * * *",
      "--yes",
    ]);
    const id = await last();
    expect((await run(["undo", id, "--customer", "cus_acme", "--yes"])).code).toBe(0);
    expect((await world.state(acme))[0]?.schedule).toBe("0 9 * * *");
    expect((await schedules())[0]).toBe("A 0 7 * * *");
    expect((await run(["undo", id, "-d", "dep_local", "--yes"])).code).toBe(0);
    expect((await schedules())[0]).toBe("A 0 9 * * *");
  });

  it.each([
    [["--match", "X*"], "the selectors match nothing in the change"],
    [["--except", "X"], '--except "X" matches nothing in the change'],
    [["-d", "Nowhere"], 'no deployment named "Nowhere"'],
  ])("rejects %j before any change", async (words, why) => {
    await retimeAll();
    const { code, stderr } = await run(["undo", "last", ...words, "--yes"]);
    expect({ code, stderr }).toEqual({ code: 4, stderr: expect.stringContaining(why) });
    expect((await schedules())[0]).toBe("A 0 7 * * *");
  });

  it("continues after failures when rerun with the same selection", async () => {
    await retimeAll();
    const id = await last();
    const [a] = await world.state();
    const path = `/v1/deployments/dep_local/automations/${a?.automation_id}`;
    await world.call("POST", "/_dev/faults", {
      method: "PATCH",
      path,
      action: { type: "fail", status: 422 },
    });
    const { code, stderr } = await run(["undo", id, "--except", "C", "--yes"]);
    expect(code).toBe(8);
    expect(stderr).toContain(`to finish it: herm undo ${id} --except C --yes`);
  });

  it("skips automations changed since, with the reason", async () => {
    const [a] = await world.state();
    await retimeAll();
    const id = await last();
    await world.call("PATCH", `/v1/deployments/dep_local/automations/${a?.automation_id}`, {
      schedule: "0 5 * * *",
    });
    const { code, stdout, stderr } = await run(["undo", id, "--yes"]);
    expect(code).toBe(0);
    expect(stdout).toContain(`A\tskipped\t${a?.automation_id}\tchanged since: schedule\n`);
    expect(stderr).toContain("skipped: A: changed since: schedule");
    expect(await schedules()).toEqual(["A 0 5 * * *", "B 0 9 * * *", "C 0 9 * * *"]);
  });

  it.each([
    ["always", "absent", "absent"],
    ["at the pause", "absent", "there"],
    ["at the undo", "there", "absent"],
    ["at the undo, as null", "there", "null"],
  ] as const)(
    "resumes based on fields alone if updated_at is missing: %s",
    async (_, whenPaused, whenUndone) => {
      const served = (updatedAt: "absent" | "there" | "null"): HermOptions => {
        if (updatedAt === "there") return {};
        const shown = (text: string) => text.replace(/"updated_at":"[^"]*"/g, '"updated_at":null');
        const { server } = world;
        return { fetch: updatedAt === "null" ? changedAnswers(server, shown) : withoutUpdatedAt(server) };
      };
      await run(["automations", "pause", "A", "-d", "dep_local"], served(whenPaused));
      const { code, stdout } = await run(["undo", "last", "--yes"], served(whenUndone));
      expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^A\tundone\t/) });
      expect((await world.state()).map(({ enabled }) => enabled)).toEqual([true, true, true]);
    },
  );

  it("recreates a deleted automation with all fields and a new id", async () => {
    await run(["automations", "pause", "B", "-d", "dep_local"]);
    const [, before] = await world.state();
    await run(["automations", "delete", "B", "--yes", "-d", "dep_local"]);
    const { stdout } = await run(["undo", await last(), "--yes", "-o", "json"]);
    const [row] = JSON.parse(stdout) as { automation_id: string; reason: string }[];
    const [, after] = await world.state();
    expect(row).toMatchObject({
      automation_id: after?.automation_id,
      result: "undone",
      reason: `created again, was ${before?.automation_id}`,
    });
    expect(after).toMatchObject({ name: "B", schedule: "0 9 * * *", instructions: "Do B", enabled: false });
    expect(after?.automation_id).not.toBe(before?.automation_id);
  });

  it("deletes a created automation that never ran, and keeps one that ran", async () => {
    const create = (name: string) =>
      run([
        "automations",
        "create",
        "--name",
        name,
        "--schedule",
        "0 7 * * *",
        "--instructions",
        "x",
        "-d",
        "dep_local",
      ]);
    await create("New");
    expect(await run(["undo", await last(), "--yes"])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("\tundone\t"),
    });
    expect(await schedules()).toHaveLength(3);
    await create("Newer");
    const id = await last();
    await run(["automations", "trigger", "Newer", "-d", "dep_local"]);
    expect(await run(["undo", id, "--yes"])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("it has run since"),
    });
    expect(await schedules()).toHaveLength(4);
  });

  it("says that a run can't be undone", async () => {
    await run(["automations", "trigger", "A", "-d", "dep_local"]);
    const { code, stdout } = await run(["undo", await last(), "--yes"]);
    expect({ code, stdout }).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("a started run can't be undone"),
    });
  });

  it("ignores a possibly failed create if no automation exists", async () => {
    const { server } = world;
    const fetch: FetchLike = async (url, init) =>
      init.method === "POST" ? new Response("", { status: 502 }) : fetchFrom(server)(url, init);
    const create = "automations create --name D --schedule @daily --instructions Go -d dep_local".split(" ");
    expect((await run(create, { fetch })).code).toBe(12);
    const { code, stdout } = await run(["undo", "last", "--yes", "--json"]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual([
      {
        deployment_id: "dep_local",
        automation_id: null,
        name: "D",
        result: "unchanged",
      },
    ]);
  });
});

describe("the cases that herm undo rejects", () => {
  it("include an unknown change, with the command that lists changes", async () => {
    const { code, stderr } = await run(["undo", "c_nothat", "--yes"]);
    expect(code).toBe(4);
    expect(stderr).toContain('there is no change "c_nothat" in this data folder');
    expect(stderr).toContain("hint: to see the changes: herm history\n");
  });

  it("include a change no longer in the history", async () => {
    await run(["automations", "pause", "A", "-d", "dep_local"]);
    writeFileSync(join(home, ".local", "share", "herm", "history", "forgotten"), "c_aaaaaa", { mode: 0o600 });
    for (const words of [
      ["undo", "c_aaaaaa", "--yes"],
      ["history", "c_aaaaaa"],
    ])
      expect(await run(words)).toMatchObject({
        code: 4,
        stderr: "error: change c_aaaaaa is no longer in the history\n",
      });
  });

  it("include a change on another API", async () => {
    await run(["automations", "pause", "A", "-d", "dep_local"]);
    const id = await last();
    const other = await startManifestServer();
    await world.writes();
    const { code, stderr } = await run(["undo", id, "--yes"], {
      server: other.server,
      env: { HERM_API_URL: "http://127.0.0.1:1" },
    });
    expect(code).toBe(2);
    expect(stderr).toContain(`change ${id} was made on`);
    expect(await world.writes()).toEqual([]);
  });

  it("include another profile's change, even during an outage", async () => {
    await run(["automations", "pause", "A", "-d", "dep_local"]);
    const fetch = async () => Promise.reject(Object.assign(new Error("down"), { code: "ECONNREFUSED" }));
    const words = ["undo", await last(), "--yes", "--max-wait", "1s"];
    expect(await run(words, { fetch, env: { HERM_PROFILE: "acme" } })).toMatchObject({
      code: 7,
      stderr: expect.not.stringContaining("was made on"),
    });
  });

  it("include a missing --yes or id in a pipe", async () => {
    await run(["automations", "pause", "A", "-d", "dep_local"]);
    const id = await last();
    expect(await run(["undo", id])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("undo needs --yes"),
    });
    expect(await run(["undo", "c_nope"])).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('there is no change "c_nope"'),
    });
    for (const words of [["undo"], ["undo", "--yes"], ["undo", "--match", "A"]]) {
      const { code, stdout, stderr } = await run(words);
      const match = words.includes("--match") ? " --match A" : "";
      expect({ code, stdout, stderr }).toEqual({
        code: 2,
        stdout: "",
        stderr: `error: no change given\nhint: to undo the newest, herm automations pause A -d dep_local: herm undo ${id}${match} --yes\n`,
      });
    }
    expect(await run(["undo", "last", "--dry-run"])).toMatchObject({
      code: 0,
      stderr: expect.stringContaining(id),
    });
  });

  it("include any undo during a freeze", async () => {
    await run(["automations", "pause", "A", "-d", "dep_local"]);
    const { code } = await run(["undo", await last(), "--yes"], { env: { HERM_FREEZE: "stop" } });
    expect(code).toBe(6);
    expect((await world.state())[0]?.enabled).toBe(false);
  });
});
