import { beforeEach, describe, expect, it } from "vitest";
import { addAutomation, addFault, enabledNames } from "../incident/fleet.js";
import { type HermOptions, herm, startServer, temporaryFolder } from "../support/harness.js";

let server: Awaited<ReturnType<typeof startServer>>;
let home: string;
const ids = new Map<string, string>();

const run = (words: string, options: HermOptions = {}) =>
  herm(words.split(" "), { server, home, env: { HERM_DEPLOYMENT: "dep_local" }, ...options });

beforeEach(async () => {
  server = await startServer();
  home = temporaryFolder();
  for (const name of ["a", "b", "refund"]) ids.set(name, await addAutomation(server, { name }));
  await run("automations pause --all --incident INC-77 --yes");
});

const pauseOf = (...names: string[]) => `automations pause --incident INC-77 ${refs(...names)}`;
const refs = (...names: string[]) =>
  names
    .map((name) => `dep_local/${ids.get(name)}`)
    .toSorted()
    .join(" ");

/** Without `herm`, and its refs in the order of their ids. */
function sorted(command: string): string {
  const [, ...words] = command.split(" ");
  const isRef = (word: string) => word.includes("/");
  return [...words.filter((word) => !isRef(word)), ...words.filter(isRef).toSorted()].join(" ");
}

/** What `undo` refuses with, and the commands that it names. */
async function undone(change: string): Promise<{ error: string; commands: string[] }> {
  const { code, stdout, stderr } = await run(`undo ${change} --yes`);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  const [error = "", hint = ""] = stderr.trimEnd().split("\n");
  const [, commands = ""] = /^hint: (herm .*?) (?:pauses again|brings back)/.exec(hint) ?? [];
  return { error, commands: commands.split(" && ").map(sorted) };
}

describe("undo of what an incident changed", () => {
  it("names, after a resume, the command that pauses again exactly what it brought back", async () => {
    await run("automations resume --incident INC-77 --except refund --yes");
    expect(await enabledNames(server)).toEqual(["a", "b"]);
    const { error, commands } = await undone("last");
    expect(error).toBe("error: INC-77/2 belongs to incident INC-77");
    expect(commands).toEqual([pauseOf("a", "b")]);
    for (const command of commands) expect(await run(command)).toMatchObject({ code: 0 });
    expect(await enabledNames(server)).toEqual([]);
    expect(await run("incidents show INC-77")).toMatchObject({ code: 0 });
    expect(await run("automations resume --incident INC-77 --yes")).toMatchObject({ code: 0 });
    expect(await enabledNames(server)).toEqual(["a", "b", "refund"]);
  });

  it("reopens the incident before, where the resume closed it", async () => {
    await run("automations resume --incident INC-77 --yes");
    const { commands } = await undone("last");
    expect(commands[0]).toBe("incidents reopen INC-77");
    expect(commands).toHaveLength(2);
    for (const command of commands) expect(await run(command)).toMatchObject({ code: 0 });
    expect(await enabledNames(server)).toEqual([]);
    expect(await run("incidents show INC-77")).toMatchObject({ code: 0 });
  });

  it("leaves out what a resume failed to bring back", async () => {
    const path = `/v1/deployments/dep_local/automations/${ids.get("b")}`;
    await addFault(server, { method: "PATCH", path, count: null, action: { type: "fail", status: 400 } });
    await run("automations resume --incident INC-77 --except refund --yes");
    expect(await enabledNames(server)).toEqual(["a"]);
    expect((await undone("INC-77/2")).commands).toEqual([pauseOf("a")]);
  });

  it("says of a pause what brings back what that one paused", async () => {
    expect((await undone("INC-77")).commands).toEqual(["automations resume --incident INC-77"]);
    ids.set("new", await addAutomation(server, { name: "new" }));
    await run("automations pause new --incident INC-77");
    expect((await undone("last")).commands).toEqual([`automations resume --incident INC-77 ${refs("new")}`]);
  });
});
