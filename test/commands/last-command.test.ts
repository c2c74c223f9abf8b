import { describe, expect, it } from "vitest";
import { addAutomation } from "../incident/fleet.js";
import { herm, nobodyListens, startServer } from "../support/harness.js";

const provoked = [
  "automations pause --all",
  "automations pause --incident INC-9",
  "automations resume --incident INC-9",
  "automations resume --all",
  "automations get Nothing",
  "automations get Twice",
  "automations update Twice --schedule @daily",
  "automations update Digest --schedule 9-5",
  "automations create --name Digest --schedule @daily --instructions x",
  "automations create --name New --schedule 30_feb --instructions x",
  "automations delete --match Nothing* --all-deployments",
  "automations trigger Twice",
  "automations catch-up --incident INC-9",
  "automations audit --incident INC-9",
  "incidents show INC-9",
  "incidents close INC-9",
  "incidents import missing.jsonl",
  "runs show run_nothing",
  "runs answer run_nothing --text yes",
  "runs list Nothing",
  "deployments show dep_nothing",
  "undo c_nothing --yes",
  "apply -f missing.yaml",
  "lint missing.yaml",
  "adopt Digest",
  "export --to missing/place.yaml",
  "config set profile missing",
  "auth status --profile missing",
  "automations list --profile missing",
  "dev stop",
];

/** The end of a hint's line after its last `herm …`. */
const afterCommand = (hint: string) => /.*\bherm [a-z]+(.*)$/.exec(hint)?.[1] ?? "";

describe("a hint", () => {
  it.each(provoked)("ends with the command that it names: herm %s", async (line) => {
    const server = await startServer();
    await addAutomation(server, { name: "Digest" });
    await addAutomation(server, { name: "Twice" });
    await addAutomation(server, { name: "Twice" });
    const argv = line.split(" ").map((word) => word.replaceAll("_", " "));
    const env = { HERM_DEPLOYMENT: "dep_local" };
    const results = [
      await herm(argv, { server, env }),
      await herm(argv, { server, env, key: "wrong" }),
      await herm(argv, { server, env, key: null }),
      await herm(argv, { fetch: nobodyListens, env }),
    ];
    for (const { stderr } of results) {
      const hints = stderr.split("\n").filter((text) => text.startsWith("hint: "));
      expect(hints.filter((hint) => /[;:,]|\bto\b|[^.]\.$/.test(afterCommand(hint)))).toEqual([]);
    }
  });
});
