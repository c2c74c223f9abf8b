import { describe, expect, it } from "vitest";
import type { HermResult } from "../support/harness.js";
import { startAt, startOnMonday } from "./manifest-server.js";

const now = new Date(startAt);
const local = ["-d", "dep_local"];

const item = (name: string, instructions = "x") => ({ name, schedule: "every day at 9am", instructions });
const manifest = (...automations: object[]) => JSON.stringify({ automations });

/** Without the first line with the target, whose key is different each time. */
const afterTarget = ({ code, stdout }: HermResult) => ({
  code,
  stdout: stdout.replace(/^default · 127\.0\.0\.1 · key …\S{4} · \d of \d deployments?\n/, ""),
});

describe("diff", () => {
  it("exits with 0 and writes nothing if no automation differs", async () => {
    const { run, create, writes } = await startOnMonday();
    await create(item("A"));
    await create(item("the customer's own"));
    await writes();
    const stdin = manifest(item("A"));
    const same = "no changes: 1 automation matches the files\n";
    const rows = await run(["diff", "-f", "-", ...local, "-o", "jsonl"], { now, stdin });
    expect(rows).toEqual({ code: 0, stdout: "", stderr: same });
    const every = await run(["diff", "-f", "-", ...local, "-o", "jsonl", "--verbose"], { now, stdin });
    expect(every.stdout).toMatch(
      /^\{"deployment_id":"dep_local","action":"unchanged","name":"A","automation_id":"auto_\w+","values":\[\]\}\n$/,
    );
    const terminal = await run(["diff", "-f", "-", ...local], { now, stdin, tty: true });
    expect(terminal).toEqual({ code: 0, stdout: same, stderr: "" });
    const whole = await run(["diff", "-f", "-", ...local, "--verbose"], { now, stdin, tty: true });
    expect(afterTarget(whole).stdout).toMatch(/^dep_local\n {2}= A {2}auto_\w+\n\nPlan: 1 unchanged\n$/);
    expect(await writes()).toEqual([]);
  });

  it("exits with 9 if automations differ, and shows their fields before and after", async () => {
    const { run, create, writes } = await startOnMonday();
    const a = await create(item("A", "one\ntwo"));
    const gone = await create(item("Gone"));
    const paused = await create({ ...item("P"), enabled: false });
    await writes();
    const stdin = JSON.stringify({
      automations: [
        { ...item("A", "one\nTWO"), schedule: "every day at 10am", enabled: false },
        item("P"),
        item("N", "n"),
      ],
      removed: ["Gone"],
    });
    const inJson = await run(["diff", "-f", "-", ...local, "--json"], { now, stdin });
    expect(inJson.code).toBe(9);
    expect(JSON.parse(inJson.stdout)).toEqual([
      {
        deployment_id: "dep_local",
        action: "update",
        name: "A",
        automation_id: a.automation_id,
        changes: {
          schedule: { from: "every day at 9am", to: "0 10 * * *" },
          instructions: { from: "one\ntwo", to: "one\nTWO" },
          enabled: { from: true, to: false },
        },
      },
      {
        deployment_id: "dep_local",
        action: "skipped",
        name: "P",
        automation_id: paused.automation_id,
        reason: "paused",
      },
      {
        deployment_id: "dep_local",
        action: "create",
        name: "N",
        changes: {
          name: { from: null, to: "N" },
          schedule: { from: null, to: "0 9 * * *" },
          instructions: { from: null, to: "n" },
        },
      },
      {
        deployment_id: "dep_local",
        action: "delete",
        name: "Gone",
        automation_id: gone.automation_id,
        reason: "removed, enabled",
      },
    ]);
    const pipe = await run(["diff", "-f", "-", ...local, "-o", "table"], { now, stdin });
    expect(pipe).toMatchObject({
      code: 9,
      stdout: `dep_local\tdep_local\tupdate\tA\t${a.automation_id}\tschedule,instructions,enabled\t\t\t
dep_local\tdep_local\tskipped\tP\t${paused.automation_id}\t\tpaused\t\t
dep_local\tdep_local\tcreate\tN\t\tname,schedule,instructions\t\t\t
dep_local\tdep_local\tdelete\tGone\t${gone.automation_id}\t\tremoved, enabled\t\t
`,
    });
    const terminal = await run(["diff", "-f", "-", ...local], { now, stdin, tty: true, columns: 120 });
    // Without a terminal, the same is printed beside the rows, on stderr.
    expect(pipe.stderr).toBe(terminal.stdout);
    expect(await run(["diff", "-f", "-", ...local, "-o", "table", "-q"], { now, stdin })).toEqual({
      ...pipe,
      stderr: "",
    });
    expect(afterTarget(terminal)).toMatchObject({
      code: 9,
      stdout: `dep_local
  ~ A  ${a.automation_id}
      enabled   true → false
      schedule  every day at 9am (every day at 09:00 UTC) → 0 10 * * * (every day at 10:00 UTC)
      instructions
          one
        - two
        + TWO
  + N
      schedule  every day at 09:00 UTC (0 9 * * *)
      + n
  − Gone  ${gone.automation_id}  (removed, enabled)
  = P  ${paused.automation_id}  (paused)

Plan: 1 to create, 1 to update, 1 to delete, 1 skipped; runs a day: 2 → 1
`,
    });
    const ids = await run(["diff", "-f", "-", ...local, "-o", "name"], { now, stdin });
    // P is unchanged, and N doesn't exist yet.
    expect(ids.stdout).toBe(`${a.automation_id}\n${gone.automation_id}\n`);
    expect(await writes()).toEqual([]);
  });

  it("shows every deployment and whole texts with --verbose, even without differences", async () => {
    const { run, create, deploy } = await startOnMonday();
    const acme = await deploy("Acme");
    const a = await create(item("A"));
    const stdin = manifest(item("A"), item("B", "1\n2\n3\n4\n5"));
    const words = ["diff", "-f", "-", "--all-deployments", "--verbose"];
    const { code, stdout } = afterTarget(await run(words, { now, stdin, tty: true }));
    expect(code).toBe(9);
    const b = [
      "  + B",
      "      schedule  every day at 09:00 UTC (0 9 * * *)",
      ...[1, 2, 3, 4, 5].map((line) => `      + ${line}`),
    ];
    expect(stdout.split("\n")).toEqual([
      `Acme  ${acme}`,
      "  + A",
      "      schedule  every day at 09:00 UTC (0 9 * * *)",
      "      + x",
      ...b,
      "",
      "Local  dep_local",
      `  = A  ${a.automation_id}`,
      ...b,
      "",
      "Plan: 3 to create, 1 unchanged in 2 deployments; runs a day: 0 → 3",
      "",
    ]);
  });

  it("names the customer in several deployments, with unambiguous references", async () => {
    const { run, create, deploy } = await startOnMonday();
    const acme = await deploy("Acme", { customer: "cus_9" });
    const a = await create(item("A"), acme);
    const stdin = manifest(item("A", "y"));
    const { stdout } = await run(["diff", "-f", "-", "--all-deployments", "--json"], { now, stdin });
    expect(JSON.parse(stdout)).toMatchObject([
      { deployment_id: acme, deployment_name: "Acme", customer_id: "cus_9", action: "update" },
      { deployment_id: "dep_local", customer_id: "cus_local", action: "create" },
    ]);
    const ids = await run(["diff", "-f", "-", "--all-deployments", "-o", "name"], { now, stdin });
    expect(ids.stdout).toBe(`${acme}/${a.automation_id}\n`);
  });

  it("warns about a deployment that isn't ready, and exits with 8 if it is named", async () => {
    const { run, deploy } = await startOnMonday();
    const slow = await deploy("Slow", { prompt: "@dev wait 60", isReady: false });
    const stdin = manifest(item("A"));
    const named = await run(["diff", "-f", "-", "-d", slow, "-o", "table"], { now, stdin });
    expect(named).toMatchObject({
      code: 8,
      stdout: `${slow}\t${slow}\tskipped\tA\t\t\t\tfailed\t${slow} isn't ready\n`,
      stderr: expect.stringMatching(`\nerror: no deployment could be compared: ${slow} isn't ready\nhint: `),
    });
    const both = await run(["diff", "-f", "-", "-d", slow, "-d", "dep_local"], { now, stdin });
    expect(both).toMatchObject({ code: 8, stderr: expect.stringContaining("1 of 2 failed") });
    const all = await run(["diff", "-f", "-", "--all-deployments"], { now, stdin });
    expect(all.code).toBe(9);
    expect(all.stderr).toMatch(`warning: Slow (${slow}) isn't ready: skipped\n`);
  });

  it("reports in one line how many automations it compared, if none differ", async () => {
    const { run, create, deploy } = await startOnMonday();
    const acme = await deploy("Acme");
    for (const deployment of ["dep_local", acme]) await create(item("A"), deployment);
    const stdin = manifest(item("A"));
    const everywhere = ["diff", "-f", "-", "--all-deployments"];
    const note = "no changes: 2 automations in 2 deployments match the files\n";
    const rowsAsked = [...everywhere, "-o", "table"];
    expect(await run(rowsAsked, { now, stdin })).toEqual({ code: 0, stdout: "", stderr: note });
    expect(await run(everywhere, { now, stdin })).toEqual({ code: 0, stdout: note, stderr: "" });
    expect(await run([...everywhere, "-q"], { now, stdin })).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(await run(everywhere, { now, stdin, tty: true })).toEqual({ code: 0, stdout: note, stderr: "" });
    const apply = ["apply", "-f", "-", "--all-deployments"];
    expect(await run(apply, { now, stdin })).toEqual({ code: 0, stdout: note, stderr: "" });
    expect(await run(apply, { now, stdin, tty: true })).toEqual({ code: 0, stdout: note, stderr: "" });
    const rows = await run([...everywhere, "--json", "--verbose"], { now, stdin });
    expect(JSON.parse(rows.stdout)).toHaveLength(2);
    const slow = await deploy("Slow", { prompt: "@dev wait 60", isReady: false });
    const partly = await run(rowsAsked, { now, stdin });
    expect(partly).toMatchObject({
      code: 0,
      stdout: `${slow}\tSlow\tskipped\tA\t\t\tdeployment not ready\t\t\n`,
    });
    expect(partly.stderr).toContain(
      "no changes: 2 automations in 2 deployments match the files, 1 skipped (deployment not ready)\n",
    );
  });

  it("prints only changed rows in a pipe", async () => {
    const { run, create, deploy } = await startOnMonday();
    const acme = await deploy("Acme");
    for (const deployment of ["dep_local", acme]) await create(item("A"), deployment);
    await create(item("B"), acme);
    const everywhere = ["diff", "-f", "-", "--all-deployments", "-o", "table"];
    const stdin = manifest(item("A"), item("B", "b"));
    const differing = await run(everywhere, { now, stdin });
    expect(differing.code).toBe(9);
    expect(differing.stdout.trimEnd().split("\n")).toHaveLength(2);
    const every = await run([...everywhere, "--verbose"], { now, stdin });
    expect(every.stdout.trimEnd().split("\n")).toHaveLength(4);
  });

  it("fails if there is no deployment left to compare", async () => {
    const { run } = await startOnMonday();
    const words = ["diff", "-f", "-", "--all-deployments", "--except", "dep_local"];
    const nothing = await run(words, { now, stdin: manifest(item("A")) });
    expect(nothing.code).toBe(8);
    expect(nothing.stderr).toContain("error: no deployment could be compared\n");
  });

  it("exits with 7 or 8 for an unreadable deployment, even if it finds differences", async () => {
    const { run, failLists, deploy } = await startOnMonday();
    const acme = await deploy("Acme");
    await failLists(acme);
    const stdin = manifest(item("A"));
    const alone = await run(["diff", "-f", "-", "-d", acme, "--json"], { now, stdin });
    expect(alone.code).toBe(7);
    expect(JSON.parse(alone.stdout)).toMatchObject([{ action: "skipped", name: "A", result: "failed" }]);
    const both = await run(["diff", "-f", "-", "--all-deployments"], { now, stdin });
    expect(both.code).toBe(8);
  });

  it.each([
    [["-d", "dep_none"], 4],
    [["--customer", "cus_none"], 4],
    [["-d", "dep_local", "--all-deployments"], 2],
  ])("exits with the selection's own error: %j", async (flags, code) => {
    const { run } = await startOnMonday();
    const stdin = manifest(item("A"));
    expect(await run(["diff", "-f", "-", ...flags], { now, stdin })).toMatchObject({ code });
  });
});
