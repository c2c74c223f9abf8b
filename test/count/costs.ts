import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { embedDevServer } from "../../src/dev-server/embed.js";

/** What one run of a command takes. */
export interface Cost {
  requests: number;
  /** For the disk. */
  waits: number;
  /** Of code: compiled before by V8, or as it is where nothing was. */
  bytes: number;
}

const draft = ["--schedule", "@daily", "--instructions", "x"];

/** Each goes on from what those before it left. */
const commands: Record<string, string[]> = {
  version: ["--version"],
  create: ["automations", "create", "--name", "R1", ...draft],
  "create another": ["automations", "create", "--name", "R2", ...draft],
  list: ["automations", "list"],
  get: ["automations", "get", "R1"],
  update: ["automations", "update", "R1", "--schedule", "@weekly"],
  "undo of it": ["undo", "last", "--yes"],
  pause: ["automations", "pause", "R1"],
  resume: ["automations", "resume", "R1"],
  "pause of all, with an incident": ["automations", "pause", "--all", "--incident", "INC-1", "--yes"],
  status: ["status"],
  "resume of the incident": ["automations", "resume", "--incident", "INC-1", "--yes"],
  trigger: ["automations", "trigger", "R1"],
  "apply of one file": ["apply", "-f", "a.yaml", "--yes"],
  delete: ["automations", "delete", "R1", "--yes"],
};

const file = "automations:\n  - name: R3\n    schedule: '@hourly'\n    instructions: Read the inbox\n";

/** What each command costs a built `herm` that has run it before, against a local server. */
export async function costsOf(commandFile: string): Promise<Map<string, Cost>> {
  const cache = mkdtempSync(join(tmpdir(), "herm-count-"));
  await costsOnce(commandFile, cache);
  const costs = await costsOnce(commandFile, cache);
  rmSync(cache, { recursive: true });
  return costs;
}

async function costsOnce(commandFile: string, cache: string): Promise<Map<string, Cost>> {
  const home = mkdtempSync(join(tmpdir(), "herm-count-"));
  const server = await embedDevServer({});
  const { url } = await server.listen();
  const counted = join(home, "counted.json");
  const env = {
    HOME: home,
    XDG_CACHE_HOME: cache,
    COUNTED: counted,
    HERM_API_URL: url,
    HERM_API_KEY: server.apiKey,
    HERM_DEPLOYMENT: "dep_local",
  };
  writeFileSync(join(home, "a.yaml"), file);
  const preload = ["--require", join(import.meta.dirname, "counting.cjs"), commandFile];
  const costs = new Map<string, Cost>();
  for (const [name, words] of Object.entries(commands)) {
    await promisify(execFile)(process.execPath, [...preload, ...words], { env, cwd: home });
    costs.set(name, JSON.parse(readFileSync(counted, "utf8")));
  }
  await server.close();
  rmSync(home, { recursive: true });
  return costs;
}
