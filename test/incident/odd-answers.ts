import type { FetchLike } from "../../src/api/fetch.js";
import { type FaultKind, faultKinds } from "../faults/kinds.js";
import { damageJson, oddities } from "../faults/odd-answers.js";
import { type Plan, Road } from "../faults/road.js";
import { answer } from "../support/fake-api.js";
import { type HermResult, herm } from "../support/harness.js";
import { type UnseenWay, unseenWays } from "../support/unseen.js";
import {
  addAutomation,
  addDeployment,
  enabledNames,
  type ListedAutomation,
  listAll,
  type Server,
  setEnabled,
} from "./fleet.js";

interface Victim {
  deployment: string;
  automation: string;
}

/** The requests with odd responses: for an automation, or for the list that contains it. */
const places = {
  "the list": { method: "GET", pathEnd: ({ deployment }: Victim) => `/${deployment}/automations` },
  "the GET": { method: "GET", pathEnd: ({ automation }: Victim) => `/${automation}` },
  "the PATCH": { method: "PATCH", pathEnd: ({ automation }: Victim) => `/${automation}` },
} as const;

type Place = keyof typeof places;

interface PlacedAnswer {
  place: Place;
  /** The name of one of `oddAnswers`. */
  answer: string;
}

const answered = (name: string, status: number, { body = "", isDone = false }): FaultKind => ({
  name: `${name}${isDone ? ", done" : ""}`,
  harm: async ({ commit }) => {
    if (isDone) await commit();
    const type = body.startsWith("<") ? "text/html" : "application/json";
    return answer(status, body, type, status === 307 ? { location: "https://login.test/" } : {});
  },
});

const successes: [name: string, status: number, body?: string][] = [
  ["201 with nothing", 201],
  ["202 with nothing", 202],
  ["203 with a proxy's word", 203, "cached"],
  ["204", 204],
  ["205", 205],
  ["200 with white space", 200, "\n"],
];

const refusals: [name: string, status: number, body?: string][] = [
  ["307", 307],
  ["401", 401, '{"error":"unauthorized","message":"no such key"}'],
  ["403", 403, '{"error":"forbidden","message":"not yours"}'],
  ["404 with a proxy's page", 404, "<html>404 Not Found</html>"],
  ["409", 409, '{"error":"deployment_not_ready","message":"not yet"}'],
];

/** The server's own response, with another value for the automation or one of its fields. */
const damaged = (victim: string, field: "" | "enabled", oddity: (typeof oddities)[number]): FaultKind => ({
  name: `${field === "" ? "an automation" : field} that is ${oddity}`,
  harm: async ({ commit }) => {
    const { status, body, type } = await commit();
    return answer(status, damageJson(body, { victim, field, oddity }), type);
  },
});

const oddAnswers = (victim: string): FaultKind[] => [
  ...faultKinds,
  ...successes.flatMap(([name, status, body]) =>
    [true, false].map((isDone) => answered(name, status, { body, isDone })),
  ),
  ...refusals.map(([name, status, body]) => answered(name, status, { body })),
  ...oddities.flatMap((oddity) => [damaged(victim, "", oddity), damaged(victim, "enabled", oddity)]),
];

export type Odd = PlacedAnswer | { way: UnseenWay };

/**
 * Each odd response in each place. Only in a PATCH's response is it odd that an automation is enabled, because the
 * newest read counts.
 */
export const placedAnswers: readonly PlacedAnswer[] = oddAnswers("").flatMap(({ name: answer, isFor }) =>
  (Object.keys(places) as Place[])
    .filter((place) => isFor?.(places[place].method) !== false)
    .filter((place) => place === "the PATCH" || answer !== "enabled that is true")
    .map((place) => ({ place, answer })),
);

export const unseenTrials: readonly Odd[] = (Object.keys(unseenWays) as UnseenWay[]).map((way) => ({ way }));

export const oddText = (odd: Odd) => ("way" in odd ? odd.way : `${odd.answer}, in place of ${odd.place}`);

export interface OddTrial {
  server: Server;
  home: string;
  odd: Odd;
}

const pause = "automations pause --all-deployments --incident INC-1 --yes --json";
const show = "incidents show INC-1 --json";
const resume = "automations resume --incident INC-1 --yes --json";

/**
 * Pauses, shows and resumes an incident with odd responses, finishing each step without them; returns automations
 * falsely reported as paused, resumed, gone, closed or done.
 */
