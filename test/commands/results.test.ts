import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Writable } from "node:stream";
import { describe, expect, it } from "vitest";
import { addAutomation, addDeployment, addFault, call, enabledNames } from "../incident/fleet.js";
import { type HermOptions, herm, startServer, temporaryFolder } from "../support/harness.js";
import { readShellLine } from "../support/shell-line.js";

const names = ["Weekly", "Daily", "Monthly", "Report"];
const pauseAll = "automations pause --all-deployments --incident INC-1 --yes";
const screen = { tty: true, columns: 120 };

/** Acme, Bolt and Core, each with four automations. */
async function start() {
  const server = await startServer();
  const home = temporaryFolder();
  const ids = new Map<string, string>();
  for (const deployment of ["Acme", "Bolt", "Core"]) {
    ids.set(deployment, await addDeployment(server, { name: deployment }));
    for (const name of names) {
      const id = await addAutomation(server, { name, deployment: idOf(deployment) });
      ids.set(`${deployment}/${name}`, id);
    }
  }
  function idOf(name: string): string {
    return ids.get(name) ?? "";
  }
  const fail = (method: string, path: string, status = 422) =>
    addFault(server, { method, path, count: null, action: { type: "fail", status } });
  return {
    server,
    idOf,
    run: (words: string | readonly string[], options: HermOptions = {}) =>
      herm(typeof words === "string" ? words.split(" ") : words, { server, home, ...options }),
    /** Makes changes in a deployment fail, or only those to one automation in it. */
    failIn: (deployment: string, name?: string) =>
      fail(
        "PATCH",
        `/v1/deployments/${idOf(deployment)}/automations/${name === undefined ? "*" : idOf(`${deployment}/${name}`)}`,
      ),
    failReading: (deployment: string) => fail("GET", `/v1/deployments/${idOf(deployment)}/automations`),
    clear: () => call(server, "DELETE", "/_dev/faults"),
    enabled: () => enabledNames(server, ["Acme", "Bolt", "Core"].map(idOf)),
  };
}

/** The lines of a table, with a single space between columns. */
const linesOf = (text: string) =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => line.replace(/ {2,}/g, " ").trimEnd());
/** The command at the start of a hint. */
/** The words of the pause command, for the enabled automations that a check lists. */
const pausedAgain = (stderr: string) => {
  const [, line = ""] = / to pause (?:it|them):\s+herm (.*)$/m.exec(stderr) ?? [];
  return readShellLine(line)[0]?.words ?? [];
};

const hinted = (stderr: string, end: string) => {
  const [, line = ""] = new RegExp(`hint: ${end}: herm (.*)\\n`).exec(stderr) ?? [];
  return readShellLine(line)[0]?.words ?? [];
};

