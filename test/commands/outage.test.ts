import { describe, expect, it } from "vitest";
import type { FetchInit, FetchLike } from "../../src/api/fetch.js";
import { addFault, call } from "../incident/fleet.js";
import { fetchFrom } from "../support/harness.js";
import { hanging, type Outage, start } from "./outage-fleet.js";

const isPatch = ({ method }: FetchInit) => method === "PATCH";
const pauseAll = "automations pause --all-deployments --incident INC-1 --yes";
const resumeAll = "automations resume --incident INC-1 --yes";
const names = ["a", "a", "a", "b", "b", "b", "c", "c", "c", "d", "d", "d"];

describe("an unreachable deployment", () => {
  it("is named if the command waits for it alone", async () => {
    const { run, server, other } = await start();
    const fault = { method: "GET", path: `/v1/deployments/${other}/automations`, count: null };
    await addFault(server, { ...fault, action: { type: "fail", status: 500 } });
    const stdin = "automations: []\n";
    const { stderr } = await run("diff -f - --all-deployments", undefined, { stdin });
    expect(stderr.match(/^.*retrying.*$/gm)).toEqual([
      expect.stringMatching(/^One: a simulated fault; retrying for up to 5\d s$/),
    ]);
    await addFault(server, { ...fault, path: "/v1/**", action: { type: "fail", status: 500 } });
    const all = await run("diff -f - --all-deployments", undefined, { stdin });
    expect(all.stderr).toMatch(/^a simulated fault; retrying for up to 5\d s$/m);
  });

  it.each([
    ["it is", true],
    ["it isn't", false],
  ])("is named only if all other deployments respond: %s", async (_, isAlone) => {
    const { run, server, other } = await start();
    let lists = 0;
    const fetch: FetchLike = async (url, { signal, ...init }) => {
      if (url.includes("/automations")) lists += 1;
      const isHung = isAlone ? url.includes(other) : lists > 1;
      if (!isHung) return fetchFrom(server)(url, init);
      return new Promise((_resolve, reject) =>
        signal?.addEventListener("abort", () => reject(signal.reason)),
      );
    };
    const { stderr } = await run(`${pauseAll} --timeout 10s`, undefined, { fetch });
    const told = stderr.split("\n").slice(0, 3);
    expect(told).toEqual([
      `${isAlone ? `${other}: ` : ""}no answer for 5 s; waiting for up to 55 s`,
      `nothing is paused yet${isAlone ? "; to do the others sooner: Ctrl-C, then --max-wait 5s" : ""}`,
      expect.stringMatching(/no answer in 10 s; retrying for up to (50|49) s$/),
    ]);
    expect(told[2]?.startsWith(`${other}: `)).toBe(isAlone);
  });

  it.each([`${pauseAll} -q`, pauseAll, "status --all-deployments"])(
    "is reported with its own message while herm waits as requested: %s",
    async (words) => {
      const { run, server } = await start();
      let lists = 0;
      const fetch: FetchLike = async (url, init) => {
        if (url.includes("/automations")) lists += 1;
        if (lists !== 2) return fetchFrom(server)(url, init);
        lists += 1;
        return Response.json({ message: "slow down" }, { status: 429, headers: { "retry-after": "20" } });
      };
      const { code, stderr } = await run(words, undefined, { fetch });
      expect(code).toBe(0);
      const told = stderr.split("\n").filter((line) => line.includes("retrying"));
      expect(told).toEqual(
        words.endsWith("-q")
          ? []
          : [expect.stringMatching(/^(dep_\w+: )?slow down; retrying for up to 55 s$/)],
      );
    },
  );

  it.each([
    ["status --all-deployments", true],
    ["automations list --all-deployments", true],
    ["automations audit --all-deployments", true],
    ["runs list --all-deployments", true],
    ["automations upcoming --all-deployments", true],
    ["automations list -d One", false],
    ["automations get a -d One", false],
  ])("is reported by read-only commands, and named if others are readable: %s", async (words, isOfMany) => {
    const { run, server, other } = await start();
    const { stderr } = await run(words, undefined, { fetch: hanging(server, other) });
    const told = stderr.split("\n").filter((line) => /for 5 s|sooner/.test(line));
    const waiting = "no answer for 5 s; waiting for up to 55 s";
    expect(told).toEqual(
      isOfMany ? [`${other}: ${waiting}`, "to see the others sooner: Ctrl-C, then --max-wait 5s"] : [waiting],
    );
  });

  it.each([
    [pauseAll, "paused"],
    [resumeAll, "resumed"],
    ["automations update --all-deployments --schedule hourly --yes", "updated"],
    ["automations catch-up --since 1h --all-deployments --yes", "started"],
  ])("is reported before any change, with a quicker way to continue: %s", async (words, done) => {
    const { run, server, other } = await start();
    if (words === resumeAll) await run(pauseAll);
    const fault = { path: `/v1/deployments/${other}/**`, count: null };
    await addFault(server, { ...fault, action: { type: "fail", status: 500 } });
    const { stderr } = await run(words);
    const lines = stderr.split("\n");
    const at = lines.findIndex((line) => line.includes("retrying for up to"));
    const next = `nothing is ${done} yet; to do the others sooner: Ctrl-C, then --max-wait 5s`;
    expect(lines[at + 1]).toBe(next);
    const hasty = await run(`${words} --max-wait 5s`);
    const ofPerson = await run(words, undefined, { tty: true, columns: 80 });
    for (const soon of [hasty, ofPerson]) {
      expect(soon.tookMs).toBeLessThan(20_000);
      expect(soon.stderr).not.toContain("the others sooner");
    }
  });

  it("causes a note that no automation was paused if the API is unreachable", async () => {
    const { run } = await start();
    const away: Outage = { after: 3, forMs: 10_000, way: "refused" };
    const reading = await run(pauseAll, away);
    expect(reading.stderr).toContain("\nnothing is paused yet\n");
    const changing = await run(resumeAll, { ...away, counts: isPatch });
    expect(changing.stderr).toContain("retrying for up to");
    expect(changing.stderr).not.toMatch(/nothing is \w+ yet/);
  });

  it("doesn't prevent others from being paused and resumed", async () => {
    const { run, server, other, enabled } = await start();
    const fault = { path: `/v1/deployments/${other}/**`, count: null };
    await addFault(server, { ...fault, action: { type: "fail", status: 500 } });
    const paused = await run(pauseAll, undefined, { tty: true, columns: 120 });
    expect(paused.code).toBe(8);
    // Reading back no longer waits for it.
    expect(paused.tookMs).toBeLessThan(15_000);
    expect(paused.stderr).toContain("can't be read: One: a simulated fault");
    expect(paused.stderr).toMatch(/^(no run within the hour among those read|at least 8 automations)/m);
    expect(paused.stdout).toMatch(/^One: all +failed +a simulated fault \(tried \d times in \d s\)/m);
    await call(server, "DELETE", "/_dev/faults");
    expect(await enabled()).toEqual(["a", "b", "c", "d"]);
    expect((await run(pauseAll)).code).toBe(0);
    await addFault(server, { ...fault, action: { type: "fail", status: 500 } });
    const resumed = await run(resumeAll);
    expect(resumed.code).toBe(8);
    expect(resumed.tookMs).toBeLessThan(75_000);
    expect(resumed.stderr).toContain("incident INC-1 stays open");
    await call(server, "DELETE", "/_dev/faults");
    expect(await enabled()).toEqual(["a", "a", "b", "b", "c", "c", "d", "d"]);
    expect((await run(resumeAll)).code).toBe(0);
    expect(await enabled()).toEqual(names);
  });
});

