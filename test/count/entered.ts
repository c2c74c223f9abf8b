import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { Session } from "node:inspector/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { embedDevServer } from "../../src/dev-server/embed.js";
import { createSystem } from "../../src/invocation/system-context.js";
import { main } from "../../src/main.js";

/** The most frequent commands. */
export const calls: Record<string, readonly string[]> = {
  "pause R1": ["automations", "pause", "R1"],
  "pause --match": ["automations", "pause", "--match", "R*", "--yes"],
  list: ["automations", "list"],
  "trigger --follow": ["automations", "trigger", "R1", "--follow"],
  apply: ["apply", "--file", "a.yaml", "--yes"],
};

/** The number of files in src that a command enters, counted by V8 while it runs against a server in this process. */
export async function entered(words: readonly string[]): Promise<number> {
  const home = mkdtempSync(join(tmpdir(), "herm-count-"));
  const server = await embedDevServer({});
  const { system, dispose } = createSystem({
    version: "0.0.0",
    commandFile: join(import.meta.dirname, "..", "..", "bin", "herm.cjs"),
    exit: () => undefined as never,
    onCommand: () => undefined,
    onUnreported: () => undefined,
  });
  const nowhere = () => new Writable({ write: (_chunk, _encoding, done) => done() });
  const run = (typed: readonly string[]) =>
    main(typed, {
      ...system,
      home,
      cwd: home,
      env: {
        HOME: home,
        HERM_API_URL: "http://127.0.0.1",
        HERM_API_KEY: server.apiKey,
        HERM_DEPLOYMENT: "dep_local",
      },
      stdout: nowhere(),
      stderr: nowhere(),
      isTty: { stdin: false, stdout: false, stderr: false },
      fetch: async (url, { method, headers, body, signal }) =>
        server.fetch(new Request(url, { method, headers, body: body ?? null, signal: signal ?? null })),
    });
  writeFileSync(
    join(home, "a.yaml"),
    "automations:\n  - { name: R3, schedule: '@hourly', instructions: Read the inbox }\n",
  );
  const fields = ["--name", "R1", "--schedule", "@daily", "--instructions", "x"];
  await run(["automations", "create", ...fields]);
  const session = new Session();
  session.connect();
  await session.post("Profiler.enable");
  await session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: false });
  const code = await run(words);
  const { result } = await session.post("Profiler.takePreciseCoverage");
  session.disconnect();
  await server.close();
  dispose();
  rmSync(home, { recursive: true, force: true });
  if (code !== 0) throw new Error(`herm ${words.join(" ")} ended with ${code}`);
  const ours = result.filter(({ url }) => /\/src\/(?!dev-server\/)/.test(url));
  return ours.filter(({ functions }) =>
    functions.some(({ ranges: [range] }) => range && range.count > 0 && range.startOffset > 0),
  ).length;
}
