import fc from "fast-check";
import { expect, it } from "vitest";
import { namedFlags } from "../../src/command/flags.js";
import { parseLine, RefusedLineError } from "../../src/command/parse.js";
import { findGlobalFlag, globalFlags } from "../../src/command-line/global-flags.js";
import { inOurWords } from "../../src/help/refused-line.js";
import { declarations } from "../support/declarations.js";
import manyCases from "../support/many-cases.js";
import { readShellLine } from "../support/shell-line.js";

const commands = Object.entries(declarations)
  .filter(([name]) => !name.startsWith("help") && !name.startsWith("completion"))
  .map(([name, { arguments: named = {}, flags }]) => ({
    path: name.split(" "),
    takes: Object.values(named),
    flags: [...namedFlags(flags), ...globalFlags].filter(({ long }) => long !== "--verbose"),
  }));

const texts = fc.constantFrom("x", "two words", "it's", "*", "$HOME", "Tägliche", "a=b");

type Flag = Pick<(typeof commands)[number]["flags"][number], "long" | "valueName">;

/** A flag with its value in one word or two. */
const flagWords = ({ long, valueName }: Flag): fc.Arbitrary<string[]> =>
  valueName === undefined
    ? fc.constant([long])
    : texts.chain((text) => fc.constantFrom([long, text], [`${long}=${text}`]));

/** A command followed by arguments and flags that it accepts, in any order. */
const lines = fc.constantFrom(...commands).chain(({ path, takes, flags }) =>
  fc
    .tuple(
      fc.array(fc.tuple(texts), { maxLength: takes.some(({ isVariadic }) => isVariadic) ? 3 : takes.length }),
      fc.array(fc.constantFrom(...flags).chain(flagWords), { maxLength: 3 }),
    )
    .chain((parts) => fc.shuffledSubarray(parts.flat(), { minLength: parts.flat().length }))
    .map((parts) => ({ path, parts })),
);

async function meaningOf(words: readonly string[]) {
  const { nodes, given, globals } = await parseLine(words);
  const shared = globals.map(([{ long }, value]) => [long, value]);
  return [nodes.map(({ name }) => name), given, shared.map(String).sort()];
}

/** The command lines that the error for these words suggests. */
async function offered(words: readonly string[]): Promise<string[][]> {
  const error = await parseLine(words).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof RefusedLineError)) return [];
  const { hint } = await inOurWords(error);
  const [, text = ""] = /^(?:did you mean|use) (herm .*?)\??$/s.exec(String(hint)) ?? [];
  return text
    .split(/, (?=herm )| or (?=herm )/)
    .map((line) => readShellLine(line).flatMap((each) => each.words.slice(1)));
}

it("the suggestion for a misspelt command keeps everything typed after it", async () => {
  let found = 0;
  await manyCases.assert(
    fc.asyncProperty(lines, fc.nat(), async ({ path, parts }, at) => {
      const name = path.at(-1) ?? "";
      const cut = at % name.length;
      const misspelt = [...path.slice(0, -1), name.slice(0, cut) + name.slice(cut + 1)];
      const others = await offered([...misspelt, ...parts.flat()]);
      if (!others.some((words) => path.every((word, index) => words[index] === word))) return;
      found += 1;
      const meanings = await Promise.all(others.map((words) => meaningOf(words).catch(() => undefined)));
      expect(meanings).toContainEqual(await meaningOf([...path, ...parts.flat()]));
    }),
  );
  expect(found).toBeGreaterThan(20);
});

it("the suggestion for a flag typed before its command keeps all else", async () => {
  let found = 0;
  await manyCases.assert(
    fc.asyncProperty(lines, async ({ path, parts }) => {
      const flags = commands.find((each) => each.path === path)?.flags ?? [];
      const isOwn = ([word = ""]: readonly string[]) =>
        flags.some(({ long }) => word.split("=")[0] === long) &&
        findGlobalFlag(word.split("=")[0] ?? "") === undefined;
      const early = parts.find(isOwn);
      if (early === undefined) return;
      found += 1;
      const others = parts.filter((part) => part !== early).flat();
      const meant = await meaningOf([...path, ...early, ...others]);
      expect(await Promise.all((await offered([...early, ...path, ...others])).map(meaningOf))).toEqual([
        meant,
      ]);
    }),
  );
  expect(found).toBeGreaterThan(20);
});
