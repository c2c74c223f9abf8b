import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import type { FetchLike } from "../../src/api/fetch.js";
import { embeddedUrl, herm, nobodyListens, startServer, temporaryFolder } from "../support/harness.js";
import { spawnHerm } from "../support/spawn.js";

/** An automation without runs, and a profile `work` with the server's key. */
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
    "to see what exists: <herm> automations list, or <herm> deployments list",
  ],
  [["automations", "get", "Nope"], "to see what exists: <herm> automations list"],
  [["automations", "get", "run_1"], "run_1 is a run: <herm> runs show run_1"],
  [
    ["automations", "list"],
    "is the server up, and the address right? to check both: <herm> doctor",
    nobodyListens,
  ],
  [
    ["automations", "list"],
    "is the key wrong, or revoked? to see which key is used: <herm> auth status",
    refused,
  ],
  [["automations", "list", "-d", "Nope"], "to see what exists: <herm> deployments list"],
  [["automations", "list", "--customer", "cus_none"], "to see what exists: <herm> deployments list"],
  [
    ["automations", "pause", "--all", "-d", "dep_none", "--yes"],
    "to see what exists: <herm> deployments list",
  ],
  [
    ["automations", "pause", "--all", "--customer", "cus_none", "--yes"],
    "to see what exists: <herm> deployments list",
  ],
  [
    ["automations", "pause", "Nope", "--incident", "I1", "--yes"],
    "to see what exists: <herm> automations list",
  ],
  [
    ["automations", "pause", "--match", "nope", "--yes"],
    "nothing was changed; to see all of them: <herm> automations list",
  ],
  [["automations", "pause"], "name one: <herm> automations pause <id or name>"],
  [
    ["automations", "create"],
    'give all three: <herm> automations create --name "…" --schedule "every Monday at 9am" --instructions "…"',
  ],
  [
    ["automations", "create", "--name", "Weekly", "--schedule", "@daily", "--instructions", "x"],
    "to create a second one, add --allow-duplicate; to change the first: <herm> automations update",
  ],
  [
    ["automations", "resume", "--match", "W*", "--yes"],
    "give an id or name, or --incident <name>; to see the incidents: <herm> incidents list",
  ],
  [
    ["incidents", "show"],
    "to see closed ones: <herm> incidents list; for an incident started elsewhere, pass --ledger <file> to pause or resume, or import its ledger: <herm> incidents import <file>",
  ],
  [["runs", "show"], "name one: <herm> runs show <run, or an automation's id or name>"],
  [["runs", "show", "Weekly"], "to run it now: <herm> automations trigger <id>"],
  [
    ["runs", "show", "run_9"],
    "for another deployment's run, use dep_…/run_…; to see recent runs: <herm> runs list",
  ],
  [
    ["runs", "answer"],
    "to see the waiting runs: <herm> runs list --waiting; to answer one, or all with --text <text>: <herm> runs answer <run> <text>",
  ],
  [
    ["runs", "answer", "Weekly", "yes"],
    "nothing was sent; to see the waiting runs: <herm> runs list --waiting",
  ],
  [["config", "set", "deployment", " "], "to remove it: <herm> config unset deployment"],
];

