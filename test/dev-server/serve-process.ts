import { homedir } from "node:os";
import { resolve } from "node:path";
import { runServer } from "../../src/commands/dev/dev.js";
import { CliError } from "../../src/errors/cli-errors.js";
import { loadSettings } from "../../src/settings/load.js";

/**
 * `herm dev -o json` as a separate process, without the command line around it: `<data file> [--background] [--agent
 * <command>]`.
 */
async function start(words: readonly string[]): Promise<void> {
  const stop = new AbortController();
  process.once("SIGTERM", () => stop.abort());
  const agentAt = words.indexOf("--agent");
  const settings = loadSettings(
    {
      deployments: [],
      local: false,
      noColor: true,
      noInput: true,
      quiet: true,
      debug: false,
      output: "json",
    },
    {
      env: process.env,
      cwd: process.cwd(),
      home: homedir(),
      uid: process.getuid?.(),
      pid: process.pid,
      isRunning: (pid) => pid === process.pid,
    },
  );
  const { stdin, stdout, stderr } = process;
  const io = {
    stdin,
    stdout,
    stderr,
    stdoutIsTty: false,
    stderrIsTty: false,
    canPrompt: false,
    canRedraw: false,
    columns: 80,
  };
  await runServer(
    { io: { ...io, colour: { stdout: false, stderr: false } }, settings, signal: stop.signal },
    {
      port: 0,
      dataFile: resolve(words[0] ?? ""),
      isBackground: words.includes("--background"),
      agentCommand: agentAt === -1 ? undefined : words[agentAt + 1],
    },
  );
}

start(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`error: ${error instanceof Error ? error.message : error}\nhint: none\n`);
  process.exitCode = error instanceof CliError ? error.exitCode : 1;
});
