import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { followCut } from "../faults/follow.js";
import { faultKinds } from "../faults/kinds.js";
import { faultMatrix } from "../faults/matrix.js";
import { muchApi, pipeInto } from "../faults/pipes.js";
import { runProxied } from "../faults/proxied.js";
import { type FaultCase, runCase } from "../faults/trial.js";
import { command } from "../support/command-file.js";
import { seed } from "../support/seed.js";
import type { Claim } from "./claim.js";

/**
 * The claims in src/changes/README.md and src/output/README.md about lost responses, interrupted follows, and pipes. A
 * claim that doesn't hold prints its cases, each with the command that repeats it.
 */
export async function soak(): Promise<Claim[]> {
  const first = seed();
  const claims: Claim[] = [];
  const measure = async (work: Promise<Claim>) => {
    const claim = await work;
    process.stderr.write(`faults: ${claim.measure}: ${claim.ours}, ${claim.cases} cases\n`);
    claims.push(claim);
  };
  await measure(retryAfter());
  await measure(stays503());
  await measure(pipes());
  await measure(heads());
  await measure(cutFollows(first));
  await measure(sentOnce(first));
  await measure(everyCommand(first));
  await measure(overConnections(first));
  return claims;
}

/** The claims about the command as a process. */
export async function processes(): Promise<Claim[]> {
  return [await retryAfter(), await stays503(), await pipes(), await heads()];
}

const seedsEach = 100;

/** Every fault mode × every request that is sent at most once × 100 seeds. */
async function sentOnce(first: number): Promise<Claim> {
  const once = ["automations create", "automations trigger", "runs answer"];
  const cases = once.flatMap((command) =>
    faultKinds.flatMap(({ name }) =>
      Array.from(
        { length: seedsEach },
        (_, at): FaultCase => ({ command, trial: 0, seed: first + at, kind: name }),
      ),
    ),
  );
  return judged(
    `create, trigger, message × ${faultKinds.length} fault modes × ${seedsEach} seeds: sent twice, done twice, or done but reported as failed`,
    cases.map((each) => () => runCase(each)),
  );
}

async function overConnections(first: number): Promise<Claim> {
  const work = ["automations create", "automations trigger", "runs answer"].flatMap((command) =>
    Array.from({ length: seedsEach }, (_, at) => () => runProxied(command, first + at)),
  );
  return judged("the same over real connections that break at any byte, in either direction", work);
}

/** All commands, all faults mixed. */
async function everyCommand(first: number): Promise<Claim> {
  const work = Object.entries(faultMatrix).flatMap(([command, trials]) =>
    trials.flatMap((_, trial) =>
      Array.from({ length: 20 }, (_, at) => () => runCase({ command, trial, seed: first + at })),
    ),
  );
  return judged("every command that sends anything, any faults on any requests: false claims", work);
}

async function judged(measure: string, work: readonly (() => Promise<string[]>)[]): Promise<Claim> {
  let wrong = 0;
  for (const run of work) {
    const problems = await run();
    if (problems.length === 0) continue;
    wrong += 1;
    process.stderr.write(`${problems.join("\n")}\n`);
  }
  return { measure, ours: String(wrong), cases: work.length, ok: wrong === 0 };
}

async function cutFollows(first: number): Promise<Claim> {
  const formats = ["table", "json", "jsonl"] as const;
  let other = 0;
  await inHome(async (home) => {
    for (const format of formats) {
      const whole = await followCut({ format, seed: first, cuts: 0, home });
      for (let at = 0; at < seedsEach; at += 1) {
        const cut = await followCut({ format, seed: first + at, cuts: 10, home });
        const isSame = cut.stdout === whole.stdout && cut.code === whole.code && cut.cutsLeft === 0;
        if (!isSame)
          process.stderr.write(
            `follow ${format}, seed ${first + at}: ${cut.code}, ${cut.cutsLeft} cuts left\n`,
          );
        if (!isSame || whole.code !== 0) other += 1;
      }
    }
  });
  return {
    measure: "follows cut ten times that print different bytes from an uncut one",
    ours: String(other),
    cases: formats.length * seedsEach,
    ok: other === 0,
  };
}

interface Run {
  code: number | null;
  stderr: string;
  /** When each request arrived, in ms after the first. */
  atMs: number[];
}

