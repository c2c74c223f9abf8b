import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { FetchLike } from "../../src/api/fetch.js";
import { addAutomation } from "../incident/fleet.js";
import { fetchFrom, type HermOptions, herm, startServer, temporaryFolder } from "../support/harness.js";
import { stalledUntil } from "../support/stalled.js";
import { watching } from "../support/watching.js";
import { farOff } from "./status-fleet.js";

const hourMs = 3_600_000;
const here = ["-d", "dep_local"];

async function prepare(automations: readonly [name: string, schedule: string, instructions?: string][]) {
  const server = await startServer();
  const home = temporaryFolder();
  const run = (argv: readonly string[], options: HermOptions = {}) =>
    herm(["automations", ...argv, ...here], { server, home, ...options });
  for (const [name, schedule, instructions = "x"] of automations)
    await addAutomation(server, { name, schedule, instructions });
  /** The names that a list prints this many hours from now. */
  const names = async (flags: readonly string[], hours = 0, options: HermOptions = {}) => {
    const now = new Date(Date.now() + hours * hourMs);
    const { code, stdout, stderr } = await run(["list", "--columns", "name", ...flags], {
      now,
      fetch: stalledUntil(now, server),
      ...options,
    });
    expect(stderr).toMatch(
      stdout === ""
        ? /^nothing to list: none of the 3 automations is \w+\n$|^nothing to list: the only automation isn't \w+\n$/
        : /^$/,
    );
    return { code, names: stdout.split("\n").filter((name) => name !== "") };
  };
  return { server, home, run, names };
}

describe("--limit", () => {
  it("adds the total, if known", async () => {
    const { run, server, home } = await prepare(
      Array.from({ length: 105 }, (_, at): [string, string, string] => [
        `A${at}`,
        "0 9 * * 1",
        "@dev wait 900",
      ]),
    );
    const said = async (argv: readonly string[]) =>
      (await herm(argv, { server, home, tty: true })).stderr.trimEnd();
    const list = (...flags: string[]) => said(["automations", "list", ...here, ...flags]);
    expect(await list("--limit", "2")).toBe("the first 2 automations");
    expect(await list("--limit", "102")).toBe("102 of 105 automations");
    expect(await list("--limit", "2", "--sort", "name")).toBe("2 of 105 automations");
    expect(await list("--limit", "105")).toBe("105 automations");
    expect(await list("--limit", "200")).toBe("105 automations");
    expect(await list("--limit", "2", "--match", "A10*")).toBe("the first 2 automations");
    for (const name of ["A1", "A2", "A3"]) await run(["trigger", name, "--no-follow"]);
    const runs = (...flags: string[]) => said(["runs", "list", ...here, ...flags]);
    expect(await runs("--limit", "2", "--running")).toMatch(/^2 of 3 runs$/);
    expect(await runs("--limit", "3")).toBe("3 runs");
    const deployments = (...flags: string[]) => said(["deployments", "list", ...flags]);
    await server.fetch(
      new Request("http://127.0.0.1/v1/deployments", {
        method: "POST",
        headers: { authorization: `Bearer ${server.apiKey}`, "content-type": "application/json" },
        body: JSON.stringify({ customer_id: "cus_1", name: "Acme", system_prompt: "x" }),
      }),
    );
    expect(await deployments("--limit", "1")).toBe("the first 1 deployment");
    expect(await deployments("--limit", "2")).toBe("2 deployments");
  });
});

