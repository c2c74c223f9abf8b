import { existsSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { describe, expect, it } from "vitest";
import { addAutomation, call, type Server } from "../incident/fleet.js";
import { openDoor } from "../support/door.js";
import { startServer, temporaryFolder } from "../support/harness.js";
import { spawnHerm } from "../support/spawn.js";

/** The part of the data folder that would survive a power cut at one moment. */
interface Moment {
  /** A request that changes something, or printed text. */
  of: string;
  /** The folders whose new entries would survive, relative to the data folder. */
  folders: readonly string[];
  /** The part of all files' text that would survive. */
  text: string;
}

/** Runs commands as processes with one server and one data folder. */
async function start() {
  const server = await startServer();
  const home = temporaryFolder();
  const dataDir = join(home, ".local", "share", "herm");
  let moments: Moment[] = [];
  let log = "";
  const seen = (lines: readonly Noted[], of: string): Moment => {
    const synced = lines.filter((line) => "synced" in line);
    const bytes = new Map(synced.map((line) => [line.synced, line.bytes]));
    const paths = [...bytes.keys()].filter((path) => path.startsWith(dataDir));
    const files = paths.filter((path) => path.endsWith(".jsonl"));
    return {
      of,
      folders: paths.filter((path) => !files.includes(path)).map((path) => relative(dataDir, path)),
      text: files.map((path) => readFileSync(path).subarray(0, bytes.get(path)).toString()).join(""),
    };
  };
  const noted = (): Noted[] =>
    (existsSync(log) ? readFileSync(log, "utf8") : "")
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line));
  const url = await openDoor(server, {
    onRequest: ({ method, url: asked }) => {
      if (method !== "GET") moments.push(seen(noted(), `${method} ${new URL(asked).pathname}`));
    },
  });
  /** Runs a command; returns what would have survived a power cut at each of its changes, and at its last output. */
  const run = async (words: string) => {
    moments = [];
    log = join(temporaryFolder(), "synced");
    const env = { HERM_API_URL: url, HERM_API_KEY: server.apiKey, HERM_DEPLOYMENT: "dep_local" };
    const { code, stderr } = await spawnHerm(words.split(" "), {
      home,
      env: { ...env, TEST_SYNCED: log },
      preload: "told-syncs",
    });
    expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
    const lines = noted();
    const told = lines.findLastIndex((line) => "told" in line);
    return { changes: moments, end: seen(lines.slice(0, told), "told") };
  };
  return { server, dataDir, run };
}

type Noted = { synced: string; bytes: number } | { told: string };

async function startRun(server: Server): Promise<string> {
  const id = await addAutomation(server, { name: "slow", instructions: "@dev wait 100000" });
  const path = `/v1/deployments/dep_local/automations/${id}/trigger`;
  const { body } = await call(server, "POST", path);
  return String(body.run_id);
}

describe("the data saved against a power cut before a request", () => {
  it("include the change, its history file and any new folders", async () => {
    const { run } = await start();
    const create = "automations create --schedule=@daily --instructions=I --name";
    const first = await run(`${create}=one`);
    expect(first.changes).toEqual([
      {
        of: "POST /v1/deployments/dep_local/automations",
        folders: expect.arrayContaining([expect.stringMatching(/^history.\d{4}-\d\d$/), "history", ""]),
        text: expect.stringMatching(/"act":"create".*"name":"one"/),
      },
    ]);
    const second = await run(`${create}=two`);
    expect(second.changes).toMatchObject([
      {
        folders: expect.arrayContaining([expect.stringMatching(/^history.\d{4}-\d\d$/)]),
        text: expect.stringMatching(/"act":"create".*"name":"two"/),
      },
    ]);
  });

  it("include an incident with its automations, and each message to a run", async () => {
    const { server, run } = await start();
    const run_id = await startRun(server);
    await addAutomation(server, { name: "other" });
    const paused = await run("automations pause --all --incident INC-1 --tell=STOP --yes");
    const [patch, , message] = paused.changes;
    expect(paused.changes.map(({ of }) => of.split(" ")[0])).toEqual(["PATCH", "PATCH", "POST"]);
    expect(patch?.folders).toEqual(expect.arrayContaining([join("history", "incidents"), "history", ""]));
    expect(patch?.text).toMatch(/"incident":"INC-1"/);
    for (const name of ["slow", "other"]) expect(patch?.text).toContain(`"name":"${name}"`);
    expect(message?.text).toMatch(new RegExp(`"message":"sending".*"run_id":"${run_id}"`));
    expect(message?.text).not.toContain('"message":"sent"');
  });
});

describe("the data saved against a power cut before a report", () => {
  it("include an incident's results", async () => {
    const { server, dataDir, run } = await start();
    const run_id = await startRun(server);
    const ledger = () => readFileSync(join(dataDir, "history", "incidents", "inc-1.jsonl"), "utf8");
    const paused = await run("automations pause --all --incident INC-1 --tell=STOP --yes");
    expect(paused.end.text).toMatch(new RegExp(`"message":"sent".*"run_id":"${run_id}"`));
    expect(paused.end.text).toContain(ledger());
    const resumed = await run("automations resume --incident INC-1 --yes");
    expect(resumed.end.text).toContain('"closed"');
    expect(resumed.end.text).toContain(ledger());
  });
});