describe("an unreachable API", () => {
  const away = { forMs: 1e9 };

  it.each<[string, Outage]>([
    ["from the first request on", { after: 0, ...away, way: "refused" }],
    ["while the fleet is read", { after: 3, ...away, way: "reset" }],
    ["at the first change, which never arrives", { after: 0, counts: isPatch, ...away, way: "refused" }],
  ])("is reported in one line, which says that no automation was paused: %s", async (_, outage) => {
    const { run, enabled } = await start();
    const { code, stdout, stderr, tookMs } = await run(pauseAll, outage, { tty: true, columns: 120 });
    expect(code).toBe(outage.counts === undefined ? 7 : 8);
    expect(stdout).toBe("");
    const told = stderr.split(/[\n\r]/).filter((line) => /connection|reach/.test(line));
    expect(told).toEqual([
      expect.stringMatching(/^127\.0\.0\.1: .*; retrying for up to 5\d s$/),
      expect.stringMatching(/^error: 127\.0\.0\.1: .*; no request succeeded for 1 min; nothing was paused$/),
    ]);
    expect(tookMs).toBeGreaterThanOrEqual(60_000);
    expect(tookMs).toBeLessThan(95_000);
    expect(await enabled()).toEqual(names);
  });

  it("causes no claim that no automation was paused, once pauses were sent", async () => {
    const { run, enabled } = await start();
    const { code, stderr } = await run(pauseAll, { after: 0, counts: isPatch, ...away, way: "lost" });
    expect(code).toBe(12);
    expect(stderr).toMatch(/; some may have been paused: run the same command again\n/);
    expect(stderr).not.toContain("nothing was paused");
    expect((await enabled()).length).toBeLessThan(12);
    const again = await run(`${pauseAll} --json`);
    expect(again.code).toBe(0);
    expect(await enabled()).toEqual([]);
  });

  it("causes a report of earlier pauses", async () => {
    const { run, enabled } = await start();
    const outage: Outage = { after: 4, counts: isPatch, ...away, way: "refused" };
    const { code, stderr } = await run(pauseAll, outage);
    expect(code).toBe(8);
    expect(stderr).toMatch(/\nerror: .*; no request succeeded for 1 min; [4-9] of 12 paused\n/);
    expect((await enabled()).length).toBeGreaterThan(0);
    await run(pauseAll);
    expect(await enabled()).toEqual([]);
  });

  it("is retried for as long as --max-wait", async () => {
    const { run } = await start();
    const outage: Outage = { after: 0, counts: isPatch, ...away, way: "refused" };
    const { tookMs, stderr } = await run(`${pauseAll} --max-wait 10s`, outage);
    expect(stderr).toContain("no request succeeded for 10 s");
    expect(tookMs).toBeLessThan(15_000);
  });

  it.each([
    ["automations pause --all-deployments --incident INC-1 --concurrency 4 --yes --max-wait 5s"],
    ["automations update --all-deployments --schedule hourly --yes --max-wait 1500ms"],
    ["automations pause One/a One/b --max-wait 5s"],
    ["automations delete One/a One/b --yes --max-wait 90s"],
  ])("adds the given --max-wait to the command that finishes the work: %s", async (words) => {
    const { run } = await start();
    const outage: Outage = { after: 0, counts: ({ method }) => method !== "GET", ...away, way: "refused" };
    const { stderr } = await run(words, outage);
    expect(stderr).toContain(`hint: to finish it: herm ${words}`);
  });
});

