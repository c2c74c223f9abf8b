import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { FetchLike } from "../../src/api/fetch.js";
import { formatLocalBriefly } from "../../src/output/time.js";
import {
  addAutomation,
  addFault,
  call,
  change,
  enabledNames,
  listAll,
  requestCounts,
  setEnabled,
} from "../incident/fleet.js";
import { withoutUpdatedAt } from "../incident/without-updated-at.js";
import { fetchFrom, type HermOptions, herm, startServer, temporaryFolder } from "../support/harness.js";

type Server = Awaited<ReturnType<typeof startServer>>;

const pauseAll = "automations pause --all --incident INC-1 --yes";
const resumeAll = "automations resume --incident INC-1 --yes";

/** An incident with `a0` and `a1`, and the actor who does something to `a0` meanwhile. */
interface Scene {
  server: Server;
  home: string;
  /** `a0`. */
  id: string;
  /** True once `a0` was resumed outside the incident. */
  resumedByRef: boolean;
  run(...words: string[]): Promise<{ code: number; stdout: string; stderr: string }>;
}

async function openIncident(fetchOf: (server: Server) => FetchLike = fetchFrom): Promise<Scene> {
  const server = await startServer();
  const home = temporaryFolder();
  const id = await addAutomation(server, { name: "a0" });
  await addAutomation(server, { name: "a1" });
  const options: HermOptions = {
    server,
    home,
    env: { HERM_DEPLOYMENT: "dep_local" },
    fetch: fetchOf(server),
  };
  const run = (...words: string[]) => {
    scene.resumedByRef ||= words[1] === "resume" && words.includes(id);
    return herm(words, options);
  };
  const scene: Scene = { server, home, id, resumedByRef: false, run };
  expect((await run(...pauseAll.split(" "))).code).toBe(0);
  return scene;
}

async function resume(
  { run }: Scene,
  ...flags: string[]
): Promise<{ code: number; results: Record<string, string>; reason: string }> {
  const { code, stdout } = await run(...resumeAll.split(" "), ...flags, "--json");
  const rows: { name: string; result: string; reason?: string }[] = JSON.parse(stdout);
  return {
    code,
    results: Object.fromEntries(rows.map(({ name, result }) => [name, result])),
    reason: rows.find(({ name }) => name === "a0")?.reason ?? "",
  };
}

const path = (id: string) => `/v1/deployments/dep_local/automations/${id}`;

async function apply({ home, run }: Scene): Promise<unknown> {
  const file = join(home, "herm.json");
  const automations = [{ name: "a0", schedule: "0 9 * * 1", instructions: "Other." }];
  writeFileSync(file, JSON.stringify({ automations }));
  return run("apply", "-f", file);
}

async function fire({ server }: Scene): Promise<void> {
  await call(server, "POST", "/_dev/clock", { advance_s: 8 * 24 * 60 * 60 });
}

type Act = (scene: Scene) => Promise<unknown>;

/** Its earlier state, the action, and the reason why the resume skips it. */
const byHerm: [what: string, act: Act, reason: RegExp][] = [
  ["enabled", ({ run, id }) => run("automations", "resume", id, "--yes"), /^already resumed$/],
  ["deleted", ({ run, id }) => run("automations", "delete", id, "--yes"), /^deleted$/],
  ["renamed", ({ run, id }) => run("automations", "update", id, "--name", "other"), /^renamed to "other"$/],
  [
    "rescheduled",
    ({ run, id }) => run("automations", "update", id, "--schedule", "every day at 05:00"),
    /^its schedule is "0 5 \* \* \*" now$/,
  ],
  [
    "given other instructions",
    ({ run, id }) => run("automations", "update", id, "--instructions", "Other."),
    /^edited at \S+Z by \S+@\S+$/,
  ],
  ["changed from a manifest", apply, /^edited at \S+Z by \S+@\S+$/],
  [
    "enabled and paused again",
    async ({ run, id }) => {
      await run("automations", "resume", id, "--yes");
      await run("automations", "pause", id);
    },
    /^changed since: pause at \S+Z by \S+@\S+$/,
  ],
  [
    "renamed back and forth",
    async ({ run, id }) => {
      await run("automations", "update", id, "--name", "other");
      await run("automations", "update", id, "--name", "a0");
    },
    /^edited at \S+Z by \S+@\S+$/,
  ],
  [
    "enabled, run by its schedule, and paused again",
    async (scene) => {
      await scene.run("automations", "resume", scene.id, "--yes");
      await fire(scene);
      await scene.run("automations", "pause", scene.id);
    },
    /^changed since: pause at \S+Z by \S+@\S+$/,
  ],
  [
    "paused by a later incident",
    async ({ run, id }) => {
      await run("automations", "resume", id, "--yes");
      await run("automations", "pause", id, "--incident", "INC-2");
    },
    /^paused by incident INC-2 at \S+Z by \S+@\S+$/,
  ],
];