export async function oddIncident(trial: OddTrial): Promise<string[]> {
  const { server, odd } = trial;
  const other = await addDeployment(server, { name: "Other" });
  const automation = await addAutomation(server, { name: "a" });
  await addAutomation(server, { name: "b" });
  await addAutomation(server, { name: "c", deployment: other });
  const { run, runOdd } = commandsIn(trial, { deployment: "dep_local", automation });
  const wrong: string[] = [];
  const judge = async (words: string, claims: Claims) => {
    const result = await runOdd(words);
    const found = [...neverTrue(result), ...claims(result, await listAll(server, ["dep_local", other]))];
    wrong.push(...found.map((each) => `${words}: ${each}\n${told(result)}`));
  };
  const finish = async (words: string, enabled: string) => {
    const result = await run(words);
    if (result.code !== 0 || (await enabledNames(server, ["dep_local", other])).join("") !== enabled)
      wrong.push(`${words} doesn't finish it afterwards\n${told(result)}`);
  };
  // A selection is what lists show, but an incident's automations are known.
  if ("way" in odd) await finish(pause, "");
  if ("way" in odd) await setEnabled(server, automation, true);
  await judge(pause, pauseClaims);
  await finish(pause, "");
  await setEnabled(server, automation, true);
  await judge(show, showClaims);
  await finish(pause, "");
  await judge(resume, resumeClaims);
  await finish(resume, "abc");
  return wrong;
}

type Claims = (result: HermResult, now: readonly ListedAutomation[]) => string[];

const told = ({ code, stdout, stderr }: HermResult) => `${code}\n${stdout}${stderr}`;
const unless = (isSo: boolean, wrong: string) => (isSo ? [] : [wrong]);

function neverTrue({ stdout, stderr }: HermResult): string[] {
  const said = /\bgone\b|\bdeleted\b|isn't there|no longer exists|a bug in herm/.exec(stdout + stderr);
  return said === null ? [] : [`says "${said[0]}"`];
}

const pauseClaims: Claims = ({ code, stdout, stderr }, now) => {
  const isAll = now.every(({ enabled }) => !enabled);
  return [
    ...unless(isAll || code !== 0, "0, and something is enabled"),
    ...unless(isAll || !/\b0 enabled$/m.test(stderr), "0 enabled"),
    ...wrongRows(stdout, now, (result) => (["paused", "unchanged"].includes(result) ? false : undefined)),
  ];
};

const showClaims: Claims = ({ code, stdout }, now) => [
  ...unless(code !== 0, "0, and something is enabled"),
  ...wrongRows(stdout, now, (state) => ({ paused: false, enabled: true })[state]),
];

const resumeClaims: Claims = ({ code, stdout, stderr }, now) => {
  const isAll = now.every(({ enabled }) => enabled);
  return [
    ...unless(isAll || code !== 0, "0, and something is paused"),
    ...unless(isAll || !stderr.includes("is closed"), "closed, and something is paused"),
    ...unless(isAll || !/\b0 still paused$/m.test(stderr), "0 still paused"),
    ...wrongRows(stdout, now, (result) => (["resumed", "unchanged"].includes(result) ? true : undefined)),
  ];
};

interface Row {
  automation_id: string | null;
  result?: string;
  state?: string;
}

/** `claimOf`: whether a result means that it is enabled; undefined if it doesn't show that. */
function wrongRows(
  stdout: string,
  now: readonly ListedAutomation[],
  claimOf: (result: string) => boolean | undefined,
): string[] {
  const output: Row[] | { items: Row[] } = stdout === "" ? [] : JSON.parse(stdout);
  const rows = "items" in output ? output.items : output;
  return rows.flatMap(({ automation_id, result, state = result ?? "" }) => {
    const enabled = now.find((each) => each.automation_id === automation_id)?.enabled;
    return [undefined, enabled].includes(claimOf(state)) ? [] : [`${automation_id} isn't ${state}`];
  });
}

function commandsIn({ server, home, odd }: OddTrial, victim: Victim) {
  const startMs = Date.now();
  let passedMs = 0;
  const plan: Plan = ({ method, path }) => {
    if ("way" in odd) return undefined;
    const { method: oddMethod, pathEnd } = places[odd.place];
    if (method !== oddMethod || !path.endsWith(pathEnd(victim))) return undefined;
    return oddAnswers(victim.automation).find(({ name }) => name === odd.answer);
  };
  const start = async (words: string, isOdd: boolean) => {
    // The pause and the show compare with recent responses; the resume comes when those no longer count.
    if (words === resume) passedMs += 60_000;
    const beganMs = startMs + passedMs;
    const road = new Road({ server, plan: isOdd ? plan : () => undefined, seed: 1 });
    const { sleep, monotonic, timer, random } = road;
    const fetch: FetchLike = isOdd && "way" in odd ? unseenWays[odd.way]({ server, ...victim }) : road.fetch;
    const result = await herm(words.split(" "), {
      ...{ server, home, fetch, sleep, monotonic, timer, random },
      get now() {
        return new Date(beganMs + monotonic());
      },
    });
    passedMs += monotonic();
    return result;
  };
  return {
    run: (words: string) => start(words, false),
    runOdd: (words: string) => start(words, true),
  };
}
