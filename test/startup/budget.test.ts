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

/** Preloaded: at the end, prints the built pieces that have run, and the Node modules that were loaded. */
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

/** Each adds one to ten milliseconds to a start. */
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

const automation = {
  automation_id: "auto_1",
  name: "Digest",
  schedule: "0 9 * * 1",
  enabled: true,
  last_run_at: "2026-01-05T09:00:00Z",
  last_run_status: "completed",
  next_run_at: "2999-01-01T09:00:00Z",
};

/** One deployment with two automations. */
const server = createServer(({ url = "" }, response) => {
  const [, last] = /^\/v1.*?\/(\w+)(?:\?|$)/.exec(url) ?? [];
  const one = {
    deployments: [{ deployment_id: "dep_1", name: "One" }],
    automations: [automation, { ...automation, automation_id: "auto_2" }],
  };
  const data = last === "deployments" || last === "automations" ? one[last] : [];
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify({ ...automation, data, next_cursor: null }));
});

beforeAll(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
});
afterAll(() => void server.close());

/** The packages and heavy Node modules that the command loaded, and the number of our source files. */
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
    // They are in this order in the build; the later a piece, the more has to be read.
    file: ["rest", "more", "core", "base"].find((file) =>
      trace.pieces.some((piece) => piece.startsWith(`${file}/`)),
    ),
  };
}

const wide = ["commander", "get-east-asian-width"];

// These are the pieces that Node loads.
describe.skipIf(isExecutable)("the modules loaded before a command's output", () => {
  it.each<[words: string[], packages: string[], mostOfOurs: number, file: string | undefined]>([
    [["--version"], [], 0, undefined],
    [["-v"], [], 0, undefined],
    [["version"], [], 0, undefined],
    [["--help"], ["get-east-asian-width"], 27, "base"],
    [["automations", "--help"], wide, 27, "base"],
    [["automations", "list", "--help"], wide, 63, "core"],
    [["apply", "--help"], wide, 47, "rest"],
    [["automations", "list", "-o", "json"], ["commander"], 106, "core"],
    [["automations", "list", "-o", "jsonl"], ["commander"], 106, "core"],
    [["automations", "list"], ["commander"], 106, "core"],
    [["automations", "list", "--paused"], ["commander"], 105, "rest"],
    [["deployments", "list"], ["commander"], 72, "core"],
    [["runs", "list"], ["commander"], 91, "rest"],
    [["automations", "audit"], ["commander"], 125, "rest"],
    [["status"], wide, 144, "more"],
    [["top", "--help"], wide, 41, "rest"],
    [["schedule", "explain", "@daily", "-o", "json"], ["commander", "cronstrue"], 69, "rest"],
    [["config", "list"], ["commander"], 51, "rest"],
  ])("stay within the budget for %j", async (words, packages, mostOfOurs, file) => {
    const loaded = await loadedBy(words);
    expect(loaded).toMatchObject({ packages, natives: [], file });
    expect(loaded.ours).toBeLessThanOrEqual(mostOfOurs);
  });
});
