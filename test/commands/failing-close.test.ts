import { describe, expect, it } from "vitest";
import type { FetchLike } from "../../src/api/fetch.js";
import { canFailClose, failClose } from "../support/failing-close.js";
import { fetchFrom, herm, temporaryFolder } from "../support/harness.js";
import { third } from "../support/third.js";
import { startManifestServer } from "./manifest-server.js";

const here = ["-d", "dep_local"];
const weekly = ["Weekly", ...here];
const updateAll = ["automations", "update", "--all", "--instructions=Mine.", "--yes", ...here];
const pauseAll = ["automations", "pause", "--all", "--incident=INC", "--yes", ...here];
const apply = ["apply", "-f", "herm.yaml", "--yes", ...here];
const record = ["--record=r.yaml"];

interface Trial {
  words: readonly string[];
  before?: readonly string[];
  instructions?: string;
}

const asking = { before: ["automations", "trigger", ...weekly], instructions: "@dev ask Shall I?" };

const trials: Record<string, Trial> = {
  create: {
    words: ["automations", "create", "--name=New", "--schedule=@daily", "--instructions=x", ...here],
  },
  trigger: { words: ["automations", "trigger", ...weekly] },
  update: { words: ["automations", "update", "--name=Mine", ...weekly] },
  "update of many": { words: updateAll },
  delete: { words: ["automations", "delete", "--yes", ...weekly] },
  pause: { words: ["automations", "pause", ...weekly] },
  resume: { words: ["automations", "resume", ...weekly], before: ["automations", "pause", ...weekly] },
  "pause of an incident": { words: pauseAll },
  "resume of an incident": {
    words: ["automations", "resume", "--incident=INC", "--yes"],
    before: pauseAll,
  },
  apply: { words: apply },
  "apply with a record and a report": {
    words: [...apply, ...record, "--report=junit=report.xml"],
    before: ["adopt", "-f", "herm.yaml", "--yes", ...record, ...here],
  },
  undo: { words: ["undo", "last", "--yes"], before: updateAll },
  "runs answer": { ...asking, words: ["runs", "answer", "Weekly", "yes", ...here] },
  "runs answer, of all": { ...asking, words: ["runs", "answer", "--text=yes", "--yes", ...here] },
};

/** Runs the command of a trial in a new world, in which a close fails. */
async function run({ words, before, instructions = "x" }: Trial, failing: number | RegExp) {
  const { server, cwd, create, write, state } = await startManifestServer();
  const home = temporaryFolder();
  await create({ name: "Weekly", instructions });
  const item = (name: string) => `  - { name: ${name}, schedule: "0 9 * * *", instructions: ${name}. }\n`;
  write({ "herm.yaml": `automations:\n${item("Weekly")}${item("New")}` });
  if (before !== undefined) await herm(before, { server, home, cwd });
  if (instructions !== "x") await server.advance(60);
  let sent = 0;
  const fetch: FetchLike = (url, init) => {
    if (init.method !== "GET") sent += 1;
    return fetchFrom(server)(url, init);
  };
  const closed = failClose([home, cwd], failing);
  const { code, stderr } = await herm(words, { server, home, cwd, fetch });
  const there = (await state()).map(({ name, instructions, enabled, recent_runs }) => {
    return { name, instructions, enabled, runs: recent_runs.length };
  });
  return { truth: { code, sent, there }, stderr, closed };
}

describe.skipIf(!canFailClose)("an EIO error when a file is closed", () => {
  it.each(Object.entries(trials))(
    "lets %s finish correctly, or exit with 6 without a request",
    { timeout: 60_000 },
    async (_, trial) => {
      const undisturbed = await run(trial, 0);
      expect(undisturbed.truth).toMatchObject({ code: 0, sent: expect.toSatisfy((sent) => sent > 0) });
      const { truth: untouched } = await run({ ...trial, words: ["automations", "list", ...here] }, 0);
      for (const at of third([...undisturbed.closed.keys()])) {
        const { truth, stderr, closed } = await run(trial, at + 1);
        const isDone = truth.code === 0;
        expect({ ...truth, at: closed[at] }).toMatchObject(
          isDone ? undisturbed.truth : { ...untouched, code: 6 },
        );
        expect(stderr).toMatch(isDone ? /^(?!.*^error:)/ms : /^error: .* \(EIO\)\nhint: .*\n$/m);
      }
    },
  );

  it.each([
    ["create", /\/history\/.*jsonl$/, "the result of this change may be missing from the history"],
    ["trigger", /\/history\/.*jsonl$/, "the result of this change may be missing from the history"],
    ["apply", /\/history\/.*jsonl$/, "the result of this change may be missing from the history"],
    ["delete", /jsonl$/, "the result of this change may be missing from the history"],
  ])("causes one warning in %s about the possible loss", async (verb, failing, text) => {
    const { truth, stderr } = await run(trials[verb] as Trial, failing);
    expect(truth.code).toBe(0);
    const warnings = stderr.split("\n").filter((line) => line.startsWith("warning: "));
    expect(warnings).toEqual([
      expect.stringMatching(`^warning: ${text}: .*jsonl can't be written \\(EIO\\)$`),
    ]);
  });
});
