import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { addDeployment } from "../commands/run-server.js";
import { embeddedUrl, type HermOptions, herm, startServer, temporaryFolder } from "../support/harness.js";
import { readShellLine } from "../support/shell-line.js";

const wordsOf = (line: string) => readShellLine(line).flatMap(({ words }) => words);

let home: string;
let run: (line: string, options?: HermOptions) => ReturnType<typeof herm>;

let server: Awaited<ReturnType<typeof startServer>>;

beforeEach(async () => {
  server = await startServer();
  home = temporaryFolder();
  run = (line, options) =>
    herm(wordsOf(line), { server, home, cwd: home, env: { HERM_DEPLOYMENT: "dep_local" }, ...options });
  for (const name of ["A", "B"])
    await run(`automations create --name ${name} --schedule @daily --instructions x`);
  const automation = `{name: "Sweep in \${country}", schedule: "@daily", instructions: x}`;
  writeFileSync(join(home, "a.yaml"), `automations:\n  - ${automation}\n`);
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
  ["schedules explain 'every day at 9am' --tz UTC", "use herm schedule explain 'every day at 9am' --tz UTC"],
  ["scedule explain @daily", "use herm schedule explain @daily"],
  ["run A", "use herm automations trigger A"],
  ["alerts", "to read about alerts: herm help alerts"],
  ["notify", "to read about notify: herm help alerts"],
  ["logs -f", "to follow one as it happens"],
  ["stats", "use herm automations audit --by automation"],
  ["backfill A --since 2h --yes", "use herm automations catch-up A --since 2h --yes"],
  ["init", "to save your key: herm auth login"],
  ["init", "to write automations to files: herm export"],
  ["init", "herm apply --print-schema"],
  ["context", "use herm config set profile <name>"],
  ["context use prod", "use herm config set profile prod"],
  ["profile use prod", "use herm config set profile prod"],
  ["profiles list", "use herm config list"],
  ["profiles delete old", "use herm auth logout --profile old"],
  ["auth switch prod", "use herm config set profile prod"],
  ["config use-context prod", "use herm config set profile prod"],
  ["auto history", "use herm history"],
  ["auto history A", "use herm history A"],
  ["auto rename A Z", "use herm automations update A --name Z"],
  ["auto rename A Z --yes", "use herm automations update A --name Z --yes"],
  ["schedule show '@daily'", "use herm schedule explain"],
  ["auto rename A", 'use herm automations update A --name "…"'],
  ["auto schedule A 'every day at 9am'", "use herm automations update A --schedule 'every day at 9am'"],
] as const;

describe("a command from another tool", () => {
  it.each(commands)("herm %s gets the hint: %s", async (typed, leadsTo) => {
    const { code, stdout, stderr } = await run(typed);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(leadsTo);
    const [, line] = /^hint: use (.*)$/m.exec(stderr) ?? [];
    if (line === undefined || line.includes("<")) return;
    expect(await run(line.replace(/^herm /, ""))).toMatchObject({ code: 0 });
  });

  it.each(["run list", "run ls", "incident list", "automation list", "deployment list", "help run list"])(
    "may name a group in the singular: herm %s",
    async (typed) => {
      expect(await run(typed)).toMatchObject({ code: 0 });
    },
  );

  it.each([
    ["logs -f A", "to follow one as it happens: herm runs watch A"],
    ["logs --follow A -d dep_local", "to follow one as it happens: herm runs watch A -d dep_local"],
    ["auto logs A -f", "to see its last run: herm runs show A"],
  ])("herm %s gets the hint: %s", async (typed, hint) => {
    expect(await run(typed)).toMatchObject({ code: 2, stderr: expect.stringContaining(hint) });
  });

  it("points from history show to herm history", async () => {
    const { code, stderr } = await run("history show c_7f3kq9");
    expect({ code, stderr }).toMatchObject({
      code: 4,
      stderr: expect.stringMatching(/^hint: herm history c_7f3kq9$/m),
    });
  });

  it.each([
    ["cron", "to read about cron: herm help schedules"],
    ["tasks", "to read about tasks: herm help tasks"],
    ["agents", "to read about agents: herm help agents"],
    ["profile", "to read about profile: herm help environment"],
  ])("herm %s gets a hint to a topic: %s", async (typed, hint) => {
    expect(await run(typed)).toMatchObject({ code: 2, stderr: expect.stringContaining(hint) });
  });
});

describe("a flag from another tool", () => {
  it.each([
    ["auto list -v", "to see the flags of this command, add --help"],
    ["-v auto list", "to see the flags of this command, add --help"],
    ["--version auto list", "to print the version: herm --version"],
    ["auto list --version", "to print the version: herm --version"],
    ["auto create --enabled false --name C", "did you mean --paused?"],
    ["auto create --name C --enabled=no", "did you mean --paused?"],
    ["auto create --name C --enabled true", "to see the flags of this command, add --help"],
    ["auto list --failed", "did you mean --failing?"],
    ["auto list --status failed", "did you mean --failing?"],
    ["auto list --status=paused", "did you mean --paused?"],
    ['auto list --name "X*"', "did you mean --match?"],
    ["auto list -A", "did you mean --all-deployments?"],
    ["runs list --status failed", "did you mean --failed?"],
    ["runs list --last 5", "did you mean --limit?"],
    ["runs list -n 5", "did you mean --limit?"],
    ["auto list --json name", "choose names with --match, columns with --columns, fields with -o json | jq"],
    ["auto list --jq .name", "did you mean -o json | jq?"],
    ["auto list --format json", "did you mean -o json?"],
    ["auto list --yaml", "did you mean -o json?"],
    ["auto list --fields name", "did you mean --columns?"],
    ["status --fields name", "did you mean -o json | jq?"],
    ["auto pause A --for 2h", "to resume it at a given time, use a scheduler: herm help incidents"],
  ])("herm %s gets the hint: %s", async (typed, leadsTo) => {
    const { code, stdout, stderr } = await run(typed);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(leadsTo);
  });

  it.each(["incidents show INC-1 -v", "-v incidents show INC-1"])(
    "means --verbose in herm %s",
    async (typed) => {
      expect((await run(typed)).stderr).not.toContain("unknown flag");
    },
  );

  it("works if it is --failing in runs list", async () => {
    expect(await run("runs list --failing")).toMatchObject({ code: 0, stdout: "" });
  });

  it("causes a hint with the deployment if the automation is unknown", async () => {
    const { code, stderr } = await run("auto delete dep_local/Nothing --yes");
    expect({ code, stderr }).toMatchObject({
      code: 4,
      stderr: expect.stringContaining("to see what exists: herm automations list -d dep_local"),
    });
  });

  it("prints the version if it is -v without a command", async () => {
    for (const typed of ["-v", "--version"]) expect((await run(typed)).stdout).toBe("0.0.0-test\n");
  });
});

describe("a time", () => {
  it.each(["3am", '"2 hours"', '"2 hours ago"', '"tuesday 9am"', '"yesterday at 17:00"'])(
    "is accepted as --since %s",
    async (time) => {
      expect(await run(`runs list --since ${time}`)).toMatchObject({ code: 0 });
    },
  );

  it.each(["tomorrow", '"tomorrow 9am"', '"in 2 hours"', "2090-01-01"])(
    "is rejected as in the future by --since %s",
    async (time) => {
      const { code, stderr } = await run(`runs list --since ${time}`);
      expect(code).toBe(2);
      expect(stderr).toContain(`error: --since is in the future: ${wordsOf(time).join(" ")}\n`);
    },
  );
});

describe("a missing argument", () => {
  it.each([
    [
      "undo",
      "no change given",
      /^hint: to undo the newest, herm automations create .*: herm undo c_\w+ --yes$/m,
    ],
    ["auto adopt", "no manifest given", /-f accepts a file, a folder, or - for stdin/],
    ["auto delete", "no automation given", /herm automations delete <id or name>/],
    ["auto catch-up", "no --since given", /--since 24h/],
    ["skill install", 'the skill has no page "install"', /to see where to copy them: herm help agents$/m],
  ])("in herm %s causes the error %s", async (typed, message, hint) => {
    const { code, stderr } = await run(typed);
    expect(code).toBe(2);
    expect(stderr).toContain(`error: ${message}`);
    expect(stderr).toMatch(hint);
  });

  it.each(["diff", "lint"])(
    "may be values: auto %s names them, and doesn't mention changes",
    async (verb) => {
      const { code, stderr } = await run(`auto ${verb} -f a.yaml`);
      expect(code).toBe(2);
      expect(stderr).toContain("isn't set (to set it, use --values <file> or --var country=…;");
      expect(stderr).not.toContain("nothing was changed");
    },
  );

  it("may be a deployment, for which similar names are suggested", async () => {
    for (const name of ["Nordlys Bank US", "Nordlys Bank EU"])
      await addDeployment(server, { name, customer_id: "cus_1" });
    const { code, stderr } = await run('auto get "Nordlys Bank/Spam sweep"', { env: {} });
    expect(code).toBe(4);
    expect(stderr).toBe(
      'error: no deployment named "Nordlys Bank"\nhint: did you mean "Nordlys Bank EU" or "Nordlys Bank US"?\n',
    );
  });

  it("may be the flag for the change's API, which the hint contains", async () => {
    await run(`auto pause A --api-url ${embeddedUrl}`);
    const id = await lastId();
    const { stderr, line } = await undoOther(id, "--profile prod");
    expect(stderr).toContain(`error: change ${id} was made on `);
    expect(line).toBe(`herm --api-url ${embeddedUrl} undo ${id}`);
    expect(await run(`${line.slice("herm ".length)} --yes`)).toMatchObject({ code: 0 });
  });

  it("may be the profile whose key fits the change's API", async () => {
    const login = `auth login --with-token --profile acme --api-url ${embeddedUrl}`;
    await run(login, { stdin: server.apiKey });
    await run("auto pause A -d dep_local --profile acme");
    const id = await lastId();
    expect((await undoOther(id, "--profile prod")).line).toBe(`herm --profile acme undo ${id}`);
  });

  it.each([
    ["local", "--local"],
    ["example", "--profile example"],
  ])("may be the server of the profile %s, which made the change", async (profile, flags) => {
    await run("auto pause A");
    const id = await lastId();
    const folder = join(home, ".local", "share", "herm", "history");
    const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
    const file = join(folder, names.find((name) => name.includes(id)) ?? "");
    const text = readFileSync(file, "utf8");
    writeFileSync(
      file,
      text.replace(/"store_id":"[^"]+","profile":"\w+"/, `"store_id":"x","profile":"${profile}"`),
    );
    expect((await undoOther(id)).line).toBe(`herm ${flags} undo ${id}`);
  });
});

const lastId = async () => (await run("history --limit 1 -o name")).stdout.trim();

/** The error for an undo of a change made elsewhere, and the command in its hint. */
async function undoOther(id: string, flags = "") {
  const { code, stderr } = await run(`undo ${id} --yes ${flags}`);
  expect(code).toBe(2);
  return { stderr, line: /^hint: nothing was sent; to undo it there: (.+)$/m.exec(stderr)?.[1] ?? "" };
}

describe("several references", () => {
  it("are triggered together", async () => {
    expect(await run("auto trigger A B --yes")).toMatchObject({ code: 0 });
  });
});