const byCurl: typeof byHerm = [
  [
    "enabled",
    ({ server, id }) => setEnabled(server, id, true),
    /^already enabled again(?:, changed elsewhere, \S+Z)?$/,
  ],
  ["deleted", ({ server, id }) => call(server, "DELETE", path(id)), /^deleted$/],
  ["renamed", ({ server, id }) => change(server, id, { name: "other" }), /^renamed to "other"$/],
  [
    "rescheduled",
    ({ server, id }) => change(server, id, { schedule: "0 5 * * *" }),
    /^its schedule is "0 5 \* \* \*" now$/,
  ],
  [
    "enabled, run by its schedule, and paused again",
    async (scene) => {
      await setEnabled(scene.server, scene.id, true);
      await fire(scene);
      await setEnabled(scene.server, scene.id, false);
    },
    /^a scheduled run started after the pause \(run_\w+\)$/,
  ],
];

/** Changes that only `updated_at` shows. */
const byCurlSeenByItsTime: typeof byHerm = [
  [
    "given other instructions",
    ({ server, id }) => change(server, id, { instructions: "Other." }),
    /^changed elsewhere, \S+Z$/,
  ],
  [
    "enabled and paused again",
    async ({ server, id }) => {
      await setEnabled(server, id, true);
      await setEnabled(server, id, false);
    },
    /^changed elsewhere, \S+Z$/,
  ],
  [
    "renamed back and forth",
    async ({ server, id }) => {
      await change(server, id, { name: "other" });
      await change(server, id, { name: "a0" });
    },
    /^changed elsewhere, \S+Z$/,
  ],
];

const cases = [
  ...byHerm.map(([what, ...rest]) => [what, "herm", ...rest] as const),
  ...byCurl.map(([what, ...rest]) => [what, "curl", ...rest] as const),
];

async function expectLeftAlone(scene: Scene, act: Act, reason: RegExp): Promise<void> {
  await act(scene);
  const enabled = await enabledNames(scene.server);
  const resumed = await resume(scene);
  expect(resumed.results).toEqual({
    a0: resumed.reason === "already resumed" ? "unchanged" : "skipped",
    a1: "resumed",
  });
  expect(resumed.reason).toMatch(reason);
  // An automation that was resumed by ref and paused since is no longer held.
  const isOver = /^(already enabled again|already resumed$|deleted$)/.test(resumed.reason ?? "");
  const isHeld = !isOver && !scene.resumedByRef;
  expect(resumed.code).toBe(isHeld ? 8 : 0);
  expect(await enabledNames(scene.server)).toEqual([...enabled, "a1"].sort());
}

describe("a resume of an incident with changed automations", () => {
  it.each([...cases, ...byCurlSeenByItsTime.map(([what, ...rest]) => [what, "curl", ...rest] as const)])(
    "skips, with the reason, an automation %s by %s",
    async (_what, _who, act, reason) => {
      await expectLeftAlone(await openIncident(), act, reason);
    },
  );

  it.each(cases)(
    "skips, even without updated_at, an automation %s by %s",
    async (_what, _who, act, reason) => {
      await expectLeftAlone(await openIncident(withoutUpdatedAt), act, reason);
    },
  );

  it("skips an automation changed before the question is answered", async () => {
    const scene = await openIncident();
    let isChanged = false;
    const fetch: FetchLike = async (url, init) => {
      if (!isChanged && url.includes(`/automations/${scene.id}`)) {
        isChanged = true;
        await change(scene.server, scene.id, { name: "renamed meanwhile" });
      }
      return fetchFrom(scene.server)(url, init);
    };
    const before = (await requestCounts(scene.server)).PATCH ?? 0;
    const env = { HERM_DEPLOYMENT: "dep_local" };
    const { server, home } = scene;
    const resumed = await herm([...resumeAll.split(" "), "--json"], { server, home, env, fetch });
    expect(JSON.parse(resumed.stdout)).toContainEqual(
      expect.objectContaining({ name: "a0", result: "skipped", reason: 'renamed to "renamed meanwhile"' }),
    );
    // The change to the other automation, and the rename itself.
    expect(((await requestCounts(server)).PATCH ?? 0) - before).toBe(2);
  });
});

