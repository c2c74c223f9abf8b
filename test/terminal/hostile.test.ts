import { describe, expect, it } from "vitest";
import { keys } from "../support/pty.js";
import { terminalTexts } from "../support/terminal-texts.js";
import { restored } from "./place.js";
import { openOnStream } from "./stream-server.js";

const everything = terminalTexts.attacks.map(({ text }) => text).join(" b ");
const inLines = terminalTexts.attacks.map(({ text }) => text).join("\n");

describe("hostile texts on a real terminal", () => {
  it.each([
    ["in lines, run over", inLines, "completed", 0],
    ["in one line, run over", everything, "completed", 0],
    ["in lines, run failed", inLines, "error", 10],
  ] as const)("can't control the terminal in a followed run: %s", async (_case, text, runStatus, code) => {
    const terminal = await openOnStream(
      ["automations", "trigger", "auto_1"],
      { text, runStatus },
      { columns: 72 },
    );
    const { lines, ...ended } = await terminal.ended;

    expect(ended).toEqual({ code, ...restored });
    expect(lines.join("\n")).toMatch(/[✓✗] (completed|failed)/);
  });

  it.each<[string, string[], string]>([
    ["a question", ["automations", "trigger", "auto_1"], "Your answer"],
    ["a picker", ["automations", "get"], "to get?"],
    ["a picker of several", ["automations", "delete"], "to delete?"],
    ["the questions of update", ["automations", "update", "auto_1"], "What do you want to change?"],
    ["a deletion's question", ["automations", "delete", "auto_1"], "(y/N)"],
    ["the picker of deployments", ["runs", "list", "-d", ""], "Deployment"],
    ["a watched list", ["automations", "list", "--watch"], "1 automation · q ends"],
    ["the live screen", ["top"], "newest first"],
  ])("can't control the terminal in %s", async (_case, words, sign) => {
    const [given, ...more] =
      words[2] === "-d" ? [words.slice(0, 2), { env: { HERM_DEPLOYMENT: "" } }] : [words];
    const terminal = await openOnStream(
      given,
      { text: everything, runStatus: "waiting_on_human" },
      { columns: 72, ...more[0] },
    );
    await terminal.shows(sign);
    terminal.type(keys.ctrlC);
    expect(await terminal.ended).toMatchObject({ code: 130, ...restored });
  });
});
