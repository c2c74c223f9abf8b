import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { FetchLike } from "../../src/api/fetch.js";
import { answer, fakeApi } from "../support/fake-api.js";
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
      "names the automation that doesn't exist",
      ["automations", "get", "auto_none"],
      4,
      "no such automation: dep_local/auto_none",
      "to see what exists: herm automations list, or herm deployments list",
    ],
    [
      "names the deployment that doesn't exist",
      ["automations", "list", "-d", "dep_none"],
      4,
      "no such deployment: dep_none",
      "to see what exists: herm automations list, or herm deployments list",
    ],
    [
      "recognises the id of a run",
      ["automations", "get", "run_1"],
      4,
      'no automation named "run_1" in dep_local',
      "run_1 is a run: herm runs show run_1",
    ],
    [
      "explains when to use quotes",
      ["automations", "get", "Weekly", "video"],
      2,
      "too many arguments: herm automations get takes 1",
      "put text of several words in quotes: herm automations get [ref]",
    ],
    [
      "explains how to name files",
      ["diff", "-f", "a.yaml", "b.yaml"],
      2,
      "too many arguments: herm diff takes none",
      "put -f before each file or folder: herm diff -f <file>",
    ],
    [
      "shows the syntax of the command",
      ["config", "set", "deployment"],
      2,
      "<value> is missing",
      "usage: herm config set <key> <value>",
    ],
    [
      "says plainly that a file doesn't exist",
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

  it("suggests a similar profile for an unknown one", async () => {
    const { run, server } = await prepare();
    await run(["auth", "login", "--profile", "prod", "--with-token"], { stdin: server.apiKey });
    const { code, stderr } = await run(["automations", "list", "--profile", "prdo"]);
    expect(code).toBe(3);
    expect(stderr).toBe(
      'error: there is no profile "prdo" (--profile) (HERM_API_KEY isn\'t used, because --profile was given)\n' +
        "hint: did you mean prod? Profiles here: prod; for the local server, add --local; to set it up: herm auth login --profile prdo\n",
    );
  });
});

describe("an ordinary word used as the key", () => {
  const unauthorized: FetchLike = async (_url, { headers }) =>
    answer(401, JSON.stringify({ error: { code: "unauthorized", message: `no: ${headers.authorization}` } }));

  it.each(["wrong", "revoked", "herm", "auth", "missing", "error", "hint", "shows"])(
    "isn't redacted in herm's own words: %s",
    async (key) => {
      const refused = await herm(["automations", "list", "-d", "dep_1"], { key, fetch: unauthorized });
      expect(refused).toEqual({
        code: 3,
        stdout: "",
        stderr:
          "error: no: Bearer [redacted]\n" +
          "hint: is the key wrong, or revoked? to see which key is used: herm auth status\n",
      });
      const json = await herm(["automations", "list", "-d", "dep_1", "--json"], { key, fetch: unauthorized });
      expect(JSON.parse(json.stderr).error).toMatchObject({ code: "unauthorized", status: 401 });
    },
  );

  it("isn't redacted in connection errors and attempts", async () => {
    const { stderr } = await herm(["automations", "list", "-d", "dep_1", "--debug"], { key: "connection" });
    expect(stderr).not.toContain("[redacted]");
    expect(stderr).toContain("connection refused");
  });
});

