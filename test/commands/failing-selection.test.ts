import { beforeAll, describe, expect, it } from "vitest";
import type { FetchLike } from "../../src/api/fetch.js";
import { FleetReader } from "../../src/commands/top/fleet-reader.js";
import { WatchedDeployments } from "../../src/commands/top/watched-deployments.js";
import { Exclusions } from "../../src/fleet/exclusions.js";
import { Invocation } from "../../src/invocation/invocation.js";
import { type HermOptions, herm, testSystem } from "../support/harness.js";
import { AuditWorld, withoutField } from "./audit-world.js";

/** Hourly automations: `Thrice` failed three times, `Once` once, `Never` not at all; each was changed long before. */
async function threeAutomations(): Promise<AuditWorld> {
  const world = await AuditWorld.begin("2026-01-05T00:10:00Z");
  for (const [name, hour] of [
    ["Never", 0],
    ["Once", 4],
    ["Thrice", 2],
  ] as const)
    await world.create(name, `0 ${hour}-4 * * *`, name === "Never" ? "x" : "@dev fail");
  await world.passUntil("2026-01-05T05:10:00Z");
  return world;
}

const untilAborted = (ms: number, signal?: AbortSignal) =>
  new Promise<void>((resolve, reject) => {
    if (ms === 0) resolve();
    signal?.addEventListener("abort", () => reject(signal.reason));
  });