/** Runs the built command with a server that responds like this, in real time. */
async function timed(statuses: readonly number[], headers: Record<string, string> = {}): Promise<Run> {
  const came: number[] = [];
  const server = createServer((_request, response) => {
    came.push(performance.now());
    const status = statuses[Math.min(came.length, statuses.length) - 1] ?? 200;
    response.writeHead(status, { "content-type": "application/json", ...(status === 200 ? {} : headers) });
    response.end(status === 200 ? '{"data":[],"next_cursor":null}' : "{}");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? address?.port : address;
  try {
    return await inHome(async (home) => {
      const env = { PATH: process.env.PATH, HOME: home, HERM_API_KEY: "hk_test_00000000" };
      const words = ["automations", "list", "-d", "dep_1"];
      const child = spawn(command.file, [...command.args, ...words], {
        stdio: ["ignore", "ignore", "pipe"],
        env: { ...env, HERM_API_URL: `http://127.0.0.1:${port}` },
      });
      let stderr = "";
      child.stderr.on("data", (text) => {
        stderr += text;
      });
      await once(child, "close");
      return { code: child.exitCode, stderr, atMs: came.map((at) => at - (came[0] ?? 0)) };
    });
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

async function retryAfter(): Promise<Claim> {
  const runs = await Promise.all(Array.from({ length: 5 }, () => timed([429, 200], { "retry-after": "2" })));
  const earliestMs = Math.min(...runs.map(({ atMs }) => atMs[1] ?? 0));
  return {
    measure: "429 with Retry-After: 2, then 200: time until the second request; exit 0",
    ours: `${(earliestMs / 1000).toFixed(3)} s`,
    cases: runs.length,
    ok: earliestMs >= 2_000 && runs.every(({ code, atMs }) => code === 0 && atMs.length === 2),
  };
}

async function stays503(): Promise<Claim> {
  const runs = await Promise.all(Array.from({ length: 5 }, () => timed([503])));
  const said = /^error: the API answered 503 \(tried 4 times in \d/;
  return {
    measure: "a server that stays 503: exit 7, with what was tried and for how long",
    ours: runs[0]?.stderr.split("\n")[0] ?? "",
    cases: runs.length,
    ok: runs.every(({ code, stderr, atMs }) => code === 7 && atMs.length === 4 && said.test(stderr)),
  };
}

async function pipes(): Promise<Claim> {
  const api = await muchApi(20_000_000);
  const env = { HERM_API_URL: api.url, HERM_API_KEY: "hk_test_00000000" };
  const words = ["automations", "list", "-d", "dep_1", "-o", "json"];
  const counts: string[] = [];
  try {
    await inHome(async (home) => {
      for (let at = 0; at < 5; at += 1) {
        const piped = await pipeInto(words, { reader: "(sleep 1; wc -c)", env: { ...env, HOME: home } });
        counts.push(`${piped.stdout.trim()} ${piped.stderr.trim()}`);
      }
    });
  } finally {
    api.close();
  }
  return {
    measure: "bytes of a list through a pipe with a slow reader",
    ours: `${counts[0]?.split(" ")[0]} of ${api.listBytes}`,
    cases: counts.length,
    ok: counts.every((count) => count === `${api.listBytes} exit 0`),
  };
}

async function heads(): Promise<Claim> {
  const api = await muchApi(3_000_000);
  const env = { HERM_API_URL: api.url, HERM_API_KEY: "hk_test_00000000" };
  const words = ["automations", "list", "-d", "dep_1", "-o"];
  const said: string[] = [];
  try {
    await inHome(async (home) => {
      for (const format of ["json", "jsonl", "name", "table"]) {
        const piped = await pipeInto([...words, format], { reader: "head -1", env: { ...env, HOME: home } });
        said.push(piped.stderr);
      }
    });
  } finally {
    api.close();
  }
  const noisy = said.filter((text) => text !== "exit 0\n").length;
  return {
    measure: "readers that left after a line and saw an exit code other than 0, or a word on stderr",
    ours: String(noisy),
    cases: said.length,
    ok: noisy === 0,
  };
}

async function inHome<T>(work: (home: string) => Promise<T>): Promise<T> {
  const home = mkdtempSync(join(tmpdir(), "herm-soak-"));
  try {
    return await work(home);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}