it("a resume names, on a terminal, the user who paused several automations again", async () => {
  const { server, home, run } = await openIncident();
  await addAutomation(server, { name: "a2" });
  await run(...pauseAll.split(" "));
  const now = new Date();
  const options: HermOptions = { server, home, now, env: { HERM_DEPLOYMENT: "dep_local" } };
  for (const verb of ["resume", "pause"])
    await herm(["automations", verb, "a0", "a1", "a2", "--yes"], options);
  const planned = await herm([...resumeAll.split(" "), "--dry-run"], options);
  const clock = formatLocalBriefly(now, now);
  const once = `  skipped: a\\d, a\\d, a\\d: changed since: pause at ${clock} by \\S+@\\S+\n`;
  expect(planned.stderr).toMatch(new RegExp(once));
  expect(planned.stdout).toContain(now.toISOString());
});

describe("a resume of unchanged automations", () => {
  it.each<[what: string, who: string, act: Act]>([
    ["triggered", "herm", ({ run, id }) => run("automations", "trigger", id, "--no-follow", "--yes")],
    ["triggered", "curl", ({ server, id }) => call(server, "POST", `${path(id)}/trigger`)],
    [
      "sent a message",
      "curl",
      async ({ server, id }) => {
        const { body } = await call(server, "GET", path(id));
        const message = { thread_id: body.thread_id, content: "Go on." };
        const { status } = await call(server, "POST", "/v1/deployments/dep_local/messages", message);
        expect(status).toBeLessThan(300);
      },
    ],
    ["viewed", "herm", ({ run, id }) => run("automations", "get", id)],
  ])("includes an automation %s by %s", async (_what, _who, act) => {
    const scene = await openIncident();
    await act(scene);
    expect(await resume(scene)).toMatchObject({ code: 0, results: { a0: "resumed", a1: "resumed" } });
    expect(await enabledNames(scene.server)).toEqual(["a0", "a1"]);
  });

  it("includes an automation that herm sent a message", async () => {
    const server = await startServer();
    const home = temporaryFolder();
    const run = (...words: string[]) =>
      herm(words, { server, home, env: { HERM_DEPLOYMENT: "dep_local" }, sleep: async () => undefined });
    const id = await addAutomation(server, { name: "a0", instructions: "@dev ask Shall I?" });
    await addAutomation(server, { name: "a1" });
    await run(...pauseAll.split(" "));
    const { stdout } = await run("automations", "trigger", id, "--no-follow", "--yes", "-o", "name");
    await call(server, "POST", "/_dev/clock", { advance_s: 5 });
    const answered = await run("runs", "answer", stdout.trim(), "yes", "--no-follow");
    expect(answered.stderr).not.toContain("error:");
    const scene: Scene = { server, home, id, resumedByRef: false, run };
    expect((await resume(scene)).results).toEqual({ a0: "resumed", a1: "resumed" });
  });
});

