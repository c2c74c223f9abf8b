import { describe, expect, it } from "vitest";
import { InterruptedError } from "../../src/errors/cli-errors.js";
import { addAutomation, call } from "../incident/fleet.js";
import { type HermOptions, startServer } from "../support/harness.js";
import { LaggingLists } from "../support/lagging-lists.js";

/** A server with these automations behind a gateway. */
async function startWith(names: readonly string[], { enabled = true } = {}) {
  const world = new LaggingLists(await startServer(), 0);
  const ids = new Map<string, string>();
  for (const name of names)
    ids.set(name, await addAutomation(world.server, { name, schedule: "0 9 * * *", enabled }));
  const stateOf = async (name: string) => {
    const { body, status } = await call(
      world.server,
      "GET",
      `/v1/deployments/dep_local/automations/${ids.get(name)}`,
    );
    return status === 404 ? "deleted" : `${body.schedule} ${body.enabled}`;
  };
  /** Runs a command, and returns how long it took. */
  const runTimed = async (words: readonly string[], options: HermOptions = {}) => {
    const startMs = world.ms;
    const ended = await world.run(words, options);
    return { ...ended, tookMs: world.ms - startMs };
  };
  const newest = async () => JSON.parse((await world.run(["history", "--json"])).stdout)[0];
  return { world, ids, stateOf, runTimed, newest };
}

const before = "0 9 * * * true";
const changes: [string, string[], string][] = [
  ["an update", ["update", "A", "--schedule", "30 6 * * *"], "30 6 * * * true"],
  ["a pause", ["pause", "A"], "0 9 * * * false"],
  ["a deletion", ["delete", "A", "--yes"], "deleted"],
];
const undo = ["undo", "last", "--yes"];

describe.each(changes)(
  "%s for which a gateway returns 504 while the backend continues",
  (_, words, after) => {
    it.each([0, 1_000, 3_000, 8_000, 15_000])(
      "succeeds if it takes effect after %d ms",
      async (landsAfterMs) => {
        const { world, stateOf, runTimed, newest } = await startWith(["A"]);
        const ended = await runTimed(["automations", ...words], { fetch: world.gateway({ landsAfterMs }) });
        // The second attempt sees a change that takes effect between the two.
        if (landsAfterMs >= 3_000)
          expect(ended.stderr).toMatch(/^no answer: checking until \d\d:\d\d:\d\d whether it was done$/m);
        expect({ code: ended.code, state: await stateOf("A") }).toEqual({ code: 0, state: after });
        expect(await newest()).toMatchObject({ items: [{ result: "done" }] });
        await world.pass(60_000);
        expect(await world.run(undo)).toMatchObject({ code: 0 });
        expect(await stateOf(words[0] === "delete" ? "none" : "A")).toMatch(/^(0 9 \* \* \* true|deleted)$/);
      },
    );

    it("has an unknown outcome without proof, and stays open in the history", async () => {
      const { world, stateOf, runTimed, newest } = await startWith(["A"]);
      const ended = await runTimed(["automations", ...words], { fetch: world.gateway({}) });
      expect(ended.code).toBe(12);
      expect(ended.stderr).not.toMatch(/nothing was|failed/);
      expect(ended.stderr).toContain("may not have taken effect");
      expect(ended.tookMs).toBeGreaterThan(15_000);
      expect(await newest()).toMatchObject({ items: [{ result: "unknown" }] });
      expect(await world.run(undo)).toMatchObject({
        code: 0,
        stderr: expect.stringContaining("nothing to undo"),
      });
      expect(await stateOf("A")).toBe(before);
    });

    it("stays open after Ctrl-C, which ends the checks", async () => {
      const { world, runTimed, newest } = await startWith(["A"]);
      const interrupt = new AbortController();
      const gateway = world.gateway({ landsAfterMs: 8_000 });
      let isLost = false;
      const ended = await runTimed(["automations", ...words], {
        signal: interrupt.signal,
        fetch: (url, init) => {
          // The first GET after a change is the first check.
          if (isLost && init.method === "GET" && words[0] !== "update")
            interrupt.abort(new InterruptedError());
          isLost ||= init.method !== "GET";
          if (isLost && words[0] === "update") interrupt.abort(new InterruptedError());
          return gateway(url, init);
        },
      });
      expect(ended.code).toBe(130);
      expect(ended.stderr).toMatch(/to see its state now: herm automations get \S+/);
      expect(await newest()).toMatchObject({ items: [{ result: "unknown" }] });
    });

    it("is not checked beyond a --max-wait under 16 s", async () => {
      const { world, runTimed } = await startWith(["A"]);
      const ended = await runTimed(["automations", ...words, "--max-wait", "6s"], {
        fetch: world.gateway({ landsAfterMs: 8_000 }),
      });
      expect(ended.code).toBe(12);
      expect(ended.tookMs).toBeLessThanOrEqual(6_000);
    });

    it("fails if every attempt is clearly refused", async () => {
      const { world, runTimed, newest } = await startWith(["A"]);
      const ended = await runTimed(["automations", ...words], {
        fetch: (url, init) =>
          init.method === "GET"
            ? world.fetch(url, init)
            : Promise.resolve(new Response("{}", { status: 422 })),
      });
      expect(ended).toMatchObject({ code: 5, tookMs: 0 });
      expect(await newest()).toMatchObject({ items: [{ result: "failed" }] });
    });
  },
);

