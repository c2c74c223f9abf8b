import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type NamedFlag, namedFlags } from "../../src/command/flags.js";
import { addAutomation, addDeployment } from "../incident/fleet.js";
import { declarations } from "../support/declarations.js";
import { herm, startServer, temporaryFolder } from "../support/harness.js";

async function start() {
  const server = await startServer();
  for (const name of ["Acme", "Bolt"])
    await addAutomation(server, { deployment: await addDeployment(server, { name }), name });
  const home = temporaryFolder();
  writeFileSync(
    join(home, "herm.yaml"),
    'automations:\n  - { name: Digest, schedule: "0 9 * * *", instructions: Write. }\n',
  );
  const run = (line: string) => herm(line.split(" "), { server, home, cwd: home });
  const paused = async (): Promise<boolean[]> => {
    const { stdout } = await run("automations list --all-deployments --json");
    return JSON.parse(stdout).map(({ enabled }: { enabled: boolean }) => !enabled);
  };
  return { run, paused };
}

describe("-v", () => {
  it("means --verbose in every command with that flag, and in no other", () => {
    const all = Object.values(declarations).flatMap(({ flags }): NamedFlag[] => namedFlags(flags));
    const verbose = all.filter(({ long }) => long === "--verbose");
    expect(verbose.length).toBeGreaterThan(10);
    expect(all.filter(({ short }) => short === "-v")).toEqual(verbose);
  });

  it.each([
    ["automations pause --all-deployments --incident INC-1 --yes -v"],
    ["-v automations pause --all-deployments --incident INC-1 --yes"],
  ])("lets the command proceed: %s", async (line) => {
    const { run, paused } = await start();
    const long = await run(`${line.replace("-v", "--verbose")} --dry-run`);
    expect(await run(`${line} --dry-run`)).toEqual(long);
    expect(long).toMatchObject({ code: 0, stdout: expect.stringContaining("auto_") });
    expect(await paused()).toEqual([false, false]);
    expect(await run(line)).toMatchObject({ code: 0 });
    expect(await paused()).toEqual([true, true]);
  });

  it("lets apply create the manifest's automations", async () => {
    const { run } = await start();
    expect(await run("apply -v -f herm.yaml --all-deployments --yes")).toMatchObject({ code: 0 });
    const { stdout } = await run("automations list --all-deployments --match Digest -o name");
    expect(stdout.match(/auto_/g)).toHaveLength(3);
  });

  it("is a usage error in a command without --verbose", async () => {
    const { run } = await start();
    for (const line of ["version -v", "-v config set deployment dep_local", "deployments list -v"])
      expect(await run(line)).toMatchObject({
        code: 2,
        stdout: "",
        stderr: expect.stringMatching(
          /^error: unknown flag -v\nhint: to see the flags of this command, add --help;.*\n$/,
        ),
      });
    const { stdout } = await run("config list --json");
    expect(JSON.parse(stdout).profiles).toEqual([]);
  });
});
