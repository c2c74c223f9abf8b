import { expect, it } from "vitest";
import { ConnectionError } from "../../../src/api/errors.js";
import { OpenRequests, type OutageNews, OutageRetry } from "../../../src/api/retry/outage-retry.js";

/** Records what is reported, by a clock that the test moves. */
function startRetry(maxWaitMs: number) {
  let nowMs = 0;
  const told: OutageNews[] = [];
  const timers: (() => void)[] = [];
  const monotonic = () => nowMs;
  const openRequests = new OpenRequests({
    monotonic,
    timer: (_ms, fire) => {
      timers.push(fire);
      return () => timers.splice(timers.indexOf(fire), 1);
    },
  });
  const outageRetry = new OutageRetry({
    maxWaitMs,
    monotonic,
    sleep: async () => undefined,
    openRequests,
    onOutage: (news) => told.push(news),
  });
  return {
    outageRetry,
    openRequests,
    told,
    passMs: (ms: number) => {
      nowMs += ms;
      for (const fire of timers.splice(0)) fire();
    },
  };
}

const failure = new ConnectionError("reset", { code: "ECONNRESET", neverArrived: false });

it.each([
  [6_000, [2_000]],
  [4_900, []],
  [4_000, []],
])(
  "an outage of 4 s with a --max-wait of %i ms is reported only if a second is left: %j",
  (maxWaitMs, left) => {
    const { outageRetry, told, passMs } = startRetry(maxWaitMs);
    outageRetry.begin("safe");
    passMs(4_000);
    outageRetry.noteFailure("safe", failure);
    expect(told.map(({ leftMs }) => leftMs)).toEqual(left);
  },
);

it.each([
  [60_000, [55_000]],
  [5_900, []],
  [2_000, []],
])(
  "silence of 5 s with a --max-wait of %i ms is reported only if a second is left: %j",
  (maxWaitMs, left) => {
    const { openRequests, told, passMs } = startRetry(maxWaitMs);
    openRequests.begin("/v1/deployments/dep_2/automations", maxWaitMs).end();
    const request = openRequests.begin("/v1/deployments/dep_1/automations", maxWaitMs);
    passMs(5_000);
    expect(told.map(({ leftMs, deployment_id }) => [leftMs, deployment_id])).toEqual(
      left.map((leftMs) => [leftMs, "dep_1"]),
    );
    request.end();
  },
);

it("a second outage is reported, even after a single success", () => {
  const { outageRetry, told, passMs } = startRetry(60_000);
  outageRetry.begin("convergent");
  for (const wanted of [1, 2]) {
    passMs(4_000);
    outageRetry.noteFailure("convergent", failure);
    outageRetry.noteFailure("convergent", failure);
    expect(told).toHaveLength(wanted);
    outageRetry.succeed("convergent");
  }
});

it("an outage of changes is reported once, even if reads succeed", () => {
  const { outageRetry, told, passMs } = startRetry(60_000);
  outageRetry.begin("convergent");
  for (const _look of [1, 2, 3]) {
    passMs(4_000);
    outageRetry.noteFailure("convergent", failure);
    outageRetry.succeed("safe");
  }
  expect(told).toHaveLength(1);
});