describe("the flags --failures and --failing", () => {
  let world: AuditWorld;
  beforeAll(async () => {
    world = await threeAutomations();
    return () => world.close();
  });

  const run = (words: readonly string[], options: HermOptions = {}) => {
    const { server, home, now } = world;
    return herm(words, { server, home, now, env: { HERM_DEPLOYMENT: "dep_local" }, ...options });
  };

  it.each([
    [["automations", "list", "--failures", "3"], ["Thrice"]],
    [["automations", "list", "--failures", "2"], ["Thrice"]],
    [
      ["automations", "list", "--failures", "1"],
      ["Once", "Thrice"],
    ],
    [
      ["automations", "list", "--failing"],
      ["Once", "Thrice"],
    ],
    [["automations", "list", "--failures", "3", "--match", "O*"], []],
    [["automations", "audit", "--failures", "3", "--by", "automation"], ["Thrice"]],
    [
      ["automations", "upcoming", "--failing"],
      ["Once", "Thrice"],
    ],
    [["runs", "list", "--failures", "3"], ["Thrice"]],
    [
      ["runs", "list", "--failing"],
      ["Once", "Thrice"],
    ],
    [["automations", "pause", "--failures", "3", "--dry-run"], ["Thrice"]],
    [["automations", "trigger", "--failures", "3", "--dry-run"], ["Thrice"]],
    [
      ["automations", "delete", "--failing", "--dry-run"],
      ["Once", "Thrice"],
    ],
    [["automations", "update", "--failures", "3", "--schedule", "0 9 * * *", "--dry-run"], ["Thrice"]],
    [["automations", "catch-up", "--failures", "3", "--since", "24h", "--dry-run"], []],
    [["status", "--failures", "2"], ["Thrice"]],
  ])("select, in %j, %j", async (words, names) => {
    const { stdout, code } = await run(words);
    const found = ["Never", "Once", "Thrice"].filter((name) => stdout.includes(name));
    expect({ code, found }).toEqual({ code: 0, found: names });
  });

  it.each([
    [["automations", "list"], 0],
    [["automations", "list", "--failing"], 2],
    [["automations", "pause", "--failing", "--dry-run"], 2],
    [["status"], 2],
    [["status", "--failing"], 2],
  ])("make %j request %i automations individually", async (words, count) => {
    const paths: string[] = [];
    const fetch: FetchLike = (url, { method, headers, body }) => {
      paths.push(url);
      return world.server.fetch(new Request(url, { method, headers, ...(body && { body }) }));
    };
    await run(words, { fetch });
    expect(paths.filter((path) => /automations\/auto_\w+$/.test(path))).toHaveLength(count);
  });

  it("make top read possibly failing automations once, and count their failures", async () => {
    const { server, home, now } = world;
    const context = new Invocation(testSystem({ server, home, now, sleep: untilAborted }), []);
    const none = { local: false, quiet: false, debug: false, noColor: true, noInput: true };
    context.flags = { deployments: [], ...none };
    await context.prepareSettings();
    const selection = { deployments: [], allDeployments: true, except: new Exclusions([]), failures: 3 };
    const reader = new FleetReader(context, {
      deployments: new WatchedDeployments(context, selection),
      selection,
    });
    const before = await world.reads();
    const first = await reader.read();
    const reads = (await world.reads()) - before;
    const second = await reader.read();
    expect((await world.reads()) - before - reads).toBe(reads - 3);
    for (const { rows } of [first, second])
      expect(rows.map(({ name, failures }) => [name, failures?.inARow])).toEqual([["Thrice", 3]]);
  });

  it("limit export to failing automations", async () => {
    const { stdout, stderr, code } = await run(["export", "--failures", "3"]);
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringContaining("1 automation with fewer than 3"),
    });
    expect(stdout.match(/name: \w+/g)).toEqual(["name: Thrice"]);
  });

  it("skip, and count, automations with too few runs if all failed", async () => {
    const { stderr } = await run(["automations", "list", "--failures", "3"]);
    expect(stderr).toContain("1 automation with fewer than 3 runs, all failed: not selected\n");
  });

  it("add the count to lists and JSON only on request", async () => {
    const shown = await run(["automations", "list", "--failures", "3"], { tty: true, columns: 200 });
    expect(shown.stdout).toContain("✗ failing ×3");
    const [row] = JSON.parse((await run(["automations", "list", "--failures", "3", "-o", "json"])).stdout);
    expect(row).toMatchObject({ name: "Thrice", state: "failing", failures_in_a_row: 3 });
    const plain = JSON.parse((await run(["automations", "list", "-o", "json"])).stdout);
    expect(plain.some((each: object) => "failures_in_a_row" in each)).toBe(false);
  });

  it.each([
    [
      ["automations", "pause", "--yes"],
      "none of the 3 automations has failed 9 times in a row since its last change\n",
    ],
    [
      ["automations", "update", "--schedule", "0 9 * * *", "--yes"],
      "none of the 3 automations has failed 9 times in a row since its last change\n",
    ],
    [
      ["automations", "delete", "--yes"],
      "none of the 3 automations has failed 9 times in a row since its last change\n",
    ],
    [["automations", "list"], "nothing to list: none of the 3 automations has failed 9 times in a row\n"],
    [["runs", "list"], "none of the 3 automations has failed 9 times in a row\n"],
  ])("make %j with --failures 9 print one line, or empty JSON, and exit with 0", async (words, said) => {
    const { code, stderr, stdout } = await run([...words, "--failures", "9"]);
    expect({ code, stderr: stderr.split("\n").slice(1).join("\n"), stdout }).toEqual({
      code: 0,
      stderr: said,
      stdout: "",
    });
    expect((await run([...words, "--failures", "9", "-o", "json"])).stdout).toBe("[]\n");
    expect((await run(["incidents", "list", "-o", "name"])).stdout).toBe("");
  });

  it("leave exit code 4 to other selectors without a match", async () => {
    const { code } = await run(["automations", "pause", "--failures", "3", "--match", "Nobody", "--yes"]);
    expect(code).toBe(4);
  });

  it.each([
    [["list", "--failures", "0"], '--failures must be a whole number from 1 to 20, not "0"'],
    [["list", "--failures", "21"], '--failures must be a whole number from 1 to 20, not "21"'],
    [["pause", "--failures", "x"], '--failures must be a whole number from 1 to 20, not "x"'],
    [["list", "--failing", "--failures", "3"], "--failing and --failures"],
    [["pause", "--failing", "5"], "did you mean --failures 5?"],
    [["list", "--failing", "5"], "did you mean --failures 5?"],
    [["resume", "--failing"], "needs --incident"],
  ])("are rejected in %j: %s", async (words, why) => {
    const { code, stderr } = await run(["automations", ...words]);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(why) });
  });

  it.each([["undo"], ["history"], ["apply", "-f", "x"], ["diff", "-f", "x"], ["adopt", "-f", "x"]])(
    "don't exist for %s",
    async (...words) => {
      expect(await run([...words, "--failures", "3"])).toMatchObject({ code: 2 });
    },
  );

  /** The server, on which a GET of one automation fails. */
  function unreadable(name: string): FetchLike {
    return async (url, { method, headers, body }) => {
      const answer = await world.server.fetch(new Request(url, { method, headers, ...(body && { body }) }));
      const isDetail = /automations\/auto_\w+$/.test(url);
      return isDetail && (await answer.clone().text()).includes(`"name":"${name}"`)
        ? new Response('{"error":"forbidden","message":"not this one"}', { status: 403 })
        : answer;
    };
  }

  it.each([
    [["automations", "list"], "Once"],
    [["status"], "Once"],
    [["runs", "list"], "Once"],
    [["automations", "pause", "--dry-run"], "Once"],
    [["automations", "update", "--schedule", "0 9 * * *", "--dry-run"], "Once"],
    [["export"], "Once"],
  ])("make %j report and skip unreadable automations, and exit with 8", async (words, found) => {
    const { code, stdout, stderr } = await run([...words, "--failing"], { fetch: unreadable("Thrice") });
    expect({ code, isFound: stdout.includes(found) }).toEqual({ code: 8, isFound: true });
    expect(stdout + stderr).toMatch(/Thrice.*not this one/);
  });

  it("exit with 8 and name the unreadable automation if no other automation is failing", async () => {
    const { code, stderr } = await run(["automations", "pause", "--failures", "3", "--yes"], {
      fetch: unreadable("Thrice"),
    });
    expect({ code, stderr }).toEqual({ code: 8, stderr: expect.stringContaining("Thrice: ") });
  });

  it("count every listed run, with a note, if the API shows no change time", async () => {
    const { stdout, stderr } = await run(
      ["automations", "pause", "--failures", "3", "--dry-run", "--quiet"],
      {
        fetch: withoutField(world, "updated_at"),
      },
    );
    expect(stdout).toContain("Thrice");
    expect(stderr).toBe(
      "warning: the API doesn't say when 2 automations last changed, so all listed runs count\n",
    );
  });
});

