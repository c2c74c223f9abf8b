import { readFileSync } from "node:fs";
import { join } from "node:path";

/** What a person wants from an agent. */
export interface Task {
  name: string;
  /** In the person's words. */
  says: string;
  /** Lines that make its world ready, and the environment of those that do it. */
  ready: string[];
  env: Record<string, string>;
  /** Lines that must be run, in this order, with as much of their input as matters; `{run}`: any run. */
  needs: string[];
  /** Lines that do it; `{run}`: the run that was printed last. */
  solution: string[];
  /** Lines each of which makes a transcript fail. */
  never: string[];
}

const table = readFileSync(join(import.meta.dirname, "tasks.txt"), "utf8");

/**
 * The tasks of tasks.txt. `!`: a needed line, in brackets what doesn't matter; `$`: another line that does it; `<`: one that
 * makes ready; `x`: one that must not be run; `=`: the environment.
 */
export const tasks: readonly Task[] = table.split(/\n(?=\w[\w ]+: )/).map((part) => {
  const [, name = "", says = "", rest = ""] = /^(.+?): ([^\n]*)\n(.*)$/s.exec(part) ?? [];
  const lines = rest.trimEnd().split("\n");
  const of = (...signs: string[]) =>
    lines.filter((line) => signs.includes(line.charAt(0))).map((line) => line.slice(2));
  return {
    ...{ name, says, ready: of("<"), never: of("x") },
    env: Object.fromEntries(of("=").map((line) => line.split("="))),
    needs: of("!").map((line) => line.replaceAll(/ \[.*?\]/g, "")),
    solution: of("!", "$").map((line) => line.replaceAll(/[[\]]/g, "")),
  };
});
