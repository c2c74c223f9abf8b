import { beforeEach, describe, expect, it } from "vitest";
import { addAutomation, addFault, call } from "../incident/fleet.js";
import { type HermOptions, herm, startServer, temporaryFolder } from "../support/harness.js";
import { sent } from "./run-server.js";

let server: Awaited<ReturnType<typeof startServer>>;
let home: string;
const ids = new Map<string, string>();

const run = (argv: readonly string[], options: HermOptions = {}) =>
  herm(argv, { server, home, env: { HERM_DEPLOYMENT: "dep_local" }, ...options });
const trigger = (...words: string[]) => run(["automations", "trigger", ...words]);
const started = () => sent(server, "trigger");

/** Names and results, in the order of names. */
function rowsOf(stdout: string): string[] {
  const rows = stdout.trimEnd().split("\n");
  return rows.map((row) => row.split("\t").slice(0, 2).join(" ")).toSorted();
}

beforeEach(async () => {
  server = await startServer();
  home = temporaryFolder();
  for (const name of ["A", "B", "C"]) ids.set(name, await addAutomation(server, { name }));
});

describe("a trigger of several automations", () => {
  it("starts one run each, and prints their ids in rows and JSON", async () => {
    const { code, stdout, stderr } = await trigger("A", "B");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^A\tstarted\tauto_\w+\trun_\w+\nB\tstarted\tauto_\w+\trun_\w+\n$/);
    expect(stderr).toMatch(/2 started\n$/);
    expect(stderr).not.toContain("undo:");
    const json = JSON.parse((await trigger("A", "B", "--json")).stdout);
    expect(json).toEqual(
      ["A", "B"].map((name) => ({
        deployment_id: "dep_local",
        automation_id: ids.get(name),
        name,
        result: "started",
        run_id: expect.stringMatching(/^run_\w+$/),
      })),
    );
    expect((await trigger("A", "B", "-o", "name")).stdout).toMatch(/^run_\w+\nrun_\w+\n$/);
    expect(await started()).toBe(6);
  });

  it("needs confirmation for a selection, or --yes in a pipe, before any request", async () => {
    expect(await trigger("--all")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("triggering a selection needs --yes"),
    });
    const asked = await run(["automations", "trigger", "--match", "*"], { answers: [false], columns: 80 });
    expect(asked.code).toBe(1);
    expect(asked.stderr).toContain("3 automations to trigger in 1 deployment\n");
    const shown = await trigger("--all", "--dry-run");
    expect(shown).toMatchObject({ code: 0, stderr: expect.stringContaining("3 to trigger\n") });
    expect(await started()).toBe(0);
    expect(rowsOf((await trigger("--all", "--except", "C", "--yes")).stdout)).toEqual([
      "A started",
      "B started",
    ]);
    expect(await started()).toBe(2);
  });

  it("skips held automations in a selection, but needs --yes if they are named", async () => {
    await run(["automations", "pause", "A", "B", "--incident", "INC-1", "--reason", "bad model"]);
    const some = await trigger("--all", "--yes");
    expect(some.code).toBe(0);
    expect(some.stdout).toMatch(/^A\tskipped\tauto_\w+\theld by INC-1$/m);
    expect(rowsOf(some.stdout)).toEqual(["A skipped", "B skipped", "C started"]);
    const refused = await trigger("A", "B", "C");
    expect(refused).toMatchObject({
      code: 2,
      stdout: "",
      stderr:
        'error: "A" is held by INC-1: bad model; "B" is held by INC-1: bad model\nhint: to run them anyway, add --yes\n',
    });
    expect(await started()).toBe(1);
    expect(rowsOf((await trigger("A", "B", "C", "--yes")).stdout)).toEqual([
      "A started",
      "B started",
      "C started",
    ]);
  });

  it("follows no run", async () => {
    expect(await trigger("A", "B", "--follow")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("--follow needs a single automation\n"),
    });
    expect(await started()).toBe(0);
    const { code, stdout } = await run(["automations", "trigger", "A", "B"], { tty: true });
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining("2 started\n") });
  });

  it("suggests references for the rest, to avoid starting others twice", async () => {
    const path = `/v1/deployments/dep_local/automations/${ids.get("B")}/trigger`;
    await addFault(server, { method: "POST", path, action: { type: "fail", status: 400 } });
    const { code, stdout, stderr } = await trigger("--all", "--yes", "--reason", "made up for");
    expect(code).toBe(8);
    expect(rowsOf(stdout)).toEqual(["A started", "B failed", "C started"]);
    expect(stderr).toContain(
      "hint: to finish it: herm automations trigger Local/B --yes --reason 'made up for'\n",
    );
  });

  it("never resends after a lost response, and reports the run that started", async () => {
    const path = `/v1/deployments/dep_local/automations/${ids.get("B")}/trigger`;
    await addFault(server, { method: "POST", path, action: { type: "commit_then_fail" } });
    const { code, stdout } = await trigger("A", "B");
    expect({ code, rows: rowsOf(stdout) }).toEqual({ code: 0, rows: ["A started", "B started"] });
    expect(await started()).toBe(2);
  });

  it("never suggests starting automations that were possibly started", async () => {
    const at = (name: string) => `/v1/deployments/dep_local/automations/${ids.get(name)}/trigger`;
    await addFault(server, { method: "POST", path: at("A"), action: { type: "fail", status: 400 } });
    await addFault(server, { method: "POST", path: at("B"), action: { type: "fail", status: 500 } });
    const { code, stdout, stderr } = await trigger("A", "B", "C");
    expect({ code, rows: rowsOf(stdout) }).toEqual({
      code: 12,
      rows: ["A failed", "B unknown", "C started"],
    });
    expect(stderr).toContain(
      `hint: to see whether it took effect: herm runs list dep_local/${ids.get("B")}; to finish it: herm automations trigger dep_local/A\n`,
    );
  });

  it("is one change in the history, and undo lists its runs as permanent", async () => {
    await trigger("A", "B", "--reason", "late");
    const { stdout } = await run(["history", "--json"]);
    const [change] = JSON.parse(stdout) as { id: string; reason: string }[];
    expect(change?.reason).toBe("late");
    const undone = await run(["undo", change?.id ?? "", "--yes"]);
    expect(undone.code).toBe(0);
    expect(undone.stdout).toMatch(/^A\tskipped\tauto_\w+\ta started run can't be undone$/m);
    expect(rowsOf(undone.stdout)).toEqual(["A skipped", "B skipped"]);
    const { body } = await call(server, "GET", `/v1/deployments/dep_local/automations/${ids.get("A")}`);
    expect(body.recent_runs).toHaveLength(1);
  });

  it("starts no run during a freeze, but shows its plan", async () => {
    const env = { HERM_DEPLOYMENT: "dep_local", HERM_FREEZE: "stop" };
    expect((await run(["automations", "trigger", "A", "B"], { env })).code).toBe(6);
    expect((await run(["automations", "trigger", "A", "B", "--dry-run"], { env })).code).toBe(0);
    expect(await started()).toBe(0);
  });
});
