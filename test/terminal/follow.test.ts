import { describe, expect, it } from "vitest";
import { openTerminal } from "../support/pty.js";
import { startRunServer, steady } from "./run-server.js";

const instructions =
  "Look at our top-performing influencer video from last week and make five variations of it, each for another audience.";

/** A server on a socket, an automation, and what a process needs to reach them. */
async function setUp(directives: string) {
  const herm = await startRunServer();
  const { url } = await herm.server.listen();
  await herm.create("Weekly video variations", `${instructions}\n${directives}`);
  const env = { HERM_API_URL: url, HERM_API_KEY: herm.server.apiKey, HERM_DEPLOYMENT: "dep_local" };
  return { ...herm, env };
}

const trigger = ["automations", "trigger", "Weekly video variations"];

describe("following a run on a real terminal", () => {
  it.each([
    [
      80,
      [
        "Working on: Look at our top-performing influencer video from last week and make",
        "five variations of it, each for another audience.",
        '✓ search {"query":"Look at our top-performing influencer video fro… → 3 results',
      ],
    ],
    [
      120,
      [
        "Working on: Look at our top-performing influencer video from last week and make five variations of it, each for another",
        "audience.",
        '✓ search {"query":"Look at our top-performing influencer video from last week a"} → 3 results',
      ],
    ],
  ])("shows it, asks its question and goes on with the answer, at %i columns", async (columns, beginning) => {
    const { env } = await setUp("@dev ask Publish all five to the main channel?");
    const terminal = openTerminal(trigger, { env: { ...env, NO_COLOR: "1" }, columns });
    await terminal.shows("Your answer");
    terminal.type("only the first two\r");
    const { code, lines, isCursorShown } = await terminal.ended;

    expect(steady(lines.join("\n")).split("\n")).toEqual([
      ...beginning,
      "",
      "? Publish all five to the main channel?",
      "",
      "✓ Your answer (y, n or text) only the first two",
      "Answered: only the first two",
      "Done.",
      "✓ completed in TOOK · 1 tool call · herm runs show dep_local/run_1",
    ]);
    expect({ code, isCursorShown }).toEqual({ code: 0, isCursorShown: true });
  });

  it("turns a spinner while it waits, and leaves nothing of it", async () => {
    const { env, server } = await setUp("@dev wait 60");
    const terminal = openTerminal(trigger, { env });
    await terminal.shows("working");
    await server.advance(60);
    const { code, lines } = await terminal.ended;

    expect(code).toBe(0);
    expect(lines.join("\n")).not.toContain("working");
    expect(lines.at(-2)).toBe("Done.");
  });

  it("survives a resize while it waits", async () => {
    const { env, server } = await setUp("@dev wait 60");
    const terminal = openTerminal(trigger, { env, columns: 100 });
    await terminal.shows("working");
    terminal.resize(30);
    await new Promise((resolve) => setTimeout(resolve, 300));
    terminal.resize(90);
    await server.advance(60);
    const { code, lines } = await terminal.ended;
    const text = lines.join(" ");

    expect(code).toBe(0);
    expect(text).toContain("make five variations of it, each for another audience.");
    expect(text.split("Working on:")).toHaveLength(2);
    expect(text).not.toContain("working");
  });

  it.each([
    ["while it runs", "@dev wait 60", "working"],
    ["at its question", "@dev ask Publish?", "Your answer"],
  ])("leaves the run going at Ctrl-C %s, and says how to come back", async (_, directive, sign) => {
    const { env, run } = await setUp(directive);
    const terminal = openTerminal(trigger, { env });
    await terminal.shows(sign);
    terminal.type("\u0003");
    const { code, lines, isCursorShown } = await terminal.ended;

    expect({ code, isCursorShown }).toEqual({ code: 130, isCursorShown: true });
    expect(steady(lines.join("\n"))).toContain(
      "run_1 goes on; to come back: herm runs watch dep_local/run_1",
    );
    expect(lines.join("\n")).not.toContain("working");
    const { stdout } = await run(["runs", "list", "--running", "--waiting", "-o", "name"]);
    expect(stdout).toMatch(/^run_\w+\n$/);
  });

  it("closes its question when somebody else answers", async () => {
    const { env, run } = await setUp("@dev ask Publish?");
    const terminal = openTerminal(trigger, { env });
    await terminal.shows("Your answer");
    await run(["runs", "answer", "Weekly video variations", "y"]);
    const { code, lines } = await terminal.ended;

    expect(code).toBe(0);
    expect(lines).toContain("the run has moved on: no answer is needed");
    expect(lines).toContain("Answered: yes");
  });

  it("prints plain lines on a terminal that can't move its cursor", async () => {
    const { env } = await setUp("");
    const terminal = openTerminal([...trigger, "--follow"], { env: { ...env, TERM: "dumb" }, columns: 200 });
    const { code, lines } = await terminal.ended;

    expect(code).toBe(0);
    expect(lines[1]).toMatch(/^→ search /);
  });
});
