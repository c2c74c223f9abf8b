import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { FetchLike } from "../../src/api/fetch.js";
import { InterruptedError } from "../../src/errors.js";
import { createPrivateFiles } from "../../src/files/private-files.js";
import { withLedger } from "../../src/incident/ledger.js";
import { addAutomation, addFault, enabledNames, requestCounts, setEnabled } from "../incident/fleet.js";
import { differences, ledgerOf } from "../incident/interruption.js";
import { self } from "../settings/self.js";
import { fetchFrom, type HermOptions, herm, startServer, temporaryFolder } from "../support/harness.js";

const hourMs = 3_600_000;
const now = new Date(Math.floor(Date.now() / 60_000) * 60_000);
const later = (hours: number) => new Date(now.getTime() + hours * hourMs);

/** Automations, and an incident for each of them that is due in so many hours. */
async function start(incidents: Record<string, number | undefined>) {
  const server = await startServer();
  const home = temporaryFolder();
  const run = (words: string, options: HermOptions = {}) =>
    herm(words.split(" "), { server, home, now, env: { HERM_DEPLOYMENT: "dep_local" }, ...options });
  const ids = new Map<string, string>();
  for (const [name, hours] of Object.entries(incidents)) {
    ids.set(name, await addAutomation(server, { name }));
    const until = hours === undefined ? "" : ` --until ${hours}h`;
    await run(`automations pause ${name} --incident INC-${name}${until}`);
  }
  const patches = async () => (await requestCounts(server)).PATCH ?? 0;
  return { server, home, run, ids, patches };
}

const due = "automations resume --due --yes";
const rowsOf = (stdout: string): { name: string; result: string; incident: string }[] => JSON.parse(stdout);

describe("resume --due", () => {
  it("brings back every incident whose time has come, and no other", async () => {
    const { server, home, run } = await start({ a: 1, b: 2, c: 9, d: undefined });
    const resumed = await run(`${due} --json`, { now: later(3) });
    expect(resumed.code).toBe(0);
    expect(rowsOf(resumed.stdout)).toEqual([
      expect.objectContaining({ name: "a", result: "resumed", incident: "INC-a" }),
      expect.objectContaining({ name: "b", result: "resumed", incident: "INC-b" }),
    ]);
    expect(await enabledNames(server)).toEqual(["a", "b"]);
    expect(resumed.stderr).toMatch(
      /1 of 1 deployment\nincident INC-a, due since \d.*\n1 automation to resume .*\nincident INC-b, due since/,
    );
    expect(resumed.stderr).toContain("incident INC-a is closed");
    expect(resumed.stderr).toContain("incident INC-b is closed");
    for (const name of ["INC-a", "INC-b", "INC-c"])
      expect(await differences(ledgerOf(home, name), server)).toEqual([]);
  });

  it("does nothing before the time, without a request, and says when the next one is due", async () => {
    const { server, run } = await start({ a: 5, b: 2 });
    const before = await requestCounts(server);
    const early = await run(`${due} --json`, { now: later(1) });
    expect(early).toMatchObject({ code: 0, stdout: "[]\n" });
    expect(early.stderr).toMatch(
      /^nothing is due; INC-b is next: .* \(in 60 min|^nothing is due; INC-b is next: .*1 h/,
    );
    expect(await requestCounts(server)).toEqual(before);
    expect((await run(due, { key: null })).code).toBe(0);
    await run("automations resume --incident INC-a --yes");
    await run("automations resume --incident INC-b --yes");
    expect((await run(due, { now: later(9) })).stderr).toContain(
      "nothing is due: no open incident has a time\n",
    );
  });

  it("asks one question over all, and no is no", async () => {
    const { server, run } = await start({ a: 1, b: 1 });
    const declined = await run("automations resume --due", { now: later(2), answers: [false] });
    expect(declined.code).toBe(1);
    expect(await enabledNames(server)).toEqual([]);
    const agreed = await run("automations resume --due", { now: later(2), answers: [true] });
    expect(agreed.code).toBe(0);
    expect(agreed.stdout).toMatch(/2 resumed · read back \S+: 0 still paused/);
    expect(await enabledNames(server)).toEqual(["a", "b"]);
  });

  it("needs --yes where nobody can be asked", async () => {
    const { run } = await start({ a: 1 });
    expect(await run("automations resume --due", { now: later(2) })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("resuming what is due needs --yes"),
    });
  });

  it("shows with --dry-run what it would do", async () => {
    const { server, run, patches } = await start({ a: 1, b: 3 });
    const before = await patches();
    const shown = await run("automations resume --due --dry-run --json", { now: later(2) });
    expect(rowsOf(shown.stdout)).toEqual([
      expect.objectContaining({ name: "a", result: "planned", incident: "INC-a" }),
    ]);
    expect([shown.code, await patches(), await enabledNames(server)]).toEqual([0, before, []]);
  });

  it("leaves alone what resume --incident leaves alone, and ends as it does", async () => {
    const { server, run, ids } = await start({ a: 1, b: 1 });
    await setEnabled(server, ids.get("a") ?? "", true);
    await setEnabled(server, ids.get("a") ?? "", false);
    const resumed = await run(`${due} --json`, { now: later(2) });
    expect(resumed.code).toBe(8);
    expect(resumed.stderr).toMatch(/which the incident paused, is still paused: changed since/);
    expect(await enabledNames(server)).toEqual(["b"]);
    // It stays due until somebody decides.
    expect((await run("incidents list --due -o name", { now: later(2) })).stdout).toBe("INC-a\n");
    expect((await run("incidents close INC-a", { now: later(2) })).code).toBe(0);
    expect((await run(due, { now: later(3) })).code).toBe(0);
    expect(await enabledNames(server)).toEqual(["b"]);
  });

  it("brings back once what two due incidents paused", async () => {
    const { server, home, run, ids } = await start({ a: 1 });
    await setEnabled(server, ids.get("a") ?? "", true);
    await run("automations pause a --incident INC-2 --until 1h");
    const resumed = await run(`${due} --json`, { now: later(2) });
    expect([resumed.code, resumed.stderr.match(/error.*/)?.[0]]).toEqual([0, undefined]);
    expect(await enabledNames(server)).toEqual(["a"]);
    for (const name of ["INC-a", "INC-2"]) expect(ledgerOf(home, name)?.closed?.why).toBe("resumed");
  });

  it("starts nothing in a freeze", async () => {
    const { server, run } = await start({ a: 1 });
    const env = { HERM_FREEZE: "INC-9: ask #ops" };
    expect(await run(due, { now: later(2), env })).toMatchObject({
      code: 6,
      stderr: expect.stringContaining("frozen: INC-9: ask #ops"),
    });
    expect(await enabledNames(server)).toEqual([]);
  });

  it.each([
    ["--due --incident INC-a", "--due"],
    ["a --due", "--due brings back whole incidents"],
    ["--due --match a", "--due brings back whole incidents"],
    ["--due --except a", "--due brings back whole incidents"],
    ["--due -d dep_local", "--due brings back whole incidents"],
  ])("refuses %s", async (words, message) => {
    const { run } = await start({ a: 1 });
    expect(await run(`automations resume ${words} --yes`, { now: later(2) })).toMatchObject({
      code: 2,
      stdout: "",
      stderr: expect.stringContaining(message),
    });
  });
});

