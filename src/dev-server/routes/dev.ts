import * as v from "valibot";
import { latestTime } from "../clock.js";
import type { Engine } from "../engine.js";
import { ownPid } from "../environment.js";
import type { Faults } from "../faults.js";
import { answer, noContent, RefusedRequest, timestamp } from "../http/answers.js";
import { readJson, refuseBody } from "../http/body.js";
import type { RequestCounts } from "../http/request-counts.js";
import type { Routes } from "../http/router.js";
import { check } from "../http/validate.js";
import type { Stay } from "../idleness.js";
import { ClockMoveError } from "../scheduler.js";
import { serverStatus, statusPath } from "../server-status.js";
import type { StoredRun } from "../store/records.js";

const rfc3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;
const wrongMove = 'the body must be {"set": "<RFC 3339 time>"} or {"advance_s": <seconds, 0 or more>}';

const clockMove = v.union(
  [
    v.strictObject({
      set: v.pipe(
        v.string(),
        v.regex(rfc3339),
        v.check((text) => !Number.isNaN(Date.parse(text))),
      ),
    }),
    v.strictObject({ advance_s: v.pipe(v.number(), v.minValue(0), v.maxValue(latestTime / 1000)) }),
  ],
  wrongMove,
);

const pausedRun = v.strictObject({ automation: v.string("automation must be a string") });

/** Routes that tests and demos need and the API lacks (src/dev-server/README.md, "What the API lacks"). */
export function devRoutes(parts: {
  faults: Faults;
  counts: RequestCounts;
  stop: (() => void) | undefined;
  stay: (() => Stay | undefined) | undefined;
}): Routes {
  const { faults, counts, stop, stay } = parts;
  return {
    "/_dev/clock": {
      GET: ({ clock }) => answer(200, { now: timestamp(clock.now()) }),
      POST: async (engine, { request }) => {
        const fired = await moveClock(engine, await readJson(request));
        return answer(200, { now: timestamp(engine.clock.now()), fired });
      },
    },
    "/_dev/faults": {
      GET: () => answer(200, faults.list()),
      POST: async ({ activityLog }, { request }) => {
        const fault = faults.add(await readJson(request));
        activityLog.report("set", () => ({ subject: "a fault", detail: fault.action.type }));
        return answer(201, fault);
      },
      DELETE: ({ activityLog }) => {
        faults.clear();
        activityLog.report("cleared", () => ({ subject: "all faults" }));
        return noContent();
      },
    },
    "/_dev/runs": {
      POST: async (engine, { request }) => {
        const { automation } = check(pausedRun, await readJson(request));
        return answer(201, { run_id: startPaused(engine, automation).run_id });
      },
    },
    "/_dev/requests": { GET: () => answer(200, counts.list()) },
    "/_dev/store": { GET: ({ store }) => answer(200, { store_id: store.storeId, pid: ownPid }) },
    [statusPath]: { GET: (engine) => answer(200, serverStatus(engine, stay?.())) },
    "/_dev/stop": {
      POST: async (_, { request }) => {
        await refuseBody(request);
        if (!stop) throw new RefusedRequest(404, "this server can't be stopped this way");
        stop();
        return answer(202, { stopping: true });
      },
    },
  };
}

/** A scheduled run of what is paused: by its id, its name, or its deployment's name and its own. */
function startPaused({ store, runs }: Engine, ref: string): StoredRun {
  const fitting = store.automations.paused().filter(({ automation_id, deployment_id, name }) => {
    const place = store.deployments.find({ deployment_id })?.name ?? deployment_id;
    return [automation_id, name, `${place}/${name}`].includes(ref);
  });
  const [found, ...others] = fitting;
  if (found === undefined)
    throw new RefusedRequest(404, `no paused automation is named ${JSON.stringify(ref)}`);
  if (others.length > 0)
    throw new RefusedRequest(
      409,
      `${fitting.length} paused automations have that name: give <deployment>/<name>, or the id`,
    );
  const { automation_id, deployment_id, thread_id, instructions } = found;
  return runs.start({ deployment_id, automation_id, thread_id, instructions, origin: "schedule" });
}

async function moveClock(engine: Engine, body: unknown): Promise<number> {
  const move = check(clockMove, body);
  const { scheduler, clock } = engine;
  const before = clock.now();
  const time = "set" in move ? Date.parse(move.set) : before + move.advance_s * 1000;
  if (time < before) throw new RefusedRequest(400, "the clock never goes backwards");
  if (time > latestTime) throw new RefusedRequest(400, "the clock ends with the year 9999");
  try {
    const fired = await scheduler.advanceTo(time);
    const now = timestamp(clock.now());
    engine.activityLog.report("moved", () => ({
      subject: `the clock to ${now}`,
      detail: `${fired} ${fired === 1 ? "run" : "runs"}`,
    }));
    return fired;
  } catch (error) {
    if (error instanceof ClockMoveError) throw new RefusedRequest(400, error.message);
    throw error;
  }
}
