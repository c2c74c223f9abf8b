import { describe, expect, it } from "vitest";
import { type CommandNode, commandTree } from "../src/command-tree.js";
import { herm } from "./support/harness.js";

function leaves(nodes: readonly CommandNode[], above: readonly string[] = []): string[][] {
  return nodes.flatMap(({ name, children }) =>
    children === undefined ? [[...above, name]] : leaves(children, [...above, name]),
  );
}

const commands = leaves(commandTree).map((path): [string, string[]] => [path.join(" "), path]);

describe("every command's help", () => {
  it.each(commands)("%s says when to use it, its flags by group, and an example", async (_name, path) => {
    const { code, stdout, stderr } = await herm([...path, "--help"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const headings = stdout
      .split("\n")
      .filter((line) => /^(This command|Output|Connection|Examples?):$/.test(line));
    expect(headings.map((heading) => heading.replace("Examples:", "Example:")).sort()).toEqual([
      "Connection:",
      "Example:",
      "Output:",
      "This command:",
    ]);
    expect(stdout.split("\n").filter((line) => line.length > 80)).toEqual([]);
  });

  it.each(commandTree.filter(({ children }) => children !== undefined).map(({ name }) => [name]))(
    "%s alone lists its commands within 80 columns",
    async (name) => {
      const { code, stdout } = await herm([name]);
      expect(code).toBe(0);
      for (const child of commandTree.find((each) => each.name === name)?.children ?? []) {
        expect(stdout).toContain(child.name);
      }
      expect(stdout.split("\n").filter((line) => line.length > 80)).toEqual([]);
    },
  );
});
