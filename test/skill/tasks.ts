import { readFileSync } from "node:fs";
import { join } from "node:path";

/** A person's task for an agent. */
export interface Task {
  name: string;
  /** In the person's words. */
  says: string;
  /** Lines that prepare its world, and the environment for the lines that do the task. */
  ready: string[];
  env: Record<string, string>;
  /** Lines that must be run, in this order, with the relevant parts of their input; `{run}`: any run. */
  needs: string[];
  /** Lines that do the task; `{run}`: the run that was printed last. */
  solution: string[];
  /** Lines that each make a transcript fail. */
  never: string[];
}

const table = readFileSync(join(import.meta.dirname, "tasks.txt"), "utf8");

/**
 * The tasks in tasks.txt. `!`: a required line, with irrelevant parts in brackets; `$`: another line that does the
 * task; `<`: a line of preparation; `x`: a line that must not be run; `=`: the environment.
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
