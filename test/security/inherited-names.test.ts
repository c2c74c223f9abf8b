import { expect, it } from "vitest";
import { namedFlags } from "../../src/command/flags.js";
import { globalFlags } from "../../src/command-line/global-flags.js";
import { declarations } from "../support/declarations.js";
import { fakeApi } from "../support/fake-api.js";
import { temporaryFolder } from "../support/harness.js";
import { tryCommand } from "./try.js";

/** Every object inherits these names, which no lookup may find. */
const words = ["constructor", "__proto__"];

// `dev` would start a server.
const commands = Object.entries(declarations).filter(([name]) => name !== "dev");

it.each(commands)(
  "%s accepts an inherited property's name like any other word",
  async (name, declaration) => {
    const own = name.split(" ");
    const needed = Object.values(declaration.arguments ?? {}).filter(({ isRequired }) => isRequired);
    const flags = [...namedFlags(declaration.flags), ...(name === "status" ? globalFlags : [])];
    const withValue = flags.filter(({ valueName }) => valueName !== undefined);
    const lines = (word: string): string[][] => [
      [...own, word],
      [...own, word, word],
      [word, ...own],
      ["help", word, ...own],
      ["completion", "words", "--", "herm", ...own, word, ""],
      ...withValue.map(({ long }) => [...own, ...needed.map(() => "dep_1/auto_1"), `${long}=${word}`]),
    ];
    for (const word of words) {
      const options = {
        text: word,
        fetch: fakeApi({ text: word, everywhere: true }),
        key: "key_of_the_tests",
      };
      for (const line of lines(word)) {
        const { stdout, stderr } = await tryCommand(
          { argv: () => line },
          { ...options, home: temporaryFolder() },
        );
        expect(stdout + stderr, line.join(" ")).not.toMatch(/error: unexpected|native code|\[object/);
      }
    }
  },
);
