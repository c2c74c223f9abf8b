import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { FetchLike } from "../../src/api/fetch.js";
import { embeddedUrl, herm, nobodyListens, startServer, temporaryFolder } from "../support/harness.js";
import { spawnHerm } from "../support/spawn.js";

/** One automation without a run, and a profile `work` with the server's key. */
async function prepare() {
  const server = await startServer();
  const options = { server, home: temporaryFolder(), env: { HERM_DEPLOYMENT: "dep_local" } };
  const fields = ["--name", "Weekly", "--schedule", "@daily", "--instructions", "x", "-o", "name"];
  const { stdout } = await herm(["automations", "create", ...fields], options);
  const login = ["auth", "login", "--with-token", "--profile", "work", "--api-url", embeddedUrl];
  await herm(login, { ...options, stdin: server.apiKey });
  await herm(["config", "set", "deployment", "dep_local", "--profile", "work"], options);
  return { options, id: stdout.trim() };
}

const refused: FetchLike = async () => ({ status: 401, headers: new Headers(), body: null });

/** `<herm>` stands for the command with the flags that chose the target. */
const hints: [argv: string[], hint: string, fetch?: FetchLike][] = [
  [
    ["automations", "get", "auto_none"],
    "<herm> automations list and <herm> deployments list show what exists",
  ],
  [["automations", "get", "Nope"], "<herm> automations list shows what exists"],
  [["automations", "get", "run_1"], "run_1 is a run: <herm> runs show run_1"],
  [
    ["automations", "list"],
    "is the server up, and the address right? <herm> doctor checks both",
    nobodyListens,
  ],
  [
    ["automations", "list"],
    "is the key wrong, or revoked? <herm> auth status shows which key is used",
    refused,
  ],
  [["automations", "list", "-d", "Nope"], "<herm> deployments list shows what exists"],
  [["automations", "list", "--customer", "cus_none"], "<herm> deployments list shows what exists"],
  [["automations", "pause", "--all", "-d", "dep_none", "--yes"], "<herm> deployments list shows what exists"],
  [
    ["automations", "pause", "--all", "--customer", "cus_none", "--yes"],
    "<herm> deployments list shows what exists",
  ],
  [
    ["automations", "pause", "Nope", "--incident", "I1", "--yes"],
    "<herm> automations list shows what exists",
  ],
  [
    ["automations", "pause", "--match", "nope", "--yes"],
    "nothing was changed; <herm> automations list shows what exists",
  ],
  [["automations", "pause"], "<herm> automations pause <id or name>"],
  [
    ["automations", "create"],
    '<herm> automations create --name "…" --schedule "every Monday at 9am" --instructions "…"',
  ],
  [
    ["automations", "create", "--name", "Weekly", "--schedule", "@daily", "--instructions", "x"],
    "--allow-duplicate creates a second one; <herm> automations update changes the first",
  ],
  [
    ["automations", "resume", "--match", "W*", "--yes"],
    "<herm> incidents list shows the incidents; single automations are resumed by id or name",
  ],
  [
    ["incidents", "show"],
    "<herm> incidents list shows closed ones to name; one started elsewhere: <herm> incidents import <file>, or --ledger <file> of pause and resume",
  ],
  [["runs", "show"], "<herm> runs show <run, or an automation's id or name>"],
  [["runs", "show", "Weekly"], "<herm> automations trigger <id> runs it now"],
  [["runs", "show", "run_9"], "<herm> runs list shows them; for another deployment's run, give dep_…/run_…"],
  [
    ["runs", "answer"],
    "<herm> runs answer <run> <text>, or --text <text> for all that wait; <herm> runs list --waiting shows what waits",
  ],
  [["runs", "answer", "Weekly", "yes"], "nothing was sent; <herm> runs list --waiting shows what waits"],
  [["config", "set", "deployment", " "], "<herm> config unset deployment removes it"],
];