it("a change counts only runs since the last change; a list counts all runs", async () => {
  const world = await threeAutomations();
  await world.run(["update", "Thrice", "--schedule", "30 5 * * *"]);
  const list = await world.run(["list", "--failures", "3"]);
  expect(list.stdout).toContain("Thrice");
  const pause = await world.run(["pause", "--failures", "3", "--yes"]);
  expect(pause).toMatchObject({ code: 0, stdout: "" });
  await world.passUntil("2026-01-05T05:40:00Z");
  const once = await world.run(["pause", "--failures", "1", "--match", "T*", "--dry-run"]);
  expect(once.stdout).toContain("Thrice");
  await world.close();
});

it("a repeated pause includes automations that were possibly already paused", async () => {
  const world = await threeAutomations();
  const pause = ["pause", "--failures", "3", "--incident", "INC-1", "--yes", "--max-wait", "10s"];
  let isCut = false;
  const cut: FetchLike = async (url, { method, headers, body }) => {
    if (isCut) throw new TypeError("fetch failed");
    isCut = method === "PATCH";
    const answer = await world.server.fetch(new Request(url, { method, headers, ...(body && { body }) }));
    if (isCut) throw new TypeError("fetch failed");
    return answer;
  };
  expect((await world.run(pause, { fetch: cut })).code).not.toBe(0);
  const again = await world.run(pause);
  expect(again.stderr).not.toContain("none of the 3 automations");
  expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining("Thrice") });
  await world.close();
});

/** The automations that a change selects for three failures. */
const selects = async (world: AuditWorld) =>
  (await world.run(["delete", "--failures", "3", "--dry-run"])).stdout.match(/Never|Once|Thrice/g) ?? [];