const schedule = ["--schedule", "30 6 * * *"];
const selections: [string, string[], string][] = [
  ["updates", ["update", "--all", ...schedule, "--yes"], "30 6 * * * true"],
  ["texts", ["update", "--all", "--instructions", "Other.", "--yes"], before],
  ["pauses", ["pause", "--all", "--yes"], "0 9 * * * false"],
  ["pauses of an incident", ["pause", "--all", "--incident", "INC-1", "--yes"], "0 9 * * * false"],
  ["deletions", ["delete", "--all", "--yes"], "deleted"],
];
const names = Array.from({ length: 20 }, (_, index) => `A${index}`);

describe.each(selections)(
  "a selection of 20 automations, of which 5 get no response: %s",
  (_, words, after) => {
    const argv = ["automations", ...words, "--max-wait", "20s"];

    it.each([0, 3_000, 22_000, 30_000])(
      "succeeds if the changes take effect after %d ms",
      async (landsAfterMs) => {
        const { world, ids, stateOf, runTimed, newest } = await startWith(names);
        const fetch = world.gateway({ landsAfterMs, ids: [...ids.values()].slice(0, 5) });
        const ended = await runTimed(argv, { fetch });
        expect({ code: ended.code, said: ended.stderr.match(/unknown|failed|nothing was/g) }).toEqual({
          code: 0,
          said: null,
        });
        expect(countResults(await newest())).toEqual({ done: 20 });
        for (const name of names) expect(await stateOf(name)).toBe(after);
      },
    );

    it("has a partly unknown outcome without proof, after one final check of all", async () => {
      const { world, ids, runTimed, newest } = await startWith(names);
      const fetch = world.gateway({ ids: [...ids.values()].slice(0, 5) });
      world.requests.length = 0;
      const ended = await runTimed(argv, { fetch });
      expect({ code: ended.code, said: ended.stderr.match(/failed|nothing was/g) }).toEqual({
        code: 12,
        said: null,
      });
      expect(ended.stderr).toMatch(
        /^no answer to 5 changes: checking until \d\d:\d\d:\d\d whether they were done$/m,
      );
      expect(countResults(await newest())).toEqual({ done: 15, unknown: 5 });
      // One for the plan, and three for the sweep.
      expect(world.requests.filter((request) => request === "GET automations")).toHaveLength(4);
      expect(ended.tookMs).toBeLessThan(20_000 + 16_000);
    });

    it("stays open after Ctrl-C", async () => {
      const { world, ids, runTimed, newest } = await startWith(names);
      const gateway = world.gateway({ ids: [...ids.values()].slice(0, 5) });
      const interrupt = new AbortController();
      let lists = 0;
      const ended = await runTimed(argv, {
        signal: interrupt.signal,
        fetch: (url, init) => {
          if (url.includes("/automations?")) lists += 1;
          // The second list belongs to the sweep.
          if (lists === 2) interrupt.abort(new InterruptedError());
          return gateway(url, init);
        },
      });
      expect(ended.code).toBe(130);
      expect(countResults(await newest())).toMatchObject({ unknown: 5 });
    });
  },
);

