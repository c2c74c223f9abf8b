import { describe, expect, it } from "vitest";
import { call, listAll } from "../incident/fleet.js";
import { startServer, temporaryFolder } from "../support/harness.js";
import { LaggingLists } from "../support/lagging-lists.js";
import { AuditWorld, type StartRow, toldStart } from "./audit-world.js";

async function startLagging(lagMs = 3_000) {
  return new LaggingLists(await startServer(), lagMs);
}

const create = (name: string, ...flags: string[]) => [
  ...["automations", "create", "--name", name, "--schedule", "0 9 * * *", "--instructions", "x"],
  ...["-o", "name", ...flags],
];

const automation = (id: string) => `/v1/deployments/dep_local/automations/${id.trim()}`;

describe("lists that lag behind a create", () => {
  it("don't let an identical create add a second automation", async () => {
    const world = await startLagging();
    const first = await world.run(create("N"));
    world.ms += 1_000;
    const second = await world.run(create("N"));
    expect([first.code, second.code]).toEqual([0, 6]);
    expect(second.stderr).toContain(`there is already an automation named "N": ${first.stdout.trim()}`);
    expect((await listAll(world.server)).map(({ name }) => name)).toEqual(["N"]);
  });

  it("allow the create to be repeated after a deletion elsewhere", async () => {
    const world = await startLagging();
    const first = await world.run(create("N"));
    await call(world.server, "DELETE", automation(first.stdout));
    const second = await world.run(create("N"));
    expect(second.code).toBe(0);
    expect((await listAll(world.server)).map(({ automation_id }) => automation_id)).toEqual([
      second.stdout.trim(),
    ]);
  });

  it("don't let apply create an automation twice", async () => {
    const world = await startLagging();
    const item = { name: "M", schedule: "0 9 * * *", instructions: "x" };
    const stdin = JSON.stringify({ automations: [item] });
    const words = ["apply", "-f", "-", "--json"];
    const first = await world.run(words, { stdin });
    const second = await world.run(words, { stdin });
    expect([first.code, second.code]).toEqual([0, 0]);
    expect((await listAll(world.server)).map(({ name }) => name)).toEqual(["M"]);
  });

  it("don't hide the new automation from a name, a selection, or list", async () => {
    const world = await startLagging();
    const id = (await world.run(create("N"))).stdout.trim();
    const got = await world.run(["automations", "get", "N", "-o", "name"]);
    expect(got.stdout).toBe(`${id}\n`);
    const paused = await world.run(["automations", "pause", "--all", "--yes", "-o", "name"]);
    expect([paused.code, paused.stdout]).toEqual([0, `${id}\n`]);
    const listed = await world.run(["automations", "list", "--json"]);
    expect(JSON.parse(listed.stdout)).toMatchObject([{ automation_id: id, enabled: false }]);
  });

  it("aren't mistaken for a concurrent create when two automations share a name", async () => {
    const world = await startLagging(8_000);
    await world.run(create("N"));
    world.ms += 7_000;
    const second = await world.run(create("N", "--allow-duplicate"), {
      fetch: async (url, init) => {
        const answer = await world.fetch(url, init);
        if (init.method === "POST") world.ms += 2_000;
        return answer;
      },
    });
    expect(second).toMatchObject({ code: 0, stderr: expect.stringMatching(/^undo: herm undo c_\w+\n$/) });
  });
});

