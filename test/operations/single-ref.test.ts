import { Writable } from "node:stream";
import { expect, it } from "vitest";
import { Invocation } from "../../src/invocation/invocation.js";
import type { Plan } from "../../src/operations/operation.js";
import { Names } from "../../src/operations/rows/names.js";
import { itemRow } from "../../src/operations/rows/result-rows.js";
import { runOperation } from "../../src/operations/run-operation.js";
import { startServer, testSystem } from "../support/harness.js";

const item = { deployment_id: "dep_local", automation_id: "auto_1", name: "Daily" };

it("an update prints the row of a single reference skipped by its plan", async () => {
  const printed = { stdout: "", stderr: "" };
  const sink = (name: keyof typeof printed) =>
    new Writable({
      write: (chunk, _encoding, done) => {
        printed[name] += String(chunk);
        done();
      },
    });
  const system = testSystem({ server: await startServer() }, sink("stdout"), sink("stderr"));
  const context = new Invocation(system, []);
  const flags = { local: false, quiet: false, debug: false, noColor: true, noInput: true };
  context.flags = { deployments: [], ...flags };
  await context.prepareSettings();
  const plan: Plan<typeof item> = {
    items: [],
    unsentRows: [{ ...itemRow(item), result: "skipped", reason: "it is running" }],
    unreadable: [],
    deployments: [],
    names: new Names([item], []),
  };
  await runOperation<typeof item>(context, {
    words: { verb: "Trigger", doing: "Starting", done: "started" },
    input: { dryRun: false, yes: false },
    isSingle: true,
    plan: async () => plan,
    subject: (each) => each,
    send: () => Promise.reject(new Error("there is nothing to send")),
    printItem: async () => undefined,
  });
  expect(printed).toEqual({
    stdout: "Daily\tskipped\tauto_1\tit is running\n",
    stderr: "0 started · 1 skipped\n",
  });
});
