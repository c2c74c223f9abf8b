/**
 * Records what the most common commands run into `.build/bytecode.order`, by which the executable's bytecode is laid out:
 * it lies together, so that a start reads less. `npm run record:binary`, before a release; until then functions
 * that have changed since lie right behind. They are run in an executable that says what it runs, against its own local
 * server.
 */
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { compile, orderFile } from "./bun.mjs";

const automation = { name: "Daily brief", schedule: "0 9 * * *", instructions: "x" };

/** The most common first. */
const commands = {
  list: ["automations", "list"],
  json: ["automations", "list", "-o", "json"],
  help: ["--help"],
  version: ["--version"],
  get: ["automations", "get", automation.name],
  pause: ["automations", "pause", automation.name],
  trigger: ["automations", "trigger", automation.name, "--follow"],
};

async function record(folder) {
  const program = join(folder, "herm");
  compile({ entry: "bin/standalone.ts", outfile: program, isOpen: true });
  const env = { PATH: process.env.PATH, HOME: folder };
  const server = spawn(program, ["dev", "--memory", "--port", "0", "-o", "json"], { env });
  try {
    const [line] = await once(createInterface(server.stdout), "line");
    const { url, api_key: key, deployments } = JSON.parse(line);
    const access = { HERM_API_URL: url, HERM_API_KEY: key, HERM_DEPLOYMENT: deployments[0] };
    return await recordCommands(program, { folder, env: { ...env, ...access } });
  } finally {
    server.kill();
  }
}

/** The records' files. */
async function recordCommands(program, { folder, env }) {
  const manifest = join(folder, "herm.json");
  writeFileSync(manifest, JSON.stringify({ automations: [automation] }));
  const recording = (name) => ({ ...env, BUN_BYTECODE_ORDER_OUT: join(folder, name) });
  const run = (name, words) => promisify(execFile)(program, words, { env: recording(name) });
  const events = spawn(program, ["events", "-o", "jsonl"], { env: recording("events"), stdio: "ignore" });
  await run("apply", ["automations", "apply", "--file", manifest, "--yes"]);
  for (const [name, words] of Object.entries(commands)) await run(name, words);
  events.kill();
  await once(events, "exit");
  return [...Object.keys(commands), "events", "apply"].map((name) => join(folder, name));
}

/** Of several records one, with the functions alone (F): of the rest nothing is any faster. */
function merged(records) {
  const texts = records.map((file) => readFileSync(file, "utf8"));
  const functions = texts.flatMap((text) => text.match(/^F .*$/gm) ?? []);
  return `${[/^.*/.exec(texts[0])[0], ...new Set(functions)].join("\n")}\n`;
}

const folder = mkdtempSync(join(tmpdir(), "herm-order-"));
try {
  writeFileSync(orderFile, merged(await record(folder)));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
