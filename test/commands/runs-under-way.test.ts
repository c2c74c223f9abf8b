import { describe, expect, it } from "vitest";
import type { FetchLike } from "../../src/api/fetch.js";
import { InterruptedError } from "../../src/errors/cli-errors.js";
import { addAutomation, addFault, call, type Server } from "../incident/fleet.js";
import { fetchFrom, type HermOptions, herm, startServer, temporaryFolder } from "../support/harness.js";

const pauseAll = "automations pause --all --incident INC-1 --yes";
const pathOf = (id: string) => `/v1/deployments/dep_local/automations/${id}`;

async function trigger(server: Server, id: string): Promise<string> {
  const { body } = await call(server, "POST", `${pathOf(id)}/trigger`);
  await call(server, "POST", "/_dev/clock", { advance_s: 2 });
  return String(body.run_id);
}

async function runsOf(server: Server, id: string): Promise<{ run_id: string; status: string }[]> {
  const { body } = await call(server, "GET", pathOf(id));
  const detail: { recent_runs?: { run_id: string; status: string }[] } = body;
  return detail.recent_runs ?? [];
}

/** `asks` has two waiting runs and a newer one that was answered; `idle` never ran, and `ran` did. */
async function start() {
  const server = await startServer();
  const home = temporaryFolder();
  const asks = await addAutomation(server, { name: "asks", instructions: "@dev ask Shall I?" });
  const ran = await addAutomation(server, { name: "ran" });
  const idle = await addAutomation(server, { name: "idle" });
  const older = [await trigger(server, asks), await trigger(server, asks)];
  await trigger(server, asks);
  await trigger(server, ran);
  const { body } = await call(server, "GET", pathOf(asks));
  await call(server, "POST", "/v1/deployments/dep_local/messages", {
    thread_id: body.thread_id,
    content: "yes",
  });
  await call(server, "POST", "/_dev/clock", { advance_s: 20 });
  expect((await runsOf(server, asks)).map(({ status }) => status)).toEqual([
    "completed",
    "waiting_on_human",
    "waiting_on_human",
  ]);
  const run = (words: string, options: HermOptions = {}) =>
    herm(words.split(" "), {
      server,
      home,
      env: { HERM_DEPLOYMENT: "dep_local" },
      sleep: async () => undefined,
      ...options,
    });
  return { server, home, asks, ran, idle, older, run };
}

describe("the plan of a pause", () => {
  it.each([
    [0, ""],
    [1, "at least 1 run still going: pausing doesn't stop it\n"],
    [2, "at least 2 runs still going: pausing doesn't stop them\n"],
  ])("warns that %i current runs won't stop", async (count, line) => {
    const server = await startServer();
    for (let at = 0; at < count; at += 1)
      await trigger(server, await addAutomation(server, { name: `asks ${at}`, instructions: "@dev ask?" }));
    await trigger(server, await addAutomation(server, { name: "ran" }));
    await call(server, "POST", "/_dev/clock", { advance_s: 20 });
    const words = ["automations", "pause", "--all", "--incident=INC-1", "-d=dep_local"];
    const { code, stderr } = await herm(words, { server, answers: [false] });
    expect(code).toBe(1);
    expect(/^.*still going.*\n/m.exec(stderr)?.[0].trimStart() ?? "").toBe(line);
  });
});

describe("unfinished runs behind a newer finished one", () => {
  it("are counted even if they can't all be named", async () => {
    const server = await startServer();
    for (let at = 0; at < 11; at += 1)
      await trigger(server, await addAutomation(server, { name: `asks ${at}`, instructions: "@dev ask?" }));
    await call(server, "POST", "/_dev/clock", { advance_s: 20 });
    const { code, stderr } = await herm([...pauseAll.split(" "), "-d=dep_local"], { server });
    expect(code).toBe(0);
    expect(stderr).toMatch(/^11 runs still going: asks \d+, asks \d+, asks \d+ and 8 more$/m);
  });

  it("are counted and named by the pause and its proof", async () => {
    const { run } = await start();
    const paused = await run(pauseAll);
    expect(paused.code).toBe(0);
    expect(paused.stderr).toContain("\n2 runs still going: asks\n");
    const shown = await run("incidents show INC-1 --json");
    expect(shown.code).toBe(0);
    expect(JSON.parse(shown.stdout)).toMatchObject({ running: 2 });
    expect((await run("incidents show INC-1")).stderr).toContain(" · 2 runs still going\n");
  });

  it("are each reported once", async () => {
    const { server, asks, older, run } = await start();
    const paused = await run(`${pauseAll} --tell=STOP`);
    expect(paused.code).toBe(0);
    expect(paused.stderr).toContain("sent the message to 2 runs\n");
    await call(server, "POST", "/_dev/clock", { advance_s: 20 });
    const ended = (await runsOf(server, asks)).filter(({ status }) => status === "completed");
    expect(ended.map(({ run_id }) => run_id)).toEqual(expect.arrayContaining(older));
    expect((await run(`${pauseAll} --tell=STOP`)).stderr).toContain("\n0 runs still going\n");
  });

  it("are listed and answered like any other waiting run", async () => {
    const { older, run } = await start();
    const listed = await run("runs list --waiting -o name");
    expect(listed.stdout.trim().split("\n")).toEqual(older.toReversed());
    const answered = await run("runs answer", { answers: ["yes", true, "yes", true] });
    expect(answered).toMatchObject({ code: 0 });
    expect(answered.stderr).toContain("2 of 2");
  });

  it("are ignored by automations list --waiting, as its help says", async () => {
    const { run } = await start();
    expect((await run("automations list --waiting --json")).stdout).toBe("[]\n");
    const help = await run("automations list --help --verbose");
    expect(help.stdout.replace(/\s+/g, " ")).toContain(
      "--waiting at the last run, even for paused automations; herm runs list --waiting looks at all runs.",
    );
  });
});