describe("--include-changed", () => {
  const editedElsewhere =
    (fields: object): Act =>
    ({ server, id }) =>
      change(server, id, fields);
  /** It has run, so that its earlier instructions are known. */
  async function openWithRuns(): Promise<Scene> {
    const server = await startServer();
    const home = temporaryFolder();
    const id = await addAutomation(server, { name: "a0" });
    await addAutomation(server, { name: "a1" });
    await call(server, "POST", `${path(id)}/trigger`);
    await call(server, "POST", "/_dev/clock", { advance_s: 60 });
    const run = (...words: string[]) => herm(words, { server, home, env: { HERM_DEPLOYMENT: "dep_local" } });
    expect((await run(...pauseAll.split(" "))).code).toBe(0);
    return { server, home, id, resumedByRef: false, run };
  }

  it.each<[string, Act]>([
    ["renamed by curl", editedElsewhere({ name: "other" })],
    ["rescheduled by curl", editedElsewhere({ schedule: "0 5 * * *" })],
    ["given other instructions by curl", editedElsewhere({ instructions: "Other." })],
    ["updated by herm", ({ run, id }) => run("automations", "update", id, "--instructions", "Other.")],
    ["changed from a manifest", apply],
  ])("includes an automation %s, and says so", async (_what, act) => {
    const scene = await openWithRuns();
    await act(scene);
    const left = await scene.run(...resumeAll.split(" "), "--dry-run");
    expect(left.stderr).toContain("1 skipped");
    const resumed = await scene.run(...resumeAll.split(" "), "--include-changed");
    expect(resumed.code).toBe(0);
    expect(resumed.stderr).toMatch(/\n {2}changed: a0: \S/);
    expect((await enabledNames(scene.server)).length).toBe(2);
  });

  it.each<[string, Act]>([
    [
      "enabled and paused again by curl",
      ({ server, id }) => setEnabled(server, id, true).then(() => setEnabled(server, id, false)),
    ],
    [
      "renamed back and forth by curl",
      ({ server, id }) =>
        change(server, id, { name: "other" }).then(() => change(server, id, { name: "a0" })),
    ],
    [
      "given other instructions by apply on another machine",
      (scene) =>
        apply({
          ...scene,
          run: (...words) =>
            herm(words, {
              server: scene.server,
              home: temporaryFolder(),
              env: { HERM_DEPLOYMENT: "dep_local" },
            }),
        }),
    ],
  ])("includes an automation %s, as the first hint says", async (_what, act) => {
    const scene = await openIncident();
    await act(scene);
    const dryRun = await scene.run(...resumeAll.split(" "), "--dry-run");
    expect(dryRun.stderr).toContain("to resume the 1 edited since, add --include-changed");
    const left = await scene.run(...resumeAll.split(" "));
    expect(left.code).toBe(8);
    const error =
      /error: "a0", which the incident paused, is still paused: (?:edited at \d\d:\d\d by \S+@\S+|changed elsewhere, \d\d:\d\d)\nhint: to resume it: (.*)\n/;
    const [, hint = ""] = error.exec(left.stderr) ?? [];
    expect(hint).toBe("herm automations resume --incident INC-1 --yes --include-changed");
    const resumed = await scene.run(...hint.split(" ").slice(1));
    expect([resumed.code, resumed.stderr]).toEqual([0, expect.stringContaining("incident INC-1 is closed")]);
    expect(await enabledNames(scene.server)).toEqual(["a0", "a1"]);
  });

  it.each<[string, Act]>([
    [
      "paused again in this history, and renamed",
      async ({ server, run, id }) => {
        await setEnabled(server, id, true);
        await run("automations", "pause", id);
        await change(server, id, { name: "other" });
      },
    ],
    [
      "paused by another incident",
      async ({ server, run, id }) => {
        await setEnabled(server, id, true);
        await run("automations", "pause", id, "--incident", "INC-2");
        await change(server, id, { instructions: "Other." });
      },
    ],
    [
      "run by its schedule before its last change",
      async (scene) => {
        await setEnabled(scene.server, scene.id, true);
        await fire(scene);
        await setEnabled(scene.server, scene.id, false);
        await change(scene.server, scene.id, { name: "other" });
      },
    ],
  ])("needs a reference for an automation %s, as both hints say", async (_what, act) => {
    const scene = await openIncident();
    await act(scene);
    for (const flags of [[], ["--include-changed"]]) {
      const resumed = await scene.run(...resumeAll.split(" "), ...flags);
      expect(resumed.code).toBe(8);
      expect(resumed.stderr).toMatch(/error: "a0", which the incident paused, is still paused: \S/);
      expect(resumed.stderr).toMatch(/hint: to resume it: herm automations resume Local\/\w+ --yes\n/);
    }
    expect(await enabledNames(scene.server)).toEqual(["a1"]);
    expect(await scene.run("automations", "resume", scene.id, "--yes")).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/^no longer held by INC-[12]$/m),
    });
  });

  it("reports named automations that are no longer held by an incident, unless still paused", async () => {
    const { server, run } = await openIncident();
    await addAutomation(server, { name: "own" });
    await run("automations", "pause", "own");
    const { code, stderr } = await run("automations", "resume", "a0", "a1", "own", "--yes");
    expect(code).toBe(0);
    expect(stderr).toMatch(/^no longer held by INC-1: a0, a1$/m);
    await run(...pauseAll.split(" "));
    const second = (await listAll(server)).find(({ name }) => name === "a1");
    const path = `/v1/deployments/dep_local/automations/${second?.automation_id}`;
    await addFault(server, { method: "PATCH", path, count: null, action: { type: "fail", status: 422 } });
    const failed = await run("automations", "resume", "a0", "a1", "--yes");
    expect(failed.stderr).toMatch(/^no longer held by INC-1: a0$/m);
  });

  it("suggests both commands if some automations were edited and others paused again", async () => {
    const scene = await openIncident();
    await change(scene.server, scene.id, { instructions: "Other." });
    const { automation_id = "" } = (await listAll(scene.server)).find(({ name }) => name === "a1") ?? {};
    await setEnabled(scene.server, automation_id, true);
    await scene.run("automations", "pause", "a1");
    const { code, stderr } = await scene.run(...resumeAll.split(" "));
    expect(code).toBe(8);
    expect(stderr).toContain(
      "hint: to resume 1: herm automations resume --incident INC-1 --yes --include-changed; " +
        "to resume the rest: herm automations resume Local/a1 --yes\n",
    );
  });

  it("requires an incident", async () => {
    const { run } = await openIncident();
    expect(await run("automations", "resume", "a0", "--include-changed")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("--include-changed needs --incident or --ledger"),
    });
  });
});

