import { spawn } from "node:child_process";
import { once } from "node:events";
import type { HermResult } from "../support/harness.js";
import { preloaded } from "../support/preloaded.js";
import type { Home } from "./place.js";
import { Road } from "./road.js";
import type { Means } from "./trial.js";
import { openWire } from "./wire.js";

/** Runs the commands of a case as processes, over real connections. Their clocks run twenty times as fast. */
export async function asProcesses({ server, home }: Home): Promise<Means> {
  const wire = await openWire();
  const env = {
    PATH: process.env.PATH,
    TZ: process.env.TZ,
    HOME: home,
    NO_COLOR: "1",
    TEST_NOW: String(Date.now()),
    HERM_API_URL: wire.url,
    HERM_API_KEY: server.apiKey,
  };
  const run = (words: readonly string[], given: Given = {}) => runToEnd(words, { home, env, ...given });
  return {
    first: (words) => {
      wire.road = new Road({ server, plan: () => undefined, seed: 0 });
      return run(words);
    },
    run: async (trial, { plan, seed, place }) => {
      const road = new Road({ server, plan, seed });
      wire.road = road;
      const login = { stdin: server.apiKey, env: { ...env, HERM_API_KEY: undefined } };
      const claim = await run(trial.argv(place), trial.stdin === undefined ? {} : login);
      return { claim, road };
    },
    close: wire.close,
  };
}

interface Given {
  env?: NodeJS.ProcessEnv;
  stdin?: string;
}

async function runToEnd(
  words: readonly string[],
  { home, env, stdin = "" }: Given & { home: string },
): Promise<HermResult> {
  const { file, args } = preloaded("quick-clock");
  const child = spawn(file, [...args, ...words], { cwd: home, env });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  child.stdin.on("error", () => undefined);
  child.stdin.end(stdin);
  const [code] = await once(child, "close");
  return { code, stdout, stderr };
}