describe("a fleet pause's result on a terminal", () => {
  it("lists each name only once, then failures, counts, and the command to finish", async () => {
    const { run, failIn, clear, enabled } = await start();
    await failIn("Core");
    await failIn("Acme", "Weekly");
    await failIn("Bolt", "Weekly");
    const paused = await run(pauseAll, screen);
    expect(paused.code).toBe(8);
    const lines = linesOf(paused.stdout);
    expect(lines[0]).toBe("NAME RESULT DEPLOYMENT WHY");
    expect(lines.slice(1, 4).sort()).toEqual([
      "Daily ×2 paused Bolt, Acme",
      "Monthly ×2 paused Bolt, Acme",
      "Report ×2 paused Bolt, Acme",
    ]);
    expect(lines.slice(4, 6)).toEqual([
      "Weekly ×2 failed Bolt, Acme a simulated fault",
      "Core: 4 automations failed a simulated fault",
    ]);
    expect(lines[6]).toMatch(/^6 paused · 6 failed · checked \S+: 6 enabled$/);
    expect(lines).toHaveLength(7);
    expect(paused.stderr).not.toContain("proves");
    await clear();
    const again = hinted(paused.stderr, "to finish it");
    expect(again).toEqual(pauseAll.split(" "));
    const finished = await run(again, screen);
    expect(finished.code).toBe(0);
    expect(finished.stderr).toContain("to check that all are still paused: herm incidents show INC-1\n");
    expect(await enabled()).toEqual([]);
  });

  it("contains every row with --verbose, or in a pipe, failures last", async () => {
    const { run, failIn } = await start();
    await failIn("Core", "Weekly");
    const shown = await run(`${pauseAll} --dry-run --verbose`, screen);
    expect(shown.stdout.match(/ planned /g)).toHaveLength(12);
    const paused = await run(`${pauseAll} --verbose`, screen);
    const lines = linesOf(paused.stdout);
    expect(lines).toHaveLength(1 + 12 + 1);
    expect(lines.at(-2)).toMatch(/^Core Weekly failed auto_\w+ a simulated fault$/);
    expect(lines.at(-1)).toMatch(/^11 paused · 1 failed · /);
    const piped = [await run(pauseAll), await run(`${pauseAll} --verbose`)];
    for (const { stdout } of piped) {
      expect(stdout.trimEnd().split("\n")).toHaveLength(12);
      expect(stdout).not.toContain("×");
    }
  });

  it("contains each row once in a pipe, and failures on stderr if stdout is unread", async () => {
    const { run, failIn, idOf } = await start();
    await failIn("Core", "Weekly");
    const read = await run(pauseAll);
    expect(read.stdout).toContain(`\tWeekly\tfailed\t${idOf("Core/Weekly")}\ta simulated fault\n`);
    expect(read.stderr).not.toMatch(/\t|Pausing:/);
    const stdout = new Writable({
      write: (_chunk, _encoding, done) => done(Object.assign(new Error("write EPIPE"), { code: "EPIPE" })),
    });
    const unread = await run(`${pauseAll} --quiet`, { stdout });
    expect(unread).toMatchObject({ code: 8, stdout: "" });
    expect(unread.stderr.split("\n")[0]).toBe(
      `failed\t${idOf("Core")}/${idOf("Core/Weekly")}\tWeekly\ta simulated fault`,
    );
  });

  it("keeps its counts on the screen, however many names there are", async () => {
    const { server, run, idOf } = await start();
    for (let at = 0; at < 30; at += 1)
      await addAutomation(server, { name: `n${at}`, deployment: idOf("Acme") });
    const narrow = await run(`${pauseAll} --dry-run`, { ...screen, columns: 30 });
    expect(linesOf(narrow.stdout)).toContainEqual(expect.stringMatching(/^… 29 more( ×\d+)?$/));
    const paused = await run(pauseAll, screen);
    const lines = linesOf(paused.stdout);
    expect(lines).toHaveLength(1 + 5 + 1 + 1);
    expect(lines.at(-2)).toMatch(/^… 29 more: --verbose (×\d+ )?paused$/);
    expect(lines.at(-1)).toMatch(/^42 paused · /);
  });

  it("reports an outage in one line per deployment", async () => {
    const { server, run, idOf } = await start();
    const core = idOf("Core");
    const acme = idOf("Acme");
    const paused = await run(pauseAll, {
      ...screen,
      fetch: async (url, init) => {
        const isThere = url.includes(core) || url.includes(acme);
        if (init.method === "PATCH" && isThere)
          throw Object.assign(new Error("gone"), { code: "ECONNREFUSED" });
        return server.fetch(
          new Request(url, { method: init.method, headers: init.headers, body: init.body ?? null }),
        );
      },
    });
    expect(paused.code).toBe(8);
    const lines = linesOf(paused.stdout);
    expect(lines.slice(-3, -1).sort()).toEqual([
      "Acme: 4 automations not done API unreachable",
      "Core: 4 automations not done API unreachable",
    ]);
    expect(lines.at(-1)).toMatch(/^4 paused · /);
    expect(lines.filter((line) => line.includes("Bolt"))).toHaveLength(4);
  });

  it("shows ids only for names that appear twice in a deployment", async () => {
    const { server, run, idOf, failIn } = await start();
    const duplicate = await addAutomation(server, {
      name: "Weekly",
      deployment: idOf("Acme"),
      schedule: "* * * * *",
    });
    await failIn("Acme", "Weekly");
    const paused = await run(pauseAll, screen);
    expect(paused.stderr).toMatch(new RegExp(`, in \\d+ \\w+: Acme/Weekly \\(${duplicate}\\)\\n`));
    expect(paused.stdout).toContain(`Weekly (${idOf("Acme/Weekly")})`);
    expect(paused.stdout.match(/auto_\w+/g)).toHaveLength(2);
    expect(paused.stdout).not.toMatch(/dep_/);
  });

  it("lists current runs, each name only once with its count", async () => {
    const { server, run, idOf } = await start();
    for (const deployment of ["Acme", "Bolt"]) {
      const fields = { name: "Slow", deployment: idOf(deployment), instructions: "@dev wait 100000" };
      const id = await addAutomation(server, fields);
      await call(server, "POST", `/v1/deployments/${fields.deployment}/automations/${id}/trigger`);
    }
    const paused = await run(pauseAll, screen);
    expect(paused.stderr).toContain("2 runs still going: Slow ×2\n");
  });
});

