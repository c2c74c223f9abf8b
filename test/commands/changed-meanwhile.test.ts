import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { FetchLike, FetchResponse } from "../../src/api/fetch.js";
import { InterruptedError } from "../../src/errors/cli-errors.js";
import { fetchFrom, type HermOptions, herm, temporaryFolder } from "../support/harness.js";
import { startManifestServer } from "./manifest-server.js";

const here = ["-d", "dep_local"];

/** Handles a request before the server sees it; if it returns a response, the server doesn't get the request. */
type First = (method: string, url: string) => Promise<Response | undefined>;

/** How responses differ from the server's: a field that is always missing, or an `updated_at` that never changes. */
interface Answers {
  without?: string;
  isClockStill?: boolean;
}

/** A server with one automation that somebody else changes, a home, and the requests sent to automations. */
async function prepare({ without, isClockStill = false }: Answers = {}) {
  const { server, cwd, call, create, state, write } = await startManifestServer();
  const home = temporaryFolder();
  const { automation_id: id } = await create({ name: "Weekly", instructions: "Make five." });
  const sent: string[] = [];
  const through = (first: First): FetchLike => {
    return async (url, init) => {
      if (url.includes("/auto_")) sent.push(init.method);
      const answer = (await first(init.method, url)) ?? (await fetchFrom(server)(url, init));
      if (isClockStill)
        return rewritten(answer, (text) => text.replaceAll(updated_at, `$1"2026-01-01T00:00:00Z"`));
      return without === undefined ? answer : lacking(without, answer);
    };
  };
  const runHerm = (words: readonly string[], options: HermOptions & { first?: First } = {}) => {
    sent.length = 0;
    const fetch = through(options.first ?? (async () => undefined));
    return herm(words, { server, home, cwd, fetch, ...options });
  };
  const run = (words: readonly string[], options: HermOptions & { first?: First } = {}) =>
    runHerm(["automations", ...words, ...here], options);
  /** Somebody else's change. */
  const change = (fields: object, automation = id) =>
    call("PATCH", `/v1/deployments/dep_local/automations/${automation}`, fields);
  return { run, runHerm, write, create, state, sent, home, id, change };
}

const updated_at = /("updated_at":)"[^"]*"/g;

function lacking(field: string, answer: FetchResponse): Promise<FetchResponse> {
  return rewritten(answer, (text) => text.replaceAll(new RegExp(`,?"${field}":("[^"]*"|null)`, "g"), ""));
}

async function rewritten(answer: FetchResponse, rewrite: (text: string) => string): Promise<FetchResponse> {
  if (!(answer instanceof Response) || answer.status === 204) return answer;
  return new Response(rewrite(await answer.text()), { status: answer.status });
}

/** Calls `happen` right before the `count`th request with this method to an automation. */
function rightBefore(wanted: string, count: number, happen: () => Promise<unknown>): First {
  let seen = 0;
  return async (method, url) => {
    if (method === wanted && url.includes("/auto_") && ++seen === count) await happen();
    return undefined;
  };
}

/** Refuses the first request with this method with `headers`, and calls `happen` before the response arrives. */
function refusedOnce(
  wanted: string,
  { status = 429, headers = {}, happen = async () => {} }: Refusal = {},
): First {
  let isOver = false;
  return async (method) => {
    if (method !== wanted || isOver) return undefined;
    isOver = true;
    await happen();
    return new Response("", { status, headers });
  };
}

interface Refusal {
  status?: number;
  headers?: Record<string, string>;
  happen?(): Promise<unknown>;
}

/** All of herm's files below a home, with their text. */
function filesIn(home: string): string {
  const folder = join(home, ".local", "share", "herm");
  if (!existsSync(folder)) return "";
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((at) => at.isFile());
  const paths = files.map((file) => join(file.parentPath, file.name)).sort();
  return paths.map((path) => `${path}\n${readFileSync(path, "utf8")}`).join("\n");
}