it("a change counts failures from before herm's renames and undone edits", async () => {
  const world = await threeAutomations();
  const run = async (...words: string[]) => {
    const { server, home, now } = world;
    expect(await herm(words, { server, home, now, env: { HERM_DEPLOYMENT: "dep_local" } })).toMatchObject({
      code: 0,
    });
  };
  const name = (from: string, to: string) => run("automations", "update", from, "--name", to);
  await name("Thrice", "Thrice!");
  await name("Thrice!", "Thrice");
  expect(await selects(world)).toEqual(["Thrice"]);
  await run("automations", "update", "Thrice", "--schedule", "30 5 * * *");
  expect(await selects(world)).toEqual([]);
  await run("undo", "last", "--yes");
  expect(await selects(world)).toEqual(["Thrice"]);
  const newest = async () => {
    const { server, home, now } = world;
    return (await herm(["history", "-o", "name"], { server, home, now })).stdout.split("\n")[0] ?? "";
  };
  // The undo is undone, so the edit is in effect again.
  await run("undo", await newest(), "--yes");
  expect(await selects(world)).toEqual([]);
  await run("undo", await newest(), "--yes");
  expect(await selects(world)).toEqual(["Thrice"]);
  const [{ automation_id: id }] = JSON.parse(
    (await world.run(["list", "--failures", "3", "-o", "json"])).stdout,
  );
  await world.send("PATCH", `/v1/deployments/dep_local/automations/${id}`, { name: "Thrice" });
  expect(await selects(world)).toEqual([]);
  await world.close();
});

it("a change reports that failures before a resume don't count", async () => {
  const world = await threeAutomations();
  const resumed = new Date("2026-01-05T05:10:00Z").toTimeString().slice(0, 5);
  const saidBy = async (...words: string[]) => {
    const { code, stdout, stderr } = await world.run(words);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
    return stderr.split("\n").slice(0, -1);
  };
  const paused = await world.run(["pause", "Thrice", "Never", "--incident", "INC-1", "--yes"]);
  expect(paused).toMatchObject({ code: 0 });
  expect(await selects(world)).toEqual(["Thrice"]);
  expect(await saidBy("pause", "--failures", "3", "--yes")).toEqual([
    "1 automation with fewer than 3 runs since the last change, all failed: not selected",
    "the only enabled automation hasn't failed 3 times in a row since its last change",
  ]);
  expect(await world.run(["resume", "--incident", "INC-1", "--yes"])).toMatchObject({ code: 0 });
  expect((await world.run(["list", "--failures", "3"])).stdout).toContain("Thrice");
  expect(await saidBy("pause", "--failures", "3", "--yes")).toEqual([
    "1 automation with fewer than 3 runs since the last change, all failed: not selected",
    `1 failed 3 times, but before it was resumed (${resumed}): not selected`,
  ]);
  await world.run(["update", "Once", "--instructions", "@dev fail again"]);
  expect(await saidBy("pause", "--failing", "--yes")).toEqual([
    `1 failed, but before it was resumed (${resumed}): not selected`,
    "1 failed, but before its last change: not selected",
  ]);
  await world.run(["pause", "--all", "--incident", "INC-2", "--yes"]);
  expect(await saidBy("pause", "--failures", "3", "--yes")).toEqual(["all 3 automations are paused already"]);
  await world.close();
});

it("a resume can select automations that failed before the pause", async () => {
  const world = await threeAutomations();
  expect(await world.run(["pause", "--all", "--incident", "INC-1", "--yes"])).toMatchObject({ code: 0 });
  const tried = await world.run(["resume", "--incident", "INC-1", "--failures", "2", "--dry-run"]);
  expect(tried.stdout.match(/Never|Once|Thrice/g)).toEqual(["Thrice"]);
  await world.close();
});

it("a running automation is read too, and keeps its last run's state", async () => {
  const world = await threeAutomations();
  await world.run(["update", "Thrice", "--instructions", "@dev ask Go on?"]);
  await world.run(["trigger", "Thrice"]);
  await world.pass(1);
  const [row] = JSON.parse((await world.run(["list", "--failures", "3", "-o", "json"])).stdout);
  expect(row).toMatchObject({ name: "Thrice", state: "waiting", failures_in_a_row: 3 });
  await world.close();
});
