import { readdirSync } from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { FetchLike } from "../../src/api/fetch.js";
import { fetchFrom, herm, startServer, temporaryFolder } from "../support/harness.js";
import { spawnHerm, spawnServer } from "../support/spawn.js";
import { gate, impatient } from "../support/waiting.js";

const local = ["-d", "dep_local"];
const apply = ["apply", "-f", "-", ...local, "--json"];
const names = Array.from({ length: 20 }, (_, at) => `A${at}`);
const item = (name: string) => ({ name, schedule: "every day at 9am", instructions: "x" });
const manifest = JSON.stringify({ automations: names.map(item) });
const one = JSON.stringify({ automations: [item("A0")] });
const create = (name: string, ...flags: string[]) => [
  "automations",
  "create",
  `--name=${name}`,
  "--schedule=every day at 9am",
  "--instructions=x",
  ...local,
  ...flags,
];

describe("simultaneous processes with the same data folder", () => {
  it("apply each automation once, and both succeed", async () => {
    const { env } = await spawnServer();
    const home = temporaryFolder();
    const ended = await Promise.all([1, 2].map(() => spawnHerm(apply, { env, home, stdin: manifest })));
    const listed = await spawnHerm(["automations", "list", "--json"], { env });
    const made: { name: string }[] = JSON.parse(listed.stdout);
    expect(made.map(({ name }) => name).toSorted()).toEqual(names.toSorted());
    expect(ended.map(({ code }) => code)).toEqual([0, 0]);
    // Automations that exist when it plans are unchanged, and so have no row.
    const done = ended.map(({ stdout }) => JSON.parse(stdout).map(resultOf).filter(isDone).length);
    expect(done.toSorted()).toEqual([0, names.length]);
  });

  it("create one automation from ten creates, and reject nine", async () => {
    const { env } = await spawnServer();
    const home = temporaryFolder();
    const ended = await Promise.all(names.slice(10).map(() => spawnHerm(create("Weekly"), { env, home })));
    const listed = await spawnHerm(["automations", "list", "-o", "name"], { env });
    expect(ended.map(({ code }) => code).toSorted()).toEqual([0, ...Array<number>(9).fill(6)]);
    const [id = ""] = listed.stdout.split("\n");
    const told = ended.filter(({ code }) => code === 6).map(({ stderr }) => stderr);
    expect(told.filter((text) => !text.includes(`": ${id}\n`))).toEqual([]);
    expect(listed.stdout).toBe(`${id}\n`);
  });
});

