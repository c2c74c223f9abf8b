import { describe, expect, it } from "vitest";
import { startPlace } from "./place.js";

const ctrlD = "\x04";
const manifest = "automations: [{name: Typed, schedule: every day at 9am, instructions: Hello.}]\n";

describe("apply of a manifest from stdin on a real terminal", () => {
  it.each([
    ["y\r", 0, 1],
    ["n\r", 1, 0],
  ])("asks on the terminal once stdin has ended, then restores the terminal: %j", async (key, code, made) => {
    const { open, all } = await startPlace();
    const terminal = open(["apply", "-f", "-"], { columns: 120 });
    terminal.type(manifest + ctrlD);
    await terminal.shows("Apply 1 automation in 1 deployment?");
    terminal.type(key);
    expect(await terminal.ended).toMatchObject({ code, isCooked: true, isCursorShown: true });
    expect(await all()).toHaveLength(made);
  });
});
