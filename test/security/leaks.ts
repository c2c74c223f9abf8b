import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { FetchLike } from "../../src/api/fetch.js";
import { answer, fakeApi } from "../support/fake-api.js";
import { embeddedUrl } from "../support/harness.js";
import type { Trial } from "./matrix.js";
import { tryCommand } from "./try.js";

export const canary = "Zq7+Vx/3=Kw9.Tj5~Bn1_Rm8";
const tells = [
  // Except for its last four characters, no part of it may be shown anywhere.
  ...Array.from({ length: canary.length - 4 - 5 }, (_, at) => canary.slice(at, at + 6)),
  encodeURIComponent(canary).slice(4, 16),
  Buffer.from(canary).toString("base64").slice(0, 10),
];

const echo = (headers: Record<string, string>) => {
  const sent = headers.Authorization ?? headers.authorization ?? "";
  const key = sent.replace(/^Bearer /, "");
  return `${sent} ${Buffer.from(key).toString("base64")} ${encodeURIComponent(key)}`;
};

/** A server that echoes its requests in every way it can. */
const refusing =
  (status: number): FetchLike =>
  async (_url, { headers }) =>
    answer(
      status,
      JSON.stringify({ error: "refused", message: `no: ${echo(headers)}` }),
      "application/json",
      { "x-request-id": echo(headers), "retry-after": "0" },
    );

/** Answers reads, so that a command gets as far as its changes. */
const refusingChanges =
  (refuse: FetchLike) =>
  (fine: FetchLike): FetchLike =>
  (url, init) =>
    (init.method === "GET" ? fine : refuse)(url, init);

/**
 * The API's behaviours while a command runs, made from a healthy API, which comes first to show the command's requests.
 */
const states: Record<string, (fine: FetchLike) => FetchLike> = {
  ok: (fine) => fine,
  "400 to changes": refusingChanges(refusing(400)),
  "500 to changes": refusingChanges(refusing(500)),
  "400": () => refusing(400),
  "401": () => refusing(401),
  "404": () => refusing(404),
  "500": () => refusing(500),
  crash:
    () =>
    async (_url, { headers }) => {
      throw new Error(`crashed with ${echo(headers)}`);
    },
};

export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((file) => statSync(file).isFile());
}

/** The pieces of the canary, in any of its spellings, in a text. */
export const leaksIn = (text: string): string[] => tells.filter((tell) => text.includes(tell));

export interface LeakOptions {
  /** True if the key is in the credentials file; otherwise it is in the environment. */
  isKept: boolean;
  home(): string;
}

/**
 * The parts of the canary that a trial shows or leaves behind, whatever the API does, with and without --debug, and the
 * number of runs. Skips behaviours for requests that the trial doesn't send.
 */
export async function leaksOf(trial: Trial, { isKept, home }: LeakOptions) {
  const leaks: string[] = [];
  let runs = 0;
  for (const debug of [[], ["--debug"]]) {
    const sent = new Set<string>();
    for (const [state, become] of Object.entries(states)) {
      const isMet = state.endsWith("to changes")
        ? [...sent].some((method) => method !== "GET")
        : sent.size > 0;
      if (state !== "ok" && !isMet) continue;
      runs += 1;
      const api = fakeApi({ ...trial.api, text: "text" });
      const fine: FetchLike = (url, init) => {
        sent.add(init.method);
        return api(url, init);
      };
      const folder = home();
      if (isKept) keepKey(folder);
      const { stdout, stderr } = await tryCommand(trial, {
        text: "text",
        home: folder,
        key: isKept ? null : canary,
        fetch: become(fine),
        more: debug,
      });
      const written = filesBelow(folder)
        .filter((file) => !file.endsWith("credentials.json"))
        .map((file) => readFileSync(file, "latin1"));
      const found = [stdout, stderr, ...written].flatMap(leaksIn);
      if (found.length > 0) leaks.push(`${trial.argv("text").join(" ")} ${state} ${debug}: ${found[0]}`);
    }
  }
  return { leaks, runs };
}

function keepKey(home: string): void {
  const folder = join(home, ".config", "herm");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const credentials = { profiles: { default: { origin: embeddedUrl, key: canary } } };
  writeFileSync(join(folder, "credentials.json"), JSON.stringify(credentials), { mode: 0o600 });
  // The harness sets HERM_API_URL to the same origin.
}
