import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { FetchLike } from "../../src/api/fetch.js";
import { fakeApi } from "../support/fake-api.js";
import { type HermOptions, herm, startServer, temporaryFolder } from "../support/harness.js";

async function prepare() {
  const server = await startServer();
  const home = temporaryFolder();
  const cwd = join(home, "work");
  mkdirSync(cwd);
  const run = (argv: readonly string[], options: HermOptions = {}) =>
    herm(argv, { server, home, cwd, env: { HERM_DEPLOYMENT: "dep_local" }, ...options });
  const flags = ["--name", "Weekly", "--schedule", "@daily", "--instructions", "x"];
  await run(["automations", "create", ...flags]);
  return { server, run };
}

const withoutRequest = (text: string) => text.replaceAll(/ \(request req_\w+\)/g, "");

describe("an error", () => {
  it.each<[string, string[], number, string, string | undefined]>([
    [
      "names what isn't there",
      ["automations", "get", "auto_none"],
      4,
      "no such automation: dep_local/auto_none",
      "herm automations list and herm deployments list show what is there",
    ],
    [
      "names the deployment that isn't there",
      ["automations", "list", "-d", "dep_none"],
      4,
      "no such deployment: dep_none",
      "herm automations list and herm deployments list show what is there",
    ],
    [
      "says what a run's id is",
      ["automations", "get", "run_1"],
      4,
      'no automation named "run_1" in dep_local',
      "run_1 is a run: herm runs show run_1",
    ],
    [
      "says what goes in quotes",
      ["automations", "get", "Weekly", "video"],
      2,
      "too many arguments for 'get'. Expected 1 argument but got 2.",
      "herm automations get [ref]; a text of several words goes in quotes",
    ],
    [
      "says how a command is called",
      ["config", "set", "deployment"],
      2,
      "missing required argument 'value'",
      "herm config set <key> <value>; --help tells more",
    ],
    [
      "says plainly that a file isn't there",
      ["automations", "update", "Weekly", "--instructions-file", "none.md"],
      2,
      "can't read the instructions from none.md: no such file",
      undefined,
    ],
  ])("%s", async (_what, argv, code, message, hint) => {
    const { run } = await prepare();
    const lines = `error: ${message}\n${hint === undefined ? "" : `hint: ${hint}\n`}`;
    for (const tty of [false, true]) {
      const refused = await run([...argv, "--no-input"], { tty });
      expect({ ...refused, stderr: withoutRequest(refused.stderr) }).toEqual({
        code,
        stdout: "",
        stderr: lines,
      });
    }
    const json = await run([...argv, "--json"]);
    expect(JSON.parse(json.stderr.trimEnd().split("\n").at(-1) ?? "")).toMatchObject({
      error: { message, ...(hint === undefined ? {} : { hint }) },
    });
  });

  it("of a profile that isn't there names the one that was meant", async () => {
    const { run, server } = await prepare();
    await run(["auth", "login", "--profile", "prod", "--with-token"], { stdin: server.apiKey });
    const { code, stderr } = await run(["automations", "list", "--profile", "prdo"]);
    expect(code).toBe(3);
    expect(stderr).toContain("hint: did you mean prod? Else run `herm auth login --profile prdo`");
  });
});

describe("a request that ends by a time limit", () => {
  const reach = "is the server up, and the address right? herm doctor looks at both";
  it.each<[string, string[], string, string]>([
    [
      "one attempt's",
      ["--timeout", "10s"],
      "no answer in 10 s (tried 4 times in 41 s)",
      "--timeout gives it longer",
    ],
    [
      "that of all attempts",
      ["--max-wait", "40s"],
      "no answer before the 40 s for all attempts were over (tried 2 times in 40 s)",
      "--max-wait gives it longer",
    ],
  ])("names it: %s", async (_which, flags, message, more) => {
    const { code, stderr } = await herm(["automations", "get", "dep_1/auto_1", ...flags], {
      key: "key-of-environment",
      fetch: () => new Promise(() => {}),
      ...hurriedClock(),
    });
    expect({ code, stderr }).toEqual({
      code: 7,
      stderr: `error: 127.0.0.1: ${message}\nhint: ${reach}; ${more}\n`,
    });
  });

  it("says of a stream that didn't open that nothing can move its limit, and triggers nothing", async () => {
    const sent: string[] = [];
    const api = fakeApi({ text: "Weekly" });
    const fetch: FetchLike = (url, init) => {
      sent.push(`${init.method} ${new URL(url).pathname.split("/").at(-1)}`);
      return url.includes("/events") ? new Promise(() => {}) : api(url, init);
    };
    const argv = ["automations", "trigger", "dep_1/auto_1", "--follow"];
    const { code, stderr } = await herm(argv, { key: "key-of-environment", fetch, ...hurriedClock() });
    const message =
      "the event stream couldn't be opened: 127.0.0.1: no answer before the 10 s for all attempts were over";
    expect({ code, stderr, sent }).toEqual({
      code: 7,
      stderr: `error: ${message}\nhint: ${reach}\n`,
      sent: ["GET auto_1", "GET events"],
    });
  });
});

/** A clock on which every wait and time limit passes at once where nothing else comes first. */
function hurriedClock(): HermOptions {
  let nowMs = 0;
  return {
    random: () => 0.5,
    monotonic: () => nowMs,
    sleep: async (ms) => {
      nowMs += ms;
    },
    timer: (ms, fire) => {
      const soon = setImmediate(() => {
        nowMs += ms;
        fire();
      });
      return () => clearImmediate(soon);
    },
  };
}

describe("an --except that fits nothing", () => {
  it.each([
    [["automations", "list"]],
    [["automations", "upcoming"]],
    [["automations", "export"]],
    [["runs", "list"]],
  ])("is told by %j, which goes on", async (argv) => {
    const { run } = await prepare();
    for (const selectors of [["-d", "dep_local"], ["--all-deployments"], []]) {
      const told = await run([...argv, ...selectors, "--except", "Wekly", "--except", "auto_none"]);
      expect(told.code).toBe(0);
      expect(told.stderr).toContain(
        'warning: --except "Wekly" fits nothing\nwarning: --except "auto_none" fits nothing\n',
      );
      const fitting = await run([...argv, ...selectors, "--except", "Week*"]);
      expect(fitting.stderr).not.toContain("fits nothing");
    }
  });

  it("isn't told of a deployment or customer that was left out", async () => {
    const { run } = await prepare();
    const { stderr, stdout } = await run([
      "automations",
      "list",
      "--all-deployments",
      "--except",
      "dep_local",
    ]);
    expect({ stderr, stdout }).toEqual({ stderr: expect.not.stringContaining("fits nothing"), stdout: "" });
  });
});
