import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { FetchLike } from "../../src/api/fetch.js";
import { embedDevServer } from "../../src/dev-server/embed.js";
import { displayWidth } from "../../src/output/width.js";
import { addAutomation, addDeployment, call, requestCounts, type Server } from "../incident/fleet.js";
import { fetchFrom, type HermOptions, herm, startServer, temporaryFolder } from "../support/harness.js";
import { stalledUntil } from "../support/stalled.js";
import { user } from "../support/user.js";
import { watching } from "../support/watching.js";
import { addFleet, farOff, places } from "./status-fleet.js";

const hourMs = 3_600_000;
const target = /^default · 127\.0\.0\.1 · key …\S{4} · (\d+ of \d+ deployments?)$/;

async function start() {
  const server = await startServer();
  const home = temporaryFolder();
  const run = (argv: readonly string[], options: HermOptions = {}) =>
    herm(["status", ...argv], { server, home, ...options });
  return { server, home, run };
}

/** The fleet once its runs have gone as far as they can, three hours later for the command. Its clock stands still. */
async function openFleet() {
  const startMs = Date.now();
  const server = await embedDevServer({ now: () => startMs });
  const fleet = await addFleet(server);
  await server.advance(20);
  const now = new Date(startMs + 3 * hourMs);
  const fetch = stalledUntil(now, server);
  const run = (argv: readonly string[], options: HermOptions = {}) =>
    herm(["status", ...argv], { server, now, fetch, ...options });
  return { server, ...fleet, run, fetch };
}

const linesOf = (text: string) => text.trimEnd().split("\n");
/** Without the bar. */
const saidOn = (stderr: string) => stderr.replace(/^.*\r/gm, "").replaceAll("\u001b[K", "");

describe("a paused automation", () => {
  it("shows who paused it here, unless it has changed since", async () => {
    const { server, run, home } = await start();
    const ids: string[] = [];
    for (const name of ["A", "B"]) ids.push(await addAutomation(server, { name, schedule: farOff() }));
    const as = { server, home, env: { HERM_DEPLOYMENT: "dep_local" } };
    await herm(["automations", "pause", ...ids], as);
    const said = async () => (await run([], { tty: true })).stdout;
    expect(await said()).toContain(`2 paused (all by ${user})`);
    expect(JSON.parse((await run(["--json"])).stdout).paused_by).toEqual([{ user, automations: 2 }]);
    const path = `/v1/deployments/dep_local/automations/${ids[0]}`;
    await call(server, "PATCH", path, { name: "C" });
    expect(await said()).toContain(`2 paused (1 by ${user})`);
  });
});

