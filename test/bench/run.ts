/** Prints what start-up and reading cost, each as a ratio to a floor that is measured in the same run. */
import { mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { embedDevServer } from "../../src/dev-server/embed.js";
import { readSchedule } from "../../src/schedule/read.js";
import { comparePairs, median, type Program } from "./pairs.js";

const command = fileURLToPath(new URL("../../bin/herm.cjs", import.meta.url));
const home = mkdtempSync(join(tmpdir(), "herm-bench-"));
const env = { PATH: process.env.PATH, HOME: home };
const node = (args: readonly string[], more: NodeJS.ProcessEnv = {}): Program => ({
  file: process.execPath,
  args,
  env: { ...env, ...more },
});

const plainGet = `
const { HERM_API_URL, HERM_API_KEY } = process.env;
require("node:http").get(HERM_API_URL + "/v1/deployments/dep_local/automations?limit=100",
  { headers: { authorization: "Bearer " + HERM_API_KEY } }, (answer) => answer.pipe(process.stdout));`;

async function startUp(): Promise<void> {
  const server = await embedDevServer();
  const { url } = await server.listen();
  const target = { HERM_API_URL: url, HERM_API_KEY: server.apiKey, HERM_DEPLOYMENT: "dep_local" };
  const empty = node(["-e", "0"]);
  const rows: [name: string, floorName: string, program: Program, floor: Program][] = [
    ["herm --version", "node -e 0", node([command, "--version"]), empty],
    ["herm --help", "node -e 0", node([command, "--help"]), empty],
    [
      "herm schedule explain",
      "node -e 0",
      node([command, "schedule", "explain", "every Monday at 9am"]),
      empty,
    ],
    [
      "herm automations list (one GET)",
      "a node:http GET",
      node([command, "automations", "list", "--json"], target),
      node(["-e", plainGet], target),
    ],
  ];
  console.log(
    "| what | floor | ratio | median | floor's median | pairs |\n| --- | --- | --- | --- | --- | --- |",
  );
  for (const [name, floorName, program, floor] of rows) {
    const { ratio, medianMs, floorMs, pairs } = await comparePairs(program, floor);
    console.log(
      `| ${name} | ${floorName} | ${ratio.toFixed(2)}× | ${medianMs.toFixed(0)} ms | ${floorMs.toFixed(0)} ms | ${pairs} |`,
    );
  }
  await server.close();
}

/** The slowest reading of any text of 1 KiB, the better of two each, so that a pause of the machine isn't taken for ours. */
function reading(): void {
  const words = [
    "every",
    "day",
    "at",
    "9am",
    ",",
    "and",
    "1",
    "*/",
    "-",
    "mon",
    "between",
    "the",
    "1st",
    "é",
    "\u0000",
    " ",
  ];
  const times: number[] = [];
  let seed = 1;
  for (let count = 0; count < 5_000; count += 1) {
    let text = "";
    while (text.length < 1_000) {
      seed = (seed * 48_271) % 2_147_483_647;
      text += `${words[seed % words.length]} `;
    }
    times.push(
      Math.min(
        timeOf(() => readSchedule(text)),
        timeOf(() => readSchedule(text)),
      ),
    );
  }
  console.log(
    `\nReading a schedule of 1 KiB: median ${median(times).toFixed(3)} ms, slowest of ${times.length} ${Math.max(...times).toFixed(2)} ms`,
  );
}

function timeOf(work: () => unknown): number {
  const startedAt = performance.now();
  work();
  return performance.now() - startedAt;
}

try {
  console.log(
    `Node ${process.version} on ${cpus()[0]?.model ?? "an unknown processor"}, ${cpus().length} cores\n`,
  );
  await startUp();
  reading();
} finally {
  rmSync(home, { recursive: true, force: true });
}
