import type { FetchLike } from "../../src/api/fetch.js";
import { isObject } from "../../src/api/json.js";
import { textOf } from "../faults/odd-answers.js";
import { fetchFrom, type HermOptions, herm } from "../support/harness.js";
import { call, enabledNames, type Server, setEnabled } from "./fleet.js";
import { addMany } from "./interruption.js";

interface FlawedTrial {
  server: Server;
  home: string;
  count: number;
  /** The chance that an item is missing from a list. */
  dropped: number;
  /** How far lists may lag behind. */
  lagMs: number;
  random(): number;
}

export interface Verdicts {
  /** False results: an exit code of 0 or an `is closed` that isn't true, and deletions that never happened. */
  wrong: string[];
  leftPaused: number;
  requests: number;
}

/** Pauses, shows and resumes an incident with lists that omit items and lag behind writes. */
export async function flawedLists(trial: FlawedTrial): Promise<Verdicts> {
  const { server, home, count, random } = trial;
  await addMany(server, count);
  const before = await enabledNames(server);
  const world = flawedWorld(trial);
  const wrong: string[] = [];
  const run = async (words: string) => {
    const result = await herm(words.split(" "), { home, ...world.options });
    const said = result.stdout + result.stderr;
    if (/deleted|gone/.test(said)) wrong.push(`${words}: calls deleted what is there`);
    return { ...result, said, enabled: await enabledNames(server) };
  };
  // A selection is what lists show; repeating the command pauses automations that a list omitted.
  for (let again = 0; again < 4; again += 1) await run("automations pause --all --incident INC-1 --yes");
  world.advance(random() * 20_000);
  const ids = await idsOf(server);
  await setEnabled(server, ids[Math.floor(random() * ids.length)] ?? "", true);
  const shown = await run("incidents show INC-1");
  if (shown.code === 0) wrong.push("show: 0, and something is enabled");
  for (let again = 0; again < 4; again += 1) {
    const resumed = await run("automations resume --incident INC-1 --yes");
    const isBack = resumed.enabled.join() === before.join();
    if (resumed.code === 0 && !isBack) wrong.push("resume: 0, and something is still paused");
    if (/is closed/.test(resumed.said) && !isBack) wrong.push("resume: closed over what is paused");
    world.advance(random() * 20_000);
  }
  const after = await enabledNames(server);
  const leftPaused = before.filter((name) => !after.includes(name)).length;
  return { wrong, leftPaused, requests: world.requests() };
}

async function idsOf(server: Server): Promise<string[]> {
  const { body } = await call(server, "GET", "/v1/deployments/dep_local/automations?limit=100");
  const data: { automation_id: string; name: string }[] = Array.isArray(body.data) ? body.data : [];
  return data.filter(({ name }) => name !== "purpose").map(({ automation_id }) => automation_id);
}

function flawedWorld({ server, dropped, lagMs, random }: FlawedTrial) {
  const startMs = Date.parse("2099-01-05T12:00:00Z");
  let nowMs = 1_000;
  let requests = 0;
  const changes = new Map<string, { atMs: number; was: unknown }[]>();
  const asOf = (item: unknown, ms: number): unknown => {
    if (!isObject(item)) return item;
    const first = changes.get(String(item.automation_id))?.find(({ atMs }) => atMs > ms);
    return first === undefined ? item : first.was;
  };
  const fetch: FetchLike = async (url, init) => {
    nowMs += 5;
    requests += 1;
    const id = /automations\/(auto_\w+)$/.exec(url)?.[1];
    if (init.method === "PATCH" && id !== undefined) {
      const was = JSON.parse(
        await textOf(await fetchFrom(server)(url, { ...init, method: "GET", body: undefined })),
      );
      changes.set(id, [...(changes.get(id) ?? []), { atMs: nowMs, was }]);
    }
    const answer = await fetchFrom(server)(url, init);
    if (init.method !== "GET" || !/\/automations(\?|$)/.test(url)) return answer;
    const body: unknown = JSON.parse(await textOf(answer));
    const data = isObject(body) && Array.isArray(body.data) ? body.data : [];
    const seenMs = nowMs - random() * lagMs;
    const shown = data.filter(() => random() >= dropped).map((item) => asOf(item, seenMs));
    return Response.json({ ...Object(body), data: shown });
  };
  const options: HermOptions = {
    server,
    fetch,
    env: { HERM_DEPLOYMENT: "dep_local" },
    get now() {
      return new Date(startMs + nowMs);
    },
    monotonic: () => nowMs,
    sleep: async (ms) => {
      nowMs += ms;
    },
  };
  return {
    options,
    requests: () => requests,
    advance: (ms: number) => {
      nowMs += ms;
    },
  };
}
