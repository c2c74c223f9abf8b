import { execFile } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { promisify } from "node:util";
import { command } from "../support/command-file.js";

const shell = promisify(execFile);

export interface Piped {
  stdout: string;
  /** The output of the command and of the pipe's other end, and the command's exit code. */
  stderr: string;
}

/** Runs the built command into a pipe: `herm <words> | <reader>`. */
export async function pipeInto(
  words: readonly string[],
  { reader, env }: { reader: string; env: Record<string, string | undefined> },
): Promise<Piped> {
  const script = `"$0" "$@" | ${reader}; echo "exit \${PIPESTATUS[0]}" >&2`;
  return shell("bash", ["-c", script, command.file, ...command.args, ...words], {
    env: { PATH: process.env.PATH, ...env },
    maxBuffer: 64 * 1024 * 1024,
  });
}

export interface MuchApi {
  url: string;
  /** The size of the output of `automations list -o json` in bytes. */
  listBytes: number;
  close(): void;
}

/** An API with a page of automations so large that the list as JSON has at least `bytes` bytes. */
export async function muchApi(bytes: number): Promise<MuchApi> {
  const data = Array.from({ length: Math.ceil(bytes / 1_100) }, (_, index) => ({
    automation_id: `auto_${index}`,
    deployment_id: "dep_1",
    name: `Weekly ${index}`,
    schedule: "0 9 * * 1",
    enabled: true,
    note: "x".repeat(1_000),
  }));
  const listed = data.map((each) => ({ ...each, state: "enabled" }));
  const body = JSON.stringify({ data, next_cursor: null });
  const server = createServer((_request, response) => {
    response.setHeader("content-type", "application/json").end(body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === "object" ? address?.port : address}`,
    listBytes: Buffer.byteLength(`${JSON.stringify(listed, null, 2)}\n`),
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
