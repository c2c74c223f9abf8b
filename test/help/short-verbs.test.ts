import { expect, it } from "vitest";
import { allCommands, commandTree } from "../../src/command/tree.js";
import "../../src/commands/command-tree.js";
import { herm, startServer, temporaryFolder } from "../support/harness.js";

const verbs = commandTree().find(({ name }) => name === "automations")?.children ?? [];

it("a short verb shows the long form's help page, and isn't listed itself", async () => {
  expect(verbs.map(({ name }) => name)).toContain("pause");
  const top = [await herm(["--help"]), await herm(["commands", "-o", "name"])].map(({ stdout }) => stdout);
  for (const { name } of verbs) {
    const { code, stdout } = await herm(["automations", name, "--help"]);
    expect(code).toBe(0);
    expect((await herm([name, "--help"])).stdout).toBe(stdout);
    expect((await herm(["help", name])).stdout).toBe(stdout);
    expect(allCommands().map((nodes) => nodes.map((node) => node.name).join(" "))).not.toContain(name);
    for (const text of top) expect(text).not.toMatch(new RegExp(`^ *(herm )?${name}( |$)`, "m"));
    const offered = await herm(["completion", "words", "zsh", "--", name.slice(0, -1)]);
    expect(offered.stdout).not.toMatch(new RegExp(`^${name}\\b`, "m"));
  }
});

it("a short verb works, is recorded as typed, and is answered in the long form", async () => {
  const options = {
    server: await startServer(),
    home: temporaryFolder(),
    env: { HERM_DEPLOYMENT: "dep_local" },
  };
  const flags = ["--schedule", "@daily", "--instructions", "x"];
  const created = await herm(["create", "--name", "A", ...flags], options);
  expect(created).toMatchObject({ code: 0, stderr: expect.stringContaining("undo: herm undo c_") });
  expect(await herm(["pause", "A", "--reason", "tired"], options)).toMatchObject({ code: 0 });
  const { stdout } = await herm(["history", "-o", "json", "--limit", "1"], options);
  expect(JSON.parse(stdout)).toMatchObject([{ command: "herm pause A --reason tired" }]);
  expect((await herm(["get"], options)).stderr).toContain(
    "hint: name one: herm automations get <id or name>",
  );
  expect((await herm(["list", "a", "b"], options)).stderr).toContain("herm automations list");
  const frozen = { ...options, env: { ...options.env, HERM_FREEZE: "INC-1" } };
  expect(await herm(["resume", "A"], frozen)).toMatchObject({ code: 6 });
  expect(await herm(["pause", "A"], frozen)).toMatchObject({ code: 0 });
});

it.each([["update"], ["--local", "update"], ["update", "--no-input", "-d", "dep_1"]])(
  "an error explains that herm update changes automations: %j %j",
  async (...words) => {
    expect(await herm(words)).toEqual({
      code: 2,
      stdout: "",
      stderr:
        "error: herm update changes automations, not herm\n" +
        "hint: to update herm, install it again the way you installed it; to change an automation: herm automations update [ref...]\n",
    });
  },
);

it("the singular of a group's name stands for the group", async () => {
  for (const name of ["automation", "deployment", "incident"]) {
    const { code, stdout } = await herm([`${name}s`]);
    expect(code).toBe(0);
    expect(await herm([name])).toEqual({ code, stdout, stderr: "" });
  }
});
