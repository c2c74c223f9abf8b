import { describe, expect, it } from "vitest";
import { addAutomation, addDeployment, addFault } from "../incident/fleet.js";
import { type HermOptions, herm, startServer, temporaryFolder } from "../support/harness.js";

const days = 8;
const ahead = days * 86_400_000;

/** Two deployments whose automation has failed daily, and between them a third that doesn't respond. */
async function start({ status = 500, unread = "Bolt" }: { status?: number; unread?: string } = {}) {
  const server = await startServer();
  const places = ["Acme", "Bolt", "Core"];
  for (const name of places) {
    const deployment = await addDeployment(server, { name });
    const fields = { deployment, name: `${name} report`, schedule: "0 9 * * *" };
    await addAutomation(server, { ...fields, instructions: "@dev fail no luck" });
    if (name !== unread) continue;
    const path = `/v1/deployments/${deployment}/automations`;
    await addFault(server, { method: "GET", path, count: null, action: { type: "fail", status } });
  }
  await server.advance(ahead / 1000);
  const now = new Date(Date.now() + ahead);
  return (line: readonly string[], options: HermOptions = {}) =>
    herm([...line, "--customer", "cus_1", "--max-wait", "1s"], { server, now, ...options });
}

const commands: [line: string[]][] = [
  [["automations", "list"]],
  [["automations", "list", "--sort", "name", "--failing", "--exit-code"]],
  [["automations", "upcoming"]],
  [["automations", "audit", "--verbose"]],
  [["status"]],
  [["runs", "list"]],
];

