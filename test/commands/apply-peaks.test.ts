import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { peakWarnings } from "../../src/commands/automations/manifest/made-peaks.js";
import type { ActualAutomation, PlanItem } from "../../src/manifest/plan-item.js";
import { startAt, startOnMonday } from "./manifest-server.js";

const now = new Date(startAt);
const local = ["-d", "dep_local"];

const items = (count: number, schedule: string) =>
  Array.from(
    { length: count },
    (_, at) => `  - name: Report ${at}\n    schedule: ${schedule}\n    instructions: Report ${at}.\n`,
  ).join("");
const manifest = (count: number, schedule: string) => ({
  "herm.yaml": `automations:\n${items(count, schedule)}`,
});
const warning = "warning: herm.yaml:2:5: with these changes 21 automations fire at Mon 09:00 UTC\n";

describe("a plan that makes a peak", () => {
  it("says so below the plan, in diff, a dry run and apply, and that it is there once it is made", async () => {
    const { run, write, create } = await startOnMonday();
    await create({ name: "There already", schedule: "0 9 * * 1" });
    await create({ name: "Paused", schedule: "0 9 * * 1", enabled: false });
    write(manifest(20, "every Monday at 9am"));
    expect((await run(["diff", "-f", "herm.yaml", ...local], { now })).stderr).toBe(warning);
    const planned = await run(["apply", "-f", "herm.yaml", "--dry-run", "--json", ...local], { now });
    expect(planned).toMatchObject({ code: 0, stderr: warning });
    const shown = await run(["apply", "-f", "herm.yaml", "--dry-run", ...local], { now, tty: true });
    expect(shown.stderr).toBe(warning);
    const asked = await run(["apply", "-f", "herm.yaml", ...local], { now, answers: [false] });
    expect(asked.stderr).toContain(`Plan: 20 to create\n${warning}`);
    const made = await run(["apply", "-f", "herm.yaml", ...local], { now });
    expect(made.stderr).toContain(`Plan: 20 to create\n${warning}`);
    const again = await run(["apply", "-f", "herm.yaml", ...local], { now });
    expect(again.stderr).toContain("warning: herm.yaml:2:5: 21 automations fire at Mon 09:00 UTC\n");
  });

  it("tells what begins at one line once, with how many more minutes it is", async () => {
    const { run, write } = await startOnMonday();
    const told = async (hours: string) => {
      write(manifest(21, `0 ${hours} * * 1`));
      return (await run(["diff", "-f", "herm.yaml", ...local], { now })).stderr;
    };
    const first = "warning: herm.yaml:2:5: with these changes 21 automations fire at Mon 09:00 UTC";
    expect(await told("9,15")).toBe(`${first}, and 1 more minute is a peak\n`);
    expect(await told("9,15,20")).toBe(`${first}, and 2 more minutes are peaks\n`);
  });

  it("is silent where there are 20, where --match leaves others out, and where a peak only gets smaller", async () => {
    const { run, write, create } = await startOnMonday();
    write(manifest(20, "every Monday at 9am"));
    expect((await run(["diff", "-f", "herm.yaml", ...local], { now })).stderr).toBe("");
    await create({ name: "There already", schedule: "0 9 * * 1" });
    const within = ["diff", "-f", "herm.yaml", ...local, "--match", "Report *"];
    expect((await run(within, { now })).stderr).toBe("");
    for (let at = 0; at < 30; at += 1)
      await create({ name: `Report ${at}`, schedule: "0 9 * * 1", instructions: `Report ${at}.` });
    write(manifest(5, "every Monday at 10am"));
    const moved = await run(["diff", "-f", "herm.yaml", ...local], { now });
    expect(moved).toMatchObject({ code: 9, stderr: "" });
  });
});

describe("peakWarnings", () => {
  const there = (hours: readonly (number | null)[]) =>
    hours.map((hour, at): ActualAutomation => {
      return {
        automation_id: `auto_${at}`,
        name: `${at}`,
        schedule: `0 ${hour ?? 9} * * *`,
        enabled: hour !== null,
      };
    });

  it("never tells of a minute in which no more fire than before", () => {
    const hour = fc.integer({ min: 9, max: 10 });
    const hours = fc.array(fc.option(hour), { minLength: 15, maxLength: 50 });
    const moves = fc.array(fc.tuple(fc.nat(49), hour), { maxLength: 30 });
    fc.assert(
      fc.property(hours, moves, (before, moved) => {
        const actual = there(before);
        const after = [...before];
        const changes = new Map<string, PlanItem>();
        for (const [at, to] of moved) {
          const automation = actual[at];
          if (automation === undefined) continue;
          if (before[at] !== null) after[at] = to;
          const schedule = { from: automation.schedule, to: `0 ${to} * * *` };
          const { automation_id: automationId, name } = automation;
          changes.set(automationId, { action: "update", name, automationId, changes: { schedule } });
        }
        const plan = { items: [...changes.values()] };
        const fleet = { surveys: [{ actual }], plans: [plan], includes: () => true, now };
        const texts = peakWarnings(fleet).map(({ text }) => text);
        const firing = (all: readonly (number | null)[], at: number) =>
          all.filter((each) => each === at).length;
        const expected = [9, 10]
          .map((at) => ({ at, count: firing(after, at), was: firing(before, at) }))
          .filter(({ count, was }) => changes.size > 0 && count > 20 && count > was)
          .sort((one, other) => other.count - one.count)
          .map(
            ({ at, count }) =>
              `with these changes ${count} automations fire at ${at === 9 ? "09" : "10"}:00 UTC every day`,
          );
        expect([...texts].sort()).toEqual(expected.sort());
      }),
    );
  });
});
