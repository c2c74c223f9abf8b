import { beforeEach, describe, expect, it } from "vitest";
import { requestCounts } from "../incident/fleet.js";
import { temporaryFolder } from "../support/harness.js";
import { addDeployment, type RunServer, startRunServer } from "./run-server.js";

interface Verb {
  words: string;
  /** What a row says of each that it did, and what the counts do. */
  done: string;
  /** Whether `herm undo` takes it back. */
  isUndone?: boolean;
  /** Readies what the words are about. */
  before?: string;
}

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
};

let server: RunServer;
let home: string;

const run = (words: string) => server.run(words.split(" "), { home });

/** The changes that the server was sent, of any kind. */
async function sent(): Promise<number> {
  const { POST = 0, PATCH = 0, DELETE = 0 } = await requestCounts(server.server);
  return POST + PATCH + DELETE;
}

beforeEach(async () => {
  server = await startRunServer();
  home = temporaryFolder();
  for (const name of ["A", "B", "C"])
    await server.trigger(await server.create(name, "Go.\n@dev ask Publish?"));
  await addDeployment(server.server, { name: "Acme", customer_id: "cus_acme" });
  await server.server.advance(1);
});

describe.each(Object.entries(verbs))("%s in a pipe", (_, verb) => {
  const { words, done, isUndone = false, before } = verb;

  beforeEach(async () => {
    if (before !== undefined) await run(before);
  });

  it("has its rows on stdout, the counts and the way back on stderr", async () => {
    const { code, stdout, stderr } = await run(words);
    expect(code).toBe(0);
    const rows = stdout.trimEnd().split("\n");
    expect(rows.map((row) => row.split("\t").slice(0, 2).join(" ")).toSorted()).toEqual([
      `A ${done}`,
      `B ${done}`,
    ]);
    const told = stderr.trimEnd().split("\n");
    expect(told).toContain(`2 ${done}`);
    if (isUndone) expect(told.at(-1)).toMatch(/^undo: herm undo c_\w{6}$/);
    else expect(told.at(-1)).toBe(`2 ${done}`);
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
    const rows = stdout.trimEnd().split("\n");
    expect(rows.map((row) => row.split("\t").slice(0, 2).join(" ")).toSorted()).toEqual([
      "A planned",
      "B planned",
    ]);
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
        result: done,
      });
  });
});