const manifest = (instructions: string, more = "") =>
  `automations:\n  - { name: Weekly, schedule: "0 9 * * *", instructions: ${instructions} }\n${more}`;

describe("a concurrent change by another user", () => {
  it.each([
    ["with", undefined],
    ["without", "updated_at"],
  ])("prevents a prune based only on a list: on a server %s updated_at", async (_case, without) => {
    const { run, change, create, state, write } = await prepare(without === undefined ? {} : { without });
    const { automation_id } = await create({ name: "unnamed", instructions: "Theirs." });
    const other = '  - { name: unnamed, schedule: "0 9 * * *", instructions: Theirs. }\n';
    write({ "herm.yaml": manifest("Make five."), "both.yaml": manifest("Make five.", other) });
    await run(["adopt", "-f", "both.yaml", "--different", "--record", "lock.yaml", "--yes"]);
    const answers = [() => change({ instructions: "New." }, automation_id).then(() => true)];
    const pruned = await run(["apply", "-f", "herm.yaml", "--record", "lock.yaml", "--prune"], { answers });
    expect(pruned.code).toBe(6);
    expect(pruned.stderr).toContain("changed since: instructions");
    expect(await state()).toHaveLength(2);
  });

  it("is ignored unless the request would overwrite it", async () => {
    const { run, change, state } = await prepare();
    const first = rightBefore("GET", 2, () =>
      change({ schedule: "0 7 * * *", enabled: false, name: "Mine" }),
    );
    const updated = await run(["update", "Weekly", "--name", "Mine"], { first });
    expect(updated.code).toBe(0);
    expect(await state()).toMatchObject([{ name: "Mine", schedule: "0 7 * * *", enabled: false }]);
  });

  it("stops a request that it makes partly redundant", async () => {
    const { run, change, state, sent } = await prepare();
    const first = rightBefore("GET", 2, () => change({ name: "Mine" }));
    const updated = await run(["update", "Weekly", "--name", "Mine", "--instructions", "Mine."], { first });
    expect({ code: updated.code, sent }).toEqual({ code: 6, sent: ["GET", "GET"] });
    expect(updated.stderr).toContain("changed since: name\n");
    expect(await state()).toMatchObject([{ name: "Mine", instructions: "Make five." }]);
  });

  it("makes an identical request unnecessary, so there is nothing to undo", async () => {
    const { run, change, state, sent } = await prepare();
    const first = rightBefore("GET", 2, () => change({ name: "Mine" }));
    const { code, stdout, stderr } = await run(["update", "Weekly", "--name", "Mine"], { first, tty: true });
    expect({ code, sent }).toEqual({ code: 0, sent: ["GET", "GET"] });
    expect(stdout).toContain("Unchanged: Mine");
    expect(stderr).not.toContain("undo:");
    expect(await state()).toMatchObject([{ name: "Mine" }]);
  });

  it("explains an unsent request in the history, and doesn't prevent an undo", async () => {
    const { run, runHerm, change, state } = await prepare();
    await run(["update", "--all", "--schedule", "0 7 * * *", "--yes"]);
    const first = rightBefore("GET", 2, () => change({ name: "Theirs" }));
    expect((await run(["update", "Weekly", "--name", "Mine"], { first })).code).toBe(6);
    const { stdout } = await runHerm(["history", "--json"]);
    const [{ items }] = JSON.parse(stdout);
    expect(items).toMatchObject([{ act: "update", result: "skipped", error: "changed since: name" }]);
    expect((await runHerm(["undo", "last", "--yes"])).code).toBe(0);
    expect(await state()).toMatchObject([{ name: "Theirs", schedule: "0 9 * * *" }]);
  });

  it("may be a deletion, which makes the command exit with 4, and apply with 0", async () => {
    for (const [words, code] of [
      [["update", "Weekly", "--name", "Mine"], 4],
      [["delete", "Weekly", "--yes"], 4],
      [["apply", "-f", "herm.yaml", "--yes"], 0],
    ] as const) {
      const { run, write, sent, id, state } = await prepare();
      write({ "herm.yaml": "removed: [Weekly]\n" });
      const first = rightBefore("GET", 2, async () => {
        await run(["delete", id, "--yes"]);
        sent.length = 0;
      });
      expect((await run(words, { first })).code).toBe(code);
      // It is looked for, because a list has shown it.
      expect(sent.filter((method) => method !== "GET")).toEqual([]);
      expect(await state()).toEqual([]);
    }
  });
});