describe("the check for unfinished runs", () => {
  it("never delays a pause: it follows the last PATCH, and skips unrun automations", async () => {
    const { server, asks, ran, idle, run } = await start();
    const seen: string[] = [];
    const fetch: FetchLike = async (url, init) => {
      const at = [asks, ran, idle].findIndex((id) => url.endsWith(id));
      if (at !== -1) seen.push(`${init.method} ${["asks", "ran", "idle"][at]}`);
      return fetchFrom(server)(url, init);
    };
    await run(pauseAll, { fetch });
    const lastPatch = seen.findLastIndex((each) => each.startsWith("PATCH"));
    expect(seen.slice(0, lastPatch + 1).filter((each) => each.startsWith("GET"))).toEqual([]);
    expect(seen.slice(lastPatch + 1).sort()).toEqual(["GET asks", "GET ran"]);
  });

  it("doesn't count as empty if it fails: the pause isn't proved", async () => {
    const { server, asks, run } = await start();
    const fail = { type: "fail", status: 400 };
    await addFault(server, { method: "GET", path: pathOf(asks), count: null, action: fail });
    const paused = await run(pauseAll);
    expect(paused.code).toBe(0);
    expect(paused.stderr).toContain("\n0 runs still going; the runs of 1 automation not checked\n");
    expect(paused.stderr).toMatch(/warning: the runs of asks can't be read: /);
    expect(paused.stderr).not.toContain("still paused");
    const shown = await run("incidents show INC-1 --json");
    expect(shown.code).toBe(8);
    expect(JSON.parse(shown.stdout)).toMatchObject({ running: 0, runs_unread: 1, enabled_now: 0 });
    expect((await run("incidents show INC-1")).stderr).toContain(
      " · 0 runs still going · the runs of 1 automation not checked\n",
    );
    const told = await run(`${pauseAll} --tell=STOP`);
    expect(told.code).toBe(8);
    expect(told.stderr).toContain("warning: the runs of asks did not receive the message");
  });

  it("finds no runs of automations deleted in the meantime", async () => {
    const { server, asks, run } = await start();
    await run(pauseAll);
    const fetch: FetchLike = async (url, init) => {
      if (url.endsWith(asks)) await call(server, "DELETE", pathOf(asks));
      return fetchFrom(server)(url, init);
    };
    const shown = await run("incidents show INC-1 --json", { fetch });
    expect(shown.code).toBe(0);
    expect(JSON.parse(shown.stdout)).toMatchObject({ running: 0 });
  });

  it("is repeated by --watch only for changes and known current runs", async () => {
    const { server, asks, ran, idle, run } = await start();
    await run(pauseAll);
    const looks: string[][] = [[]];
    const fetch: FetchLike = async (url, init) => {
      const at = [asks, ran, idle].findIndex((id) => url.endsWith(id));
      if (at !== -1) looks.at(-1)?.push(["asks", "ran", "idle"][at] ?? "");
      return fetchFrom(server)(url, init);
    };
    const controller = new AbortController();
    const sleep = async (_ms: number, signal?: AbortSignal) => {
      looks.push([]);
      if (looks.length === 3) await trigger(server, idle);
      if (looks.length === 4) await answerAll(server, asks);
      if (looks.length === 6) controller.abort(new InterruptedError());
      signal?.throwIfAborted();
    };
    const watched = await run("incidents show INC-1 --watch", { fetch, sleep, signal: controller.signal });
    expect(watched.code).toBe(130);
    expect(looks.map((each) => each.sort())).toEqual([
      ["asks", "ran"],
      ["asks"],
      ["asks", "idle"],
      ["asks"],
      [],
      [],
    ]);
    expect([...watched.stdout.matchAll(/(\d) runs? still going/g)].map(([, count]) => count)).toEqual([
      "2",
      "2",
      "2",
      "0",
      "0",
    ]);
  });
});

async function answerAll(server: Server, id: string): Promise<void> {
  const { body } = await call(server, "GET", pathOf(id));
  for (let count = 0; count < 2; count += 1) {
    const message = { thread_id: body.thread_id, content: "yes" };
    await call(server, "POST", "/v1/deployments/dep_local/messages", message);
    await call(server, "POST", "/_dev/clock", { advance_s: 20 });
  }
}
