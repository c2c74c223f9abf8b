import { describe, expect, it } from "vitest";
import { commandNames } from "../support/declarations.js";
import { temporaryFolder } from "../support/harness.js";
import { third } from "../support/third.js";
import { attacks } from "./attacks.js";
import { judge, runPlain, type Sink, sinks } from "./judge.js";
import { matrix, silent } from "./matrix.js";

/** The effect of any of them is noticed; `npm run soak` tries them one by one. */
const everything = attacks.map(({ text }) => text).join(" b ");

/** The same in pieces that fit into an API's message; the trials divide them among themselves. */
const messages: string[] = [];
for (const { text } of attacks) {
  const joined = `${messages.at(-1) ?? ""} b ${text}`;
  if (messages.length === 0 || joined.length > 500) messages.push(text);
  else messages.splice(-1, 1, joined);
}

const trials = Object.entries(matrix).flatMap(([command, list]) =>
  list.map((trial, index) => ({ command, trial, index, name: `${command} (${index + 1})` })),
);

/** True if it prints any of its text, which earlier trials show for most. */
async function isPrinted({ trial, index }: (typeof trials)[number]): Promise<boolean> {
  for (const sink of ["terminal", "pipe"] satisfies Sink[]) {
    const options = { sink, home: temporaryFolder };
    const { stdout, stderr } = await runPlain(trial, textsOf({ trial, index }).text, options);
    if (`${stdout}${stderr}`.includes("mask")) return true;
  }
  return false;
}

/** The texts for a trial: like any message, an API's refusal has room for only a part. */
function textsOf({ trial, index }: Pick<(typeof trials)[number], "trial" | "index">) {
  const message = messages[index % messages.length] ?? "";
  return { message, text: trial.api?.refuses === undefined ? everything : message };
}

describe("hostile texts", () => {
  it("are tried in every command", () => {
    expect(commandNames.filter((name) => matrix[name] === undefined)).toEqual([]);
    expect(Object.keys(matrix).filter((name) => !commandNames.includes(name))).toEqual([]);
  });

  it.each(trials.map((each, shift) => ({ ...each, shift })))(
    "are only displayed in $name",
    async ({ trial, index, shift }) => {
      const { text, message } = textsOf({ trial, index });
      const faults: string[] = [];
      const possible = sinks.filter((sink) => sink !== "json" || trial.json !== false);
      for (const sink of third(possible, shift)) {
        const judged = await judge(trial, text, { sink, home: temporaryFolder });
        faults.push(...judged.faults.map((fault) => `${sink}: ${fault}`));
        const code = sink === "terminal" ? (trial.terminalCode ?? trial.code) : trial.code;
        expect({ sink, code: judged.plain.code }).toEqual({ sink, code: code ?? 0 });
        // Skips behaviours for requests that aren't sent.
        if (judged.sent.size === 0) continue;
        const everywhere = await judge(trial, text, {
          sink,
          home: temporaryFolder,
          everywhere: true,
        });
        faults.push(...everywhere.faults.map((fault) => `${sink}, in every field: ${fault}`));
        if (sink === "json") continue;
        const isChanging = [...judged.sent].some((method) => method !== "GET");
        for (const refuses of ["everything", "changes"] as const) {
          if (refuses === "changes" && !isChanging) continue;
          const refused = await judge(trial, message, { sink, home: temporaryFolder, refuses });
          faults.push(...refused.faults.map((fault) => `${sink}, ${refuses} refused: ${fault}`));
        }
      }
      expect(faults).toEqual([]);
    },
  );

  it("are really printed by every command that prints text", async () => {
    const printing = new Set<string>();
    for (const each of trials)
      if (!printing.has(each.command) && (await isPrinted(each))) printing.add(each.command);
    const quiet = Object.keys(matrix).filter((name) => !printing.has(name));
    expect(quiet.sort()).toEqual([...silent].sort());
  });
});
