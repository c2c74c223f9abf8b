import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  fleetPlanOptions,
  type PlanningWork,
  PlansAhead,
} from "../../src/commands/automations/manifest/plans-ahead.js";
import { planFleet } from "../../src/manifest/fleet-plan.js";
import type { ActualAutomation } from "../../src/manifest/plan-item.js";
import type { Survey } from "../../src/manifest/survey.js";
import { item } from "../manifest/wanted.js";

const schedules = fc.constantFrom("0 9 * * 1", "30 8 * * *");
const texts = fc.constantFrom("Look.", "Think.");
const names = fc.constantFrom("A", "B", "C", "D");
const automations = fc.array(
  fc.record({ name: names, schedule: schedules, instructions: texts, enabled: fc.boolean() }),
  { maxLength: 4 },
);
const items = fc.uniqueArray(
  fc.record({
    name: names,
    schedule: schedules,
    instructions: texts,
    enabled: fc.option(fc.boolean(), { nil: undefined }),
  }),
  { maxLength: 4, selector: ({ name }) => name },
);

const deployments = fc
  .array(fc.record({ items, automations, isRead: fc.boolean() }), { minLength: 1, maxLength: 4 })
  .map((all) =>
    all.map(
      ({ items: wanted, automations: there, isRead }, at): Survey => ({
        target: { deploymentId: `dep_${at}`, name: `Customer ${at}`, isNamed: true },
        desired: {
          items: wanted.map(({ name, ...fields }, line) => item(name, { ...fields, line: line + 1 })),
          removed: [],
        },
        actual: isRead
          ? there.map((fields, nth): ActualAutomation => ({ automation_id: `auto_${at}_${nth}`, ...fields }))
          : [],
        error: isRead ? undefined : new Error("not reachable"),
      }),
    ),
  );

const work: PlanningWork = {
  planOptions: { prune: true, resumePaused: true },
  conflictHint: "rename one",
};

function noted(surveys: readonly Survey[], how = work): PlansAhead {
  const ahead = new PlansAhead(how);
  for (const survey of surveys) ahead.note(survey);
  return ahead;
}

describe("plans that are made while others are read", () => {
  it("are those that are made in the end, whatever incidents and the record say by then", () => {
    const held = fc.boolean();
    const recorded = fc.option(fc.record({ has: fc.boolean(), isSettled: fc.boolean() }), {
      nil: undefined,
    });
    fc.assert(
      fc.property(deployments, held, recorded, (surveys, isHeld, record) => {
        let has = false;
        const how = {
          ...work,
          record: record && { has: () => has, isSettled: record.isSettled },
        };
        has = record?.isSettled === true && record.has;
        const ahead = noted(surveys, how);
        has = record?.has === true;
        const options = fleetPlanOptions(how, () => (isHeld ? "held by INC-42" : undefined));
        const inTheEnd = planFleet(surveys, options);
        expect(planFleet(surveys, { ...options, ahead: ahead.plans })).toEqual(inTheEnd);
      }),
    );
  });

  it("are there for what is as it should be, and not for what may be held or isn't settled", () => {
    const survey = (enabled: boolean): Survey => ({
      target: { deploymentId: "dep_1", name: "Acme", isNamed: true },
      desired: { items: [item("A", { schedule: "0 9 * * 1", instructions: "Look." })], removed: [] },
      actual: [{ automation_id: "auto_1", name: "A", schedule: "0 9 * * 1", instructions: "Look.", enabled }],
    });
    const [running, paused] = [survey(true), survey(false)];
    expect([...noted([running, paused]).plans.keys()]).toEqual([running]);
    const unsettled = { ...work, record: { has: () => true, isSettled: false } };
    expect(noted([running], unsettled).plans.size).toBe(0);
    expect(noted([running], { ...unsettled, record: { has: () => true, isSettled: true } }).plans.size).toBe(
      1,
    );
  });
});
