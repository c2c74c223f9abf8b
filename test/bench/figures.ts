import { spawnSync } from "node:child_process";
import { commandFile } from "../support/command-file.js";
import { writeAsEsm } from "./as-esm.js";
import { writeFloors } from "./floors.js";
import type { Program } from "./pairs.js";

export interface Figure {
  what: string;
  floor: string;
  target: string;
  ours: Program;
  against: Program;
  /** Takes seconds, so a fifth of the pairs is enough. */
  isLong?: boolean;
}

/** The built command. */
export const onNode: Program = { file: process.execPath, args: [commandFile] };

/**
 * The programs that are started, made by one function for each kind, and their requests. The folder, which is the home
 * of all, contains the floors.
 */
export function prepare({ url, folder }: { url: string; folder: string }) {
  const env = {
    PATH: process.env.PATH,
    HOME: folder,
    HERM_API_URL: url,
    HERM_API_KEY: "key_of_the_bench",
    HERM_DEPLOYMENT: "dep_few",
  };
  return {
    folder,
    floors: writeFloors(folder),
    few: `${url}/v1/deployments/dep_few/automations`,
    many: `${url}/v1/deployments/dep_many/automations`,
    node: (...args: string[]): Program => ({ file: process.execPath, args, env }),
    tool: (file: string, ...args: string[]): Program => ({ file, args, env }),
    herm:
      (command: Program) =>
      (...args: string[]): Program => ({ file: command.file, args: [...command.args, ...args], env }),
  };
}

export type Bench = ReturnType<typeof prepare>;

const listed = ["automations", "list", "-o", "json"];

/** Figures for both Node's command and the executable, each with its own targets; `command` is either. */
export function sharedFigures(
  bench: Bench,
  command: Program,
  targets: Record<"version" | "help" | "list" | "many" | "long" | "screen", string>,
): Figure[] {
  const { node, floors, few, many } = bench;
  const herm = bench.herm(command);
  const empty = { floor: "`node -e 0`", against: node("-e", "0") };
  const onTerminal = (size: string, deployment: string, target: string): Figure => {
    const against = herm("automations", "list", "-d", deployment);
    const what = `\`automations list\` of ${size} on a terminal`;
    return { what, floor: "the same in a pipe", target, ours: { ...against, isOnTerminal: true }, against };
  };
  return [
    { what: "`--version`", target: targets.version, ours: herm("--version"), ...empty },
    { what: "`--help`", target: targets.help, ours: herm("--help"), ...empty },
    {
      what: "`automations list`, one GET",
      floor: "the GET, node:http",
      target: targets.list,
      ours: herm(...listed),
      against: node(floors.get, few),
    },
    {
      what: "10,000 automations as JSONL",
      floor: "a loop of the 100 GETs",
      target: targets.many,
      ours: herm("automations", "list", "-d", "dep_many", "-o", "jsonl"),
      against: node(floors.pages, many),
    },
    onTerminal("20", "dep_screen", targets.screen),
    onTerminal("1,000", "dep_long", targets.long),
    ...againstTools(bench, command),
  ];
}

function againstTools({ tool, herm, few }: Bench, command: Program): Figure[] {
  const others = [
    { name: "gh", args: ["--version"], what: "`--version`", words: ["--version"], target: "< 1" },
    { name: "curl", args: ["-s", few], what: "`automations list`, one GET", words: listed, target: "" },
  ];
  return others
    .filter(({ name }) => versionOf(name) !== undefined)
    .map(({ name, args, words, what, target }) => ({
      what,
      floor: `\`${name}\``,
      target,
      ours: herm(command)(...words),
      against: tool(name, ...args),
    }));
}

/** All figures for Node's command that compare two processes. */
export async function listFigures(bench: Bench): Promise<Figure[]> {
  const { node, floors, few, many } = bench;
  const herm = bench.herm(onNode);
  const list = herm(...listed);
  const listMany = (...format: string[]) => herm("automations", "list", "-d", "dep_many", ...format);
  const pages = { floor: "a loop of the 100 GETs", target: "", against: node(floors.pages, many) };
  const asEsm = await writeAsEsm(bench.folder);
  const isEsm = { floor: "as it is built", target: "" };
  return [
    ...sharedFigures(bench, onNode, {
      version: "≤ 1.25",
      help: "≤ 1.5",
      list: "≤ 1.6",
      many: "≤ 2.0",
      screen: "≤ 1.25",
      long: "≤ 2.1",
    }),
    {
      what: "`schedule explain`",
      floor: "`node -e 0`",
      target: "",
      ours: herm("schedule", "explain", "every weekday at 18:30"),
      against: node("-e", "0"),
    },
    {
      what: "`automations list`, nothing compiled before",
      floor: "the GET, node:http",
      target: "",
      ours: { ...list, env: { ...list.env, NODE_DISABLE_COMPILE_CACHE: "1" } },
      against: node(floors.get, few),
    },
    { what: "`automations list` as ES modules", ours: node(asEsm, ...listed), against: list, ...isEsm },
    { what: "`--help` as ES modules", ours: node(asEsm, "--help"), against: herm("--help"), ...isEsm },
    { what: "10,000 automations as JSON", ours: listMany("-o", "json"), ...pages },
    { what: "10,000 automations as rows", ours: listMany(), ...pages },
    ...stages({
      list,
      line: node(floors.line),
      get: node(floors.get, few),
      opened: node(floors.opened, few),
    }),
  ];
}

/** How the time for a list is spent: each stage compared with the one before, all on the same server. */
function stages({ list, line, get, opened }: Record<"list" | "line" | "get" | "opened", Program>): Figure[] {
  const node = { file: line.file, args: ["-e", "0"], env: line.env };
  const steps: [what: string, floor: string, ours: Program, against: Program][] = [
    ["1 · one line printed", "`node -e 0`", line, node],
    ["2 · the GET, node:http", "1", get, line],
    ["3 · the GET, and the built code of a list opened", "2", opened, get],
    ["4 · `automations list`", "3", list, opened],
  ];
  return steps.map(([what, floor, ours, against]) => ({ what, floor, target: "", ours, against }));
}

/** The version that a tool reports; undefined if it isn't installed. */
export function versionOf(tool: string): string | undefined {
  const { status, stdout } = spawnSync(tool, ["--version"], { encoding: "utf8" });
  return status === 0 ? /\d+(\.\d+)+/.exec(stdout)?.[0] : undefined;
}
