import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import type { EmbeddedServer } from "../../src/dev-server/embed.js";
import { requestCounts } from "../incident/fleet.js";
import { type HermResult, temporaryFolder } from "../support/harness.js";
import { AuditWorld } from "./audit-world.js";
import { addDeployment, startRunServer } from "./run-server.js";

interface Verb {
  words: string;
  /** What a row says of each that it did, and what the counts do. */
  done: string;
  /** Whether `herm undo` takes it back. */
  isUndone?: boolean;
  /** Readies what the words are about. */
  before?: string;
  /** What it is about is a downtime in which A and B missed runs. */
  isOfDowntime?: boolean;
  /** What stands beside the counts. */
  readBack?: string;
  /** Of a row in a pipe the columns of name and result; apply has a deployment's automations below it. */
  columns?: readonly [name: number, result: number];
  /** What a row says where that isn't what the counts say. */
  result?: string;
  planned?: string;
}

const applied = { done: "applied", isUndone: true, columns: [3, 7], result: "done", planned: "" } as const;
const wasReadBack = " · checked [\\d:.TZ-]+: 0 ";

/** Every verb that goes through the conductor, about A and B by refs or by a selection. */
const verbs: Record<string, Verb> = {
  "pause of refs": { words: "automations pause A B", done: "paused", isUndone: true },
  "resume of refs": {
    before: "automations pause A B",
    words: "automations resume A B",
    done: "resumed",
    isUndone: true,
  },
  "update of refs": { words: "automations update A B --schedule @daily", done: "updated", isUndone: true },
  "update of a selection": {
    words: "automations update --match ? --except C --schedule @daily --yes",
    done: "updated",
    isUndone: true,
  },
  "delete of refs": { words: "automations delete A B --yes", done: "deleted", isUndone: true },
  "delete of a selection": {
    words: "automations delete --all --except C --yes",
    done: "deleted",
    isUndone: true,
  },
  "trigger of refs": { words: "automations trigger A B", done: "started" },
  "trigger of a selection": { words: "automations trigger --match ? --except C --yes", done: "started" },
  "answer of refs": { words: "runs answer A B --text yes", done: "answered" },
  "answer of a selection": { words: "runs answer --text yes --match ? --except C --yes", done: "answered" },
  copy: {
    words: "automations copy A B -d dep_local --to Acme --yes",
    done: "copied",
    isUndone: true,
  },
  undo: { before: "automations pause A B", words: "undo last --yes", done: "undone", isUndone: true },
  "catch-up": {
    words: "automations catch-up --since 36h --except C --yes",
    done: "started",
    isOfDowntime: true,
  },
  apply: { words: "automations apply -f herm.yaml --yes", ...applied },
  "apply of a saved plan": {
    before: "automations apply -f herm.yaml --plan-out plan.json",
    words: "automations apply --plan plan.json --yes",
    ...applied,
  },
  "pause for an incident": {
    words: "automations pause --all --except C --incident INC-1 --yes",
    done: "paused",
    readBack: `${wasReadBack}enabled`,
    isUndone: true,
  },
  "resume of an incident": {
    before: "automations pause --all --except C --incident INC-1 --yes",
    words: "automations resume --incident INC-1 --yes",
    done: "resumed",
    readBack: `${wasReadBack}still paused`,
    isUndone: true,
  },
  "undo of an incident's pause": {
    before: "automations pause --all --except C --incident INC-1 --yes",
    words: "undo last --yes",
    done: "resumed",
    readBack: `${wasReadBack}still paused`,
    isUndone: true,
  },
};

interface World {
  server: EmbeddedServer;
  run(words: string): Promise<HermResult>;
}

let world: World;

const run = (words: string) => world.run(words);

/** The changes that the server was sent, of any kind. */
async function sent(): Promise<number> {
  const { POST = 0, PATCH = 0, DELETE = 0 } = await requestCounts(world.server);
  return POST + PATCH + DELETE;
}

/** Each has a run that waits. */
async function waiting(): Promise<World> {
  const { server, create, trigger, run: runWords } = await startRunServer();
  const [home, cwd] = [temporaryFolder(), temporaryFolder()];
  const items = ["A", "B"].map(
    (name) => `- { name: ${name}, schedule: "@daily", instructions: Do ${name}. }\n`,
  );
  writeFileSync(join(cwd, "herm.yaml"), `automations:\n${items.join("")}`);
  for (const name of ["A", "B", "C"]) await trigger(await create(name, "Go.\n@dev ask Publish?"));
  await addDeployment(server, { name: "Acme", customer_id: "cus_acme" });
  await server.advance(1);
  return { server, run: (words) => runWords(words.split(" "), { home, cwd }) };
}

/** Each missed its runs of a day. */
async function downtime(): Promise<World> {
  const audit = await AuditWorld.open("2026-03-02T00:30:00Z");
  for (const name of ["A", "B", "C"]) await audit.create(name, "0 18 * * *");
  await audit.passUntil("2026-03-03T08:30:00Z");
  await audit.rest(24 * 60, { isLost: true });
  return { server: audit.server, run: (words) => audit.run(words.split(" ").slice(1)) };
}

describe.each(Object.entries(verbs))("%s in a pipe", (_, verb) => {
  const { words, done, isUndone = false, before, isOfDowntime = false, readBack = "" } = verb;
  const { columns: [nameAt, resultAt] = [0, 1], result = done, planned = "planned" } = verb;
  const inShort = (stdout: string) =>
    stdout
      .replace(/\n$/, "")
      .split("\n")
      .map((row) => row.split("\t"))
      .map((cells) => `${cells[nameAt]} ${cells[resultAt]}`)
      .toSorted();

  beforeEach(async () => {
    world = await (isOfDowntime ? downtime() : waiting());
    if (before !== undefined) await run(before);
  });

  it("has its rows on stdout, the counts and the way back on stderr", async () => {
    const { code, stdout, stderr } = await run(words);
    expect(code).toBe(0);
    expect(inShort(stdout)).toEqual([`A ${result}`, `B ${result}`]);
    const told = stderr.trimEnd().split("\n");
    expect(told).toContainEqual(expect.stringMatching(new RegExp(`^2 ${done}${readBack}$`)));
    if (isUndone) expect(told.at(-1)).toMatch(/^undo: herm undo c_\w{6}$/);
    else expect(told.at(-1)).toMatch(new RegExp(`^2 ${done}$|^hint: `));
  });

  it("is silent with --quiet, with the same rows", async () => {
    const { code, stdout, stderr } = await run(`${words} --quiet`);
    expect({ code, rows: stdout.trimEnd().split("\n").length, stderr }).toEqual({
      code: 0,
      rows: 2,
      stderr: "",
    });
  });

  it("shows with --dry-run what it would do, and sends nothing", async () => {
    const before = await sent();
    const { code, stdout, stderr } = await run(`${words.replace(" --yes", "")} --dry-run`);
    expect(code).toBe(0);
    expect(inShort(stdout)).toEqual([`A ${planned}`, `B ${planned}`]);
    expect(stderr).toMatch(/2 to \w+\n$/);
    expect(await sent()).toBe(before);
  });

  it("is one object a row in JSON, with the automation and what became of it", async () => {
    const { stdout } = await run(`${words} --json`);
    const rows: Record<string, unknown>[] = JSON.parse(stdout);
    expect(rows).toHaveLength(2);
    for (const row of rows)
      expect(row).toMatchObject({
        deployment_id: expect.stringMatching(/^dep_/),
        automation_id: expect.stringMatching(/^auto_/),
        name: expect.stringMatching(/^[AB]$/),
        result,
      });
  });
});