describe("a resume that leaves automations paused", () => {
  it("lists a few automations that were paused again, in a command to paste", async () => {
    const scene = await openIncident();
    for (const { automation_id } of await listAll(scene.server))
      await setEnabled(scene.server, automation_id, true);
    await scene.run("automations", "pause", "a0", "a1");
    const { code, stderr } = await scene.run(...resumeAll.split(" "));
    expect(code).toBe(8);
    const [, refs = ""] =
      /hint: to resume them: herm automations resume (\S+ \S+) --yes\n/.exec(stderr) ?? [];
    expect((await scene.run("automations", "resume", ...refs.split(" "), "--yes")).code).toBe(0);
    expect(await enabledNames(scene.server)).toEqual(["a0", "a1"]);
  });

  it("ignores automations that were paused again after their resume", async () => {
    const scene = await openIncident();
    expect((await scene.run("automations", "resume", "a0", "--incident", "INC-1")).code).toBe(0);
    await scene.run("automations", "pause", "a0");
    const { code, stderr } = await scene.run(...resumeAll.split(" "));
    expect(code).toBe(0);
    expect(stderr).toContain("skipped: a0: paused again since it was resumed");
    expect(stderr).toMatch(/ · checked \S+: 0 still paused\nincident INC-1 is closed: /);
    expect(await enabledNames(scene.server)).toEqual(["a1"]);
  });

  it("explains how to resume those automations, or exits with 0 if they were excluded", async () => {
    const scene = await openIncident();
    await change(scene.server, scene.id, { name: "other" });
    const resumed = await scene.run(...resumeAll.split(" "));
    expect(resumed.code).toBe(8);
    expect(resumed.stderr).toContain(
      'error: "a0", which the incident paused, is still paused: renamed to "other"\n' +
        "hint: to resume it: herm automations resume --incident INC-1 --yes --include-changed\n",
    );
    expect((await scene.run(...resumeAll.split(" "), "--except", "a0")).code).toBe(0);
    expect((await scene.run("automations", "resume", "a1", "--incident", "INC-1")).code).toBe(0);
    expect((await scene.run(...resumeAll.split(" "), "--dry-run")).code).toBe(0);
  });
});
