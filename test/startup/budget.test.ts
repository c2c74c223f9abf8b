import { execFile } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { commandFile, isExecutable } from "../support/command-file.js";
import { temporaryFolder } from "../support/harness.js";

const dist = join(import.meta.dirname, "..", "..", "dist");
const sources: Record<string, string[]> = JSON.parse(readFileSync(join(dist, ".pieces.json"), "utf8"));

/** Preloaded: at the end says which built pieces have run, and which of Node's modules were loaded. */
const tracer = `
const { writeFileSync } = require("node:fs");
const before = new Set(process.moduleLoadList);
process.on("exit", () => {
  const files = Object.keys(require.cache).filter((file) => file.includes("/dist/cli/"));
  const start = files.find((file) => file.endsWith("/start.cjs"));
  const pieces = start === undefined ? [] : require.cache[start].exports.loaded();
  const natives = process.moduleLoadList.filter((name) => !before.has(name)).map((name) => name.replace("NativeModule ", ""));
  writeFileSync(process.env.TRACE, JSON.stringify({ pieces: [...files.map((file) => file.split("/").pop()), ...pieces], natives }));
});
`;

/** Each costs a start one to ten milliseconds. */
const heavyNatives = [
  "crypto",
  "child_process",
  "perf_hooks",
  "readline",
  "internal/deps/undici/undici",
  "worker_threads",
  "zlib",
  "tls",
];

/** One deployment without automations. */
const server = createServer(({ url = "" }, response) => {
  const data = /^\/v1\/deployments(\?|$)/.test(url) ? [{ deployment_id: "dep_1", name: "One" }] : [];
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify({ data, next_cursor: null }));
});

beforeAll(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
});
afterAll(() => void server.close());

/** Which packages and heavy modules of Node the command loaded, and how many source files of ours. */
async function loadedBy(words: readonly string[]) {
  const home = temporaryFolder();
  const traceFile = join(home, "trace.json");
  writeFileSync(join(home, "tracer.cjs"), tracer);
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  await promisify(execFile)(
    process.execPath,
    ["--require", join(home, "tracer.cjs"), commandFile, ...words],
    {
      env: {
        HOME: home,
        TRACE: traceFile,
        HERM_API_URL: `http://127.0.0.1:${port}`,
        HERM_API_KEY: "key",
        HERM_DEPLOYMENT: "dep_1",
        XDG_CACHE_HOME: home,
      },
    },
  );
  const trace: { pieces: string[]; natives: string[] } = JSON.parse(readFileSync(traceFile, "utf8"));
  const inputs = new Set(trace.pieces.flatMap((piece) => sources[piece] ?? []));
  const packages = [...inputs].flatMap(
    (file) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1] ?? [],
  );
  return {
    packages: [...new Set(packages)].sort(),
    natives: heavyNatives.filter((name) => trace.natives.includes(name)),
    ours: [...inputs].filter((file) => file.startsWith("src/")).length,
    opensRest: trace.pieces.some((piece) => piece.startsWith("rest/")),
  };
}

const wide = ["commander", "get-east-asian-width"];

// The pieces are those that Node loads.
describe.skipIf(isExecutable)("the modules loaded before a command's output", () => {
  it.each<[words: string[], packages: string[], mostOfOurs: number, opensRest: boolean]>([
    [["--version"], [], 0, false],
    [["-v"], [], 0, false],
    [["version"], [], 0, false],
    [["--help"], ["get-east-asian-width"], 31, false],
    [["automations", "--help"], wide, 32, false],
    [["automations", "list", "--help"], wide, 71, false],
    [["apply", "--help"], wide, 58, true],
    [["automations", "list", "-o", "json"], ["commander"], 105, false],
    [["automations", "list", "-o", "jsonl"], ["commander"], 105, false],
    [["automations", "list"], ["commander"], 106, false],
    [["automations", "list", "--paused"], ["commander"], 106, false],
    [["deployments", "list"], ["commander"], 90, false],
    [["runs", "list"], ["commander"], 118, false],
    [["automations", "audit"], ["commander"], 153, true],
    [["status"], wide, 181, false],
    [["top", "--help"], wide, 49, true],
    [["schedule", "explain", "@daily", "-o", "json"], ["commander", "cronstrue"], 88, true],
    [["config", "list"], ["commander"], 57, true],
  ])("stay within the budget for %j", async (words, packages, mostOfOurs, opensRest) => {
    const loaded = await loadedBy(words);
    expect(loaded).toMatchObject({ packages, natives: [], opensRest });
    expect(loaded.ours).toBeLessThanOrEqual(mostOfOurs);
  });
});
