import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { displayWidth } from "../../src/output/width.js";
import { addAutomation, addDeployment } from "../incident/fleet.js";
import { herm, startServer, temporaryFolder } from "../support/harness.js";

const screen = { tty: true, columns: 80 };

/** Four deployments with long names, each with an automation. */
async function start() {
  const server = await startServer();
  const home = temporaryFolder();
  for (const name of ["Acme", "Bolt", "Core", "Delta Dental Group International"]) {
    const deployment = await addDeployment(server, { name });
    await addAutomation(server, { deployment, name: "Report to the sales people" });
  }
  return {
    home,
    run: async (words: readonly string[], { columns } = { columns: screen.columns }) => {
      const { stdout, stderr } = await herm(["automations", ...words], { server, home, ...screen, columns });
      return (stdout + stderr).split("\n");
    },
  };
}

it("identical results of several deployments show the count even if space is short", async () => {
  const { run } = await start();
  const lines = await run(["pause", "--all-deployments", "--incident", "INC-1", "--yes", "--reason", "x"]);
  const row = lines.find((line) => line.includes("×4"));
  expect(row).toMatch(/^Report to the sales people +×4 {2}paused {2}4 deployments$/);
});

it("a plan's deployments move below a long name, and no word is cut", async () => {
  const { run, home } = await start();
  const file = join(home, "herm.yaml");
  const item = { name: "Report to the sales people", schedule: "every day at 9am", instructions: "Do it." };
  writeFileSync(file, JSON.stringify({ automations: [item] }));
  const lines = await run(["diff", "-f", file, "--all-deployments"]);
  const at = lines.indexOf("  ~ Report to the sales people");
  expect(lines[at + 1]).toBe(
    "      in 4 deployments: Delta Dental Group International, Core, Bolt and 1 more",
  );
  expect(lines.filter((line) => line.length > screen.columns)).toEqual([]);
});

it("no line of a plan is wider than the terminal, however long its texts", async () => {
  const { run, home } = await start();
  const long =
    "Look at the best video of last week, and make five variations of it, each for another audience.";
  const file = join(home, "herm.yaml");
  const report = { name: "Report to the sales people", schedule: "0 9 * * *", instructions: "x" };
  const items = [
    { ...report, name: "Report to the purchasing people", formerly: report.name },
    {
      name: "A new one",
      schedule: "0 9,11,13,15 1,15 1,4,7,10 *",
      instructions: `${long}\n${long} ${"${deployment.name}"}`,
    },
  ];
  writeFileSync(file, JSON.stringify({ automations: items }));
  const lines = await run(["diff", "-f", file, "--all-deployments"]);
  expect(lines.join("\n")).toContain("+ Look at the best video");
  expect(lines.filter((line) => displayWidth(line) > screen.columns)).toEqual([]);
  const narrow = (await run(["diff", "-f", file, "--all-deployments"], { columns: 40 })).filter(
    (line) => displayWidth(line) > 40,
  );
  expect(narrow).toEqual([]);
});
