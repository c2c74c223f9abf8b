import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { addAutomation, addDeployment, call } from "../incident/fleet.js";
import { herm, startServer, temporaryFolder } from "../support/harness.js";

/** A text in a colour, and the colour's number. */
type Painted = readonly [text: string, colour: string];

/** The coloured texts in an output, in order. */
function painted(output: string): Painted[] {
  return [...output.matchAll(/\x1b\[(3[0-7])m([^\x1b]*)/g)].map(([, colour = "", text = ""]) => [
    text.trim(),
    colour,
  ]);
}

const manifest = `automations:
  - name: Weekly
    schedule: every Friday at 9am
    instructions: Do it well.
  - name: New
    schedule: every day at 9am
    instructions: Do it.
removed: [Old]
`;

it("every colour comes with a mark or word of its own", async () => {
  const server = await startServer();
  const home = temporaryFolder();
  const folder = temporaryFolder();
  writeFileSync(join(folder, "herm.yaml"), manifest);
  const acme = await addDeployment(server, { name: "Acme" });
  await addDeployment(server, { name: "Slow", isProvisioning: true });
  for (const [name, instructions] of [
    ["Weekly", "Do it."],
    ["Failing", "@dev fail broken"],
    ["Asking", "@dev ask Which?"],
    ["Running", "@dev wait 100000"],
    ["Old", "Do it."],
  ]) {
    const id = await addAutomation(server, { name: name ?? "", deployment: acme, instructions });
    if (name !== "Old") await call(server, "POST", `/v1/deployments/${acme}/automations/${id}/trigger`);
  }
  await addAutomation(server, { name: "Paused", deployment: acme, enabled: false });
  await server.advance(60);
  const all = "--all-deployments";
  const commands: string[][] = [
    ["automations", "list", all],
    ["runs", "list", all],
    ["deployments", "list"],
    ["automations", "get", "Acme/Failing"],
    ["automations", "get", "Acme/Asking"],
    ["runs", "show", "Acme/Failing"],
    ["runs", "show", "Acme/Running"],
    ["diff", "-f", join(folder, "herm.yaml"), "-d", acme],
    ["automations", "update", "Acme/Weekly", "--name", "Daily", "--instructions", "Do it better."],
    ["runs", "watch", "Acme/Failing"],
    ["runs", "watch", "Acme/Daily"],
    ["automations", "pause", all, "--incident", "INC-1", "--yes"],
    ["incidents", "show", "INC-1"],
    ["automations", "resume", "Acme/Daily"],
    ["incidents", "show", "INC-1"],
    ["doctor"],
    ["automations", "nonsense"],
  ];
  const colours = new Map<string, Set<string>>();
  for (const words of commands) {
    const { stdout, stderr } = await herm(words, {
      server,
      home,
      tty: true,
      columns: 120,
      env: { NO_COLOR: "" },
    });
    for (const [text, colour] of painted(stdout + stderr)) {
      expect(text).not.toBe("");
      colours.set(text, (colours.get(text) ?? new Set()).add(colour));
    }
  }
  const kinds = new Set([...colours.values()].flatMap((each) => [...each]));
  expect(kinds.size).toBe(4);
  expect([...colours].filter(([, each]) => each.size > 1).map(([text]) => text)).toEqual([]);
});
