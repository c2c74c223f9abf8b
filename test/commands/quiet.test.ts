import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { addAutomation, addDeployment } from "../incident/fleet.js";
import { herm, startServer, temporaryFolder } from "../support/harness.js";

const now = new Date("2026-03-02T08:30:00Z");
const manifest = "automations:\n  - name: New\n    schedule: 0 9 * * *\n    instructions: Go.\n";

/** An empty Core, and Acme and Bolt, each with an automation that is due every ten minutes and a paused one. */
async function start(before: readonly string[]) {
  const server = await startServer({ now: () => now.getTime() - 3_600_000 });
  const home = temporaryFolder();
  const cwd = temporaryFolder();
  writeFileSync(join(cwd, "herm.yaml"), manifest);
  const deployments: string[] = [];
  for (const name of ["Core", "Acme", "Bolt"]) {
    const deployment = await addDeployment(server, { name });
    deployments.push(deployment);
    if (name === "Core") continue;
    await addAutomation(server, { name: "Weekly", deployment, schedule: "*/10 * * * *" });
    await addAutomation(server, { name: "Daily", deployment, enabled: false });
  }
  await server.advance(3600);
  const [core = "", acme = "", bolt = ""] = deployments;
  const run = (words: string, options: { tty?: boolean } = {}) =>
    herm(
      words.split(" ").map((word) => word.replace("ACME", acme).replace("CORE", core)),
      { server, home, cwd, now, columns: 120, ...options },
    );
  for (const words of before) expect(await run(words)).toMatchObject({ code: 0 });
  // Ids and times differ from world to world.
  const steady = (text: string) =>
    text
      .replaceAll(acme, "ACME")
      .replaceAll(core, "CORE")
      .replaceAll(bolt, "BOLT")
      .replaceAll(/\b(auto|run|thr|c)_\w+/g, "$1_…")
      .replaceAll(/key …\S+/g, "KEY")
      .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z|\b\d\d:\d\d:\d\d UTC|\b\d+ m?s\b/g, "TIME")
      .replaceAll(/ +/g, " ");
  return { run, steady };
}

const pause = "automations pause --all-deployments --incident INC-1 --yes";

type Case = readonly [words: string, ...before: string[]];

/** Commands that succeed, and the commands before them. */
const reading: readonly Case[] = [
  ["automations list --all-deployments"],
  ["automations list --all-deployments --match None*"],
  ["automations get ACME/Weekly"],
  ["automations upcoming --all-deployments --within 30m"],
  ["automations audit --all-deployments --since 30m"],
  ["export -d ACME"],
  ["lint --file herm.yaml"],
  ["automations create -d ACME --name New --schedule @daily --instructions Go. --dry-run"],
  ["automations update --all-deployments --match Weekly --schedule @daily --dry-run"],
  [`${pause} --dry-run`],
  ["automations resume --incident INC-1 --dry-run", pause],
  ["runs list --all-deployments"],
  ["status --all-deployments"],
  ["incidents list", pause],
  ["incidents show INC-1", pause],
  ["history", "automations pause ACME/Weekly"],
  ["history last", "automations pause ACME/Weekly"],
  ["undo last --dry-run", "automations update --all-deployments --match Weekly --schedule @daily --yes"],
  ["deployments list"],
  ["config list"],
  ["schedule explain @daily"],
  ["doctor"],
];
const changing: readonly Case[] = [
  ["automations create -d ACME --name New --schedule @daily --instructions Go."],
  ["automations update ACME/Weekly --schedule @daily"],
  ["automations update --all-deployments --match Weekly --schedule @daily --yes"],
  ["automations pause ACME/Weekly"],
  ["automations pause ACME/Daily"],
  [pause],
  ["automations resume ACME/Daily"],
  ["automations resume --incident INC-1 --yes", pause],
  ["automations trigger ACME/Weekly --no-follow"],
  ["automations delete ACME/Weekly --yes"],
  ["automations delete --all-deployments --match Weekly --yes"],
  ["apply --file herm.yaml -d ACME --yes"],
  ["automations catch-up --all-deployments --since 30m --yes"],
  ["incidents close INC-1 --yes", pause],
  ["undo last --yes", "automations update ACME/Weekly --schedule @daily"],
  ["deployments use ACME"],
  ["config set accessible true"],
];

describe("--quiet", () => {
  describe.each([
    ["in a pipe", false],
    ["on a terminal", true],
  ])("%s", (_, tty) => {
    it.each(reading)("leaves stdout unchanged and stderr empty: %s", async (words, ...before) => {
      const world = await start(before);
      await compare(words, { loud: world, quiet: world, tty });
    });

    it.each(changing)("leaves stdout unchanged and stderr empty: %s", async (words, ...before) => {
      await compare(words, { loud: await start(before), quiet: await start(before), tty });
    });
  });

  it.each<[string, ...string[]]>([
    ["apply --file herm.yaml -d ACME --dry-run"],
    ["diff --file herm.yaml -d ACME"],
    ["diff --file herm.yaml -d ACME", "apply --file herm.yaml -d ACME --yes"],
  ])("omits the plan for the files: %s", async (words, ...before) => {
    const { run } = await start(before);
    for (const tty of [false, true]) {
      const { code } = await run(words, { tty });
      expect(await run(`${words} --quiet`, { tty })).toEqual({ code, stdout: "", stderr: "" });
      const rows = await run(`${words} -o table`);
      expect(await run(`${words} -o table --quiet`)).toEqual({ ...rows, stderr: "" });
    }
  });

  type World = Awaited<ReturnType<typeof start>>;

  async function compare(words: string, { loud, quiet, tty }: { loud: World; quiet: World; tty: boolean }) {
    const expected = await loud.run(words, { tty });
    const found = await quiet.run(`${words} --quiet`, { tty });
    expect({ ...found, stdout: quiet.steady(found.stdout) }).toEqual({
      code: expected.code,
      stdout: loud.steady(expected.stdout),
      stderr: "",
    });
  }
});
