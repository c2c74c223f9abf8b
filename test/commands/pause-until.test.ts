import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { addAutomation, addFault, enabledNames, requestCounts } from "../incident/fleet.js";
import { ledgerAt, ledgerOf } from "../incident/interruption.js";
import { type HermOptions, herm, startServer, temporaryFolder } from "../support/harness.js";
import { stalledUntil } from "../support/stalled.js";

const hourMs = 3_600_000;
const now = new Date(Math.floor(Date.now() / 60_000) * 60_000);
const later = (hours: number) => new Date(now.getTime() + hours * hourMs);
const inJson = (at: Date) => at.toISOString().replace(".000Z", "Z");
const dayOf = (at: Date) => `${at.getDate()} ${at.toString().slice(4, 7)}`;
const clockOf = (at: Date) => at.toTimeString().slice(0, 5);
/** As a table has it beside the time of now. */
const shortly = (at: Date, seen = now) =>
  at.toDateString() === seen.toDateString()
    ? clockOf(at)
    : `${dayOf(at)} ${at.getFullYear() === seen.getFullYear() ? clockOf(at) : at.getFullYear()}`;

async function start() {
  const server = await startServer();
  for (const name of ["a", "b"]) await addAutomation(server, { name });
  const home = temporaryFolder();
  const run = (words: string, options: HermOptions = {}) =>
    herm(words.split(" "), { server, home, now, env: { HERM_DEPLOYMENT: "dep_local" }, ...options });
  return { server, home, run };
}

const pause = "automations pause --all --incident INC-1 --yes";

describe("pause --until", () => {
  it("keeps the time in the ledger, and says that nothing resumes by itself, and what does", async () => {
    const { server, home, run } = await start();
    const paused = await run(`${pause} --until 24h`);
    expect(paused.code).toBe(0);
    expect(await enabledNames(server)).toEqual([]);
    expect(ledgerOf(home, "INC-1")?.until).toBe(inJson(later(24)));
    const [plan = "", end = ""] = paused.stderr.split("Pausing stops schedules");
    expect(plan).toMatch(/\nincident INC-1 \(new\)\nuntil \S.* \d\d:\d\d .*; nothing resumes it by itself\n/);
    expect(end).toContain("this brings it back, run then or later: herm automations resume --due\n");
    expect(end).toMatch(
      /\nas a line of this machine's crontab, to be taken out afterwards:\n\d+ \d+ \d+ \d+ \* .* automations resume --due --yes\n/,
    );
    expect(end).toContain("HERM_API_KEY has to be set in the crontab too\n");
    expect(end).toContain("CI has to keep the ledger from one job to the next: give --ledger <file>");
    expect(paused.stderr).not.toMatch(/will (be )?(resume|end)/);
    expect(paused.stderr).not.toContain(server.apiKey);
  });

  it("tells whole minutes, which cron knows", async () => {
    const { home, run } = await start();
    await run(`${pause} --until 90s`);
    expect(ledgerOf(home, "INC-1")?.until).toBe(inJson(new Date(now.getTime() + 120_000)));
  });

  it("makes an incident of refs alone too", async () => {
    const { server, run } = await start();
    const paused = await run("automations pause a --until 2h --json");
    expect(paused.code).toBe(0);
    expect(await enabledNames(server)).toEqual(["b"]);
    const [incident] = JSON.parse((await run("incidents list --json")).stdout);
    expect(incident).toMatchObject({ until: inJson(later(2)), items: 1, paused: 1 });
    expect(paused.stderr).toContain(`incident ${incident.incident} (new)\n`);
  });

  it("counts for the incident as a whole, the later call's; without one it stays", async () => {
    const { home, run } = await start();
    await run("automations pause a --incident INC-1 --until 2h");
    const wider = await run("automations pause b --incident INC-1 --until 30h");
    expect(wider.stderr).toMatch(/until .*; nothing resumes it by itself \(so far until .*\)\n/);
    expect(ledgerOf(home, "INC-1")?.until).toBe(inJson(later(30)));
    const whole = await run(pause);
    expect(whole.stderr).toMatch(/\nincident INC-1\nuntil .*; nothing resumes it by itself\n/);
    expect(whole.stderr).not.toContain("so far");
    expect(whole.stderr).not.toContain("crontab");
    expect(ledgerOf(home, "INC-1")?.until).toBe(inJson(later(30)));
    await run(`${pause} --until 3h`);
    await run(`${pause} --until 3h`);
    const state = ledgerOf(home, "INC-1");
    expect(state?.until).toBe(inJson(later(3)));
    expect(state?.scopes).toHaveLength(3);
  });

  it("writes nothing that an older herm refuses", async () => {
    const { home, run } = await start();
    await run(`${pause} --until 2h`);
    const text = readFileSync(join(home, ".local/share/herm/incidents/inc-1.jsonl"), "utf8");
    const types = text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line).type);
    expect(new Set(types)).toEqual(new Set(["incident", "scope", "item", "sent", "outcome"]));
    expect(JSON.parse(text.split("\n")[0] ?? "").version).toBe(1);
  });

  it("keeps the ledger where it is told to, and says that CI has to keep it", async () => {
    const { home, run } = await start();
    const paused = await run(`${pause} --until 2h --ledger inc.jsonl`, { cwd: home });
    const path = join(home, "inc.jsonl");
    expect(ledgerAt(path)?.until).toBe(inJson(later(2)));
    expect(paused.stderr).toContain(`automations resume --due --ledger ${path} --yes\n`);
    expect(paused.stderr).toContain(`CI has to keep ${path} from one job to the next\n`);
  });

  it.each([
    [
      "soon",
      '--until must be a time to come such as 2h, 06:00, tomorrow 6:00, mon or 2026-03-02, not "soon"',
    ],
    ["0", "--until must be a time to come, and 0 has passed"],
    ["2020-01-01", "--until must be a time to come, and 2020-01-01 has passed"],
    ["today", "--until must be a time to come, and today has passed"],
  ])("refuses %s before anything is sent", async (text, message) => {
    const { server, home, run } = await start();
    const before = await requestCounts(server);
    for (const words of [pause, "automations pause a", "automations pause a --dry-run"]) {
      const { code, stdout, stderr } = await run(`${words} --until ${text}`);
      expect({ code, stdout, stderr }).toMatchObject({ code: 2, stdout: "" });
      expect(stderr).toContain(message);
    }
    expect(await requestCounts(server)).toEqual(before);
    expect(ledgerOf(home, "INC-1")).toBeUndefined();
  });

  it("shows a dry run's time and keeps nothing", async () => {
    const { home, run } = await start();
    const shown = await run("automations pause a --until 2h --dry-run");
    expect(shown.stderr).toMatch(/incident \S+ \(new\)\nuntil .*; nothing resumes it by itself\n/);
    expect((await run("incidents list --json")).stdout).toBe("[]\n");
    expect(ledgerOf(home, "INC-1")).toBeUndefined();
  });

  it("keeps the time where the server fails, and the same command finishes it", async () => {
    const { server, home, run } = await start();
    await addFault(server, { method: "PATCH", count: 1, action: { type: "fail", status: 422 } });
    const half = await run(`${pause} --until 2h`);
    expect(half.code).toBe(8);
    expect(ledgerOf(home, "INC-1")?.until).toBe(inJson(later(2)));
    expect((await run(pause)).code).toBe(0);
    expect(ledgerOf(home, "INC-1")?.until).toBe(inJson(later(2)));
  });
});