describe("the lock of a deployment", () => {
  it("makes the next process wait, names its holder, and prevents duplicates", async () => {
    const { server, home, first, release } = await heldTurn();
    // The other command continues once this one has planned to create all of them, and has waited for a while.
    const options = {
      ...impatient({ stepMs: 100, onLook: (looks) => looks > 50 && release() }),
      server,
      home,
    };
    const second = herm(apply, { ...options, stdin: manifest });
    const [{ code, stdout, stderr }] = await Promise.all([second, first]);
    expect({ code, actions: new Set(JSON.parse(stdout).map(actionOf)) }).toEqual({
      code: 0,
      actions: new Set(["create unchanged"]),
    });
    expect(stderr).toMatch(
      /^another herm process \(.+\) applying to dep_local since .*\d\d:\d\d.*: waiting$/m,
    );
    expect(await count(server)).toBe(20);
  });

  it.each([
    ["apply", apply],
    ["create", create("Else")],
  ])("ends %s with 6 after --max-wait, without a change", async (_verb, words) => {
    const { server, home, first, release } = await heldTurn();
    const waits = await herm([...words, "--max-wait", "5s"], { server, home, stdin: one, ...impatient() });
    expect(waits.code).toBe(6);
    expect(waits.stderr).toMatch(/another herm process \(.+\) applying to dep_local since .*\d\d:\d\d/);
    release();
    expect((await first).code).toBe(0);
    expect(await count(server)).toBe(20);
  });

  it("doesn't delay pause, or commands without changes", async () => {
    const { server, home, first, release } = await heldTurn();
    const options = { server, home, ...impatient() };
    const paused = await herm(["automations", "pause", "--all", "--yes", ...local], options);
    const dry = await herm([...apply, "--dry-run"], { ...options, stdin: manifest });
    release();
    expect([paused.code, dry.code, (await first).code]).toEqual([0, 0, 0]);
  });

  it("is held from the list to the outcomes, but not before", async () => {
    const server = await startServer();
    const home = temporaryFolder();
    const locks = join(home, ".local", "share", "herm", "locks");
    const held: string[] = [];
    const fetch: FetchLike = async (url, init) => {
      const isHeld = locksIn(locks).length > 0;
      if (!url.includes("/_dev/")) held.push(`${init.method} ${isHeld}`);
      return fetchFrom(server)(url, init);
    };
    await herm(create("Weekly", "--instructions=y"), { server, home, fetch });
    await herm(apply, { server, home, stdin: one, fetch });
    const look = "GET false";
    // Created automations are read once more.
    const turn = ["GET true", "POST true", "GET true"];
    expect(held.filter((each) => each !== look)).toEqual([...turn, ...turn]);
    expect(locksIn(locks)).toEqual([]);
  });

  it("is free during the check for a lost create, for which others wait", async () => {
    const server = await startServer();
    const home = temporaryFolder();
    const held: string[][] = [];
    const locks = () => locksIn(join(home, ".local", "share", "herm", "locks"));
    const fetch: FetchLike = async (url, init) => {
      if (init.method !== "POST") return fetchFrom(server)(url, init);
      held.push(locks());
      throw Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" });
    };
    const looked: string[][] = [];
    const sleep = async () => {
      await setImmediate();
      looked.push(locks());
    };
    const { code } = await herm(create("Weekly"), { server, home, fetch, sleep });
    expect({ code, held, looked }).toEqual({
      code: 12,
      held: [[expect.any(String)]],
      looked: Array(5).fill([]),
    });
  });
});

