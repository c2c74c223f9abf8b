import { expect } from "vitest";
import type { EmbeddedServer } from "../../src/dev-server/embed.js";
import { call } from "../incident/fleet.js";
import { startServer } from "../support/harness.js";
import { openTerminal } from "../support/pty.js";
import type { Terminal, TerminalOptions } from "../support/terminal-process.js";

/** A server on a socket, terminals for commands that use it, and its content. */
export interface Place {
  server: EmbeddedServer;
  env: Record<string, string>;
  open(words: readonly string[], options?: Partial<TerminalOptions>): Terminal;
  /** Creates an automation without herm; returns its id. */
  add(name: string, fields?: { schedule?: string; instructions?: string }): Promise<string>;
  /** The only automation with that name on the server. */
  read(name: string): Promise<Record<string, unknown>>;
  /** All of the server's data on its automations, to compare before and after. */
  all(): Promise<unknown>;
}

export async function startPlace(options: Parameters<typeof startServer>[0] = {}): Promise<Place> {
  const server = await startServer(options);
  const { url } = await server.listen();
  const automations = "/v1/deployments/dep_local/automations";
  const env = {
    HERM_API_URL: url,
    HERM_API_KEY: server.apiKey,
    HERM_DEPLOYMENT: "dep_local",
    NO_COLOR: "1",
    TZ: "UTC",
  };
  const all = async () => {
    const { data } = (await call(server, "GET", automations)).body;
    const ids = Array.isArray(data) ? data.map((each) => String(each.automation_id)) : [];
    return Promise.all(ids.map(async (id) => (await call(server, "GET", `${automations}/${id}`)).body));
  };
  return {
    server,
    env,
    all,
    open: (words, more = {}) => openTerminal(words, { ...more, env: { ...env, ...more.env } }),
    add: async (name, fields = {}) => {
      const body = { name, schedule: "0 9 * * 1", instructions: "Make five.", ...fields };
      return String((await call(server, "POST", automations, body)).body.automation_id);
    },
    read: async (name) => {
      const [found, ...others] = (await all()).filter((each) => each.name === name);
      if (found === undefined || others.length > 0) throw new Error(`not one automation named ${name}`);
      return found;
    },
  };
}

/** The state of a terminal that was restored. */
export const restored = { isCursorShown: true, isCooked: true, modes: [], effects: [] };

/** Resolves with the screen's lines when they match. */
export async function until(terminal: Terminal, isSo: (lines: string[]) => boolean): Promise<string[]> {
  while (!isSo(terminal.lines())) await terminal.moves();
  return terminal.lines().map((line) => line.trimEnd());
}

/** Quits the live screen, which must succeed; returns the lines on the user's own screen. */
export async function leaveTop(terminal: Terminal): Promise<string> {
  terminal.type("q");
  const { lines, code, ...ended } = await terminal.ended;
  expect({ code, ...ended }).toEqual({ code: 0, ...restored });
  return lines.join("\n");
}