describe("resume --due where something is in its way", () => {
  it("looks at the ledger that is given alone, and misses one that isn't there", async () => {
    const { server, home, run } = await start({ a: 1 });
    await addAutomation(server, { name: "z" });
    const path = join(home, "z.jsonl");
    await run(`automations pause z --until 1h --ledger ${path}`);
    // As on another machine.
    const elsewhere = temporaryFolder();
    expect((await run(`${due} --ledger ${path}`, { now: later(2), home: elsewhere })).code).toBe(0);
    expect(await enabledNames(server)).toEqual(["z"]);
    expect(await run(`${due} --ledger ${home}/none.jsonl`)).toMatchObject({
      code: 4,
      stderr: expect.stringContaining(`there is no ledger at ${home}/none.jsonl`),
    });
  });

  it("names what belongs to another API and leaves it alone", async () => {
    const { server, home, run } = await start({ a: 1 });
    const other = await startServer();
    await addAutomation(other, { name: "o" });
    await run("automations pause o --incident INC-o --until 1h", { server: other });
    const resumed = await run(due, { now: later(2) });
    expect(resumed.code).toBe(0);
    expect(resumed.stderr).toMatch(
      /incident INC-o is due and left alone: it belongs to .* \(profile "default"\)\n/,
    );
    expect([await enabledNames(server), await enabledNames(other)]).toEqual([["a"], []]);
    const path = join(home, ".local/share/herm/incidents/inc-o.jsonl");
    expect((await run(`${due} --ledger ${path}`, { now: later(2) })).code).toBe(2);
    expect((await run(due, { now: later(2), server: other })).code).toBe(0);
    expect(await enabledNames(other)).toEqual(["o"]);
  });

  it("does the others where one is another herm's just now, and says so", async () => {
    const { server, home, run } = await start({ a: 1, b: 1 });
    const path = join(home, ".local/share/herm/incidents/inc-a.jsonl");
    const held = createPrivateFiles(self);
    await withLedger(held, { path, isBeside: false }, async () => {
      const resumed = await run(due, { now: later(2) });
      expect(resumed.code).toBe(6);
      expect(resumed.stderr).toMatch(
        /warning: incident INC-a is left alone: incident INC-a is locked by another herm/,
      );
      expect(await enabledNames(server)).toEqual(["b"]);
      const again = await run(due, { now: later(2) });
      expect([again.code, again.stderr.match(/error: .*/)?.[0]]).toEqual([
        6,
        expect.stringContaining("incident INC-a is locked by another herm"),
      ]);
    });
    expect((await run(due, { now: later(2) })).code).toBe(0);
    expect(await enabledNames(server)).toEqual(["a", "b"]);
  });

  it("does all the same what can be read, and ends with 8 where a ledger can't be", async () => {
    const { server, home, run } = await start({ a: 1 });
    createPrivateFiles(self).write(join(home, ".local/share/herm/incidents/inc-x.jsonl"), "no ledger\n");
    const resumed = await run(due, { now: later(2) });
    expect(resumed.code).toBe(8);
    expect(resumed.stderr).toContain("error: 1 ledger can't be read: inc-x\n");
    expect(await enabledNames(server)).toEqual(["a"]);
    expect((await run(due, { now: later(2) })).code).toBe(8);
  });

  it("goes on after a server that failed", async () => {
    const { server, run, ids } = await start({ a: 1, b: 1 });
    const path = `/v1/deployments/dep_local/automations/${ids.get("a")}`;
    await addFault(server, { method: "PATCH", path, count: 1, action: { type: "fail", status: 422 } });
    const half = await run(`${due} --json`, { now: later(2) });
    expect(half.code).toBe(8);
    expect(half.stderr).toContain("herm automations resume --due --yes finishes it");
    expect(await enabledNames(server)).toEqual(["b"]);
    expect((await run(due, { now: later(2) })).code).toBe(0);
    expect(await enabledNames(server)).toEqual(["a", "b"]);
  });

  it.each([
    ["before the first change", 1, 3],
    ["after the first incident", 2, 8],
  ])("stops at once where the key is refused %s", async (_, refusedAt, code) => {
    const { server, run } = await start({ a: 1, b: 1, c: 1, d: 1 });
    let patches = 0;
    let refused = 0;
    const fetch: FetchLike = async (url, init) => {
      if (init.method === "PATCH") patches += 1;
      if (patches < refusedAt) return fetchFrom(server)(url, init);
      refused += 1;
      return Response.json({ error: "unauthorized", message: "no such key" }, { status: 401 });
    };
    const cut = await run(`${due} --json`, { now: later(2), fetch });
    expect([cut.code, patches]).toEqual([code, refusedAt]);
    // The change, and the reading back.
    expect(refused).toBe(2);
    expect(rowsOf(cut.stdout).map(({ result }) => result)).toEqual([
      ...Array(refusedAt - 1).fill("resumed"),
      "failed",
      ...Array(4 - refusedAt).fill("skipped"),
    ]);
    expect((await run(due, { now: later(2) })).code).toBe(0);
    expect(await enabledNames(server)).toEqual(["a", "b", "c", "d"]);
  });

  it.each([false, true])(
    "finishes what Ctrl-C between two incidents left (after the answer: %s)",
    async (isAfter) => {
      const { server, home, run } = await start({ a: 1, b: 1, c: 1 });
      const controller = new AbortController();
      const send = fetchFrom(server);
      let patches = 0;
      const fetch: FetchLike = async (url, init) => {
        patches += init.method === "PATCH" ? 1 : 0;
        const isIt = init.method === "PATCH" && patches === 2;
        if (isIt && !isAfter) controller.abort(new InterruptedError());
        const answer = await send(url, init);
        if (isIt && isAfter) controller.abort(new InterruptedError());
        return answer;
      };
      const cut = await run(`${due} --json`, { now: later(2), fetch, signal: controller.signal });
      expect(cut.code).toBe(130);
      expect(cut.stderr).toMatch(/interrupted: [12] of 3 resumed/);
      expect(await enabledNames(server)).not.toContain("c");
      for (const name of ["a", "b", "c"])
        expect(await differences(ledgerOf(home, `INC-${name}`), server)).toEqual([]);
      expect((await run(due, { now: later(2) })).code).toBe(0);
      expect(await enabledNames(server)).toEqual(["a", "b", "c"]);
    },
  );
});

describe("incidents list --due", () => {
  it("lists those that are due now, with an exit code", async () => {
    const { run } = await start({ a: 1, b: 5 });
    const listed = await run("incidents list --due --exit-code --json", { now: later(2) });
    expect(listed.code).toBe(9);
    expect(JSON.parse(listed.stdout)).toEqual([expect.objectContaining({ incident: "INC-a" })]);
    const none = await run("incidents list --due --exit-code", { now });
    expect(none).toMatchObject({ code: 0, stdout: "" });
    expect(none.stderr).toMatch(/^nothing is due; INC-a is next: /);
    expect((await run("incidents list --exit-code")).code).toBe(9);
    expect((await run("incidents list --due")).code).toBe(0);
  });

  it("leaves out what is closed", async () => {
    const { run } = await start({ a: 1 });
    await run("incidents close INC-a");
    expect((await run("incidents list --due -o name", { now: later(2) })).stdout).toBe("");
    await run("incidents reopen INC-a");
    expect((await run("incidents list --due -o name", { now: later(2) })).stdout).toBe("INC-a\n");
  });
});