describe.each<[string, string[], number]>([
  ["triggers", ["automations", "trigger", "--all", "--yes"], 20],
  ["creates", ["apply", "-f", "-", "--yes"], 20],
])("a selection that gets no response at all: %s", (_, words, count) => {
  const added = names.map((name) => ({ name: `B${name}`, schedule: "0 9 * * *", instructions: "Go." }));
  const stdin = JSON.stringify({ automations: added });

  it.each([0, 3_000, 12_000])(
    "is checked at the end, and succeeds if it takes effect after %d ms",
    async (landsAfterMs) => {
      const { world, runTimed, newest } = await startWith(names);
      const ended = await runTimed(words, { fetch: world.gateway({ landsAfterMs }), stdin });
      expect(ended.code).toBe(0);
      expect(ended.stderr).toMatch(/^no answer to 20 changes: checking until \S+ whether they were done$/m);
      expect(countResults(await newest())).toEqual({ done: count });
      // Checks don't occupy a worker; with eight at once, they would take three times 15.5 s.
      expect(ended.tookMs).toBeLessThan(24_000);
    },
  );

  it("has an unknown outcome, and exits with 12", async () => {
    const { world, runTimed, newest } = await startWith(names);
    const ended = await runTimed(words, { fetch: world.gateway({}), stdin });
    expect({ code: ended.code, said: ended.stderr.match(/nothing was|failed/g) }).toEqual({
      code: 12,
      said: null,
    });
    // In an outage, not all are started.
    const { unknown = 0, skipped = 0, ...others } = countResults(await newest());
    expect({ all: unknown + skipped, others }).toEqual({ all: count, others: {} });
    expect(ended.tookMs).toBeLessThan(24_000);
  });

  it("is not checked beyond a --max-wait under 16 s", async () => {
    const { world, runTimed } = await startWith(names);
    const ended = await runTimed([...words, "--max-wait", "6s"], { fetch: world.gateway({}), stdin });
    expect(ended.code).toBe(12);
    // The check for the last change that was sent.
    expect(ended.tookMs).toBeLessThanOrEqual(12_000);
  });
});

describe.each(selections)("a selection without any response: %s", (_, words) => {
  it.each([
    ["20s", 20_000 + 16_000],
    ["6s", 7_000],
  ])("has an unknown outcome after a --max-wait of %s and up to 16 s of checks", async (maxWait, mostMs) => {
    const { world, runTimed } = await startWith(names);
    const argv = ["automations", ...words, "--max-wait", maxWait];
    const ended = await runTimed(argv, { fetch: world.gateway({}) });
    expect({ code: ended.code, said: ended.stderr.match(/nothing was|failed/g) }).toEqual({
      code: 12,
      said: null,
    });
    expect(ended.tookMs).toBeLessThanOrEqual(mostMs);
  });
});

function countResults({ items }: { items: { result: string }[] }): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { result } of items) counts[result] = (counts[result] ?? 0) + 1;
  return counts;
}

describe("an unanswered request", () => {
  const resume = ["automations", "resume", "A"];

  it("makes a resume wait, even if a retry was answered", async () => {
    const { world, stateOf, runTimed } = await startWith(["A"]);
    const pause = ["automations", "pause", "A"];
    // It takes effect again 5 s later, over the change that was answered.
    await runTimed(pause, { fetch: world.gateway({ landsAfterMs: 5_000, lost: 1 }) });
    const resumed = await runTimed(resume);
    expect(resumed.stderr).toMatch(/^1 change of c_\w{6} may still take effect: waiting 16 s$/m);
    expect({ code: resumed.code, state: await stateOf("A") }).toEqual({ code: 0, state: before });
    await world.pass(60_000);
    expect(await stateOf("A")).toBe(before);
  });

  it("makes an incident's resume wait, even if a retry was answered", async () => {
    const { world, stateOf, runTimed } = await startWith(names);
    const incident = ["--incident", "INC-1", "--yes"];
    const pause = ["automations", "pause", "--all", ...incident];
    await runTimed(pause, { fetch: world.gateway({ landsAfterMs: 5_000, lost: 1 }) });
    const resumed = await runTimed(["automations", "resume", ...incident]);
    expect(resumed.stderr).toMatch(/^20 changes of c_\w{6} may still take effect: waiting \d+ s$/m);
    const isClosed = resumed.stderr.includes("is closed");
    await world.pass(60_000);
    const states = await Promise.all(names.map(stateOf));
    expect(isClosed).toBe(states.every((state) => state === before));
  });

  it("causes no wait after 16 s, or if all attempts were answered", async () => {
    const { world, runTimed } = await startWith(["A"]);
    const pause = ["automations", "pause", "A"];
    await runTimed(pause);
    expect(await runTimed(resume)).toMatchObject({ code: 0, tookMs: 0 });
    await runTimed(pause, { fetch: world.gateway({ lost: 1 }) });
    await world.pass(16_000);
    expect(await runTimed(resume)).toMatchObject({ code: 0, tookMs: 0 });
  });

  it("makes the same command wait when rerun", async () => {
    const { world, stateOf, runTimed } = await startWith(["A"]);
    const update = ["automations", "update", "A", ...schedule];
    await runTimed([...update, "--max-wait", "3s"], { fetch: world.gateway({ landsAfterMs: 10_000 }) });
    const again = await runTimed(update);
    expect(again.stderr).toContain("may still take effect: waiting");
    expect({ code: again.code, state: await stateOf("A") }).toEqual({ code: 0, state: "30 6 * * * true" });
  });
});
