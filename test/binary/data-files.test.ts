import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { statSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { describe, expect, it, onTestFinished } from "vitest";
import { callerOf } from "../dev-server/processes.js";
import { type Command, command, commandFile, isExecutable } from "../support/command-file.js";
import { temporaryFolder } from "../support/harness.js";

const onNode: Command = { file: process.execPath, args: [commandFile] };

function start({ file, args }: Command, words: readonly string[], home: string) {
  const env = { PATH: process.env.PATH, HOME: home };
  const child = spawn(file, [...args, ...words], { stdio: ["ignore", "pipe", "pipe"], env });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}

async function run(program: Command, words: readonly string[], home: string) {
  const child = start(program, words, home);
  const [stdout, stderr, [code]] = await Promise.all([
    textOf(child.stdout),
    textOf(child.stderr),
    once(child, "close"),
  ]);
  return { code, stdout, stderr };
}

async function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  let text = "";
  for await (const chunk of stream) text += String(chunk);
  return text;
}

interface Server {
  child: ChildProcess;
  url: string;
  apiKey: string;
}

async function serve(program: Command, dataFile: string, home: string): Promise<Server> {
  const child = start(program, ["dev", "--data", dataFile, "--port", "0", "-o", "json"], home);
  for await (const line of createInterface({ input: child.stdout })) {
    const { url, api_key: apiKey } = JSON.parse(line);
    return { child, url, apiKey };
  }
  throw new Error("the server ended before it said where it listens");
}

async function stop({ child }: Server, signal: NodeJS.Signals): Promise<void> {
  const ended = once(child, "exit");
  child.kill(signal);
  await ended;
}

const base = "/v1/deployments/dep_local";

/** An automation that has run. */
async function fill(server: Server): Promise<void> {
  const call = callerOf(server);
  const { body } = await call("POST", `${base}/automations`, {
    name: "Weekly · 動画",
    schedule: "0 9 * * 1",
    instructions: "Make five.\n@dev tool search {} found",
  });
  const { automation_id: id } = JSON.parse(JSON.stringify(body));
  await call("POST", `${base}/automations/${id}/trigger`);
  await call("POST", "/_dev/clock", { advance_s: 60 });
}

/** Automations with their runs, their threads, and every event. */
async function contentOf(server: Server) {
  const call = callerOf(server);
  const list = JSON.parse(JSON.stringify((await call("GET", `${base}/automations`)).body));
  const automations: { thread_id: string; recent_runs: { thread_id: string; status: string }[] }[] = [];
  const threads: unknown[] = [];
  for (const { automation_id } of list.data) {
    const automation = JSON.parse(
      JSON.stringify((await call("GET", `${base}/automations/${automation_id}`)).body),
    );
    automations.push(automation);
    for (const each of automation.recent_runs)
      threads.push((await call("GET", `${base}/threads/${each.thread_id}`)).body);
  }
  return { automations, threads, events: await eventsOf(server) };
}

async function eventsOf({ url, apiKey }: Server): Promise<string> {
  const headers = { authorization: `Bearer ${apiKey}`, "last-event-id": "evt_0" };
  const response = await fetch(`${url}${base}/events`, { headers });
  let text = "";
  for await (const chunk of response.body ?? []) {
    text += Buffer.from(chunk).toString();
    if (/"completed"[^\n]*\n\n/.test(text)) break;
  }
  return text;
}

const ways: [string, Command, Command][] = [
  ["written on Node, read by the executable", onNode, command],
  ["written by the executable, read on Node", command, onNode],
];

// There is an executable if HERM_COMMAND names one: npm run test:binary.
describe.skipIf(!isExecutable)("the local server's data", () => {
  it.each(ways)("is complete, even after a kill: %s", async (_way, one, other) => {
    const home = temporaryFolder();
    const dataFile = join(home, "dev.db");
    const first = await serve(one, dataFile, home);
    await fill(first);
    const content = await contentOf(first);
    expect(content.automations).toMatchObject([{ recent_runs: [{ status: "completed" }] }]);
    expect(content.events).toContain("run_status");
    await stop(first, "SIGKILL");
    expect(statSync(`${dataFile}-wal`).size).toBeGreaterThan(0);
    const second = await serve(other, dataFile, home);
    expect(await contentOf(second)).toEqual(content);
    await stop(second, "SIGTERM");
    const third = await serve(one, dataFile, home);
    expect(await contentOf(third)).toEqual(content);
  });

  it.each(ways)("is locked while in use, and the error names its owner: %s", async (_way, one, other) => {
    const home = temporaryFolder();
    const dataFile = join(home, "dev.db");
    const { child, url } = await serve(one, dataFile, home);
    const second = await run(other, ["dev", "--data", dataFile, "--port", "0", "--no-input"], home);
    expect(second).toMatchObject({ code: 6, stdout: "" });
    expect(second.stderr).toContain(`${dataFile} is used by the server at ${url} (pid ${child.pid})`);
  });

  it.each(ways)("is shared by --local, which can stop its server: %s", async (_way, one, other) => {
    const home = temporaryFolder();
    const create = ["automations", "create", "--name", "Kept", "--schedule", "@daily", "--instructions", "x"];
    onTestFinished(async () => void (await run(one, ["dev", "stop"], home)));
    expect((await run(one, ["--local", ...create], home)).stderr).toContain("local server started");
    const list = ["--local", "automations", "list", "-o", "json"];
    const used = await run(other, list, home);
    expect(used.stderr).not.toContain("local server started");
    expect(JSON.parse(used.stdout)).toMatchObject([{ name: "Kept" }]);
    expect(await run(other, ["dev", "stop"], home)).toMatchObject({ code: 0 });
    const again = await run(other, list, home);
    expect(again.stderr).toContain("local server started");
    expect(JSON.parse(again.stdout)).toMatchObject([{ name: "Kept" }]);
  });
});