describe("list --overdue", () => {
  it("shows missed runs, but not of paused, new or recently due automations", async () => {
    const { run, names } = await prepare([
      ["hourly", "0 * * * *"],
      ["paused", "0 * * * *"],
      ["far off", farOff()],
    ]);
    await run(["pause", "paused"]);
    expect(await names(["--overdue"])).toEqual({ code: 0, names: [] });
    expect(await names(["--overdue"], 3)).toEqual({ code: 0, names: ["hourly"] });
    expect(await names(["--overdue", "--grace", "7d"], 3)).toEqual({ code: 0, names: [] });
    expect(await names(["--overdue", "--exit-code"], 3)).toEqual({ code: 9, names: ["hourly"] });
    expect(await names(["--overdue", "--exit-code"])).toEqual({ code: 0, names: [] });
  });

  it("shows overdue as the state", async () => {
    const { run, server } = await prepare([["hourly", "0 * * * *"]]);
    const now = new Date(Date.now() + 3 * hourMs);
    const fetch = stalledUntil(now, server);
    const listed = await run(["list", "--overdue", "--columns", "name,status"], { now, fetch });
    expect(listed.stdout).toBe("hourly\toverdue\n");
  });

  it("is empty if the API doesn't show when an automation changed", async () => {
    const { run, names, server } = await prepare([["hourly", "0 * * * *"]]);
    const withoutTimes: FetchLike = async (url, init) => {
      const { method, headers, body } = init;
      const answer = await server.fetch(new Request(url, { method, headers, ...(body && { body }) }));
      const text = (await answer.text()).replaceAll(/"(created_at|updated_at)":"[^"]*"/g, '"$1":null');
      return new Response(text, { status: answer.status });
    };
    expect(await names(["--overdue"], 3, { fetch: withoutTimes })).toEqual({ code: 0, names: [] });
    await run(["trigger", "hourly", "--no-follow"]);
    expect(await names(["--overdue"])).toEqual({ code: 0, names: [] });
    expect(await names(["--overdue"], 3, { fetch: withoutTimes })).toEqual({ code: 0, names: [] });
  });

  it("doesn't count an automation as on time if a proxy responds with a page", async () => {
    const { run, names, server } = await prepare([["hourly", "0 * * * *"]]);
    const answering = (body: string): FetchLike => {
      return async (url, { method, headers }) => {
        if (/auto_\w+$/.test(url)) return new Response(body, { status: 404 });
        const text = await (await server.fetch(new Request(url, { method, headers }))).text();
        return new Response(text.replaceAll(/"updated_at":"[^"]*"/g, '"updated_at":null'));
      };
    };
    const gone = answering(JSON.stringify({ error: "not_found", message: "" }));
    expect(await names(["--overdue", "--exit-code"], 3, { fetch: gone })).toEqual({ code: 0, names: [] });
    const now = new Date(Date.now() + 3 * hourMs);
    const listed = await run(["list", "--overdue", "--exit-code"], {
      now,
      fetch: answering("<html>no</html>"),
    });
    expect(listed).toMatchObject({ code: 4, stdout: "" });
    expect(listed.stderr).toContain("the API answered 404 with HTML instead of JSON");
  });

  it("fails with a single error if neither history nor incidents are readable", async () => {
    const { home, run, server } = await prepare([["hourly", "0 * * * *"]]);
    for (const words of [["pause", "--all"], ["resume"]])
      expect(await run([...words, "--incident", "INC-1", "--yes"])).toMatchObject({ code: 0 });
    writeFileSync(join(home, ".local/share/herm/history/2020-01"), "not a folder");
    const now = new Date(Date.now() + 3 * hourMs);
    const stalled = stalledUntil(now, server);
    const fetch: FetchLike = async (url, init) => {
      if (url.includes("/_dev/")) throw new TypeError("fetch failed");
      return stalled(url, init);
    };
    const { code, stderr } = await run(["list", "--overdue"], { now, fetch });
    expect({ code, stderr }).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("2020-01 can't be read"),
    });
  });
});

describe("list with several problem flags", () => {
  it("shows automations that match any of the flags", async () => {
    const { run, names } = await prepare([
      ["fails", farOff(), "@dev fail"],
      ["asks", farOff(), "@dev ask Really?"],
      ["fine", farOff()],
    ]);
    for (const name of ["fails", "asks", "fine"]) await run(["trigger", name, "--no-follow"]);
    await expect
      .poll(async () => [...(await names(["--failing"])).names, ...(await names(["--waiting"])).names])
      .toEqual(["fails", "asks"]);
    const both = await names(["--overdue", "--failing", "--waiting", "--exit-code", "--sort", "name"]);
    expect(both).toEqual({ code: 9, names: ["asks", "fails"] });
  });

  it.each([
    [["--grace", "1h"], "--grace needs --overdue"],
    [["--late"], "did you mean --overdue?"],
    [["--overdue", "--grace", "soon"], "--grace must be a duration"],
    [["--watch"], "--watch needs a terminal"],
    [["--watch", "--exit-code"], "--watch and --exit-code can't be used together"],
  ])("rejects %j: %s", async (flags, said) => {
    const refused = await herm(["automations", "list", ...flags, ...here]);
    expect(refused).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining(said) });
  });
});

describe("list --watch", () => {
  it("redraws in place, marks changes, survives failures, and leaves its last frame", async () => {
    const { run, server } = await prepare([
      ["one", "0 9 * * *"],
      ["two", "0 9 * * *"],
    ]);
    let isDown = false;
    const { options, drawn, screens } = watching([
      () => run(["pause", "two"]),
      () => {
        isDown = true;
      },
    ]);
    const ended = await run(["list", "--watch", "--columns", "name,status"], {
      ...options,
      // Retries don't wait.
      random: () => 0,
      fetch: (url, init) => {
        if (isDown) throw Object.assign(new Error("refused"), { code: "ECONNREFUSED" });
        return fetchFrom(server)(url, init);
      },
    });
    expect(ended).toMatchObject({ code: 130, stderr: "" });
    const [first, second, third] = await screens();
    expect(first).toEqual([
      "   NAME  STATUS",
      "   two   ◉ enabled",
      "   one   ◉ enabled",
      expect.stringMatching(/^2 automations · Ctrl-C ends · updated \d\d:\d\d:\d\d$/),
    ]);
    expect(second).toContain("*  two   ○ paused");
    expect(third?.slice(0, -1)).toEqual(second);
    expect(drawn.at(-1)).toMatch(/\u001b\[\?1049l.*^2 automations · updated \d\d:\d\d:\d\d\n/ms);
  });
});
