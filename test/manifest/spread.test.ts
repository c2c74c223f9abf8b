import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { spreadSchedule } from "../../src/manifest/item-schedule.js";
import { plan } from "../../src/manifest/plan/plan.js";
import { readSpread } from "../../src/manifest/spread.js";
import { cronTimes } from "../../src/schedule/cron-times.js";
import { actual, desiredIn, item, readText } from "./desired-items.js";

const valuesOf = (deployment_id: string) => ({
  "deployment.id": deployment_id,
  "deployment.name": "Acme",
  "deployment.customer_id": "cus_1",
});
const fleet = (name: string, count = 1_000) =>
  Array.from({ length: count }, (_, at) => ({ deployment_id: `dep_${name.length}${at}`, name }));

/** By how many minutes it is moved. */
function spreadMinutes({
  name,
  ...position
}: {
  deployment_id: string;
  name: string;
  windowMinutes: number;
}) {
  const midnight = { ok: true, text: "@daily", cron: "0 0 * * *" } as const;
  const moved = spreadSchedule({ ...position, schedule: midnight }, name);
  return moved.ok ? (moved.spreadMinutes ?? 0) : Number.NaN;
}

const id = fc.stringMatching(/^dep_[a-zA-Z0-9]{1,12}$/);
const windowMinutes = fc.integer({ min: 1, max: 1440 });

/** A manifest with one item, and its result in a deployment. */
async function cronIn(fields: Record<string, string | undefined>, deployment_id = "dep_1"): Promise<string> {
  const whole = JSON.stringify({ name: "A", instructions: "do it", ...fields });
  const { manifests, readSchedule } = await readText(`automations:\n  - ${whole}\n`);
  const [one] = desiredIn(manifests, { values: valuesOf(deployment_id), readSchedule }).items;
  return one?.schedule.ok === true ? one.schedule.cron : "";
}

describe("the minute from `spread`", () => {
  it("never changes, and is within the window", () => {
    fc.assert(
      fc.property(id, fc.string(), windowMinutes, (deployment_id, name, window) => {
        const position = { deployment_id, name, windowMinutes: window };
        const minutes = spreadMinutes(position);
        expect(minutes).toBeGreaterThanOrEqual(0);
        expect(minutes).toBeLessThan(window);
        expect(spreadMinutes(position)).toBe(minutes);
      }),
    );
    // This must not change between versions, or every automation would move once.
    expect(spreadMinutes({ deployment_id: "dep_7xK9s2", name: "Weekly", windowMinutes: 45 })).toBe(26);
  });

  it("is spread evenly across 1,000 deployments", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.integer({ min: 5, max: 60 }), (name, window) => {
        const counts = new Map<number, number>();
        for (const each of fleet(name)) {
          const minutes = spreadMinutes({ ...each, windowMinutes: window });
          counts.set(minutes, (counts.get(minutes) ?? 0) + 1);
        }
        const mean = 1_000 / window;
        // Five standard deviations and a little.
        expect(Math.max(...counts.values())).toBeLessThan(mean + 6 * Math.sqrt(mean) + 3);
        expect(counts.size).toBeGreaterThan(window * 0.9);
      }),
      { numRuns: 50 },
    );
  });

  it.each([
    ["45m", 45],
    ["2h", 120],
    ["1h30m", 90],
    ["0m", 0],
    ["24h", 1440],
    ["25h", undefined],
    ["1440m", 1440],
    ["1441m", undefined],
    ["24h1m", undefined],
    ["90s", undefined],
    ["45", undefined],
    ["-5m", undefined],
    ["1.5h", undefined],
    ["", undefined],
    ["30m1h", undefined],
  ])("reads %j as %j minutes", (text, minutes) => expect(readSpread(text)).toBe(minutes));
});

