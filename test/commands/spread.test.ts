import { describe, expect, it } from "vitest";
import { startAt, startOnMonday } from "./manifest-server.js";

const now = new Date(startAt);
const manifest = (more = "") =>
  `automations:\n  - name: Report\n    schedule: every Monday at 9am\n    instructions: Report.\n${more}`;
const everywhere = ["-f", "herm.yaml", "--all-deployments"];

/** 25 deployments. */
async function startFleet() {
  const fleet = await startOnMonday();
  const ids = ["dep_local"];
  for (let at = 1; at < 25; at += 1) ids.push(await fleet.deploy(`Customer ${at}`));
  const schedules = async () => {
    const found = await Promise.all(ids.map((id) => fleet.state(id)));
    return found.flat().map(({ schedule }) => schedule);
  };
  return { ...fleet, schedules };
}

describe("spread", () => {
  it("assigns each deployment a stable minute in a single plan entry", async () => {
    const { run, write, schedules, writes } = await startFleet();
    write({ "herm.yaml": manifest() });
    expect((await run(["apply", ...everywhere, "--yes"], { now })).code).toBe(0);
    expect(new Set(await schedules())).toEqual(new Set(["0 9 * * 1"]));
    write({ "herm.yaml": manifest("    spread: 45m\n") });
    const plan = await run(["diff", ...everywhere], { now, tty: true, columns: 100 });
    expect(plan.code).toBe(9);
    expect(plan.stdout.match(/~ Report/g)).toHaveLength(1);
    expect(plan.stdout).toMatch(/\d+ versions by their spread, here /);
    expect(plan.stdout).toMatch(/, spread by \d+m\b/);
    expect((await run(["apply", ...everywhere, "--yes"], { now })).code).toBe(0);
    const found = await schedules();
    expect(found.every((schedule) => /^([0-9]|[1-3][0-9]|4[0-4]) 9 \* \* 1$/.test(schedule ?? ""))).toBe(
      true,
    );
    expect(new Set(found).size).toBeGreaterThan(10);
    await writes();
    expect((await run(["apply", ...everywhere, "--yes"], { now })).code).toBe(0);
    expect(await writes()).toEqual([]);
    const rest = await run(["diff", ...everywhere], { now });
    expect(rest).toMatchObject({
      code: 0,
      stdout: "no changes: 25 automations in 25 deployments match the files\n",
    });
  });

  it("shows its minutes in JSON, and is rejected before any change, with its position", async () => {
    const { run, write, writes } = await startOnMonday();
    write({ "herm.yaml": manifest("    spread: 45m\n") });
    const planned = await run(["diff", "-f", "herm.yaml", "-d", "dep_local", "--json"], { now });
    const [row] = JSON.parse(planned.stdout);
    expect(row.changes.schedule.to).toBe(`${row.spread_minutes} 9 * * 1`);
    write({
      "herm.yaml": manifest("    spread: 20h\n").replace("every Monday at 9am", "every day at 00:00"),
    });
    const far = await run(["diff", "-f", "herm.yaml", "-d", "dep_local"], { now, tty: true });
    const [, minutes, hours, spread] = /\((\d+) (\d+) \* \* \*\), spread by (\S+)$/m.exec(far.stdout) ?? [];
    expect(spread).toBe(`${hours}h${minutes === "0" ? "" : `${minutes}m`}`);
    write({ "herm.yaml": manifest("    spread: 45\n").replace("every Monday at 9am", "'*/5 * * * *'") });
    const number = await run(["apply", "-f", "herm.yaml", "-d", "dep_local"], { now });
    expect(number).toMatchObject({ code: 2 });
    expect(number.stderr).toContain("herm.yaml:5:13: spread must be text");
    write({ "herm.yaml": manifest("    spread: 45m\n").replace("every Monday at 9am", "'*/5 * * * *'") });
    const often = await run(["apply", "-f", "herm.yaml", "-d", "dep_local"], { now });
    expect(often).toMatchObject({ code: 2 });
    expect(often.stderr).toContain("herm.yaml:5:13: can't be spread over");
    expect(await writes()).toEqual([]);
  });
});
