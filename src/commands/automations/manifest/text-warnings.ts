import type { DesiredState } from "../../../manifest/state/desired-state.js";
import type { Warning } from "../../../manifest/warnings.js";
import { safe } from "../../../output/safe.js";

const keyForms: readonly [RegExp, string][] = [
  [/\bsk-(?:ant-|proj-)?[\w-]{20,}/, "an API key (sk-…)"],
  [/\b(?:AKIA|ASIA)[A-Z\d]{16}\b/, "an AWS access key (AKIA…)"],
  [/\b(?:gh[pousr]_[A-Za-z\d]{30,}|github_pat_\w{30,})/, "a GitHub token (ghp_…)"],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----/, "a private key"],
];

/** Warns about characters that are shown escaped, and about what looks like a key, which isn't shown. */
export function textWarnings(states: readonly DesiredState[]): Warning[] {
  const items = states.flatMap(({ desired }) => desired.items);
  const found = items.flatMap(({ name, instructions, position }) =>
    [...findings(name, "cell"), ...findings(instructions, "block")].flatMap((finding): Warning[] =>
      position === undefined ? [] : [{ ...finding, position }],
    ),
  );
  return [...new Map(found.map((warning) => [JSON.stringify(warning), warning])).values()];
}

/** The first of each in a name, which is a cell, or in instructions. */
function findings(text: string, kind: "cell" | "block"): Pick<Warning, "kind" | "text">[] {
  const placeOf = (index: number) =>
    kind === "cell" ? "the name" : `line ${text.slice(0, index).split("\n").length} of the instructions`;
  const shown = safe(text, kind);
  const at = shown === text ? -1 : shown.split("").findIndex((character, index) => character !== text[index]);
  const [hidden] = /^(?:\\t|\^.|<U\+[\dA-F]+>|.)/u.exec(shown.slice(at)) ?? [];
  return [
    ...(at < 0 ? [] : [{ kind: "hidden-character" as const, text: `${placeOf(at)} has ${hidden}` }]),
    ...keyForms.flatMap(([pattern, what]) => {
      const index = text.search(pattern);
      return index < 0
        ? []
        : [{ kind: "key" as const, text: `${placeOf(index)} has what looks like ${what}` }];
    }),
  ];
}
