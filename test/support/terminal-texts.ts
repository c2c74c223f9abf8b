import { readFileSync } from "node:fs";

export interface NamedText {
  name: string;
  text: string;
}

const file = new URL("../fixtures/terminal-attacks.json", import.meta.url);

/**
 * Texts that have effects on a terminal, hide in it or look like other text, and texts that must be shown unchanged.
 */
export const terminalTexts: { attacks: NamedText[]; legitimate: NamedText[] } = JSON.parse(
  readFileSync(file, "utf8"),
);