describe("a deployment that doesn't respond", () => {
  it.each(commands)("is reported along with the output for the others, and exit code 8: %s", async (line) => {
    const run = await start();
    for (const tty of [false, true]) {
      const { code, stdout, stderr } = await run(line, { tty, columns: 160 });
      expect(code).toBe(8);
      expect(stdout).toContain("Acme report");
      expect(stdout).toContain("Core report");
      expect(tty ? stdout + stderr : stderr).toMatch(/(Bolt: |can't be read: Bolt: )/);
      expect(stderr).toMatch(/error: .*could not be read\nhint: .*run it again\n$/);
    }
    const { code, stdout } = await run([...line, "--json"]);
    expect([code, JSON.parse(stdout)]).toEqual([8, expect.anything()]);
  });

  it("makes a list fail with its own error if it is the only deployment", async () => {
    const run = await start({ status: 403 });
    for (const line of [
      ["automations", "list"],
      ["automations", "upcoming"],
    ]) {
      expect((await run([...line, "--except", "Acme", "--except", "Core"])).code).toBe(3);
      expect((await run(line)).code).toBe(8);
      const refused = await run(line, { key: "wrong" });
      expect(refused).toMatchObject({ code: 3, stdout: "" });
    }
  });

  it("adds no page contents to the output", async () => {
    const run = await start();
    const { code, stdout, stderr } = await run(["automations", "list", "--paused"], { tty: true });
    expect({ code, stdout }).toEqual({ code: 8, stdout: "" });
    expect(stderr).toMatch(/^nothing to list: both automations are enabled\nwarning: Bolt: /);
  });
});

describe("a deployment that the key may not read", () => {
  it.each(commands)("doesn't stop the others, even if it comes first: %s", async (line) => {
    const run = await start({ status: 403, unread: "Core" });
    const { code, stdout, stderr } = await run(line);
    expect(code).toBe(8);
    expect(stdout).toContain("Acme report");
    expect(stdout).toContain("Bolt report");
    expect(stderr).toContain("Core");
  });

  it.each(["Acme", "Bolt", "Core"])(
    "is reported by name, wherever it is in the list: %s",
    async (forbidden) => {
      const server = await startServer();
      let failing = "";
      for (const name of ["Acme", "Bolt", "Core"]) {
        const deployment = await addDeployment(server, { name });
        if (name !== forbidden) continue;
        failing = deployment;
        const path = `/v1/deployments/${deployment}/automations`;
        await addFault(server, { method: "GET", path, count: null, action: { type: "fail", status: 403 } });
      }
      const stdin = '{"automations": [{"name": "A", "schedule": "daily", "instructions": "x"}]}';
      const run = (...line: string[]) =>
        herm([...line, "-f", "-", "--customer", "cus_1", "-o", "json"], { server, stdin });
      const diff = await run("diff");
      expect(diff.code).toBe(8);
      expect(diff.stderr).toContain("1 of 3 failed");
      const { code, stdout } = await run("apply", "--yes");
      expect(code).toBe(8);
      const rows: { deployment_id: string; result: string }[] = JSON.parse(stdout);
      expect(rows.filter(({ result }) => result === "done")).toHaveLength(2);
      const failed = rows.filter(({ result }) => result === "failed");
      expect(failed.map(({ deployment_id }) => deployment_id)).toEqual([failing]);
    },
  );
});

describe("a key that is refused midway", () => {
  it.each([
    ["export", ["--to", "."]],
    ["diff", ["-f", "-"]],
    ["apply", ["-f", "-", "--dry-run"]],
    ["adopt", ["-f", "-", "--record", "herm.state.json", "--dry-run"]],
  ])("is reported in the first line of %s, with the key's source", async (verb, flags) => {
    const run = await start({ status: 401, unread: "Core" });
    const automations = ["Acme report", "Bolt report"].map((name) => ({
      name,
      schedule: "daily",
      instructions: "x",
    }));
    const options = { cwd: temporaryFolder(), stdin: JSON.stringify({ automations }) };
    const { code, stderr } = await run(["automations", verb, ...flags], options);
    expect(code).toBe(8);
    expect(stderr).toMatch(
      /error: a simulated fault; \d of \d failed\nhint: to see which key is used: herm auth status\n$/,
    );
  });
});

/**
 * Twelve deployments: six whose list doesn't respond or that aren't ready, six whose automations don't respond; and one
 * more that does.
 */
async function startTwelve() {
  const server = await startServer();
  const ids = new Map<string, string>();
  for (let number = 1; number <= 13; number += 1) {
    const name = `Customer ${number}`;
    const deployment = await addDeployment(server, { name });
    await addAutomation(server, { deployment, name: "Report", schedule: "0 9 * * *" });
    ids.set(name, deployment);
  }
  await server.advance(ahead / 1000);
  for (const [at, deployment] of [...ids.values()].entries()) {
    const path = `/v1/deployments/${deployment}/automations${at < 8 ? "" : "/*"}`;
    const status = at < 4 ? 500 : at < 8 ? 409 : 503;
    const action = { type: "fail", status, body: { error: "e", message: `no ${status}` } };
    if (at < 12) await addFault(server, { method: "GET", path, count: null, action });
  }
  const now = new Date(Date.now() + ahead);
  return (line: readonly string[], options: HermOptions = {}) =>
    herm([...line, "--customer", "cus_1", "--max-wait", "1s"], { server, now, ...options });
}

describe("a fleet with many unreadable deployments", () => {
  it.each([
    [["automations", "audit"], "audit"],
    [["automations", "audit", "--by", "automation"], "audit"],
    [["runs", "list"], "list"],
  ])("is reported in a few lines, with the name of a single one: %s", async (line, what) => {
    const run = await startTwelve();
    const { code, stderr } = await run(line, { tty: true, columns: 200 });
    expect(code).toBe(8);
    expect(stderr.match(/^(warning|error|hint): .*/gm)?.map(withoutNumbers)).toEqual([
      "warning: skipped 4 deployments, not ready: Customer _, Customer _, Customer _ and 1 more",
      expect.stringMatching(/^warning: Customer _(\/Report)?, Customer _.* and 1 more: no 50[03]$/),
      expect.stringMatching(/^warning: Customer _(\/Report)?, Customer _.* and 1 more: no 50[03]$/),
      "error: 4 deployments and 4 automations could not be read",
      `hint: the ${what} is incomplete: run it again`,
    ]);
    expect(stderr).toMatch(/Customer \d+\/Report/);
    const piped = await run(line);
    expect(piped.stderr).toMatch(/^warning: Customer 9\/Report: no 503/m);
    expect(piped.stderr.match(/^warning: Customer .* isn't ready: skipped$/gm)).toHaveLength(4);
    expect(piped.stderr.match(/^warning: Customer .*: no 50/gm)).toHaveLength(8);
  });

  it("leaves enough room on the status screen", async () => {
    const run = await startTwelve();
    const { stdout } = await run(["status"], { tty: true, columns: 120 });
    expect(stdout).toMatch(/^4 not ready yet: Customer \d, Customer \d, Customer \d, Customer \d$/m);
  });
});

function withoutNumbers(line: string): string {
  return line.replaceAll(/Customer \d+/g, "Customer _");
}
