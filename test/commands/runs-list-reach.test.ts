import { beforeEach, describe, expect, it } from "vitest";
import { devCall, type RunServer, startRunServer } from "./run-server.js";

let herm: RunServer;

beforeEach(async () => {
  herm = await startRunServer();
});

const detail = /^\/v1\/deployments\/[^/]+\/automations\/[^/]+$/;

/** The number of automations read one by one so far. */
async function detailsRead(): Promise<number> {
  const answer = await devCall(herm.server, "requests");
  const requests: { method: string; path: string; count: number }[] = JSON.parse(await answer.text());
  return requests
    .filter(({ method, path }) => method === "GET" && detail.test(path))
    .reduce((sum, { count }) => sum + count, 0);
}

async function countingDetails(argv: readonly string[]) {
  const before = await detailsRead();
  const result = await herm.run(argv);
  return { ...result, details: (await detailsRead()) - before };
}

/** This many automations, whose runs are a minute apart, in a mixed order; every third run failed. */
async function manyRuns(automations: number, runs: number) {
  const ids: string[] = [];
  for (let number = 0; number < automations; number += 1) {
    const instructions = number % 3 === 0 ? "Go.\n@dev fail no paper" : "Go.";
    ids.push(await herm.create(`Number ${number}`, instructions));
  }
  for (let run = 0; run < runs; run += 1) {
    await devCall(herm.server, "clock", { advance_s: 60 });
    await herm.trigger(ids[(run * 37) % automations] ?? "");
  }
}

describe("runs list --limit", () => {
  it.each([
    [[], 60],
    [["--failed"], 60],
    [["--since", "30d"], 60],
    [["--match", "Number*"], 60],
  ])("reads just enough automations to find the newest runs (%j)", async (flags, automations) => {
    await manyRuns(automations, 100);
    const whole = await countingDetails(["runs", "list", ...flags, "-o", "name"]);
    const newest = whole.stdout.trim().split("\n").slice(0, 3);
    const limited = await countingDetails(["runs", "list", ...flags, "--limit", "3", "-o", "name"]);

    expect(limited.stdout.trim().split("\n")).toEqual(newest);
    expect(limited.details).toBeLessThan(20);
    expect(whole.details).toBeGreaterThanOrEqual(20);
  });

  it.each(["--running", "--waiting"])(
    "reads every automation with %s, because old runs count",
    async (flag) => {
      await manyRuns(30, 30);
      const { details } = await countingDetails(["runs", "list", flag, "--limit", "1"]);

      expect(details).toBe(30);
    },
  );

  it("says on a terminal that there may be more", async () => {
    await manyRuns(3, 6);

    expect((await herm.run(["runs", "list", "--limit", "2"], { tty: true })).stderr).toBe("2 of 6 runs\n");
    expect((await herm.run(["runs", "list", "--limit", "20"], { tty: true })).stderr).toBe("6 runs\n");
  });

  it("continues past automations that have no time of a last run", async () => {
    await manyRuns(20, 40);
    const newest = (await herm.run(["runs", "list", "-o", "name"])).stdout.trim().split("\n").slice(0, 3);
    const withoutTimes = await herm.run(["runs", "list", "--limit", "3", "-o", "name"], {
      fetch: async (url, init) => {
        const answer = await herm.server.fetch(
          new Request(url, { method: init.method, headers: init.headers }),
        );
        const text = (await answer.text()).replaceAll(/"last_run_at":"[^"]*",/g, "");
        return new Response(text, { status: answer.status, headers: { "content-type": "application/json" } });
      },
    });

    expect(withoutTimes.stdout.trim().split("\n")).toEqual(newest);
  });
});

describe("runs list --since", () => {
  /** An automation with 25 runs, a minute apart, of which the API lists the newest 20. */
  async function often(name: string) {
    const id = await herm.create(name, "Go.");
    for (let run = 0; run < 25; run += 1) {
      await herm.trigger(id);
      await devCall(herm.server, "clock", { advance_s: 60 });
    }
  }

  const said = /^Inbox triage: last 20 runs only, from .*\d\d:\d\d.*\n$/;

  it.each([[["-o", "json"]], [[]], [["--failed"]], [["Inbox triage"]]])(
    "reports how far back the runs go, if less than requested (%j)",
    async (flags) => {
      await often("Inbox triage");
      await herm.trigger(await herm.create("Seldom", "Go."));
      const { code, stderr, stdout } = await herm.run(["runs", "list", "--since", "12h", ...flags]);

      expect({
        code,
        stderr: stderr.replace(/^nothing to list: \d+ runs, none failed\n/, ""),
      }).toEqual({
        code: 0,
        stderr: expect.stringMatching(said),
      });
      expect(stdout).not.toContain("its last");
    },
  );

  it.each([
    ["it could see back far enough", ["--since", "5m"]],
    ["no time was requested", []],
    ["the listed runs are newer than the unseen ones", ["--since", "12h", "--limit", "19"]],
    ["it is quiet", ["--since", "12h", "--quiet"]],
  ])("adds no note if %s", async (_, flags) => {
    await often("Inbox triage");
    const now = new Date(JSON.parse(await (await devCall(herm.server, "clock")).text()).now);

    expect(await herm.run(["runs", "list", ...flags, "-o", "name"], { now })).toMatchObject({
      code: 0,
      stderr: "",
    });
  });

  it("names the automation whose runs go back least, and counts the others", async () => {
    for (let number = 1; number <= 3; number += 1) await often(`Often ${number}`);
    const { stderr } = await herm.run(["runs", "list", "--since", "12h"]);

    expect(stderr).toMatch(
      /^Often 3: last 20 runs only, from .*; runs of 2 other automations are incomplete\n$/,
    );
  });
});