describe("status of a small fleet", () => {
  it("says that no automation needs attention", async () => {
    const { run, server } = await start();
    const none = await run([], { tty: true });
    expect(none).toMatchObject({ code: 0, stderr: "" });
    expect(linesOf(none.stdout).slice(1)).toEqual([
      "0 automations · 0 enabled · 0 paused",
      "✓ nothing needs attention",
    ]);
    await addAutomation(server, { name: "Weekly report", schedule: farOff() });
    const one = linesOf((await run([], { tty: true })).stdout);
    expect(one[0]).toMatch(target);
    expect(one.slice(1)).toEqual([
      "1 automation · 1 enabled · 0 paused · less than 1 run a day",
      "✓ nothing needs attention",
      expect.stringMatching(/^no run within the hour; the first in \d+ \w+: Weekly report$/),
    ]);
    expect(await run(["--exit-code"])).toMatchObject({
      code: 0,
      stdout: "counts\t1 automation\t1 enabled\t0 paused\t0 running\t0 need attention\n",
      stderr: expect.stringContaining("nothing needs attention"),
    });
    expect(await run(["-o", "name"])).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  it("reports a paused automation's waiting run, and how to answer it", async () => {
    const { run, server } = await start();
    const fields = { name: "Inbox triage", instructions: "@dev ask Send it?", enabled: false };
    const id = await addAutomation(server, { ...fields, schedule: farOff() });
    await call(server, "POST", `/v1/deployments/dep_local/automations/${id}/trigger`);
    await call(server, "POST", "/_dev/clock", { advance_s: 20 });
    const { stdout, stderr } = await run([], { tty: true });
    expect(linesOf(stdout).slice(1)).toEqual([
      "! stopped  1 paused, not by any incident known here",
      "1 automation · 0 enabled · 1 paused",
      "needs attention: at least 1 waiting",
      "to see all waiting runs: herm runs list --waiting --all-deployments",
      "",
      expect.stringMatching(/^STATE /),
      expect.stringMatching(/^\? waiting +Inbox triage .* Send it\?$/),
    ]);
    const hint = "hint: to answer them one by one: herm runs answer --all-deployments\n";
    expect(stderr).toBe(hint);
    const news = await run(["--new"], { tty: true });
    expect(news).toMatchObject({ code: 9, stderr: expect.stringContaining(hint) });
    expect(news.stdout).toMatch(/\nnew +! stopped .*\nnew +\? waiting +Inbox triage .*\n$/);
  });

  it("reports a waiting run with its question, and how to answer it", async () => {
    const { run, server } = await start();
    const id = await addAutomation(server, {
      name: "Inbox triage",
      instructions: "@dev ask Send it?",
      schedule: farOff(),
    });
    await call(server, "POST", `/v1/deployments/dep_local/automations/${id}/trigger`);
    await expect.poll(async () => (await run(["--exit-code"])).code).toBe(9);
    const { code, stdout, stderr } = await run([], { tty: true });
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: "hint: to answer them one by one: herm runs answer --all-deployments\n",
    });
    // A ref without a match is refused when it is answered.
    const { stderr: hint } = await run(["--except", "Nobody", "--except", "Other"], { tty: true });
    expect(hint).toContain("hint: to answer them one by one: herm runs answer --all-deployments\n");
    await addAutomation(server, { name: "Other", schedule: farOff() });
    const { stderr: fitting } = await run(["--except", "Nobody", "--except", "Other"], { tty: true });
    expect(fitting).toContain(
      "hint: to answer them one by one:\n  herm runs answer --all-deployments --except Other",
    );
    expect(linesOf(stdout).slice(2)).toEqual([
      "needs attention: at least 1 waiting",
      "to see all waiting runs: herm runs list --waiting --all-deployments",
      expect.stringContaining("Inbox triage"),
      "",
      expect.stringMatching(/^STATE +NAME +ID +SINCE +WHY$/),
      expect.stringMatching(
        new RegExp(`^\\? waiting  Inbox triage  ${id}  (now|\\d+ ?s( ago)?) +Send it\\?$`),
      ),
    ]);
    const { stdout: piped } = await run([]);
    expect(piped).toMatch(
      new RegExp(
        `^counts\t.+\t1 needs attention\nwaiting\tInbox triage\tdep_local\t${id}\t\\d{4}-\\S+Z\tSend it\\?\n$`,
      ),
    );
  });

  it.each([
    [["--watch"], "--watch needs a terminal and the format table"],
    [["--watch", "--exit-code"], "--watch and --exit-code can't be used together"],
    [["-d", "dep_1", "--all-deployments"], "-d and --all-deployments can't be used together"],
    [["--customer", ""], "--customer"],
  ])("rejects %j: %s", async (argv, said) => {
    const { run } = await start();
    expect(await run(argv)).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining(said) });
  });

  it("exits with 4 without a deployment, but with 0 without automations", async () => {
    const { run, server } = await start();
    expect(await run(["-d", "dep_gone"])).toMatchObject({ code: 4, stdout: "" });
    expect(await run(["--customer", "cus_gone"])).toMatchObject({ code: 4, stdout: "" });
    await addAutomation(server, { name: "Weekly report" });
    const none = await run(["--match", "weekly*", "--except", "nobody"]);
    expect(none).toMatchObject({ code: 0, stdout: expect.stringMatching(/^counts\t0 automations\t.*\n$/) });
    expect(none.stderr).toContain("case matters");
    expect(none.stderr).toContain('warning: --except "nobody" matches nothing');
  });

  it("covers all deployments, even if there is a default, and mentions exclusions", async () => {
    const { run, server } = await start();
    const acme = await addDeployment(server, { name: "Acme" });
    await addAutomation(server, { deployment: acme, name: "Digest", schedule: farOff() });
    await addAutomation(server, { deployment: acme, name: "Other", schedule: farOff() });
    const looked = async (argv: readonly string[], env: Record<string, string> = {}) => {
      const { stdout } = await run(argv, { tty: true, env });
      const [first = "", , verdict] = linesOf(stdout);
      return [target.exec(first)?.[1] ?? first, verdict];
    };
    const all = ["2 of 2 deployments", "✓ nothing needs attention"];
    expect(await looked([])).toEqual(all);
    expect(await looked([], { HERM_DEPLOYMENT: acme })).toEqual(all);
    expect(await looked([], { HERM_DEPLOYMENT: "Acme" })).toEqual(all);
    expect(await looked([], { HERM_DEPLOYMENT: "Gone" })).toEqual(all);
    expect(await looked(["-d", "Acme", "-d", "dep_local"])).toEqual(all);
    expect(await looked(["--match", "*"])).toEqual(all);
    const ofAcme = ["only Acme: 1 other deployment not shown", "nothing in Acme needs attention"];
    expect(await looked(["-d", acme])).toEqual(ofAcme);
    expect(await looked(["-d", "Acme"])).toEqual(ofAcme);
    expect(await looked(["--except", "dep_local"])).toEqual(ofAcme);
    expect(await looked(["--match", "D*"])).toEqual([
      "only what matches D*: 1 other automation not shown",
      "nothing that matches D* needs attention",
    ]);
    expect(await looked(["-d", "Acme", "--except", "Other"])).toEqual([
      "only what was chosen in Acme: 1 other deployment and 1 automation not shown",
      "nothing that was chosen in Acme needs attention",
    ]);
    const quiet = await run(["-d", "Acme", "-q"], { tty: true });
    expect(linesOf(quiet.stdout).slice(0, 2)).toEqual([
      "2 automations · 2 enabled · 0 paused · less than 1 run a day",
      "nothing in Acme needs attention",
    ]);
    const piped = await run(["-d", "Acme", "--exit-code"]);
    expect(piped).toMatchObject({
      code: 0,
      stderr: "only Acme: 1 other deployment not shown\nnothing in Acme needs attention\n",
    });
  });
});

