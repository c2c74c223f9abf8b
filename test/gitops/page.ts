import { expect } from "vitest";
import { loadPage } from "../../src/help/topic-pages.js";
import { readShellLine } from "../support/shell-line.js";
import { fileOfTopic } from "../support/topics.js";
import { workflow } from "./github.js";

export const page = await loadPage("gitops");
export const defaults = await fileOfTopic("gitops", "# automations/defaults.yaml");

/** The repository on the page. */
export const files = {
  "automations/defaults.yaml": defaults,
  "automations/texts/weekly.md": "Look back at last week.\n",
  "prod/values.yaml": "live: true\n",
  "prod/flags": "",
  "staging/values.yaml": "live: false\n",
  "staging/flags": "",
  "record.sh": await fileOfTopic("gitops", "# record.sh"),
  ".gitignore": "automations/herm.lock.yaml\n",
};

/** The inputs for the page's dispatch that contains a word; the workflow must have all of them. */
export function inputsOf(word: string): Record<string, string> {
  const lines = [...page.matchAll(/`gh workflow run automations ([^`]+)`/g)].map(([, line = ""]) => line);
  const [command] = readShellLine(lines.find((line) => line.includes(word)) ?? "");
  const inputs = (command?.words ?? []).filter((each) => each !== "-f").map((each) => each.split(/=(.*)/s));
  const known = Object.fromEntries(inputs.map(([name = "", value = ""]) => [name, value]));
  expect(Object.keys(workflow.on.workflow_dispatch.inputs)).toEqual(
    expect.arrayContaining(Object.keys(known)),
  );
  return known;
}