describe("a resume of an incident on a terminal", () => {
  it("lists skipped automations once before its question, grouped by name", async () => {
    const { run } = await start();
    await run(pauseAll);
    const words = "automations resume --incident INC-1 --except Weekly --yes";
    const resumed = await run(words, screen);
    expect(resumed.code).toBe(0);
    expect(resumed.stderr.match(/Weekly/g)).toHaveLength(1);
    expect(resumed.stderr).toContain("\n  skipped: Weekly ×3: excluded by --except\n");
    expect(resumed.stdout).not.toContain("Weekly");
    expect(resumed.stdout).toMatch(/\n9 resumed · 3 skipped · checked \S+: 3 still paused\n$/);
    const piped = await run(words);
    expect(piped.stdout.match(/\tskipped\t/g)).toHaveLength(3);
    const quiet = await run(`${words} -q`, screen);
    expect(linesOf(quiet.stdout)[1]).toMatch(/^Weekly ×3 skipped .* excluded by --except$/);
  });

  it("prints the command that retries the failed automations", async () => {
    const { run, failIn, clear, enabled } = await start();
    await run(pauseAll);
    await failIn("Bolt");
    const resumed = await run("automations resume --incident INC-1 --all-deployments --yes", screen);
    expect(resumed.code).toBe(8);
    expect(linesOf(resumed.stdout).at(-2)).toBe("Bolt: 4 automations failed a simulated fault");
    await clear();
    expect((await run(hinted(resumed.stderr, "to finish it"))).code).toBe(0);
    expect(await enabled()).toHaveLength(12);
  });
});

describe("a result for several references on a terminal", () => {
  const refs = ["Acme/Weekly", "Bolt/Weekly", "Core/Weekly", "Core/Daily"];

  it.each([
    ["pause", "paused"],
    ["delete", "deleted"],
  ])("is grouped and counted for %s, with commands to finish and undo the change", async (verb, done) => {
    const { run, fail } = await withFailingDaily(verb);
    const result = await run(
      ["automations", verb, ...refs, "--yes"].filter((word) => verb === "delete" || word !== "--yes"),
      screen,
    );
    expect(result.code).toBe(8);
    expect(linesOf(result.stdout)).toEqual([
      "NAME RESULT DEPLOYMENT WHY",
      `Weekly ×3 ${done} 3 deployments`,
      "Daily failed Core a simulated fault",
      `3 ${done} · 1 failed`,
    ]);
    expect(result.stderr).toMatch(/undo: herm undo c_\w{6}\n/);
    await fail.clear();
    const again = hinted(result.stderr, "to finish it");
    expect(again).toEqual(["automations", verb, "Core/Daily", ...(verb === "delete" ? ["--yes"] : [])]);
    expect((await run(again)).code).toBe(0);
  });

  async function withFailingDaily(verb: string) {
    const fleet = await start();
    const path = `/v1/deployments/${fleet.idOf("Core")}/automations/${fleet.idOf("Core/Daily")}`;
    const method = verb === "delete" ? "DELETE" : "PATCH";
    await addFault(fleet.server, { method, path, count: null, action: { type: "fail", status: 422 } });
    return { ...fleet, fail: { clear: fleet.clear } };
  }

  it("contains every row with --verbose, and in a pipe", async () => {
    const { run } = await start();
    const paused = await run(["automations", "pause", ...refs, "--verbose"], screen);
    expect(linesOf(paused.stdout)).toHaveLength(1 + 4 + 1);
    const deleted = await run(["automations", "delete", ...refs, "--verbose", "--yes"], screen);
    expect(linesOf(deleted.stdout)).toHaveLength(1 + 4 + 1);
    const piped = await start().then(({ run: pipe }) => pipe(["automations", "pause", ...refs]));
    expect(piped.stdout.trimEnd().split("\n")).toHaveLength(4);
  });

  it("matches the question asked before a deletion", async () => {
    const { run, enabled } = await start();
    const asked = await run(["automations", "delete", ...refs], { ...screen, answers: [] });
    expect(asked.stderr).toContain('the question "Delete "Weekly" ×3, "Core/Daily"?"');
    expect(await enabled()).toHaveLength(12);
  });

  it("counts unchanged automations", async () => {
    const { run } = await start();
    await run(["automations", "pause", "Acme/Weekly"]);
    const paused = await run(["automations", "pause", ...refs], screen);
    expect(paused.stdout).toMatch(/\n3 paused · 1 already paused\n$/);
  });
});

