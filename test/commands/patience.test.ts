import { describe, expect, it } from "vitest";
import type { FetchLike, FetchResponse } from "../../src/api/fetch.js";
import { InterruptedError } from "../../src/errors/cli-errors.js";
import { VirtualTime } from "../api/virtual-time.js";
import { fetchFrom, herm } from "../support/harness.js";
import { driven, hanging, type Outage, start } from "./outage-fleet.js";

const pauseAll = "automations pause --all-deployments --incident INC-1 --yes";
const resumeAll = "automations resume --incident INC-1 --yes";
const oneItem = '{"automations": [{"name": "a", "schedule": "0 9 * * 1", "instructions": "New."}]}';

describe("one unresponsive deployment among many", () => {
  it.each([
    "status --all-deployments",
    "automations list --all-deployments",
    "automations audit --all-deployments --verbose",
    "runs list --all-deployments",
    "automations upcoming --all-deployments",
    "export --all-deployments --to out --force",
    "diff -f - --all-deployments",
  ])("delays the others on a terminal by at most 5 s: %s", async (words) => {
    const { run, server, other } = await start();
    const options = { fetch: hanging(server, other), tty: true, columns: 120, stdin: oneItem };
    const soon = await run(words, undefined, options);
    expect(soon.code).toBe(8);
    expect(soon.tookMs).toBeLessThan(5_500);
    expect(soon.stdout + soon.stderr).toMatch(/One[^:]*:? *\n? *no answer in 5 s/);
    expect(soon.stderr).not.toMatch(/for 5 s|sooner/);
    const way = /^hint: (.* is incomplete: )?to skip: --except One; to wait longer, raise --max-wait$/m;
    expect(soon.stderr).toMatch(way);
    const patient = await run(`${words} --max-wait 20s`, undefined, options);
    expect(patient.code).toBe(8);
    expect(patient.tookMs).toBeGreaterThan(19_000);
  });

  it.each([
    [pauseAll, /^One: all +failed +no answer in 5 s/m],
    [resumeAll, /^One: all +failed +no answer in 5 s/m],
    ["automations update --all-deployments --schedule hourly --yes", /^One: all +failed +no answer in 5 s/m],
    ["apply -f - --all-deployments --yes", / in One \(cus_1\)\n +no answer in 5 s/],
  ])(
    "doesn't prevent changes to the others, and is listed as unread, with exit code 8: %s",
    async (words, row) => {
      const { run, server, other } = await start();
      if (words === resumeAll) await run(pauseAll);
      const options = { fetch: hanging(server, other), tty: true, columns: 120, stdin: oneItem };
      const { code, stdout, stderr, tookMs } = await run(words, undefined, options);
      expect(code).toBe(8);
      expect(tookMs).toBeLessThan(6_500);
      expect(stderr).toContain("to skip: --except One; to wait longer, raise --max-wait");
      expect(stdout + stderr).toMatch(row);
    },
  );

  it("doesn't prevent the export of the others, even if its own list arrived", async () => {
    const { run, server, other } = await start();
    const options = { fetch: hanging(server, other, "/auto_"), tty: true, columns: 120 };
    const { code, tookMs } = await run("export --all-deployments --to out", undefined, options);
    expect(code).toBe(8);
    expect(tookMs).toBeLessThan(7_000);
  });

  it.each<[string, Partial<Outage>]>([
    ["is unreachable", { way: "refused" }],
    ["suddenly becomes unreachable", { way: "reset", after: 4 }],
  ])("isn't skipped on a terminal while the whole API %s", async (_case, outage) => {
    const { run, enabled } = await start();
    const away: Outage = { after: 3, forMs: 12_000, way: "refused", ...outage };
    const { code, stderr } = await run(pauseAll, away, { tty: true, columns: 120 });
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.any(String) });
    expect(await enabled()).toEqual([]);
  });

  it.each(["--timeout 60s", "--max-wait 20s"])("is awaited as long as a flag allows: %s", async (flag) => {
    const { run, server, other } = await start();
    const options = { fetch: hanging(server, other), tty: true, columns: 120 };
    const { code, tookMs, stderr } = await run(`status --all-deployments ${flag}`, undefined, options);
    expect(code).toBe(8);
    expect(tookMs).toBeGreaterThan(19_000);
    expect(stderr).toContain("no answer for 5 s; waiting for up to");
  });

  it("is abandoned after 5 s even in a series of single reads", async () => {
    const { run, server, other } = await start();
    const options = { fetch: hanging(server, other), tty: true, columns: 120 };
    const { code, tookMs, stdout } = await run(`${pauseAll} --concurrency 1`, undefined, options);
    expect(code).toBe(8);
    expect(tookMs).toBeLessThan(6_500);
    expect(stdout).toMatch(/^One: all +failed +no answer in 5 s/m);
  });

  it("delays the others by 5 s in an undo of deletions", async () => {
    const { run, server, other } = await start();
    await run("automations delete One/a One/b Two/a Two/b --yes");
    const fetch = hanging(server, other);
    const { code, tookMs, stdout, stderr } = await run("undo --yes", undefined, {
      fetch,
      tty: true,
      columns: 120,
    });
    expect(code).toBe(8);
    expect(tookMs).toBeLessThan(6_500);
    expect(stdout).toContain("2 undone · 2 failed");
    expect(stderr).toContain("no answer in 5 s");
    expect(stderr).toContain("to skip: --except One; to wait longer, raise --max-wait");
  });

  it("is abandoned on Ctrl-C, with all its requests", async () => {
    const { run, server, other } = await start();
    const interrupt = new AbortController();
    const ended: unknown[] = [];
    const fetchIn =
      (time: VirtualTime): FetchLike =>
      async (url, init) => {
        if (!url.endsWith("?limit=1")) return hanging(server, other)(url, init);
        time.timer(100, () => interrupt.abort(new InterruptedError("SIGINT")));
        return new Promise((_resolve, reject) =>
          init.signal?.addEventListener("abort", () => {
            ended.push(time.monotonic());
            reject(init.signal?.reason);
          }),
        );
      };
    const options = { fetchIn, tty: true, columns: 120, signal: interrupt.signal };
    const { tookMs } = await run("status --all-deployments", undefined, options);
    expect(ended).toEqual([tookMs]);
  });

  it("delays each refresh of a watch by 5 s", async () => {
    const { server, home, other } = await start();
    const time = new VirtualTime();
    const looksMs: number[] = [];
    const interrupt = new AbortController();
    const fetch: FetchLike = async (url, init) => {
      if (/\/v1\/deployments\?limit=100/.test(url)) looksMs.push(Math.round(time.monotonic() / 1000));
      if (looksMs.length === 4) interrupt.abort(new InterruptedError("SIGINT"));
      return hanging(server, other)(url, init);
    };
    const { sleep, monotonic, timer } = time;
    const clock = { sleep, monotonic, timer };
    const options = { server, home, fetch, ...clock, tty: true, signal: interrupt.signal };
    await driven(herm(["status", "--watch", "--all-deployments"], options), time);
    expect(looksMs).toEqual([0, 7, 14, 21]);
  });
});