describe("a simultaneous create on another machine", () => {
  it("is reported by create, which exits with 8", async () => {
    const { server, fetch } = await beside(() => "Weekly");
    const made = await herm([...create("Weekly"), "-o", "name"], { server, fetch });
    expect(made.code).toBe(8);
    expect(made.stdout).toMatch(/^auto_\w+\n$/);
    expect(made.stderr).toMatch(/^error: "Weekly" now exists twice in dep_local: auto_\w+, auto_\w+$/m);
    expect(made.stderr).toContain(`hint: ${made.stdout.trim()} was created here: delete`);
  });

  it("is listed by apply, which exits with 8", async () => {
    const { server, fetch } = await beside((made) => (made === "A3" ? "A3" : undefined));
    const applied = await herm(apply, { server, fetch, stdin: manifest });
    expect(applied.code).toBe(8);
    expect(new Set(JSON.parse(applied.stdout).map(resultOf))).toEqual(new Set(["done"]));
    expect(applied.stderr).toMatch(/^warning: "A3" now exists twice in dep_local: auto_\w+, auto_\w+$/m);
    expect(applied.stderr).toContain("; to see them: herm automations list -d dep_local --match A3");
  });

  it.each([
    ["create", create("A0"), ""],
    ["apply", apply, one],
  ])("is counted in addition to our own create, even if the list lags: %s", async (_verb, words, stdin) => {
    const { server, fetch } = await beside((made) => made);
    let own: string | undefined;
    const lagging: FetchLike = async (url, init) => {
      const answer = await fetch(url, init);
      if (init.method === "POST") own = JSON.parse(await (answer as Response).clone().text()).automation_id;
      if (own === undefined || !url.includes("/automations?")) return answer;
      const page = JSON.parse(await (answer as Response).text());
      const data = page.data.filter((each: { automation_id: string }) => each.automation_id !== own);
      return new Response(JSON.stringify({ ...page, data }));
    };
    const { code, stderr } = await herm(words, { server, fetch: lagging, stdin });
    expect(code).toBe(8);
    expect(stderr).toMatch(/"A0\\?" now exists twice in dep_local: auto_\w+, auto_\w+/);
    expect(stderr).toContain(own);
  });

  it("is counted even if there were several", async () => {
    const { server, fetch } = await beside((made) => (made === "A0" ? "A0" : undefined), 2);
    const applied = await herm(apply, { server, fetch, stdin: one });
    expect(applied.stderr).toMatch(
      /^warning: "A0" now exists 3 times in dep_local: auto_\w+, auto_\w+, auto_\w+$/m,
    );
    expect(applied.stderr).toContain("somebody else created 1 automation too");
    expect(applied.code).toBe(8);
  });

  it("prevents a second automation if the list shows it, and fails if it differs", async () => {
    const server = await startServer();
    let lists = 0;
    const fetch: FetchLike = async (url, init) => {
      if (init.method === "GET" && url.includes("/automations?")) lists += 1;
      if (lists === 2) {
        lists += 1;
        await herm(create("A0"), { server });
        await herm(create("A1", "--paused"), { server });
        await herm([...create("A2"), "--instructions=Else."], { server });
      }
      return fetchFrom(server)(url, init);
    };
    const applied = await herm(apply, { server, fetch, stdin: manifest });
    const rows: Row[] = JSON.parse(applied.stdout);
    expect(rows.slice(0, 4)).toMatchObject([
      { action: "create", result: "unchanged", automation_id: expect.any(String) },
      { action: "create", result: "unchanged", automation_id: expect.any(String) },
      {
        action: "create",
        result: "failed",
        error: expect.stringMatching(/^auto_\w+ has been created since, and differs/),
      },
      { action: "create", result: "done" },
    ]);
    expect(applied.code).toBe(8);
    expect(await count(server)).toBe(20);
  });

  it("leaves the result open if no check is possible", async () => {
    const server = await startServer();
    let isMade = false;
    const fetch: FetchLike = async (url, init) => {
      if (isMade && url.includes("/automations?")) return new Response("", { status: 500 });
      const answer = await fetchFrom(server)(url, init);
      isMade ||= init.method === "POST";
      return answer;
    };
    const made = await herm([...create("Weekly"), "-o", "name"], { server, fetch });
    expect(made).toMatchObject({ code: 0, stdout: expect.stringMatching(/^auto_\w+\n$/) });
    expect(made.stderr).toContain("warning: could not check for duplicates created by somebody else: ");
  });
});

interface Row {
  action: string;
  result?: string;
  error?: string;
}

type Server = Awaited<ReturnType<typeof startServer>>;

const actionOf = ({ action, result }: Row) => `${action} ${result}`;
const resultOf = ({ result }: Row) => result;
const isDone = (result: Row["result"]) => result === "done";

/** An apply that has the lock and waits at its first create until it is released. */
async function heldTurn() {
  const server = await startServer();
  const home = temporaryFolder();
  const { fetch, arrived, release } = gate(server, "POST");
  const first = herm(apply, { server, home, stdin: manifest, fetch });
  await arrived;
  return { server, home, first, release };
}

/**
 * A server on which somebody else creates the automation that `duplicate` names right after each of ours, once or more.
 */
async function beside(duplicate: (made: string) => string | undefined, times = 1) {
  const server = await startServer();
  const fetch: FetchLike = async (url, init) => {
    const answer = await fetchFrom(server)(url, init);
    if (init.method !== "POST") return answer;
    const name = duplicate(JSON.parse(init.body ?? "{}").name);
    for (let time = 0; name !== undefined && time < times; time += 1)
      await herm([...create(name), "--allow-duplicate"], { server });
    return answer;
  };
  return { server, fetch };
}

async function count(server: Server): Promise<number> {
  const { stdout } = await herm(["automations", "list", ...local, "-o", "name"], { server });
  return stdout.split("\n").filter((id) => id !== "").length;
}

function locksIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