describe("an error in GitHub Actions", () => {
  const list = ["automations", "list", "-d", "dep_1"];
  const create = ["automations", "create", "-d", "dep_1", "--name", "x", "--schedule", "@daily"];
  const refusing =
    (status: number): FetchLike =>
    async () =>
      answer(status, JSON.stringify({ error: { message: `refused\n::error::${status}` } }));

  it.each<[string, string[], HermOptions, string]>([
    [
      "no key",
      list,
      { key: null },
      '::error::no API key for profile "default"%0Ato try it, add --local; in CI',
    ],
    [
      "a refused key",
      list,
      { fetch: refusing(401) },
      "::error::refused%0A:\u200b:error::401%0Ais the key wrong",
    ],
    ["a key without the scope", list, { fetch: refusing(403) }, "::error::refused%0A"],
    [
      "a refused connection",
      list,
      {},
      "::error::127.0.0.1: connection refused (ECONNREFUSED) (tried 4 times in",
    ],
    ["a failing server", list, { fetch: refusing(503) }, "::error::refused%0A"],
    [
      "a freeze",
      [...create, "--instructions", "x"],
      { env: { HERM_FREEZE: "INC-1: ask ada" } },
      "::error::frozen: INC-1: ask ada%0Awhile HERM_FREEZE is set",
    ],
  ])(
    "has one annotation, before its own line, for %s",
    async (_what, argv, { env, ...options }, annotation) => {
      for (const format of [[], ["--json"]]) {
        const { stderr } = await herm([...argv, ...format], {
          key: "key-of-environment",
          ...options,
          env: { ...env, GITHUB_ACTIONS: "true" },
        });
        const lines = stderr.trimEnd().split("\n");
        expect(lines.filter((line) => line.startsWith("::error::"))).toEqual([lines[0]]);
        expect(lines[0]).toContain(annotation);
        expect(lines[1]).toMatch(format.length === 0 ? /^error: / : /^\{"error":/);
      }
      const elsewhere = await herm(argv, { key: "key-of-environment", ...options, env });
      expect(elsewhere.stderr).not.toContain("::error::no");
      expect(elsewhere.stderr.startsWith("error: ")).toBe(true);
    },
  );

  it("has no annotation for incorrect usage or a missing automation", async () => {
    for (const [argv, options] of [
      [["automations", "lst"], {}],
      [list, { fetch: refusing(404), key: "key-of-environment" }],
    ] as const) {
      const { stderr } = await herm(argv, { ...options, env: { GITHUB_ACTIONS: "true" } });
      expect(stderr).toMatch(/^error: /);
    }
  });
});

describe("a request that times out", () => {
  const reach = "is the server up, and the address right? to check both: herm doctor";
  it.each<[string, string[], string, string, string]>([
    [
      "for one attempt",
      ["--timeout", "10s"],
      "55 s",
      "no answer in 10 s (tried 4 times in 46 s)",
      "for more time, add --timeout",
    ],
    [
      "for all attempts",
      ["--max-wait", "40s"],
      "35 s",
      "no answer in 40 s (tried 2 times)",
      "for more time, add --max-wait",
    ],
  ])("names its limit: %s", async (_which, flags, waiting, message, more) => {
    const { code, stderr } = await herm(["automations", "get", "dep_1/auto_1", ...flags], {
      key: "key-of-environment",
      fetch: () => new Promise(() => {}),
      ...hurriedClock(),
    });
    expect({ code, stderr }).toEqual({
      code: 7,
      stderr: `no answer for 5 s; waiting for up to ${waiting}\nerror: 127.0.0.1: ${message}\nhint: ${more}; ${reach}\n`,
    });
  });

  it("explains the fixed limit of a stream, and triggers no run", async () => {
    const sent: string[] = [];
    const api = fakeApi({ text: "Weekly" });
    const fetch: FetchLike = (url, init) => {
      sent.push(`${init.method} ${new URL(url).pathname.split("/").at(-1)}`);
      return url.includes("/events") ? new Promise(() => {}) : api(url, init);
    };
    const argv = ["automations", "trigger", "dep_1/auto_1", "--follow"];
    const { code, stderr } = await herm(argv, { key: "key-of-environment", fetch, ...hurriedClock() });
    const message = "the event stream couldn't be opened: 127.0.0.1: no answer in 10 s";
    expect({ code, stderr, sent }).toEqual({
      code: 7,
      stderr: `no answer for 5 s; waiting for up to 5 s\nerror: ${message}\nhint: ${reach}\n`,
      sent: ["GET auto_1", "GET events"],
    });
  });
});

/** A clock on which all waits and time limits end at once if nothing else happens first. */
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

describe("an --except without a match", () => {
  it.each([
    [["automations", "list"]],
    [["automations", "upcoming"]],
    [["automations", "audit"]],
    [["export"]],
    [["runs", "list"]],
    [["status", "--new"]],
  ])("is reported by %j without stopping it", async (argv) => {
    const { run } = await prepare();
    for (const selectors of [["-d", "dep_local"], ["--all-deployments"], []]) {
      const told = await run([...argv, ...selectors, "--except", "Wekly", "--except", "auto_none"]);
      expect(told.code).toBe(0);
      expect(told.stderr).toContain(
        'warning: --except "Wekly" matches nothing\nwarning: --except "auto_none" matches nothing\n',
      );
      const fitting = await run([...argv, ...selectors, "--except", "Week*"]);
      expect(fitting.stderr).not.toContain("matches nothing");
    }
  });

  it("isn't reported for an excluded deployment or customer", async () => {
    const { run } = await prepare();
    const { stderr, stdout } = await run([
      "automations",
      "list",
      "--all-deployments",
      "--except",
      "dep_local",
    ]);
    expect({ stderr, stdout }).toEqual({
      stderr: expect.not.stringContaining("matches nothing"),
      stdout: "",
    });
  });
});