describe("one slow but responding deployment among many", () => {
  const many = { others: Array.from({ length: 19 }, (_, at) => `Customer ${at}`) };
  const person = { tty: true, columns: 120 };
  const isList = (url: string) => /dep_\w+\/automations\?/.test(url);

  it.each([6_000, 20_000])("is awaited even if each list takes %i ms", async (ms) => {
    const { run, server } = await start(many);
    const fetchIn = (time: VirtualTime) => late(fetchFrom(server), time, (url) => (isList(url) ? ms : 0));
    const { code, stderr } = await run("status --all-deployments", undefined, { ...person, fetchIn });
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.any(String) });
  });

  it("is awaited while its response is arriving", async () => {
    const { run, server, other } = await start(many);
    const isOther = (url: string) => url.includes(`${other}/automations`);
    const fetchIn = (time: VirtualTime): FetchLike => {
      const fetch = late(fetchFrom(server), time, (url) => (isList(url) && !isOther(url) ? 1_000 : 0));
      return async (url, init) => {
        const answer = await fetch(url, init);
        return isOther(url) ? arriving(answer, time) : answer;
      };
    };
    const { code, tookMs } = await run("status --all-deployments", undefined, { ...person, fetchIn });
    expect(code).toBe(0);
    expect(tookMs).toBeGreaterThan(7_900);
  });

  it("is awaited while a retry is pending", async () => {
    const { run, server } = await start(many);
    const failed = new Set<string>();
    const fetch: FetchLike = async (url, init) => {
      if (!isList(url) || url.includes("dep_local") || failed.has(url)) return fetchFrom(server)(url, init);
      failed.add(url);
      return new Response('{"error": {"message": "busy"}}', { status: 503 });
    };
    const { code, tookMs } = await run(pauseAll, undefined, { ...person, fetch });
    expect(failed.size).toBe(19);
    expect(tookMs).toBeGreaterThan(5_000);
    expect(code).toBe(0);
  });

  it.each([["incidents show INC-1", /automations\/auto/]])(
    "is reported during the wait: %s",
    async (words, path) => {
      const { run, server, other } = await start();
      await run(pauseAll);
      for (const automation of ["a", "b"]) await run(`automations trigger One/${automation} --yes`);
      const fetch: FetchLike = async (url, init) =>
        url.includes(other) && path.test(url)
          ? new Response('{"error": {"message": "busy"}}', { status: 503 })
          : fetchFrom(server)(url, init);
      const { stderr, tookMs } = await run(words, undefined, { ...person, fetch });
      expect(tookMs).toBeGreaterThan(20_000);
      expect(stderr).toMatch(/retrying for up to 5\d s/);
    },
  );
});

/** Responds later, by the clock. */
function late(fetch: FetchLike, time: VirtualTime, msFor: (url: string) => number): FetchLike {
  return async (url, init) => {
    const ms = msFor(url);
    if (ms > 0) await time.sleep(ms, init.signal);
    return fetch(url, init);
  };
}

/** Its body arrives in five parts, 2 s apart. */
async function arriving(answer: FetchResponse, time: VirtualTime): Promise<FetchResponse> {
  const text = new TextEncoder().encode(await new Response(answer.body as ReadableStream).text());
  async function* parts() {
    for (let at = 0; at < 5; at += 1) {
      if (at > 0) await time.sleep(2_000);
      yield text.slice((text.length * at) / 5, (text.length * (at + 1)) / 5);
    }
  }
  return { status: answer.status, headers: answer.headers, body: parts() };
}