describe("incidents show on a terminal", () => {
  it("groups failures by deployment, with the proof and the next pause last", async () => {
    const { run, failIn, clear } = await start();
    await failIn("Core");
    await run(pauseAll);
    await clear();
    const shown = await run("incidents show INC-1", screen);
    expect(shown.code).toBe(8);
    expect(linesOf(shown.stdout).slice(-3)).toEqual([
      "NAME STATE WHY",
      "Core: 4 automations failed a simulated fault",
      expect.stringMatching(/^checked \S+ · 8 of 12 paused · 4 enabled · 0 runs still going$/),
    ]);
    const again = pausedAgain(shown.stderr);
    expect(again).toEqual(["automations", "pause", "--all-deployments", "--incident", "INC-1"]);
    expect((await run([...again, "--yes"])).code).toBe(0);
    expect((await run("incidents show INC-1", screen)).stderr).toMatch(
      /everything is paused; to resume it: herm automations resume --incident INC-1\nto hand this over, /,
    );
  });

  it.each([
    [
      "automations pause --match Weekly -d Acme -d Bolt --incident INC-1 --yes",
      "-d Acme -d Bolt --match Weekly",
    ],
    [
      "automations pause --customer cus_1 --except Daily --incident INC-1 --yes",
      "--customer cus_1 --except Daily",
    ],
    ["automations pause --all -d Acme --incident INC-1 --yes", "-d Acme --all"],
    ["automations pause Acme/Weekly Bolt/Daily --incident INC-1", "Acme/Weekly Bolt/Daily"],
  ])("repeats the pause as it was typed: %s", async (words, typed) => {
    const { server, run, idOf } = await start();
    await run(words);
    await call(server, "PATCH", `/v1/deployments/${idOf("Acme")}/automations/${idOf("Acme/Weekly")}`, {
      enabled: true,
    });
    const shown = await run("incidents show INC-1", screen);
    expect(pausedAgain(shown.stderr).join(" ")).toBe(`automations pause ${typed} --incident INC-1`);
  });

  it("groups unreadable automations by deployment, or lists all rows with --verbose", async () => {
    const { run, failReading } = await start();
    await run(pauseAll);
    await failReading("Core");
    await failReading("Acme");
    const shown = await run("incidents show INC-1", screen);
    expect(shown.code).toBe(8);
    expect(linesOf(shown.stdout).slice(-4, -1).sort()).toEqual([
      "Acme: 4 automations unknown can't be read: a simulated fault",
      "Core: 4 automations unknown can't be read: a simulated fault",
      "NAME STATE WHY",
    ]);
    expect(shown.stderr).not.toContain("hint:");
    const verbose = await run("incidents show INC-1 --verbose", screen);
    const lines = linesOf(verbose.stdout);
    expect(lines.filter((line) => /auto_\w+/.test(line))).toHaveLength(12);
    expect(lines.filter((line) => line.includes("can't be read")).sort()).toEqual([
      "Acme can't be read: a simulated fault",
      "Core can't be read: a simulated fault",
    ]);
    expect(lines.at(-1)).toMatch(
      /^checked \S+ · at least 4 paused · 8 unknown · 0 enabled · .* 2 deployments not checked$/,
    );
    const piped = await run("incidents show INC-1");
    expect(piped.stdout.trimEnd().split("\n")).toHaveLength(12);
  });
});