describe("the time between apply's last read and its request", () => {
  it.each([
    ["PATCH", ["apply", "-f", "herm.yaml", "--yes", ...here]],
    ["PATCH", ["apply", "-f", "recorded.yaml", "--record", "r.yaml", "--yes", ...here]],
    ["DELETE", ["apply", "-f", "removed.yaml", "--yes", ...here]],
  ])("doesn't include a file write before a %s: %j", async (method, words) => {
    const { run, runHerm, write, home } = await prepare();
    write({
      "herm.yaml": manifest("Mine."),
      "recorded.yaml": manifest("Mine."),
      "removed.yaml": "removed: [Weekly]\n",
    });
    if (words.includes("--record"))
      await run(["adopt", "-f", "recorded.yaml", "--different", "--record", "r.yaml", "--yes", ...here]);
    const known = filesIn(home);
    const atRequests: [method: string, files: string][] = [];
    const first: First = async (each, url) => {
      if (url.includes("/auto_")) atRequests.push([each, filesIn(home)]);
      return undefined;
    };
    expect((await runHerm(words, { first })).code).toBe(0);
    const at = atRequests.findIndex(([each]) => each === method);
    const [[reading, whenRead] = [], [, whenSent] = []] = atRequests.slice(at - 1, at + 1);
    expect(reading).toBe("GET");
    expect(whenRead).toContain("history");
    expect(whenRead).not.toBe(known);
    expect(whenSent).toBe(whenRead);
  });
});

describe("a concurrent change before a retry", () => {
  it("is ignored after a short wait, but detected after a long one", async () => {
    for (const [random, requests] of [
      [0.5, ["GET", "GET", "PATCH", "PATCH"]],
      [0.99, ["GET", "GET", "PATCH", "PATCH", "GET", "PATCH"]],
    ] as const) {
      const { run, sent } = await prepare();
      let refusals = 0;
      const first: First = async (method) =>
        method === "PATCH" && ++refusals < requests.filter((each) => each === "PATCH").length
          ? new Response("", { status: 503 })
          : undefined;
      const { code } = await run(["update", "Weekly", "--name", "Mine"], { first, random: () => random });
      expect({ code, sent }).toEqual({ code: 0, sent: requests });
    }
  });

  it("isn't confused with the command's own change after a lost response", async () => {
    const { run, change, state, sent } = await prepare();
    const refusal = { status: 503, headers: { "retry-after": "5" }, happen: () => change({ name: "Mine" }) };
    const updated = await run(["update", "Weekly", "--name", "Mine"], {
      first: refusedOnce("PATCH", refusal),
    });
    expect({ code: updated.code, sent }).toEqual({
      code: 0,
      sent: ["GET", "GET", "PATCH", "GET", "PATCH"],
    });
    expect(await state()).toMatchObject([{ name: "Mine" }]);
  });

  it("isn't looked for after Ctrl-C, because the request isn't sent", async () => {
    const { run, sent, state } = await prepare();
    const interrupt = new AbortController();
    const first = refusedOnce("PATCH", { headers: { "retry-after": "5" } });
    const updated = await run(["update", "Weekly", "--name", "Mine"], {
      first,
      signal: interrupt.signal,
      sleep: async () => interrupt.abort(new InterruptedError("SIGINT")),
    });
    expect({ code: updated.code, sent }).toEqual({ code: 130, sent: ["GET", "GET", "PATCH"] });
    expect(await state()).toMatchObject([{ name: "Weekly" }]);
  });
});
