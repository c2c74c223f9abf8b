import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { writeAsEsm } from "./as-esm.js";
import { writeFloors } from "./floors.js";
import type { Program } from "./pairs.js";
import { counts } from "./server.js";

export interface Figure {
  what: string;
  floor: string;
  target: string;
  ours: Program;
  against: Program;
}

const command = fileURLToPath(new URL("../../bin/herm.cjs", import.meta.url));

/** Every figure that is a process against a process. The floors are written into the folder, which is the home of both. */
export async function listFigures({ url, folder }: { url: string; folder: string }): Promise<Figure[]> {
  const env = {
    PATH: process.env.PATH,
    HOME: folder,
    HERM_API_URL: url,
    HERM_API_KEY: "key_of_the_bench",
    HERM_DEPLOYMENT: "dep_few",
  };
  const floors = writeFloors(folder);
  const node = (...args: string[]): Program => ({ file: process.execPath, args, env });
  const herm = (...args: string[]): Program => node(command, ...args);
  const few = `${url}/v1/deployments/dep_few/automations`;
  const many = `${url}/v1/deployments/dep_many/automations`;
  const stream = `${url}/v1/deployments/dep_few/events`;
  const listed = ["automations", "list", "-o", "json"];
  const list = herm(...listed);
  const listMany = (...format: string[]) => herm("automations", "list", "-d", "dep_many", ...format);
  const empty = { floor: "`node -e 0`", against: node("-e", "0") };
  const pages = { floor: "a loop of the 100 GETs", against: node(floors.pages, many) };
  const asEsm = await writeAsEsm(folder);
  const uncached = { ...env, NODE_DISABLE_COMPILE_CACHE: "1" };
  const figures: Figure[] = [
    { what: "`--version`", target: "≤ 1.25", ours: herm("--version"), ...empty },
    { what: "`--help`", target: "≤ 1.5", ours: herm("--help"), ...empty },
    {
      what: "`schedule explain`",
      target: "",
      ours: herm("schedule", "explain", "every weekday at 18:30"),
      ...empty,
    },
    {
      what: "`automations list`, one GET",
      floor: "the GET, node:http",
      target: "≤ 1.35",
      ours: list,
      against: node(floors.get, few),
    },
    {
      what: "the same, nothing compiled before",
      floor: "the GET, node:http",
      target: "",
      ours: { ...list, env: uncached },
      against: node(floors.get, few),
    },
    {
      what: "the same as ES modules",
      floor: "as it is built",
      target: "",
      ours: node(asEsm, ...listed),
      against: list,
    },
    {
      what: "`--help` as ES modules",
      floor: "as it is built",
      target: "",
      ours: node(asEsm, "--help"),
      against: herm("--help"),
    },
    { what: "10,000 automations as JSONL", target: "≤ 1.3", ours: listMany("-o", "jsonl"), ...pages },
    { what: "10,000 automations as JSON", target: "", ours: listMany("-o", "json"), ...pages },
    { what: "10,000 automations as rows", target: "", ours: listMany(), ...pages },
    {
      what: "200,000 events into a pipe",
      floor: "node:http + parser + JSON",
      target: "≤ 1.6",
      ours: { ...herm("events", "-o", "jsonl"), lines: counts.events },
      against: { ...node(floors.events, stream), lines: counts.events },
    },
  ];
  figures.push(
    ...stages({
      list,
      line: node(floors.line),
      get: node(floors.get, few),
      opened: node(floors.opened, few),
    }),
  );
  const others = [
    { tool: "gh", args: ["--version"], what: "`--version`", ours: herm("--version"), target: "< 1" },
    { tool: "curl", args: ["-s", few], what: "`automations list`, one GET", ours: list, target: "" },
  ];
  return figures.concat(
    others
      .filter(({ tool }) => versionOf(tool) !== undefined)
      .map(({ tool, args, ...rest }) => ({
        ...rest,
        floor: `\`${tool}\``,
        against: { file: tool, args, env },
      })),
  );
}

/** Where a list's time goes: each stage against the one before it, all on the same server. */
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

/** The version that a tool says; undefined where it isn't installed. */
export function versionOf(tool: string): string | undefined {
  const { status, stdout } = spawnSync(tool, ["--version"], { encoding: "utf8" });
  return status === 0 ? /\d+(\.\d+)+/.exec(stdout)?.[0] : undefined;
}