describe("a refusal during a pause", () => {
  /** The response to changes in one deployment, or to the first change of all. */
  const refusing = (
    server: Parameters<typeof fetchFrom>[0],
    status: number,
    isMeant: (url: string) => boolean,
  ) => {
    const sent: string[] = [];
    const fetch: FetchLike = async (url, init) => {
      if (init.method !== "PATCH") return fetchFrom(server)(url, init);
      sent.push(url);
      return isMeant(url)
        ? Response.json({ error: "no", message: "no" }, { status })
        : fetchFrom(server)(url, init);
    };
    return { fetch, sent };
  };

  it.each([402, 403])(
    "affects only its own deployment with a %i, and all others are paused",
    async (status) => {
      const { server, run, enabled } = await start();
      const isMeant = (url: string) => !url.includes("dep_local");
      const { fetch, sent } = refusing(server, status, isMeant);
      const paused = await run(`${pauseAll} --json --concurrency 1`, undefined, { fetch });
      expect(paused.code).toBe(8);
      expect(await enabled()).toEqual(["a", "a", "b", "b", "c", "c", "d", "d"]);
      expect(sent.filter(isMeant)).toHaveLength(2);
      const rows: { result: string; reason?: string }[] = JSON.parse(paused.stdout);
      const skipped = rows.filter(({ result }) => result === "not started");
      expect(skipped.map(({ reason }) => reason)).toEqual(Array(6).fill("deployment refused"));
    },
  );

  it("stops all requests with a 401", async () => {
    const { server, run } = await start();
    let changes = 0;
    const { fetch, sent } = refusing(server, 401, () => {
      changes += 1;
      return changes === 5;
    });
    const paused = await run(`${pauseAll} --json --concurrency 1`, undefined, { fetch });
    expect(sent).toHaveLength(5);
    const rows: { result: string; reason?: string }[] = JSON.parse(paused.stdout);
    expect(rows.filter(({ reason }) => reason === "key refused")).toHaveLength(7);
    expect(paused.code).toBe(8);
    expect(JSON.parse(paused.stderr.trimEnd().split("\n").at(-1) ?? "").error).toMatchObject({
      message: "no; 4 of 12 paused, 7 not started, 1 failed",
      hint: expect.stringMatching(
        /^with another key, to finish it: herm automations pause .*; to see which key is used: herm auth status$/,
      ),
    });
  });
});