describe("a hint with a command", () => {
  it.each<{ target: string[] }>([
    { target: ["--api-url", embeddedUrl] },
    { target: ["--profile", "work"] },
    { target: [] },
  ])("contains the target's flags: $target", async ({ target }) => {
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

  it("contains --local, except for the login command, which doesn't need it", async () => {
    const home = temporaryFolder();
    const local = (...words: string[]) => spawnHerm(["--local", ...words], { home });
    const missing = await local("automations", "get", "auto_none");
    const unknown = await local("config", "unset", "colour");
    await spawnHerm(["dev", "stop"], { home });
    expect(missing.stderr).toContain(
      "hint: to see what exists: herm --local automations list, or herm --local deployments list\n",
    );
    expect(unknown.stderr).toContain("; to save a key: herm auth login\n");
  });

  it("suggests a login if the key is missing", async () => {
    const { stderr } = await herm(["--api-url", "https://api.test", "automations", "list"], { key: null });
    expect(stderr).toContain(
      "hint: to try it, add --local; in CI set HERM_API_KEY; to save a key: herm auth login --api-url https://api.test",
    );
  });

  it("doesn't repeat a password from a URL", async () => {
    const { stderr } = await herm(["--api-url", "https://me:secret@api.test", "automations", "list"]);
    expect(stderr).toBe(
      "error: --api-url must not contain a user name or password\n" +
        "hint: set the key in HERM_API_KEY, or save it: herm --api-url https://api.test auth login\n",
    );
  });
});

/** Help for declared commands, and examples for groups, which show commands as they are typed. */
const declaredHelp = /\n {2}help: \{.*?\n {2}\},|\n {4}examples: \[[^\n]*/gs;

/** Texts in the code that name an API command as it is called without flags. */
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

const isCommand = (node: ts.Node) =>
  ts.isCallExpression(node) && /^(?:herm|commandLine|rerunCommand)$/.test(node.expression.getText());

/** The text before a template's first command, and after its last. */
function aroundCommands(template: ts.TemplateExpression): [before: string, after: string][] {
  const { head, templateSpans: spans } = template;
  const first = spans.findIndex(({ expression }) => isCommand(expression));
  const last = spans.findLastIndex(({ expression }) => isCommand(expression));
  const textOf = (some: readonly ts.TemplateSpan[]) => some.map(({ literal }) => literal.text).join("…");
  return first < 0 ? [] : [[head.text + textOf(spans.slice(0, first)), textOf(spans.slice(last))]];
}

function templatesIn(node: ts.Node): ts.TemplateExpression[] {
  const inside: ts.TemplateExpression[] = [];
  node.forEachChild((child) => void inside.push(...templatesIn(child)));
  return ts.isTemplateExpression(node) ? [node, ...inside] : inside;
}

describe("a command in a source string", () => {
  it("follows its purpose and ends the hint, except for placeholders", () => {
    const src = join(import.meta.dirname, "..", "..", "src");
    const files = readdirSync(src, { recursive: true, encoding: "utf8" }).filter((file) =>
      file.endsWith(".ts"),
    );
    const around = files.flatMap((file) => {
      const text = readFileSync(join(src, file), "utf8");
      const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
      return templatesIn(source).flatMap(aroundCommands);
    });
    expect(around.length).toBeGreaterThan(40);
    const filledIn = /^(?: <[^>]+>| --\w+ "[^"]+"| < key\.txt)*$/;
    expect(
      around.filter(([before, after]) => !/: ?\n? *$/.test(before) || !filledIn.test(after)),
      // The command for an incident that was started elsewhere follows.
    ).toEqual([
      ["no incidents here. Pausing a selection starts one:\n  ", "\n…"],
      ["to see closed ones: ", "; …"],
    ]);
  });

  it("is passed as separate words, so that the target's flags can be added", () => {
    const isElsewhere = [
      /^help\/unknown-command.ts: herm runs watch <run>, herm top/,
      /^manifest\/mistake.ts: herm apply --print-schema /,
      /^manifest\/printed-schema.ts: /,
      /^settings\/load.ts: herm auth login" : `herm auth login --profile /,
      /^commands\/dev\/dev-view.ts: herm automations list`/,
      /^commands\/config\/set.ts: herm auth login --profile /,
      /^commands\/auth\/login.ts: herm config set profile /,
      /^commands\/incidents\/show.ts: herm incidents import /,
      // It doesn't name a target, and lint doesn't need one.
      /^commands\/automations\/manifest\/view\/annotations.ts: herm lint /,
      // The title of a report.
      /^commands\/automations\/manifest\/(apply|diff|lint).ts: herm automations \w+" \}/,
    ];
    expect(bareCommands().filter((text) => !isElsewhere.some((place) => place.test(text)))).toEqual([]);
  });
});
