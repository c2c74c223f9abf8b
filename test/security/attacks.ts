import { terminalTexts } from "../support/terminal-texts.js";

/** Texts that have effects on a terminal, in GitHub Actions or in its summaries if they are printed unchanged. */
export const attacks: readonly { name: string; text: string }[] = [
  ...terminalTexts.attacks,
  { name: "workflow command", text: "::error::owned" },
  { name: "old workflow command", text: "##[error]owned" },
  { name: "Markdown and HTML", text: "<b>a</b> **b** [c](https://d.example) | `e` @f" },
];
