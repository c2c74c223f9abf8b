import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { FetchLike } from "../../src/api/fetch.js";
import { refuseFrozen } from "../../src/command/refusals.js";
import { NotPossibleError } from "../../src/errors/cli-errors.js";
import { loadTopic } from "../../src/help/topic-pages.js";
import { declarations } from "../support/declarations.js";
import { fetchFrom, herm, startServer, temporaryFolder } from "../support/harness.js";
import { textsOf } from "../support/topics.js";

/** The commands that still work, according to the message: `pause and runs answer`. */
function toldCommands(): string {
  try {
    refuseFrozen({ settings: { freeze: "x" } } as Parameters<typeof refuseFrozen>[0]);
  } catch (error) {
    const hint = error instanceof NotPossibleError ? error.hint : undefined;
    return /refuses every change except (.*)$/.exec(typeof hint === "string" ? hint : "")?.[1] ?? "";
  }
  return "";
}

/** An automation `Weekly`, one whose run is waiting, and the change that created `Weekly`. */
async function prepare() {
  const server = await startServer();
  const options = { server, home: temporaryFolder(), env: { HERM_DEPLOYMENT: "dep_local" } };
  const create = ["automations", "create", "--schedule", "@daily", "--instructions"];
  const { stderr } = await herm([...create, "x", "--name", "Weekly"], options);
  await herm([...create, "@dev ask Send it?", "--name", "Asks"], options);
  await herm(["automations", "trigger", "Asks"], options);
  await server.advance(1);
  const methods: string[] = [];
  const fetch: FetchLike = (url, init) => {
    methods.push(init.method);
    return fetchFrom(server)(url, init);
  };
  const env = { ...options.env, HERM_FREEZE: "INC-42: ask #ops" };
  return {
    change: /undo: herm undo (c_\w+)/.exec(stderr)?.[1] ?? "none",
    methods,
    run: (argv: readonly string[]) => herm(argv, { ...options, fetch, env }),
  };
}

describe("HERM_FREEZE", () => {
  it("prevents every change except pause, runs answer and top", () => {
    const free = Object.entries(declarations)
      .filter(([, { effect }]) => effect === "changes" || effect === "destroys")
      .filter(([, { isFrozen }]) => isFrozen === undefined);
    expect(free.map(([name]) => name)).toEqual(["automations pause", "runs answer", "top"]);
    expect(toldCommands()).toBe("pause and runs answer");
  });

  it.each([
    ["automations", "update", "Weekly", "--name", "Other"],
    ["automations", "delete", "Weekly", "--yes"],
    ["automations", "resume", "--incident", "INC-42", "--yes"],
    ["undo", "<change>", "--yes"],
  ])("prevents %s %s before any request", async (...argv) => {
    const { run, change, methods } = await prepare();
    const words = argv.map((word) => (word === "<change>" ? change : word));
    const { code, stderr } = await run(words);
    expect({ code, methods }).toEqual({ code: 6, methods: [] });
    expect(stderr).toContain("frozen: INC-42: ask #ops");
    if (words[1] === "update") expect((await run([...words, "--dry-run"])).code).toBe(0);
  });

  it("allows messages to runs and answers to waiting runs", async () => {
    const { run } = await prepare();
    expect((await run(["runs", "answer", "Asks", "no"])).code).toBe(0);
    expect((await run(["automations", "pause", "Weekly"])).code).toBe(0);
    const pause = ["automations", "pause", "--all", "--incident", "INC-42", "--tell", "Stop.", "--yes"];
    expect((await run(pause)).code).toBe(0);
    expect((await run(["incidents", "show", "INC-42"])).code).toBe(0);
    expect((await run(["incidents", "close", "INC-42", "--yes"])).code).toBe(0);
  });

  it("exempts the same commands as the room's README lists", () => {
    const text = readFileSync(join(import.meta.dirname, "../../src/settings/README.md"), "utf8");
    expect(text.replaceAll(/\s+/g, " ")).toContain(toldCommands());
  });

  it.each(["environment", "incidents"])("exempts the same commands as herm help %s lists", async (name) => {
    expect(textsOf(await loadTopic(name)).join(" ")).toContain(toldCommands());
  });
});