describe("status of a fleet", () => {
  /** A fleet that no test changes. */
  let fleet: Awaited<ReturnType<typeof openFleet>>;
  beforeAll(async () => {
    fleet = await openFleet();
  });
  afterAll(() => fleet.server.close());

  it("fits one screen, worst first, grouped across deployments", async () => {
    const { run, server } = await openFleet();
    onTestFinished(() => server.close());
    const home = temporaryFolder();
    const pause = [
      "automations",
      "pause",
      "--customer",
      "cus_1",
      "--match",
      "Job*",
      "--incident",
      "INC-42",
      "--yes",
    ];
    expect((await herm(pause, { server, home })).code).toBe(0);
    const before = (await requestCounts(server)).GET ?? 0;
    const shown = await run(["--exit-code"], { tty: true, home });
    const sent = ((await requestCounts(server)).GET ?? 0) - before;
    expect(shown.code).toBe(9);
    expect(linesOf(shown.stdout).slice(1)).toEqual([
      expect.stringMatching(/^! stopped {2}INC-42 {2}83 paused by \S+, since \d\d:\d\d$/),
      "300 automations · 217 enabled · 83 paused · at least 1 running · 49 runs a day",
      "needs attention: at least 3 waiting · 5 failing · 2 overdue (estimate)",
      "to see all waiting runs: herm runs list --waiting --all-deployments",
      expect.stringMatching(/^no run within the hour; the first in \d+ \w+: \w+\/.+$/),
      "",
      expect.stringMatching(/^STATE +NAME +DEPLOYMENT +SINCE +WHY$/),
      expect.stringMatching(
        /^\? waiting +Inbox triage +×3 +3 deployments +[23]h +e\.g\. Send 412 e-mails to/,
      ),
      expect.stringMatching(
        /^✗ failing +Weekly report +×4 +4 deployments +[23]h +e\.g\. the ledger is locked/,
      ),
      expect.stringMatching(/^✗ failing +Invoices +Helm +[23]h +HTTP 502 from billing\.exa/),
      expect.stringMatching(/^! overdue +Hourly check +×2 +2 deployments +\dh +was due /),
    ]);
    // The deployments, a list for each, a GET for each row and its question, and one more for a seemingly overdue
    // automation.
    expect(sent).toBeLessThanOrEqual(1 + places.length + 1 + 4 + 1 + 1);
  });

  it.each([40, 60, 80, 120, 200])("fits %d columns, with and without colour", async (columns) => {
    const { run } = fleet;
    for (const FORCE_COLOR of ["", "1"]) {
      const { stdout } = await run([], { tty: true, columns, env: { NO_COLOR: "", FORCE_COLOR } });
      const lines = linesOf(stdout.replaceAll(/\u001b\[[\d;]*m/g, ""));
      expect(lines.filter((line) => displayWidth(line) > columns)).toEqual([]);
      expect(lines.join("\n")).toContain("Inbox triage");
      expect(lines.length).toBeLessThan(24);
    }
  });

  it("prints every automation separately for scripts", async () => {
    const { run, deployments, automations } = fleet;
    const { code, stdout, stderr } = await run(["--json"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const status = JSON.parse(stdout);
    expect(status).toMatchObject({
      checked_at: expect.stringMatching(/Z$/),
      deployments: { selected: 13, total: 13, unreadable: [], not_ready: [] },
      automations: { total: 300, enabled: 300, paused: 0, running: 1, waiting: 3, failing: 5, overdue: 2 },
      at_least: ["running", "waiting"],
      paused_by: [],
      within_the_hour: [],
    });
    const troubles = status.needs_attention.map(({ state }: { state: string }) => state);
    expect(troubles).toEqual([
      ...Array(3).fill("waiting"),
      ...Array(5).fill("failing"),
      "overdue",
      "overdue",
    ]);
    const helm = status.needs_attention.find(({ name }: { name: string }) => name === "Invoices");
    expect(helm).toEqual({
      state: "failing",
      deployment_id: deployments.get("Helm"),
      automation_id: automations.get("Helm")?.get("Invoices"),
      name: "Invoices",
      last_run_at: expect.stringMatching(/Z$/),
      last_run_status: "error",
      run_id: expect.stringMatching(/^run_/),
      failures_in_a_row: 1,
      error: "HTTP 502 from billing.example",
      customer_id: "cus_1",
      deployment_name: "Helm",
    });
    const [waits] = status.needs_attention;
    expect(waits).toMatchObject({ question: "Send 412 e-mails to everybody on the list?" });
    expect(status.needs_attention.at(-1)).toMatchObject({ due_at: expect.stringMatching(/:00:00Z$/) });
    const line = await run(["-o", "jsonl"]);
    expect(Object.keys(JSON.parse(line.stdout))).toEqual(Object.keys(status));
    const names = await run(["-o", "name"]);
    expect(linesOf(names.stdout)).toHaveLength(10);
    expect(names.stdout).toMatch(/^(dep_\w+\/auto_\w+\n)+$/);
    const piped = await run([]);
    expect(piped.stdout.match(/.+/g)?.map((row) => row.split("\t").length)).toEqual(Array(11).fill(6));
    expect(linesOf(piped.stdout)[0]).toMatch(/^counts\t\d+ automations\t.*\t10 need attention$/);
  });

  it("describes states in words in accessible mode", async () => {
    const { run } = fleet;
    const { stdout } = await run([], { tty: true, env: { HERM_ACCESSIBLE: "1" } });
    expect(stdout).toContain("needs attention: at least 3 waiting, 5 failing, 2 overdue (estimate)\n");
    expect(stdout).toMatch(
      /\nstate: failing\nname: Invoices\ndeployment: Helm\nid: auto_\w+\nsince: .*\nwhy: HTTP 502 from billing\.example\n/,
    );
    expect(stdout).toMatch(/\nname: Inbox triage\ncount: 3 automations\n/);
    expect(stdout).not.toMatch(/[✗✓◉○!]/);
  });

  it.each([
    [
      "the API's own 404",
      JSON.stringify({ error: "not_found", message: "" }),
      8,
      "can't be read: it is listed, but the API reports that it doesn't exist",
    ],
    ["a proxy's page", "<html>not found</html>", 8, "can't be read: the API answered 404 with HTML"],
  ])("limits a row to the list's data if %s is returned for details", async (_, body, code, why) => {
    const { run, fetch, automations } = fleet;
    const id = automations.get("Helm")?.get("Invoices");
    const missing: FetchLike = async (url, init) =>
      url.endsWith(`/${id}`) ? new Response(body, { status: 404 }) : fetch(url, init);
    const shown = await run(["--exit-code"], { tty: true, columns: 160, fetch: missing });
    expect(shown).toMatchObject({ code, stdout: expect.stringContaining(why) });
  });

  it("shows the other deployments and exits with 8 if one doesn't respond", async () => {
    const { run, fetch, deployments, automations } = fleet;
    const path = `/v1/deployments/${deployments.get("Helm")}/automations`;
    const failing: FetchLike = async (url, init) =>
      new URL(url).pathname === path ? new Response("", { status: 503 }) : fetch(url, init);
    const shown = await run(["--exit-code"], { tty: true, fetch: failing });
    expect(shown.code).toBe(8);
    expect(shown.stdout).toContain("\ncan't be read: Helm: ");
    expect(shown.stdout).toContain(
      "needs attention: at least 3 waiting · 4 failing · 2 overdue (estimate)\n",
    );
    expect(shown.stdout).toMatch(/\nno run within the hour among those read; the first in /);
    expect(shown.stderr).toContain("error: 1 deployment could not be read\n");
    const json = await run(["--json"], { fetch: failing });
    expect(json.code).toBe(8);
    expect(JSON.parse(json.stdout).deployments.unreadable).toEqual([
      { deployment_id: deployments.get("Helm"), name: "Helm", error: expect.stringContaining("503") },
    ]);
    const piped = await run([], { fetch: failing });
    expect(piped.stderr).toContain("warning: can't be read: Helm: ");
    const only = await run(["-d", "Helm"], { fetch: failing });
    expect(only).toMatchObject({ code: 7, stdout: "" });
    const automation = `/${automations.get("Gale")?.get("Weekly report")}`;
    const blind: FetchLike = async (url, init) =>
      url.includes(automation) ? new Response("", { status: 503 }) : fetch(url, init);
    const unread = await run(["-d", "Gale", "--exit-code"], { tty: true, fetch: blind, columns: 120 });
    expect(unread).toMatchObject({
      code: 8,
      stderr: expect.stringContaining("1 automation could not be read"),
    });
    expect(unread.stdout).toContain("can't be read: ");
  });

  it("fails as a whole if every automation refuses the key", async () => {
    const { run, server } = await start();
    const id = await addAutomation(server, { name: "Report", instructions: "@dev fail", schedule: farOff() });
    await call(server, "POST", `/v1/deployments/dep_local/automations/${id}/trigger`);
    await server.advance(1);
    const fetch: FetchLike = async (url, init) =>
      url.includes(id) ? new Response("", { status: 401 }) : fetchFrom(server)(url, init);
    expect(await run([], { fetch })).toMatchObject({ code: 3, stdout: "" });
  });

  it("omits a deployment that isn't ready, and doesn't fail", async () => {
    const { run, server } = await start();
    await addDeployment(server, { name: "Young", isProvisioning: true });
    const shown = await run([], { tty: true });
    expect(shown.code).toBe(0);
    // A tick is only for automations that were read.
    expect(shown.stdout).toContain("\nnothing needs attention among those read\nnot ready yet: Young\n");
    // No automation that may be due right now.
    const minute = (new Date().getUTCMinutes() + 10) % 60;
    await addAutomation(server, { name: "Hourly", schedule: `${minute} * * * *` });
    expect((await run([], { tty: true })).stdout).toMatch(
      /\nat least 1 automation runs within the hour, in \d+ min: Local\/Hourly\n/,
    );
    expect((await run([])).stderr).toContain("warning: Young isn't ready: skipped\n");
  });
});

/** The server, with lists that don't show when an automation was changed. */
function withoutUpdates(served: FetchLike): FetchLike {
  return async (url, init) => {
    const answer = (await served(url, init)) as Response;
    if (!new URL(url).pathname.endsWith("/automations")) return answer;
    const text = (await answer.text()).replaceAll(/"updated_at":"[^"]*"/g, '"updated_at":null');
    return new Response(text, { status: answer.status, headers: answer.headers });
  };
}

describe("status without times in the API's lists", () => {
  it("counts automations that may be overdue, but doesn't call them overdue", async () => {
    const { run, server } = await start();
    for (let number = 0; number < 40; number += 1)
      await addAutomation(server, { name: `Job ${number}`, schedule: farOff() });
    const fetch = withoutUpdates(fetchFrom(server));
    const { code, stdout } = await run(["--exit-code"], { tty: true, fetch });
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /\n✓ nothing needs attention\n(2\d) more may be overdue: herm automations list --all-deployments --overdue\n/,
    );
    const json = JSON.parse((await run(["--json"], { fetch })).stdout);
    expect(json).toMatchObject({ automations: { overdue: 0 }, at_least: ["running", "waiting"] });
  });
});

describe("status during an incident", () => {
  it("names the incident behind each pause, and lists unreadable ledgers", async () => {
    const { run, server, home } = await start();
    for (const name of ["a", "b", "c", "d"]) await addAutomation(server, { name, schedule: farOff() });
    await addAutomation(server, { name: "off", enabled: false });
    const pause = async (glob: string, incident: string) => {
      const words = [
        "automations",
        "pause",
        "-d",
        "dep_local",
        "--match",
        glob,
        "--incident",
        incident,
        "--yes",
      ];
      expect((await herm(words, { server, home })).code).toBe(0);
    };
    await pause("a", "INC-1");
    await pause("b", "INC-1");
    await pause("c", "INC-2");
    expect(linesOf((await run([], { tty: true })).stdout).slice(1, 4)).toEqual([
      expect.stringContaining("! stopped  INC-1  2 paused by "),
      expect.stringContaining("! stopped  INC-2  1 paused by "),
      "5 automations · 1 enabled · 4 paused · less than 1 run a day",
    ]);
    const { needs_attention } = JSON.parse((await run(["--json"])).stdout);
    expect(needs_attention).toMatchObject([
      { state: "stopped", incident: "INC-1", automations: 2 },
      { state: "stopped", incident: "INC-2", automations: 1 },
    ]);
    const ledger = join(home, ".local", "share", "herm", "history", "incidents", "inc-2.jsonl");
    writeFileSync(ledger, `nonsense\n${readFileSync(ledger, "utf8")}`);
    const said = "the ledger of incident inc-2 can't be read, so it is unknown which automations it holds";
    const shown = await run([], { tty: true });
    expect(shown.stdout.toLowerCase()).toContain(said.replace(" it holds", "\n  it holds"));
    expect(shown.stdout).toContain("! stopped  INC-1  2 paused by ");
    expect(shown.stdout).not.toContain("! stopped  INC-2");
    expect((await run([])).stderr.toLowerCase()).toContain(`warning: ${said}`);
  });
});

describe("status of more than a screen's worth", () => {
  it("reads details only for visible rows, and suggests a command for the rest", async () => {
    const { run, server } = await start();
    for (let number = 0; number < 60; number += 1) {
      const id = await addAutomation(server, { name: `Job ${number}`, instructions: "@dev fail no" });
      await call(server, "POST", `/v1/deployments/dep_local/automations/${id}/trigger`);
    }
    await expect.poll(async () => JSON.parse((await run(["--json"])).stdout).automations.failing).toBe(60);
    const before = (await requestCounts(server)).GET ?? 0;
    const { stdout, stderr } = await run([], { tty: true });
    const sent = ((await requestCounts(server)).GET ?? 0) - before;
    const rows = linesOf(stdout).filter((line) => line.startsWith("✗"));
    expect(rows.length).toBeGreaterThan(10);
    expect(linesOf(stdout).length + linesOf(saidOn(stderr)).length).toBeLessThan(24);
    expect(linesOf(stdout).at(-1)).toBe(
      `… ${60 - rows.length} more: herm automations list --all-deployments --failing --waiting --overdue`,
    );
    expect(sent).toBeLessThanOrEqual(1 + 1 + rows.length + 1);
  });

  it("reads no overdue automation if lists suffice, and otherwise only visible ones", async () => {
    const { run, server } = await start();
    for (let number = 0; number < 130; number += 1)
      await addAutomation(server, { name: `Job ${number}`, schedule: "0 * * * *" });
    const now = new Date(Date.now() + 3 * hourMs);
    const look = async (argv: readonly string[], options: HermOptions) => {
      const before = (await requestCounts(server)).GET ?? 0;
      const { stdout } = await run(argv, { now, fetch: stalledUntil(now, server), ...options });
      return { stdout, sent: ((await requestCounts(server)).GET ?? 0) - before };
    };
    const told = await look([], { tty: true });
    expect(told.stdout).toContain("needs attention: 130 overdue (estimate)\n");
    expect(told.stdout).toMatch(/\n! overdue +Job \d+ .* was due /);
    expect(told.sent).toBe(1 + 2);
    const fetch = withoutUpdates(stalledUntil(now, server));
    const read = await look([], { tty: true, fetch });
    const rows = linesOf(read.stdout).filter((line) => line.startsWith("!"));
    expect(read.stdout).toContain(`needs attention: at least ${rows.length} overdue (estimate)\n`);
    expect(read.sent).toBeLessThanOrEqual(1 + 2 + rows.length + 1);
    const json = JSON.parse((await look(["--json"], { fetch })).stdout);
    expect(json).toMatchObject({
      automations: { overdue: 100 },
      at_least: ["running", "waiting", "overdue"],
    });
  });

  it("treats delays beyond --grace as overdue", async () => {
    const { run, server } = await start();
    for (let number = 0; number < 40; number += 1)
      await addAutomation(server, { name: `Job ${number}`, schedule: "0 * * * *" });
    const now = new Date(Date.now() + 3 * hourMs);
    const later = { tty: true, now, fetch: stalledUntil(now, server) };
    const exits = async (...argv: string[]) => (await run([...argv, "--exit-code"], later)).code;
    expect([await exits(), await exits("--grace", "30d"), await exits("--grace", "1s")]).toEqual([9, 0, 9]);
    const { stdout } = await run(["--grace", "2m"], later);
    expect(stdout).toMatch(/more: herm automations list .*--overdue --grace 120s\n/);
  });
});

describe("status --watch", () => {
  async function watch(server: Server, between: readonly (() => Promise<unknown>)[], more: HermOptions = {}) {
    const { options, drawn } = watching(between);
    const { code, stderr } = await herm(["status", "--watch"], { server, ...options, ...more });
    return { code, stderr, drawn };
  }

  it("redraws in place, marks changes, and survives a failure", async () => {
    const { run, server } = await start();
    const id = await addAutomation(server, { name: "Weekly report", instructions: "@dev fail no" });
    const fails = async () => {
      await call(server, "POST", `/v1/deployments/dep_local/automations/${id}/trigger`);
      await expect.poll(async () => (await run(["--exit-code"])).code).toBe(9);
    };
    let isDown = false;
    const fetch: FetchLike = async (url, init) =>
      isDown ? new Response("", { status: 401 }) : fetchFrom(server)(url, init);
    const breaks = async () => {
      isDown = true;
    };
    const { code, drawn } = await watch(server, [fails, breaks], { fetch });
    expect(code).toBe(130);
    const [first = "", second = "", third = ""] = drawn;
    expect(first).toContain("✓ nothing needs attention");
    expect(first).toContain("0 need attention · Ctrl-C ends");
    expect(second).toContain("needs attention: 1 failing");
    expect(second).toMatch(/\+ {2}✗ failing {2}Weekly report/);
    expect(third).toContain("✗ failing");
    expect(third).toContain("401");
  });

  it("reads a failed run only once", async () => {
    const { run, server } = await start();
    const id = await addAutomation(server, {
      name: "Weekly report",
      instructions: "@dev fail no",
      schedule: farOff(),
    });
    const path = `/v1/deployments/dep_local/automations/${id}`;
    await call(server, "POST", `${path}/trigger`);
    await expect.poll(async () => (await run(["--exit-code"])).code).toBe(9);
    let reads = 0;
    const fetch: FetchLike = async (url, init) => {
      if (new URL(url).pathname === path) reads += 1;
      return fetchFrom(server)(url, init);
    };
    const nothing = async () => undefined;
    const { drawn } = await watch(server, [nothing, nothing], { fetch });
    expect(drawn.filter((screen) => screen.includes(" ends · "))).toHaveLength(3);
    expect(reads).toBe(1);
  });

  it("rereads only the thread of a waiting run, for new questions", async () => {
    const { run, server } = await start();
    const instructions = "@dev ask Send 412 e-mails?\n@dev ask Send the other 12, too?";
    const id = await addAutomation(server, { name: "Inbox triage", instructions, schedule: farOff() });
    const path = `/v1/deployments/dep_local/automations/${id}`;
    await call(server, "POST", `${path}/trigger`);
    const asks = (question: string) =>
      expect
        .poll(async () => JSON.parse((await run(["--json"])).stdout).needs_attention[0]?.question)
        .toBe(question);
    await asks("Send 412 e-mails?");
    const reads = { automation: 0, thread: 0 };
    const fetch: FetchLike = async (url, init) => {
      if (new URL(url).pathname === path) reads.automation += 1;
      if (url.includes("/threads/")) reads.thread += 1;
      return fetchFrom(server)(url, init);
    };
    const answer = async () => {
      const { body } = await call(server, "GET", path);
      const [{ thread_id }] = body.recent_runs as [{ thread_id: string }];
      await call(server, "POST", "/v1/deployments/dep_local/messages", { content: "yes", thread_id });
      await asks("Send the other 12, too?");
    };
    const { drawn } = await watch(server, [async () => undefined, answer], { fetch });
    expect(drawn.slice(0, 3).map((screen) => /Send .*\?/.exec(screen)?.[0])).toEqual([
      "Send 412 e-mails?",
      "Send 412 e-mails?",
      "Send the other 12, too?",
    ]);
    expect(reads).toEqual({ automation: 1, thread: 3 });
  });

  it("prints only changes in accessible mode", async () => {
    const { run, server } = await start();
    const id = await addAutomation(server, { name: "Weekly report", instructions: "@dev fail no" });
    const fails = async () => {
      await call(server, "POST", `/v1/deployments/dep_local/automations/${id}/trigger`);
      await expect.poll(async () => (await run(["--exit-code"])).code).toBe(9);
    };
    const nothing = async () => undefined;
    const { drawn } = await watch(server, [nothing, fails, nothing], { env: { HERM_ACCESSIBLE: "1" } });
    const told = drawn.join("");
    expect(told.match(/nothing needs attention\n/g)).toHaveLength(1);
    expect(told.match(/needs attention: 1 failing\n/g)).toHaveLength(1);
    expect(told.match(/changed: new\nstate: failing\nname: Weekly report\n/g)).toHaveLength(1);
    expect(told).not.toContain("\u001b");
  });
});
