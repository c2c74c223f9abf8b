import { expect, it } from "vitest";
import { herm } from "../support/harness.js";
import { AuditWorld } from "./audit-world.js";

/** A world in which the most recent runs of an hourly automation failed this many times. */
async function failingWorld(failures: number): Promise<AuditWorld> {
  const world = await AuditWorld.open("2026-01-05T08:10:00Z");
  await world.create("Hourly", "0 * * * *");
  await world.pass(60);
  await world.run(["update", "Hourly", "--instructions", "@dev fail"]);
  await world.pass(60 * failures);
  return world;
}

async function viewsOf(world: AuditWorld) {
  const { server, now, home } = world;
  const get = await world.run(["get", "Hourly"], { tty: true, columns: 200 });
  const words = await world.run(["get", "Hourly"], { tty: true, env: { HERM_ACCESSIBLE: "1" } });
  const detail = JSON.parse((await world.run(["get", "Hourly", "-o", "json"])).stdout);
  const options = { server, now, home };
  const status = await herm(["status"], { ...options, tty: true, columns: 120 });
  const [, row = ""] = (await herm(["status"], options)).stdout.split("\n");
  const inStatus = JSON.parse((await herm(["status", "-o", "json"], options)).stdout).needs_attention[0];
  const json = ({ failures_in_a_row, failures_are_more }: typeof detail) => [
    failures_in_a_row,
    failures_are_more,
  ];
  return {
    get: /status +(.*)/.exec(get.stdout)?.[1],
    words: /status:? +(.*)/.exec(words.stdout)?.[1],
    since: row.split("\t").find((field) => field.startsWith("2026-")),
    status: /(✗ failing.*?) +Hourly/.exec(status.stdout)?.[1],
    piped: /^failures_in_a_row\t(.*)$/m.exec((await world.run(["get", "Hourly"])).stdout)?.[1],
    json: [json(detail), json(inStatus)],
  };
}

it.each([
  [1, "✗ failing", "failing", [1, undefined]],
  [9, "✗ failing ×9", "failing 9 times in a row", [9, undefined]],
  [20, "✗ failing ≥20", "failing at least 20 times in a row", [20, true]],
] as const)(
  "%i failures in a row appear in every view that reads runs",
  async (failures, sign, words, json) => {
    const world = await failingWorld(failures);
    expect(await viewsOf(world)).toEqual({
      ...{ get: sign, words, status: sign },
      piped: String(failures),
      since: expect.stringMatching(/^2026-01-05T10:00:/),
      json: [json, json],
    });
  },
);

it("status --new shows failures since the first one, and their count at the end", async () => {
  const world = await failingWorld(3);
  const look = async () => {
    const { server, now, home } = world;
    return (await herm(["status", "--new"], { server, now, home })).stdout;
  };
  const row = (news: string) => new RegExp(`^${news}\tfailing\tHourly\t.*\t2026-01-05T10:00:\\S+\t`);
  expect(await look()).toMatch(row("new"));
  await world.pass(60);
  expect(await look()).toBe("");
  await world.run(["update", "Hourly", "--instructions", "Do it."]);
  await world.pass(60);
  expect(await look()).toMatch(row("over"));
});

it("runs list groups identical failures, but only on a terminal without --verbose", async () => {
  const world = await failingWorld(4);
  await world.run(["update", "Hourly", "--instructions", "@dev fail another reason"]);
  await world.pass(60);
  const { server, now, home } = world;
  const list = (words: string[], tty: boolean, columns = 160, scope = ["-d", "dep_local"]) =>
    herm(["runs", "list", ...scope, ...words], { server, now, home, tty, columns });
  const rowsOf = (text: string) => text.split("\n").filter((line) => line.includes("run_"));
  const shown = await list([], true);
  expect(rowsOf(shown.stdout).map((row) => /[✗✓] \w+( ×\d)?/.exec(row)?.[0])).toEqual([
    "✗ error",
    "✗ error ×4",
    "✓ completed",
  ]);
  expect(shown.stderr).toContain("6 runs");
  expect(rowsOf((await list(["--failed"], true)).stdout)[1]).toContain("×4");
  expect(rowsOf((await list([], true, 60)).stdout)[1]).toContain("✗×4");
  const ofAll = await list(["--failed"], true, 80, ["--all-deployments"]);
  expect(rowsOf(ofAll.stdout)[1]).toMatch(/Hourly +×4 +\d+[mh] /);
  expect(rowsOf((await list(["--verbose"], true)).stdout)).toHaveLength(6);
  expect(rowsOf((await list([], false)).stdout)).toHaveLength(6);
  expect(JSON.parse((await list(["-o", "json"], true)).stdout)).toHaveLength(6);
});