describe("a schedule with `spread`", () => {
  const schedules = [
    "0 9 * * *",
    "50 23 * * 1",
    "30 9-17 * * 1-5",
    "15 */6 * * *",
    "0 * * * *",
    "30 8 1 * *",
    "*/30 * * * *",
  ];
  const zones = [undefined, "Europe/Berlin", "America/New_York", "Asia/Kolkata"];

  it("runs at the written times, plus its deployment's minutes", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...schedules),
        fc.constantFrom(...zones),
        id,
        fc.integer({ min: 1, max: 59 }),
        async (schedule, tz, deployment_id, window) => {
          const before = cronTimes(await cronIn({ schedule, tz }));
          let cron: string;
          try {
            cron = await cronIn({ schedule, tz, spread: `${window}m` }, deployment_id);
          } catch (error) {
            expect(String(error)).toContain("can't be spread over");
            return;
          }
          const minutes = spreadMinutes({ deployment_id, name: "A", windowMinutes: window });
          const [from, until] = [Date.UTC(2026, 0, 1), Date.UTC(2027, 0, 1)];
          const moved = cronTimes(cron)?.between(from + minutes * 60_000, until + minutes * 60_000, 100_000);
          const written = before?.between(from, until, 100_000);
          expect(moved?.timesMs).toEqual(written?.timesMs.map((ms) => ms + minutes * 60_000));
        },
      ),
    );
  });

  it("is stable, however the server stores it", async () => {
    fc.assert(
      fc.property(fc.constantFrom(...schedules.slice(0, 3)), id, (schedule, deployment_id) => {
        const wanted = item("A", { schedule, deployment_id, spread: 45 });
        const [first] = plan({ items: [wanted], removed: [] }, []);
        const made = actual("1", "A", { schedule: first?.changes?.schedule?.to ?? "" });
        const again = plan({ items: [wanted], removed: [] }, [made]);
        expect(again).toMatchObject([{ action: "unchanged" }]);
      }),
    );
  });

  it("differs from the same schedule without `spread`", async () => {
    const wanted = item("A", { schedule: "0 9 * * *", deployment_id: "dep_7xK9s2", spread: 45 });
    const [change] = plan({ items: [wanted], removed: [] }, [actual("1", "A")]);
    expect(change).toMatchObject({
      action: "update",
      changes: { schedule: { from: "0 9 * * *", to: "21 9 * * *" } },
      spreadMinutes: 21,
    });
  });

  it("moves into the next hour or day, and adjusts both fields", async () => {
    const latest = async (schedule: string, spread: string) => {
      const crons = new Set<string>();
      for (const { deployment_id } of fleet("x", 60))
        crons.add(await cronIn({ schedule, spread }, deployment_id));
      return [...crons];
    };
    expect(await latest("50 9 * * 1", "20m")).toContain("5 10 * * 1");
    expect(await latest("50 23 * * 1", "20m")).toContain("5 0 * * 2");
    expect(await latest("50 23 14 * *", "20m")).toContain("5 0 15 * *");
  });

  it("moves every n minutes by fewer than n", async () => {
    const crons = await Promise.all(
      fleet("A", 40).map(({ deployment_id }) =>
        cronIn({ schedule: "*/15 9-17 * * 1", spread: "15m" }, deployment_id),
      ),
    );
    for (const cron of crons) {
      const [first = 0, ...others] =
        cron
          .split(" ")[0]
          ?.split(/[,/]/)
          .map((each) => (each === "*" ? 0 : Number.parseInt(each, 10))) ?? [];
      expect(cron).toMatch(/ 9-17 \* \* 1$/);
      expect(others.length === 1 ? others : others.map((minute) => minute - first)).toEqual(
        others.length === 1 ? [15] : [15, 30, 45],
      );
    }
    expect(new Set(crons).size).toBeGreaterThan(10);
  });

  it("accepts variables", async () => {
    expect(await cronIn({ schedule: "0 9 * * *", spread: "${spread:-0m}" })).toBe("0 9 * * *");
  });
});

describe("an impossible spread", () => {
  it.each([
    [{ spread: "soon" }, 'spread must be whole minutes, 24h at most, not "soon" (such as 45m or 1h30m)'],
    [
      { schedule: "0,20 * * * *", spread: "10m" },
      "spread needs one minute of the hour, or a step such as */15; this one uses 2 different minutes (such as every hour, or 0 9 * * 1-5)",
    ],
    [
      { schedule: "*/15 * * * *", spread: "20m" },
      "can't be spread over 20m: it runs every 15m (15m at most)",
    ],
    [
      { schedule: "15,45 9-17 * * *", spread: "30m" },
      "can't be spread over 30m: 15m later it is another hour for some of its times, which one cron can't express (15m at most)",
    ],
    [
      { schedule: "50 23 30 * *", spread: "45m" },
      "can't be spread over 45m: 10m later it is another day in UTC for some of its times, which one cron can't express (10m at most)",
    ],
    [
      { schedule: "30 * * * 1", spread: "45m" },
      "can't be spread over 45m: 30m later it is another day in UTC for some of its times, which one cron can't express (30m at most)",
    ],
    [
      { schedule: "30 12 */2 * *", spread: "13h30m" },
      "can't be spread over 13h30m: 11h30m later it is another day in UTC for some of its times, which one cron can't express (11h30m at most)",
    ],
    [{ schedule: "whenever", spread: "45m" }, 'the schedule "whenever" can\'t be read'],
  ])("is reported with its position: %j", async (fields, message) => {
    await expect(cronIn({ schedule: "0 9 * * *", ...fields })).rejects.toThrow(message);
    await expect(cronIn({ schedule: "0 9 * * *", ...fields })).rejects.toThrow(/^stdin:2:\d+: /);
  });

  it("is a mistake even if it comes from a deployment's values", async () => {
    const of = { schedule: "0 9 * * *", spread: "${deployment.name}" };
    await expect(cronIn(of)).rejects.toThrow('not "Acme"');
  });
});
