import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { type HermOptions, herm, startServer, temporaryFolder } from "../support/harness.js";
import { readShellLine } from "../support/shell-line.js";

const wordsOf = (line: string) => readShellLine(line).flatMap(({ words }) => words);

let run: (line: string, options?: HermOptions) => ReturnType<typeof herm>;

beforeEach(async () => {
  const server = await startServer();
  const home = temporaryFolder();
  run = (line, options) =>
    herm(wordsOf(line), { server, home, cwd: home, env: { HERM_DEPLOYMENT: "dep_local" }, ...options });
  for (const name of ["A", "B"])
    await run(`automations create --name ${name} --schedule @daily --instructions x`);
  writeFileSync(join(home, "a.yaml"), "name: A\n");
});

const commands = [
  ["cron list", "use herm automations list"],
  ["crons create --name C --schedule @daily --instructions x", "use herm automations create --name C"],
  ["schedules list", "use herm automations list"],
  ["schedule list", "use herm automations list"],
  ["routines get A", "use herm automations get A"],
  ["jobs pause A", "use herm automations pause A"],
  ["-d dep_local triggers list", "use herm automations list -d dep_local"],
  ["workflows ls", "use herm automations list"],
  ["workflow run A", "use herm automations trigger A"],
  ["tasks list", "use herm automations list"],
  ["jobs", "use herm automations list"],
  ["agents list", "use herm deployments list"],
  ["alerts", "use herm status --exit-code"],
  ["notify", "use herm status --exit-code"],
  ["logs -f", "follows one as it happens"],
  ["stats", "use herm automations audit --by automation"],
  ["backfill A --since 2h --yes", "use herm automations catch-up A --since 2h --yes"],
  ["init", "herm auth login saves your key"],
  ["init", "herm automations export writes automations to files"],
  ["init", "herm automations apply --print-schema"],
  ["context", "use herm config set profile <name>"],
  ["context use prod", "use herm config set profile prod"],
  ["profile use prod", "use herm config set profile prod"],
  ["profiles list", "use herm config list"],
  ["auth switch prod", "use herm config set profile prod"],
  ["config use-context prod", "use herm config set profile prod"],
  ["auto history", "use herm history"],
  ["auto history A", "use herm history A"],
  ["auto rename A Z", "use herm automations update A --name Z"],
  ["auto rename A", 'use herm automations update A --name "…"'],
  ["auto schedule A 'every day at 9am'", "use herm automations update A --schedule 'every day at 9am'"],
] as const;

describe("a command of another tool", () => {
  it.each(commands)("herm %s: %s", async (typed, leadsTo) => {
    const { code, stdout, stderr } = await run(typed);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(leadsTo);
    const [, line] = /^hint: use (.*)$/m.exec(stderr) ?? [];
    if (line === undefined || line.includes("<")) return;
    expect(await run(line.replace(/^herm /, ""))).toMatchObject({ code: 0 });
  });

  it.each([
    ["cron", "herm help schedules explains cron"],
    ["tasks", "herm help tasks explains tasks"],
    ["agents", "herm help agents explains agents"],
    ["profile", "herm help environment explains profile"],
  ])("herm %s, where no command is meant: %s", async (typed, hint) => {
    expect(await run(typed)).toMatchObject({ code: 2, stderr: expect.stringContaining(hint) });
  });
});

describe("a flag of another tool", () => {
  it.each([
    ["auto list -v", "--help lists the flags"],
    ["-v auto list", "--help lists the flags"],
    ["--version auto list", "herm --version prints the version"],
    ["auto list --version", "herm --version prints the version"],
    ["auto list --failed", "did you mean --failing?"],
    ["auto list --status failed", "did you mean --failing?"],
    ["auto list --status=paused", "did you mean --paused?"],
    ['auto list --name "X*"', "did you mean --match?"],
    ["auto list -A", "did you mean --all-deployments?"],
    ["runs list --status failed", "did you mean --failed?"],
    ["runs list --last 5", "did you mean --limit?"],
    ["runs list -n 5", "did you mean --limit?"],
    ["auto list --json name", "--columns the columns, -o json | jq the fields"],
    ["auto list --jq .name", "did you mean -o json | jq?"],
    ["auto list --format json", "did you mean -o json?"],
    ["auto list --yaml", "did you mean -o json?"],
    ["auto list --fields name", "did you mean --columns?"],
    ["status --fields name", "did you mean -o json | jq?"],
    ["auto pause A --for 2h", "herm help incidents shows how a scheduler resumes it at a given time"],
  ])("herm %s: %s", async (typed, leadsTo) => {
    const { code, stdout, stderr } = await run(typed);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(leadsTo);
  });

  it.each(["incidents show INC-1 -v", "-v incidents show INC-1"])("herm %s: --verbose", async (typed) => {
    expect((await run(typed)).stderr).not.toContain("unknown flag");
  });

  it("names the version where there is no command", async () => {
    for (const typed of ["-v", "--version"]) expect((await run(typed)).stdout).toBe("0.0.0-test\n");
  });
});

describe("a time", () => {
  it.each(["3am", '"2 hours"', '"2 hours ago"', '"tuesday 9am"', '"yesterday at 17:00"'])(
    "--since %s is read",
    async (time) => {
      expect(await run(`runs list --since ${time}`)).toMatchObject({ code: 0 });
    },
  );

  it.each(["tomorrow", '"tomorrow 9am"', '"in 2 hours"', "2090-01-01"])(
    "--since %s is in the future",
    async (time) => {
      const { code, stderr } = await run(`runs list --since ${time}`);
      expect(code).toBe(2);
      expect(stderr).toContain(`error: --since is in the future: ${wordsOf(time).join(" ")}\n`);
    },
  );
});

describe("several names", () => {
  it("are triggered together", async () => {
    expect(await run("auto trigger A B --yes")).toMatchObject({ code: 0 });
  });
});
