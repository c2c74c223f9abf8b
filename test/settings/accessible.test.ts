import { expect, it } from "vitest";
import { herm, startServer, temporaryFolder } from "../support/harness.js";

const withLocal = { HERM_DEPLOYMENT: "dep_local" };

/** True if a list of one automation has labelled lines on a terminal with these settings. */
async function isInWords(home: string, env: Record<string, string> = {}): Promise<boolean> {
  const server = await startServer();
  const words = ["automations", "create", "--name", "Weekly", "--schedule", "@daily", "--instructions", "x"];
  await herm(words, { server, home, env: withLocal });
  const { stdout } = await herm(["automations", "list"], {
    server,
    home,
    tty: true,
    env: { ...withLocal, ...env },
  });
  expect(stdout).toContain("Weekly");
  return stdout.startsWith("name: Weekly\n");
}

it.each([
  ["1", true],
  ["TRUE", true],
  ["0", false],
  ["false", false],
  ["", false],
])("accessible mode follows HERM_ACCESSIBLE=%j", async (value, expected) => {
  expect(await isInWords(temporaryFolder(), { HERM_ACCESSIBLE: value })).toBe(expected);
});

it("the environment overrides the setting accessible, which can be unset", async () => {
  const home = temporaryFolder();
  expect(await isInWords(home)).toBe(false);
  await herm(["config", "set", "accessible", "true"], { home });
  expect((await herm(["config", "list"], { home })).stderr).toContain("accessible: true\n");
  expect(await isInWords(home)).toBe(true);
  expect(await isInWords(home, { HERM_ACCESSIBLE: "0" })).toBe(false);
  await herm(["config", "unset", "accessible"], { home });
  expect(await isInWords(home)).toBe(false);
});

it.each([[true], [false]])("an invalid HERM_ACCESSIBLE is rejected, terminal: %s", async (tty) => {
  const options = { tty, env: { HERM_ACCESSIBLE: "maybe" } };
  const { code, stdout, stderr } = await herm(["automations", "list"], options);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toBe(
    'error: HERM_ACCESSIBLE: "maybe" is neither on nor off\nhint: to switch it on, use 1 or true; to switch it off, 0 or false\n',
  );
  expect(await herm(["config", "set", "accessible", "maybe"])).toMatchObject({ code: 2, stdout: "" });
});

it("accessible mode changes nothing in a pipe", async () => {
  const piped = async (env: Record<string, string>) =>
    (await herm(["schedule", "explain", "@daily"], { now: new Date("2026-03-02T08:00:00Z"), env })).stdout;
  expect(await piped({ HERM_ACCESSIBLE: "1" })).toBe(await piped({}));
});