describe("lists that lag behind a change", () => {
  it("are completed by one GET per automation, for 16 s", async () => {
    const world = await startLagging(60_000);
    const ids: string[] = [];
    for (const name of ["A", "B", "C"]) ids.push((await world.run(create(name))).stdout.trim());
    world.ms += 60_000;
    await world.run(["automations", "pause", "A"]);
    await world.run(["automations", "delete", "B", "--yes"]);
    const shown = async () => {
      world.requests.length = 0;
      const { stdout } = await world.run(["automations", "list", "--json"]);
      const rows: { name: string; enabled: boolean }[] = JSON.parse(stdout);
      return rows.map(({ name, enabled }) => `${name} ${enabled}`).toSorted();
    };
    expect(await shown()).toEqual(["A false", "C true"]);
    expect(world.requests.toSorted()).toEqual([
      "GET automations",
      ...ids
        .slice(0, 2)
        .map((id) => `GET automations/${id}`)
        .toSorted(),
    ]);
    world.ms += 16_000;
    expect(await shown()).toEqual(["A true", "B true", "C true"]);
    expect(world.requests).toEqual(["GET automations"]);
  });

  it.each([
    ["by ref", ["automations", "pause", "A"]],
    ["of an incident", ["automations", "pause", "--all", "--incident", "INC-1", "--yes"]],
  ])("are completed even for a pause %s that started long ago", async (_, words) => {
    const world = await startLagging(60_000);
    await world.run(create("A"));
    world.ms += 60_000;
    await world.run(words, {
      fetch: (url, init) => {
        if (init.method === "PATCH") world.ageHistory();
        return world.fetch(url, init);
      },
    });
    const listed = await world.run(["automations", "list", "--json"]);
    expect(JSON.parse(listed.stdout)).toMatchObject([{ name: "A", enabled: false }]);
  });

  it("are trusted if they confirm the response, even on another machine", async () => {
    const world = await startLagging(0);
    await world.run(create("A"));
    await world.run(["automations", "pause", "A"]);
    world.requests.length = 0;
    await world.run(["automations", "list", "--json"]);
    expect(world.requests).toEqual(["GET automations"]);
    await world.run(["automations", "list", "--json"], { home: temporaryFolder() });
    expect(world.requests).toEqual(["GET automations", "GET automations"]);
  });

  it("are corrected by a GET after a change by someone else", async () => {
    const world = await startLagging(0);
    const id = (await world.run(create("A"))).stdout;
    await world.run(["automations", "pause", "A"]);
    await call(world.server, "PATCH", automation(id), { enabled: true });
    const listed = await world.run(["automations", "list", "--json"]);
    expect(JSON.parse(listed.stdout)).toMatchObject([{ name: "A", enabled: true }]);
  });

  it("make the command fail if a needed GET fails", async () => {
    const world = await startLagging();
    const id = (await world.run(create("A"))).stdout.trim();
    const { code, stdout } = await world.run(["automations", "list", "--json"], {
      fetch: async (url, init) =>
        url.endsWith(id) ? new Response("", { status: 403 }) : world.fetch(url, init),
    });
    expect([code, stdout]).toEqual([3, ""]);
  });
});

describe("lists and runs that lag behind a trigger", () => {
  it("don't let its run be mistaken for the run of a later, lost trigger", async () => {
    const world = await startLagging(1_000);
    await world.run(create("A"));
    const words = ["automations", "trigger", "A", "--no-follow", "-o", "name"];
    const first = await world.run(words);
    const second = await world.run(words, {
      fetch: async (url, init) => {
        const answer = await world.fetch(url, init);
        if (init.method === "POST") throw Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" });
        return answer;
      },
    });
    expect([first.code, second.code]).toEqual([0, 0]);
    expect(second.stdout).not.toBe(first.stdout);
  });

  it("don't let catch-up start a second run", async () => {
    const audited = await AuditWorld.open("2026-03-02T00:30:00Z");
    for (const name of ["A", "B"]) await audited.create(name, "0 18 * * *");
    await audited.passUntil("2026-03-02T20:30:00Z");
    await audited.rest(24 * 60, { isLost: true });
    await audited.pass(75);
    const world = new LaggingLists(audited.server, 3_000, audited.now);
    const run = async () => {
      const words = ["automations", "catch-up", "--since", "36h", "--yes", "--json"];
      const { code, stdout, stderr } = await world.run(words);
      expect({ code, stderr }).toMatchObject({ code: 0 });
      return (JSON.parse(stdout) as StartRow[]).map(toldStart);
    };
    expect(await run()).toEqual(["started 1", "started 1"]);
    const why = "skipped 1 a run was started since";
    expect(await run()).toEqual([why, why]);
    for (const name of ["A", "B"]) expect(await audited.startedByHand(name)).toBe(1);
  });
});
