import { once } from "node:events";
import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { type Place, startOnTerminal, type TerminalBench } from "./on-terminal.js";
import { median, type Program, type Ratio } from "./pairs.js";
import { type BenchServer, urlOf } from "./server.js";

const deployments = 20;
/** How many automations each of them has. */
const many = 500;
const few = 5;
/** Time between two keys: longer than the frames that follow a key, and as fast as a person types. */
const restMs = 50;
/** After the first read. */
const warmMs = 1_000;
const frameEnd = "\u001b[?2026l";

const repeated = (name: string, text: string, times: number) =>
  Array.from({ length: times }, () => ({ name, text }));

/** Each key changes something on the screen, even with few automations. */
const keys = [
  ...repeated("PgDn", "\u001b[6~", 5),
  ...repeated("down", "\u001b[B", 8),
  ...repeated("End", "\u001b[F", 1),
  ...repeated("up", "\u001b[A", 4),
  ...repeated("Home", "\u001b[H", 1),
  // All orders, and the first again.
  ...repeated("s", "s", 5),
  ...[..."/port 4"].map((text) => ({ name: "filter", text })),
  // After Esc alone, the terminal waits for what may follow.
  ...repeated("Ctrl-U", "\u0015", 1),
];

export interface Pressing extends Ratio {
  what: string;
  floor: string;
  target: string;
  slowest: Slowest;
}

/** The key that took longest, of how many. */
interface Slowest {
  name: string;
  ms: number;
  of: number;
}

/**
 * The time from a key to the end of its frame in `herm top` with 10,000 automations, compared with the same key with
 * 100, on two terminals at the same moments.
 */
export async function benchKeys({
  herm,
  home,
  runs,
  limit,
}: TerminalBench & { limit: number }): Promise<Pressing> {
  const servers = [await startFleet(many), await startFleet(few)] as const;
  const pressed: Pressed[] = [];
  try {
    while (pressed.length < runs * keys.length) pressed.push(...(await pressAll(herm, { servers, home })));
  } finally {
    for (const server of servers) server.close();
  }
  const slowest = pressed.reduce((one, other) => (other.ms > one.ms ? other : one));
  return {
    what: `\`top\` over ${total(many)} automations, from a key to its frame's end`,
    floor: `\`top\` over ${total(few)}, the same keys`,
    target: `≤ ${limit}`,
    ratio: median(pressed.map(({ ms, floorMs }) => ms / floorMs)),
    medianMs: median(pressed.map(({ ms }) => ms)),
    floorMs: median(pressed.map(({ floorMs }) => floorMs)),
    pairs: runs,
    slowest: { name: slowest.name, ms: slowest.ms, of: pressed.length },
  };
}

/** `The slowest of 96 keys over 10,000 automations took 21 ms (End).` */
export function slowestText({ slowest: { name, ms, of } }: Pressing): string {
  return `The slowest of ${of} keys over ${total(many)} automations took ${ms.toFixed(0)} ms (${name}).`;
}

function total(each: number): string {
  return (deployments * each).toLocaleString("en");
}

interface Pressed {
  name: string;
  ms: number;
  floorMs: number;
}

async function pressAll(
  herm: Program,
  { servers, home }: { servers: readonly BenchServer[]; home: string },
): Promise<Pressed[]> {
  const tops = servers.map(({ url }) => startTop(herm, { url, home }));
  const [ours, floor] = tops;
  try {
    for (const top of tops) await top.frame();
    await sleep(warmMs);
    const pressed: Pressed[] = [];
    for (const { name, text } of keys) {
      const ms = await ours?.press(text);
      const floorMs = await floor?.press(text);
      if (ms === undefined || floorMs === undefined) break;
      pressed.push({ name, ms, floorMs });
    }
    return pressed;
  } finally {
    for (const top of tops) top.end();
  }
}

function startTop(herm: Program, place: Place) {
  const child = startOnTerminal(herm, ["top", "--all-deployments"], place);
  let text = "";
  let look = () => {};
  child.onData((data) => {
    text += data;
    look();
  });
  /** Resolves after the end of the current frame, or of the next one. */
  const frame = () =>
    new Promise<void>((resolve) => {
      look = () => {
        if (text.includes(frameEnd)) resolve();
      };
      look();
    });
  return {
    frame,
    press: async (key: string): Promise<number> => {
      await sleep(restMs);
      text = "";
      const beganAt = performance.now();
      child.write(key);
      await frame();
      return performance.now() - beganAt;
    },
    end: () => child.kill("SIGKILL"),
  };
}

/** Deployments with this many automations each, in all states, in which nothing happens. */
async function startFleet(each: number): Promise<BenchServer> {
  const pages = listPages(each);
  const all = Array.from({ length: deployments }, (_, at) => ({
    deployment_id: `dep_${at}`,
    name: `Customer ${at}`,
    customer_id: "cus_1",
    status: "ready",
    created_at: "2026-01-01T00:00:00Z",
  }));
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://127.0.0.1");
    const [, , , , kind, id] = pathname.split("/");
    if (kind === "events") {
      response.writeHead(200, { "content-type": "text/event-stream" }).write(": hello\n\n");
      return;
    }
    response.setHeader("content-type", "application/json");
    if (kind === undefined) response.end(JSON.stringify({ data: all, next_cursor: null }));
    else if (id === undefined) response.end(pages[Number(searchParams.get("cursor") ?? 0)]);
    else response.end(JSON.stringify({ ...automation(Number(id.slice("auto_".length))), recent_runs: [] }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return urlOf(server);
}

function listPages(each: number): string[] {
  const ofOne = 100;
  return Array.from({ length: Math.ceil(each / ofOne) }, (_, page) => {
    const length = Math.min(ofOne, each - page * ofOne);
    const data = Array.from({ length }, (_, at) => automation(page * ofOne + at));
    return JSON.stringify({ data, next_cursor: (page + 1) * ofOne < each ? String(page + 1) : null });
  });
}

const beganMs = Date.now();

function automation(number: number) {
  return {
    automation_id: `auto_${number}`,
    // In a different order from the list.
    name: `Report ${(number * 7) % 499}`,
    schedule: `${number % 60} 9 * * 1`,
    enabled: number % 10 !== 0,
    last_run_at: new Date(beganMs - (1 + (number % 50)) * 60_000).toISOString(),
    last_run_status: number % 40 === 3 ? "error" : number % 20 === 1 ? "running" : "completed",
    next_run_at: number % 10 === 0 ? null : new Date(beganMs + (1 + number) * 600_000).toISOString(),
  };
}
