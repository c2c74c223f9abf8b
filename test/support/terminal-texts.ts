import { readFileSync } from "node:fs";

export interface NamedText {
  name: string;
  text: string;
}

const file = new URL("../fixtures/terminal-attacks.json", import.meta.url);

/** Texts that act on a terminal, hide in it or pass for something else; and texts that must come through unchanged. */
export const terminalTexts: { attacks: NamedText[]; legitimate: NamedText[] } = JSON.parse(
  readFileSync(file, "utf8"),
);