describe("an apply's result on a terminal", () => {
  const manifest = (...all: string[]) =>
    JSON.stringify({
      automations: all.map((name) => ({ name, schedule: "0 8 * * *", instructions: "New." })),
    });
  const apply = "apply -f - --all-deployments --except Local --yes";
  /** The text below the plan and the bar. */
  const below = (stderr: string) => stderr.slice(stderr.search(/[✗?] |undo:/)).split("\n");

  it("groups identical failures by deployment, then counts, undo and next steps", async () => {
    const { run, failIn, clear } = await start();
    await failIn("Core");
    await failIn("Acme", "Weekly");
    await failIn("Bolt", "Weekly");
    const stdin = manifest(...names);
    const applied = await run(apply, { ...screen, stdin });
    expect(applied.code).toBe(8);
    const told = linesOf(applied.stdout);
    expect(told.at(-3)).toMatch(/^Weekly ×2 failed (Acme, Bolt|Bolt, Acme) a simulated fault$/);
    expect(told.at(-2)).toBe("Core: 4 automations failed a simulated fault");
    expect(told.at(-1)).toBe("6 applied · 6 failed");
    const lines = below(applied.stderr);
    expect(lines[0]).toMatch(/^undo: /);
    expect(lines.at(-2)).toMatch(
      /^hint: to finish it: herm apply --file=- --all-deployments --except Local --yes$/,
    );
    await clear();
    const again = await run(apply, { stdin });
    expect(again.code).toBe(0);
    expect(again.stdout).toBe("6 applied · 6 unchanged\n");
  });

  it("contains every row and plan line with --verbose, failures last", async () => {
    const { run, failIn } = await start();
    await failIn("Core", "Daily");
    const stdin = manifest(...names);
    const planned = await run(`${apply} --dry-run --verbose`, { ...screen, stdin });
    expect(planned.stdout.match(/ ~ /g)).toHaveLength(12);
    const applied = await run(`${apply} --verbose`, { ...screen, stdin });
    expect(applied.stderr.match(/ ~ /g)).toHaveLength(12);
    const lines = linesOf(applied.stdout);
    expect(lines).toHaveLength(1 + 12 + 1);
    expect(lines.at(-2)).toMatch(/^Core Daily failed auto_\w+ a simulated fault$/);
    expect(lines.at(-1)).toBe("11 applied · 1 failed");
  });

  it("uses one word for impossible changes in plan, result and reports", async () => {
    const { server, run, idOf } = await start();
    await addAutomation(server, { name: "Weekly", deployment: idOf("Bolt") });
    const env = { GITHUB_ACTIONS: "true", GITHUB_STEP_SUMMARY: join(temporaryFolder(), "summary.md") };
    const stdin = manifest(...names);
    const planned = await run(`${apply} --dry-run`, { ...screen, stdin, env });
    expect(planned.stdout).toContain("Plan: 8 to update, 4 failed in 3 deployments; runs a day: 1.1 → 8\n");
    const applied = await run(`${apply} --verbose`, { ...screen, stdin, env });
    expect(applied.stderr).toContain("Plan: 8 to update, 4 failed in 3 deployments; runs a day: 1.1 → 8\n");
    expect(linesOf(applied.stdout).at(-2)).toMatch(
      /^Bolt \w+ failed stopped by "Weekly": 2 automations have/,
    );
    expect(applied.stdout).toMatch(/\n8 applied · 4 failed\n$/);
    const summary = readFileSync(env.GITHUB_STEP_SUMMARY, "utf8");
    expect(summary.match(/^8 to update, 4 failed in 3 deployments; runs a day: 1\.1 → 8$/m)).not.toBeNull();
    // For the dry run and for the apply: the error that stops the others, and one row for all of these.
    expect(
      summary.match(/^\| failed \| <code>Bolt<\/code> \| <code>(Weekly|Daily and 2 more)<\/code> \|/gm),
    ).toHaveLength(4);
    const told = planned.stdout + applied.stderr + applied.stdout + summary;
    expect(told).not.toContain("skipped");
    const spoken = await run(`${apply} --dry-run`, { ...screen, stdin, env: { HERM_ACCESSIBLE: "1" } });
    expect(spoken.stdout).toContain("  failed: Weekly");
    const json = await run(`${apply} --dry-run --json`, { stdin });
    expect(
      JSON.parse(json.stdout).filter(({ action }: { action: string }) => action === "skipped"),
    ).toHaveLength(4);
  });
});
