import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { type Place, startOnTerminal, type TerminalBench } from "./on-terminal.js";
import { median, type Program, type Ratio } from "./pairs.js";

const runsAtOnce = 50;
/** The number of words that each run writes a second, and how often one ends and another starts. */
const wordsPerSecond = 10;
const changeMs = 500;
const watchedMs = 10_000;
/** After they have started. */
const warmMs = 3_000;

export interface Watching extends Ratio {
  what: string;
  floor: string;
  /** The number of writes in the measured time, and their KB. */
  written: { ours: Written; floor: Written };
}

interface Written {
  frames: number;
  kb: number;
}

/**
 * The CPU time of `herm top` compared with `automations list --watch`, both at once on two terminals, with 50 streaming
 * runs. Undefined if the system doesn't report CPU times. Throws if a frame of top is incomplete.
 */
export async function benchWatching({ herm, home, runs }: TerminalBench): Promise<Watching | undefined> {
  if (cpuMsOf(process.pid) === undefined) return undefined;
  const server = await startStreaming();
  try {
    const looks: Look[] = [];
    while (looks.length < runs) looks.push(await look(herm, { url: server.url, home }));
    const middle = (of: (look: Look) => number) => median(looks.map(of));
    const writtenBy = (of: (look: Look) => Watched): Written => ({
      frames: middle((each) => of(each).frames),
      kb: middle((each) => of(each).kb),
    });
    return {
      what: `\`top\`, CPU of ${watchedMs / 1000} s while ${runsAtOnce} runs stream`,
      floor: "`automations list --watch`, at the same time",
      ratio: middle(({ ours, floor }) => ours.cpuMs / floor.cpuMs),
      medianMs: middle(({ ours }) => ours.cpuMs),
      floorMs: middle(({ floor }) => floor.cpuMs),
      pairs: looks.length,
      written: { ours: writtenBy(({ ours }) => ours), floor: writtenBy(({ floor }) => floor) },
    };
  } finally {
    server.close();
  }
}

/** `While 50 runs stream, top writes in 10 s 41 frames, 12 KB; list --watch 5, 20 KB.` */
export function writtenText({ written: { ours, floor } }: Watching): string {
  const text = ({ frames, kb }: Written) => `${frames} frames, ${kb.toFixed(0)} KB`;
  return `While ${runsAtOnce} runs stream, \`top\` writes ${text(ours)} in ${watchedMs / 1000} s, and \`automations list --watch\` ${text(floor)}. No frame is torn.`;
}

interface Watched extends Written {
  cpuMs: number;
}

interface Look {
  ours: Watched;
  floor: Watched;
}

async function look(herm: Program, place: Place): Promise<Look> {
  const top = startWatched(herm, ["top"], place);
  const list = startWatched(herm, ["automations", "list", "--watch"], place);
  try {
    await sleep(warmMs);
    const [ours, floor] = [top.watch(), list.watch()];
    await sleep(watchedMs);
    return {
      ours: ours(countFrames),
      floor: floor((text) => text.split("\u001b[H").length - 1),
    };
  } finally {
    top.end();
    list.end();
  }
}

function countFrames(text: string): number {
  const begun = text.split("\u001b[?2026h").length - 1;
  const ended = text.split("\u001b[?2026l").length - 1;
  // The measured time may start or end within a frame.
  if (begun < 1 || Math.abs(begun - ended) > 1) throw new Error(`${begun} frames were begun, ${ended} ended`);
  const torn = text
    .split("\u001b[?2026h")
    .slice(1, -1)
    .filter((frame) => !frame.endsWith("\u001b[?2026l"));
  if (torn.length > 0) throw new Error(`torn: ${JSON.stringify(torn[0])}`);
  return begun;
}

function startWatched(herm: Program, words: readonly string[], place: Place) {
  const child = startOnTerminal(herm, [...words, "-d", "dep_1"], place);
  let text = "";
  child.onData((data) => {
    text += data;
  });
  return {
    /** Returns a function that reports the output and the CPU time since. */
    watch: () => {
      const from = { at: text.length, cpuMs: cpuMsOf(child.pid) ?? Number.NaN };
      return (count: (text: string) => number): Watched => {
        const written = text.slice(from.at);
        const cpuMs = (cpuMsOf(child.pid) ?? Number.NaN) - from.cpuMs;
        return { cpuMs, frames: count(written), kb: Buffer.byteLength(written) / 1000 };
      };
    },
    end: () => child.kill("SIGKILL"),
  };
}

/** The CPU time that a process has used so far, in ms; undefined if the system doesn't report it. */
function cpuMsOf(pid: number): number | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
    // The 14th and 15th fields, in ticks, of which Linux counts 100 a second.
    return (Number(fields[11]) + Number(fields[12])) * 10;
  } catch {
    return undefined;
  }
}

/** One deployment in which all automations are running; they take turns to end and start again. */
async function startStreaming(): Promise<{ url: string; close(): void }> {
  const streams = new Set<ServerResponse>();
  let changes = 0;
  let events = 0;
  // The API reports the same times for a run that is still going, and for a schedule that nobody changes.
  const beganMs = Date.now();
  const statusOf = (at: number) =>
    at === Math.floor(changes / 2) % runsAtOnce && changes % 2 === 1 ? "completed" : "running";
  const send = (event: string, data: object) => {
    events += 1;
    const text = `event: ${event}\nid: evt_${events}\ndata: ${JSON.stringify(data)}\n\n`;
    for (const stream of streams) stream.write(text);
  };
  const automation = (at: number) => ({
    automation_id: `auto_${at}`,
    name: `Weekly video variations ${at}`,
    schedule: "0 9 * * 1",
    enabled: true,
    last_run_at: new Date(beganMs - 60_000).toISOString(),
    last_run_status: statusOf(at),
    next_run_at: new Date(beganMs + 86_400_000).toISOString(),
  });
  const timers = [
    setInterval(() => {
      for (let at = 0; at < runsAtOnce; at += 1)
        send("token", { run_id: `run_${at}`, thread_id: `thr_${at}`, delta: "another word " });
    }, 1000 / wordsPerSecond),
    setInterval(() => {
      changes += 1;
      const at = Math.floor(changes / 2) % runsAtOnce;
      send("run_status", { run_id: `run_${at}`, status: statusOf(at) });
    }, changeMs),
  ];
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://127.0.0.1");
    if (pathname.endsWith("/events")) {
      response.writeHead(200, { "content-type": "text/event-stream" }).write(": hello\n\n");
      streams.add(response);
      response.on("close", () => streams.delete(response));
      return;
    }
    if (/^\/v1\/deployments(\/dep_1)?$/.test(pathname)) {
      const deployment = { deployment_id: "dep_1", name: "One", status: "ready" };
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ ...deployment, data: [deployment], next_cursor: null }));
      return;
    }
    const at = Number(/\/auto_(\d+)$/.exec(pathname)?.[1] ?? Number.NaN);
    const run = { run_id: `run_${at}`, thread_id: `thr_${at}`, status: "running", trigger: "schedule" };
    const answer = Number.isNaN(at)
      ? { data: Array.from({ length: runsAtOnce }, (_, each) => automation(each)), next_cursor: null }
      : {
          ...automation(at),
          recent_runs: [{ ...run, started_at: new Date(beganMs - 60_000).toISOString(), completed_at: null }],
        };
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(answer));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: () => {
      for (const timer of timers) clearInterval(timer);
      server.close();
      server.closeAllConnections();
    },
  };
}
