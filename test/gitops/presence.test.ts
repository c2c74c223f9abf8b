import { describe, expect, it } from "vitest";
import {
  type Answers,
  all,
  failing,
  fleet,
  lacking,
  recordOf,
  runOdd,
  type Status,
  shifting,
  startWorld,
  unlisted,
  unseen,
  type World,
} from "./odd-answers.js";

const asItIs: Answers = () => undefined;
const untouched = { sent: [], isRecordAsBefore: true };
const unknownRows = ["unknown A unknown", "unknown B unknown", "unknown C unknown"];

describe.each([
  ["apply --prune", ["apply", ...fleet, "--prune", "--yes"]],
  ["apply", ["apply", ...fleet, "--yes"]],
  ["diff --prune", ["diff", ...fleet, "--prune"]],
  ["diff", ["diff", ...fleet]],
])("%s", (_verb, words) => {
  const run = (world: World, answers: Answers, ...more: string[]) =>
    runOdd(world, [...words, ...more], answers);

  it("sends no request for automations that the lists show", async () => {
    expect(await run(await startWorld(), asItIs)).toMatchObject({ code: 0, requests: 11, ...untouched });
  });

  it.each<[string, (world: World) => Answers]>([
    ["an empty list", ({ beta }) => lacking(beta, () => true)],
    ["a page that lacks one", ({ beta }) => lacking(beta, (name) => name === "B")],
    ["shifting offset pages", (world) => shifting(world, world.beta)],
    ["an account's list that lacks a deployment", ({ beta }) => unlisted(beta)],
  ])("checks with a GET each automation missing from %s", async (_case, answersOf) => {
    const world = await startWorld();
    await world.create({ name: "Their own" }, world.beta);
    await world.writes();
    const { sent, stderr, ...seen } = await run(world, answersOf(world));
    expect(seen).toMatchObject({ code: 0, rows: [], isRecordAsBefore: true });
    expect(stderr).toContain("no changes: 6 automations in 2 deployments match the files\n");
    expect(sent.filter((each) => !each.includes("DELETE"))).toEqual([]);
  });

  it.each<[Status, RegExp]>([
    [403, /: forbidden/],
    [500, /: server_error/],
    ["html", /404 with HTML/],
  ])("treats a missing automation as unknown if a GET returns %s", async (status, why) => {
    const world = await startWorld();
    const items = failing(`/${world.beta}/automations/auto_`, status);
    const {
      stderr,
      message,
      requests: _,
      ...left
    } = await run(
      world,
      all(
        lacking(world.beta, () => true),
        items,
      ),
    );
    expect(left).toEqual({ code: 8, rows: unknownRows, ...untouched });
    expect(message).toMatch(/^3 automations are unknown/);
    expect(message).toMatch(why);
    expect(stderr).toContain("3 unknown");
    expect(stderr).not.toContain("no changes");
  });

  it.each<Status>([403, 404, 500, "html"])(
    "treats an invisible deployment's automations as unknown (%s)",
    async (status) => {
      const world = await startWorld();
      const { beta } = world;
      const { stderr, message, requests: _, ...left } = await run(world, unseen(beta, status));
      expect(left).toEqual({ code: 8, rows: unknownRows, ...untouched });
      const why =
        status === 403 || status === 404
          ? `can't be seen with key …${world.server.apiKey.slice(-4)}`
          : "can't be read: ";
      expect(message).toContain(`3 automations are unknown: ${beta} ${why}`);
      expect(stderr).toContain("3 unknown");
      expect(stderr).not.toContain("no changes");
      const others = await run(world, unseen(beta, status), "--except", beta);
      expect(others).toMatchObject({ code: 0, rows: [], ...untouched });
    },
  );

  it.each<Status>([403, 404, 500, "html"])("never reports success for a response of %s", async (status) => {
    const world = await startWorld();
    for (const path of [`/${world.beta}/automations?`, `/${world.beta}`]) {
      const { rows, stderr, ...left } = await run(world, failing(path, status));
      expect(left).toMatchObject({ code: 8, ...untouched });
      expect(rows).toEqual(["skipped A failed", "skipped B failed", "skipped C failed"]);
      expect(stderr).not.toContain("no changes");
    }
  });

  it("sends no change with another account's key", async () => {
    const world = await startWorld();
    const answers = all(unseen(world.acme), unseen(world.beta));
    expect(await run(world, answers)).toMatchObject({ code: 6, rows: [], ...untouched });
    expect(recordOf(world)).toContain(world.beta);
  });
});
