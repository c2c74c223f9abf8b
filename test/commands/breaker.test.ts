import { expect, it } from "vitest";
import { herm } from "../support/harness.js";
import { AuditWorld } from "./audit-world.js";

/**
 * The crontab in `herm help incidents` at 80 columns, as cron and its shell read it: `\%` becomes `%`, an unescaped `%`
 * ends the command, and a variable with several words expands to them.
 */
async function breakerCommand(): Promise<string> {
  const { stdout } = await herm(["help", "incidents"], { tty: true, columns: 80 });
  const [, name = "", value = "", line = ""] =
    /^ +([A-Z]+)=(.*)\n +\*\/10 \* \* \* \* (.*)$/m.exec(stdout) ?? [];
  const [command = ""] = line.split(/(?<!\\)%/);
  return command.replaceAll("\\%", "%").replace(`$${name}`, value);
}

class BreakerWorld {
  private constructor(
    readonly world: AuditWorld,
    private readonly command: string,
  ) {}

  static async open(): Promise<BreakerWorld> {
    return new BreakerWorld(await AuditWorld.open("2026-01-05T00:10:00Z"), await breakerCommand());
  }

  /** Runs the line at a given time; returns its exit code, the automations that it paused, and its notes. */
  async breaker(time: string) {
    const { world } = this;
    await world.passUntil(time);
    const words = this.command.replace("$(date +%F)", time.slice(0, 10)).split(" ").slice(1);
    const { server, home, now } = world;
    const { code, stdout, stderr } = await herm(words, { server, home, now });
    const rows = stdout.split("\n").filter((row) => row !== "");
    const paused = rows.map((row) => row.split("\t").slice(0, 2).join(" "));
    return { code, paused, notes: stderr };
  }

  async run(argv: readonly string[]): Promise<void> {
    const { code, stderr } = await this.world.run(argv);
    if (code !== 0) throw new Error(stderr);
  }

  async change(time: string, name: string, instructions: string): Promise<void> {
    await this.world.passUntil(time);
    await this.run(["update", name, "--instructions", instructions]);
  }

  async incidents(): Promise<string[]> {
    const { server, home, now } = this.world;
    const { stdout } = await herm(["incidents", "list", "-o", "name"], { server, home, now });
    return stdout.trim().split("\n").sort();
  }
}

it("a cron job pauses automations after five failures in a row, over three nights", async () => {
  const nights = await BreakerWorld.open();
  const { world } = nights;
  for (const name of ["Steady", "Recovers", "Broken", "Later"]) await world.create(name, "0 * * * *");
  await nights.change("2026-01-05T01:10:00Z", "Broken", "@dev fail");
  await nights.run(["update", "Recovers", "--instructions", "@dev fail"]);
  await nights.change("2026-01-05T03:10:00Z", "Later", "@dev fail");
  await nights.change("2026-01-05T05:10:00Z", "Recovers", "x");
  const none = { code: 0, paused: [] };
  const early = await nights.breaker("2026-01-05T05:20:00Z");
  expect(early).toMatchObject({ ...none, notes: expect.stringContaining("none of the 4") });
  expect(early.notes).toBe(
    "2 automations with fewer than 5 runs since the last change, all failed: not selected\nnone of the 4 automations has failed 5 times in a row since its last change\n",
  );
  expect(await nights.incidents()).toEqual([""]);
  const first = await nights.breaker("2026-01-05T06:20:00Z");
  expect(first).toMatchObject({ code: 0, paused: ["Broken paused"] });
  expect(first.notes).toContain("incident breaker-2026-01-05 (new)");
  const second = await nights.breaker("2026-01-05T08:20:00Z");
  expect(second).toMatchObject({ code: 0, paused: ["Later paused"] });
  expect(second.notes).toContain("incident breaker-2026-01-05\n");
  expect(await nights.breaker("2026-01-05T08:30:00Z")).toMatchObject(none);
  const { server, home } = world;
  const shown = await herm(["incidents", "show", "breaker-2026-01-05"], { server, home, now: world.now });
  expect(shown).toMatchObject({ code: 0 });
  await world.passUntil("2026-01-05T10:10:00Z");
  await nights.run(["resume", "--incident", "breaker-2026-01-05", "--yes"]);
  await nights.run(["update", "Broken", "--instructions", "x"]);

  const third = await nights.breaker("2026-01-06T00:20:00Z");
  expect(third).toMatchObject({ code: 0, paused: ["Later paused"] });
  expect(await nights.incidents()).toEqual(["breaker-2026-01-05", "breaker-2026-01-06"]);
  await nights.run(["resume", "Later", "--yes"]);
  expect(await nights.breaker("2026-01-06T00:30:00Z")).toMatchObject(none);
  await nights.run(["update", "Later", "--instructions", "x"]);

  expect(await nights.breaker("2026-01-07T00:20:00Z")).toMatchObject(none);
  expect(await nights.incidents()).toHaveLength(2);
  const states = JSON.parse((await world.run(["list", "--json"])).stdout);
  expect(states.map(({ state }: { state: string }) => state)).toEqual(Array(4).fill("enabled"));
});