describe("until when something is paused", () => {
  it("stands in list, get, status and incidents", async () => {
    const { run } = await start();
    await run(`${pause} --until 2h`);
    const terminal = { tty: true, columns: 140 };
    const until = shortly(later(2));
    expect((await run("automations list", terminal)).stdout).toContain(
      `○ paused until ${until} · held by INC-1`,
    );
    expect((await run("automations list --all-deployments", { tty: true, columns: 62 })).stdout).toContain(
      `○ until ${until}`,
    );
    expect((await run("automations list --paused", terminal)).stdout).toContain(
      `▣ held by INC-1 until ${until}`,
    );
    expect((await run("automations list")).stdout).toContain(
      `\tpaused,held by INC-1,until ${inJson(later(2))}\t`,
    );
    expect((await run("automations get a", terminal)).stdout).toContain(
      `○ paused until ${until} · held by INC-1`,
    );
    expect((await run("automations get a")).stdout).toContain(
      `mark\theld by INC-1\nuntil\t${inJson(later(2))}\n`,
    );
    expect((await run("status", terminal)).stdout).toContain(`2 paused (all by INC-1 until ${until})`);
    expect(JSON.parse((await run("status --json")).stdout).paused_by).toEqual([
      { incident: "INC-1", automations: 2, until: inJson(later(2)) },
    ]);
    expect((await run("incidents list", terminal)).stdout).toMatch(/BEGAN +API +UNTIL\n.* \d\d:\d\d\n/);
    expect((await run("incidents list")).stdout).toMatch(new RegExp(`\t${inJson(later(2))}\n$`));
    const shown = await run("incidents show INC-1", terminal);
    expect(shown.stdout).toMatch(/\nuntil .*; nothing resumes it by itself\nsince /);
    for (const words of ["incidents show INC-1 --json", "incidents show INC-1 --offline --json"])
      expect(JSON.parse((await run(words)).stdout)).toMatchObject({ until: inJson(later(2)) });
  });

  it("says so where the time has come and nothing was resumed", async () => {
    const { run, server } = await start();
    await run(`${pause} --until 2h`);
    const terminal = { tty: true, columns: 140, now: later(3), fetch: stalledUntil(later(3), server) };
    const due = shortly(later(2), later(3));
    expect((await run("automations list", terminal)).stdout).toContain(
      `○ paused, due ${due} · held by INC-1`,
    );
    expect((await run("status", terminal)).stdout).toContain(`all by INC-1, due ${due}`);
    expect((await run("incidents show INC-1", terminal)).stdout).toMatch(
      /\ndue since .*; nothing resumes it by itself\n/,
    );
  });

  it("isn't told where an incident has no time", async () => {
    const { run } = await start();
    await run(pause);
    for (const words of ["automations list", "status", "incidents list", "incidents show INC-1"])
      expect((await run(words, { tty: true, columns: 140 })).stdout).not.toMatch(/until/i);
  });
});
