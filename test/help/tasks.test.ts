import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { loadTopic } from "../../src/help/topic-pages.js";
import { addAutomation, addDeployment, call } from "../incident/fleet.js";
import { command } from "../support/command-file.js";
import { startDocumentedWorld } from "../support/documented-world.js";
import { startServer, temporaryFolder } from "../support/harness.js";
import { commandsOf, fileOfTopic } from "../support/topics.js";
import { watching } from "../support/watching.js";

interface Deed {
  /** Answers its question, if it asks one. */
  yes?: boolean;
  watches?: boolean;
  code?: number;
  prints: RegExp;
  /** Another command, and its output after that. */
  after?: readonly [line: string, prints: RegExp];
}

const weekly = /Weekly video variations/;
const get = 'herm automations get "Weekly video variations" -o json';
const listAll = "herm automations list --all-deployments -o json";

/** The effect of each line in `herm help tasks` on a fleet of two deployments, Local and Acme. */
const deeds: Readonly<Record<string, Deed>> = {
  "herm automations list": { prints: /^Report to sales\t.*\nWeekly video variations\t.*\n$/ },
  "herm automations list --watch": { watches: true, code: 130, prints: /Weekly video va/ },
  'herm automations create --name "Weekly video variations" --schedule "every Monday at 9am" --instructions-file prompt.md':
    { prints: weekly, after: [get, /"instructions": "Make five variations of last week's best video/] },
  'herm automations get "Weekly video variations"': { prints: /Make five variations/ },
  'herm automations update "Weekly video variations" --schedule "every weekday at 18:30"': {
    prints: weekly,
    after: [get, /"schedule": "30 18 \* \* 1-5"/],
  },
  "herm automations upcoming": { prints: /the next is Report to sales/ },
  'herm automations trigger "Weekly video variations" --follow': { prints: /completed/ },
  "herm runs watch <run>": { code: 11, prints: /May I send it\?/ },
  "herm runs show <run>": { prints: /May I send it\?/ },
  "herm runs answer <run> yes": { prints: /^run_\w+\tthr_\w+\trunning\n/ },
  'herm runs answer --text yes --match "Weekly*" --all-deployments': {
    yes: true,
    prints: /nothing to answer/,
  },
  "herm runs list --failed --since 12h --all-deployments": { prints: /2 runs, none failed/ },
  "herm runs list --since yesterday --until today": { prints: /nothing to list|no run/ },
  "herm runs list --watch": { watches: true, code: 130, prints: weekly },
  "herm automations audit --all-deployments --by automation": { prints: /0 scheduled runs of 3 automations/ },
  "herm status": { prints: /^counts\t3 automations\t[\s\S]*waiting\tReport to sales/ },
  "herm status --watch": { watches: true, code: 130, prints: /3 automations/ },
  "herm automations list --all-deployments --overdue --failing --waiting --unexpected --exit-code": {
    code: 9,
    prints: /Report to sales/,
  },
  "herm automations audit --all-deployments --since yesterday --exit-code": {
    prints: /^nothing was due in that period/,
  },
  "herm automations catch-up --all-deployments --since 24h --dry-run": {
    prints: /nothing to start.*3 automations audited/,
  },
  'herm history "Weekly video variations"': { prints: /no changes/ },
  'herm automations update --all-deployments --if-schedule "every Monday at 9am" --schedule "every Monday at 8:30"':
    { yes: true, prints: /3 updated/, after: [listAll, /^(?![\s\S]*"0 9 \* \* 1")[\s\S]*"30 8 \* \* 1"/] },
  "herm automations update --all-deployments --replace five --with six": {
    yes: true,
    prints: /updated/,
    after: [get, /Make six variations/],
  },
  "herm automations pause --all-deployments --incident INC-1": {
    yes: true,
    prints: /3 paused/,
    after: [listAll, /^(?![\s\S]*"enabled": true)[\s\S]*"Theirs"/],
  },
  'herm export --match "Weekly*" --by-name --to weekly.yaml': {
    prints: /^weekly\.yaml$/m,
    after: ["herm apply --file weekly.yaml --deployment dep_9mW3x1 --dry-run", /\+ Weekly video variations/],
  },
  "herm apply --file weekly.yaml --deployment dep_9mW3x1": {
    prints: /1 applied/,
    after: ["herm automations list --deployment dep_9mW3x1", /Weekly video variations\t0 9 \* \* 1\tenabled/],
  },
  "herm apply --file automations --all-deployments --dry-run": {
    prints: /\+ Weekly video variations {2}in Acme$/m,
  },
  "herm deployments list": { prints: /^Acme\t.*\nLocal\t/ },
  "herm deployments use <id>": { prints: /^dep_local\ncommands now work on "Local"/ },
  "herm completion bash >> ~/.bashrc": { prints: /complete -F _herm herm/ },
  "herm doctor": { prints: /^ok\tkey\taccepted/m },
};

/** Lines that need a terminal, and the tests that run them on one. */
const onTerminals: Readonly<Record<string, string>> = {
  "herm automations create": "test/terminal/talk.test.ts",
  'herm automations update "Weekly video variations" --edit': "test/commands/update-edit.test.ts",
  "herm runs answer --all-deployments": "test/commands/runs-answer-selection.test.ts",
  "herm top": "test/terminal/top-live.test.ts",
  "herm auth login": "test/commands/auth.test.ts",
};

/** Named in a sentence about mistyped words. */
const explained = "herm automations delete";

describe("a line of herm help tasks", () => {
  it("runs without errors", async () => {
    const loop = await fileOfTopic("tasks", "herm runs list");
    const all = commandsOf([await loadTopic("tasks")]);
    const lines = all.filter((line) => line !== explained && !loop.includes(line));
    expect(lines.filter((line) => deeds[line] === undefined && onTerminals[line] === undefined)).toEqual([]);
    expect(
      [...Object.keys(deeds), ...Object.keys(onTerminals)].filter((line) => !lines.includes(line)),
    ).toEqual([]);
  });

  it.each(Object.entries(deeds))("works as described: %s", async (line, deed) => {
    const { yes = false, watches = false, code = 0, prints, after } = deed;
    const world = await startDocumentedWorld();
    const deployment = await addDeployment(world.server, { name: "Acme" });
    await addAutomation(world.server, { deployment, name: "Theirs", instructions: "Make five." });
    const watch = watches ? watching() : undefined;
    const done = await world.runLine(yes ? `${line} --yes` : line, watch?.options);
    const printed = `${done.stdout}${done.stderr}${watch?.drawn.join("") ?? ""}`;
    expect({ code: done.code, printed }).toEqual({ code, printed: expect.stringMatching(prints) });
    if (after === undefined) return;
    const [next, shows] = after;
    expect((await world.runLine(next)).stdout).toMatch(shows);
  });
});

describe("the loop that searches runs for a text", () => {
  it("prints runs with that text in error, question or messages, ignoring case", async () => {
    const loop = await fileOfTopic("tasks", "herm runs list");
    const server = await startServer();
    const { url } = await server.listen();
    const home = temporaryFolder();
    const program = [command.file, ...command.args].map((word) => `'${word}'`).join(" ");
    writeFileSync(join(home, "herm"), `#!/bin/sh\nexec ${program} "$@"\n`, { mode: 0o755 });
    const acme = await addDeployment(server, { name: "Acme" });
    const start = async (instructions: string, deployment = "dep_local") => {
      const id = await addAutomation(server, { name: "A", instructions, deployment, schedule: "0 0 1 1 *" });
      const path = `/v1/deployments/${deployment}/automations/${id}/trigger`;
      return String((await call(server, "POST", path)).body.run_id);
    };
    const wanted = [
      await start("@dev fail Rate limit reached"),
      await start("@dev ask Raise the RATE LIMIT?"),
      await start("Mind the rate limit.", acme),
    ];
    await start("Go.");
    await server.advance(1);
    const env = {
      HOME: home,
      PATH: `${home}:${process.env.PATH}`,
      HERM_API_URL: url,
      HERM_API_KEY: server.apiKey,
    };
    const { stdout, stderr } = await promisify(execFile)("sh", ["-c", loop], { env, cwd: home });
    const found = stdout
      .trimEnd()
      .split("\n")
      .map((line) => line.split("/").at(-1));
    expect({ found: found.toSorted(), stderr }).toEqual({ found: wanted.toSorted(), stderr: "" });
  });
});