describe("a hint with a command", () => {
  it.each<{ target: string[] }>([
    { target: ["--api-url", embeddedUrl] },
    { target: ["--profile", "work"] },
    { target: [] },
  ])("contains the target: $target", async ({ target }) => {
    const { options, id } = await prepare();
    const called = ["herm", ...target].join(" ");
    const said: unknown[] = [];
    for (const [argv, , fetch] of hints) {
      const { stderr } = await herm(
        [...target, ...argv],
        fetch === undefined ? options : { ...options, fetch },
      );
      said.push([argv, /^hint: (.*)$/m.exec(stderr)?.[1]]);
    }
    const wanted = hints.map(([argv, hint]) => [
      argv,
      hint.replaceAll("<herm>", called).replaceAll("<id>", id),
    ]);
    expect(said).toEqual(wanted);
  });

  it("contains --local, except for the login, which needs none", async () => {
    const home = temporaryFolder();
    const local = (...words: string[]) => spawnHerm(["--local", ...words], { home });
    const missing = await local("automations", "get", "auto_none");
    const unknown = await local("config", "unset", "colour");
    await spawnHerm(["dev", "stop"], { home });
    expect(missing.stderr).toContain(
      "hint: herm --local automations list and herm --local deployments list show what exists\n",
    );
    expect(unknown.stderr).toContain("; a key is given with herm auth login\n");
  });

  it("suggests a login if the key is missing", async () => {
    const { stderr } = await herm(["--api-url", "https://api.test", "automations", "list"], { key: null });
    expect(stderr).toContain(
      "hint: run `herm auth login --api-url https://api.test` (in CI set HERM_API_KEY)",
    );
  });

  it("doesn't repeat a password from a URL", async () => {
    const { stderr } = await herm(["--api-url", "https://me:secret@api.test", "automations", "list"]);
    expect(stderr).toBe(
      "error: --api-url must not hold a user name or password\n" +
        "hint: the key is saved by `herm --api-url https://api.test auth login`, or given in HERM_API_KEY\n",
    );
  });
});

/** The help of a declared command, and a group's examples: they are as they are typed. */
const declaredHelp = /\n {2}help: \{.*?\n {2}\},|\n {4}examples: \[[^\n]*/gs;

/** The texts of the code that name a command of the API's as it is called without flags. */
function bareCommands(): string[] {
  const src = join(import.meta.dirname, "..", "..", "src");
  const files = readdirSync(src, { recursive: true, encoding: "utf8" }).filter(
    (file) => file.endsWith(".ts") && !file.startsWith("help/"),
  );
  return files.flatMap((file) =>
    readFileSync(join(src, file), "utf8")
      .replace(declaredHelp, "")
      .split("\n")
      .filter((line) => !/^\s*(\/\*|\*|\/\/)/.test(line))
      .flatMap(
        (line) =>
          /\bherm (automations|runs|deployments|incidents|auth|config|doctor)\b.*/.exec(line)?.[0] ?? [],
      )
      .map((text) => `${file}: ${text}`),
  );
}

describe("a command in a source string", () => {
  it("is passed as words, so that the target's flags are added", () => {
    const isElsewhere = [
      /^help\/unknown-command.ts: herm runs watch <run>, herm top/,
      /^manifest\/mistake.ts: herm apply --print-schema /,
      /^manifest\/printed-schema.ts: /,
      /^settings\/load.ts: herm auth login" : `herm auth login --profile /,
      /^commands\/dev\/dev-view.ts: herm automations list`/,
      /^commands\/config\/set.ts: herm auth login --profile /,
      /^commands\/auth\/login.ts: herm config set profile /,
      /^commands\/incidents\/show.ts: herm incidents import /,
      // It names no target; lint asks none.
      /^commands\/automations\/manifest\/view\/annotations.ts: herm lint /,
      // The title of a report.
      /^commands\/automations\/manifest\/(apply|diff|lint).ts: herm automations \w+" \}/,
    ];
    expect(bareCommands().filter((text) => !isElsewhere.some((place) => place.test(text)))).toEqual([]);
  });
});
