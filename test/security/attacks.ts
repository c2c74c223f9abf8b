import { terminalTexts } from "../support/terminal-texts.js";

/** Texts that act on a terminal, on GitHub Actions or in its summaries, where they are printed as they are. */
export const attacks: readonly { name: string; text: string }[] = [
  ...terminalTexts.attacks,
  { name: "workflow command", text: "::error::owned" },
  { name: "old workflow command", text: "##[error]owned" },
  { name: "Markdown and HTML", text: "<b>a</b> **b** [c](https://d.example) | `e` @f" },
];
