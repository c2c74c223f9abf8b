import { beforeEach, describe, expect, it } from "vitest";
import type { FetchLike } from "../../src/api/fetch.js";
import { fetchFrom } from "../support/harness.js";
import { gate, impatient } from "../support/waiting.js";
import { type ManifestServer, startManifestServer } from "./manifest-server.js";

let world: ManifestServer;

const local = ["-d", "dep_local"];

beforeEach(async () => {
  world = await startManifestServer();
  for (const name of ["A", "B", "C"]) await world.create({ name, instructions: `Do ${name}` });
});

const run: ManifestServer["runHerm"] = (...call) => world.runHerm(...call);

/** Makes a change; returns its id. */
async function changed(...words: string[]): Promise<string> {
  await run(["automations", ...words, ...local]);
  return newest();
}

async function newest(): Promise<string> {
  const { stdout } = await run(["history", "--json"]);
  const [change] = JSON.parse(stdout) as { id: string }[];
  return change?.id ?? "none";
}

async function state(): Promise<string> {
  return (await world.state()).map(({ name, enabled }) => `${name}${enabled ? "" : " paused"}`).join(", ");
}

/** The network fails from the first request with a method on, before or after that arrives. */
function goneAt(method: string, when: "before" | "after"): FetchLike {
  let isGone = false;
  return async (url, init) => {
    const isFirst = !isGone && init.method === method;
    isGone ||= isFirst;
    if (!isGone || (isFirst && when === "after")) {
      const answer = await fetchFrom(world.server)(url, init);
      if (!isGone) return answer;
    }
    throw Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" });
  };
}

describe("herm undo last after an interrupted undo", () => {
  it("finishes the undo, and undoes the last change the next time", async () => {
    const first = await changed("pause", "A");
    await changed("pause", "B");
    const cut = await run(["undo", first, "--yes"], { fetch: goneAt("PATCH", "before") });
    expect(cut.code).toBe(12);
    const undo = await newest();
    const goesOn = await run(["undo", "last", "--yes"]);
    expect(goesOn).toMatchObject({
      code: 0,
      stderr: expect.stringContaining(`${undo}, which undoes ${first}, was interrupted: this continues it\n`),
    });
    expect(await state()).toBe("A, B paused, C");
    expect((await run(["undo", "last", "--yes"])).code).toBe(0);
    expect(await state()).toBe("A, B, C");
  });

  it("only finishes the undo if it has already taken full effect", async () => {
    const first = await changed("pause", "A");
    const second = await changed("pause", "B");
    await run(["undo", first, "--yes"], { fetch: goneAt("PATCH", "after") });
    const { code, stderr } = await run(["undo", "last", "--yes"]);
    expect({ code, isTold: stderr.includes("was interrupted") }).toEqual({ code: 0, isTold: true });
    expect(await state()).toBe("A, B paused, C");
    expect((await run(["undo", second, "--yes"])).code).toBe(0);
    expect(await state()).toBe("A, B, C");
  });

  it("undoes the last change if it's newer than the undo", async () => {
    const first = await changed("pause", "A");
    await run(["undo", first, "--yes"], { fetch: goneAt("PATCH", "before") });
    await changed("pause", "B");
    await run(["undo", "last", "--yes"]);
    expect(await state()).toBe("A paused, B, C");
  });

  it("undoes the last change if the change to be undone has already been undone", async () => {
    const first = await changed("pause", "A");
    await changed("pause", "B");
    await run(["undo", first, "--yes"], { fetch: goneAt("PATCH", "after") });
    expect((await run(["undo", await newest(), "--yes"])).code).toBe(0);
    expect(await state()).toBe("A paused, B paused, C");
    await run(["undo", "last", "--yes"]);
    expect(await state()).toBe("A paused, B, C");
  });

  it("ignores an undo with nothing left to do", async () => {
    const first = await changed("pause", "A");
    const second = await changed("pause", "B");
    let reads = 0;
    const fetch: FetchLike = async (url, init) => {
      const isRead = init.method === "GET" && /automations\/auto_/.test(url);
      // The second read is right before the request; somebody else has made the change already.
      if (isRead) reads += 1;
      if (isRead && reads === 2) await world.call("PATCH", new URL(url).pathname, { enabled: true });
      return fetchFrom(world.server)(url, init);
    };
    expect((await run(["undo", first, "--yes"], { fetch })).code).toBe(0);
    expect(await state()).toBe("A, B paused, C");
    const { code, stderr } = await run(["undo", "last", "--yes"]);
    expect({ code, isTold: stderr.includes("cut off") }).toEqual({ code: 0, isTold: false });
    expect(stderr).toContain(second);
    expect(await state()).toBe("A, B, C");
  });

  it("restores the rest after an interruption", async () => {
    const first = await changed("pause", "A", "B", "C");
    await changed("update", "A", "--name", "Z");
    const interrupt = new AbortController();
    const fetch: FetchLike = async (url, init) => {
      if (init.method === "PATCH") interrupt.abort(new Error("Ctrl-C"));
      return fetchFrom(world.server)(url, init);
    };
    await run(["undo", first, "--yes", "--concurrency", "1"], { fetch, signal: interrupt.signal });
    expect(await state()).toBe("B paused, C paused, Z");
    expect((await run(["undo", "last", "--yes"])).code).toBe(0);
    expect(await state()).toBe("B, C, Z");
  });
});

describe("herm undo last after a refused undo", () => {
  const refuses: FetchLike = async (url, init) =>
    init.method === "PATCH"
      ? new Response('{"error":"forbidden","message":"no scope"}', { status: 403 })
      : fetchFrom(world.server)(url, init);

  it.each<[string, string[]]>([
    ["a single automation", ["A"]],
    ["several, if the rest weren't sent", ["A", "C"]],
  ])("mentions the refusal, and undoes the last change: %s", async (_case, names) => {
    const first = await changed("pause", ...names);
    const second = await changed("pause", "B");
    const refused = await run(["undo", first, "--yes", "--concurrency", "1"], { fetch: refuses });
    expect(refused.code).toBe(3);
    const undo = await newest();
    const { code: ended, stderr } = await run(["undo", "last", "--yes"]);
    expect(stderr).toContain(`${undo}, which undoes ${first}, was refused: the last change is ${second}\n`);
    expect(ended).toBe(0);
    expect(await state()).toBe(
      ["A", "B", "C"].map((each) => each + (names.includes(each) ? " paused" : "")).join(", "),
    );
  });

  it("mentions the refusal, and tries again if no newer change exists", async () => {
    const only = await changed("pause", "A");
    await run(["undo", "last", "--yes"], { fetch: refuses });
    const undo = await newest();
    const { code, stderr } = await run(["undo", "last", "--yes"]);
    expect(stderr).toContain(`${undo}, which undoes ${only}, was refused: this tries again\n`);
    expect({ code, state: await state() }).toEqual({ code: 0, state: "A, B, C" });
  });

  it("mentions a partial refusal", async () => {
    const first = await changed("pause", "A", "C");
    const second = await changed("pause", "B");
    let patches = 0;
    const fetch: FetchLike = (url, init) => {
      if (init.method === "PATCH") patches += 1;
      return patches === 2 ? refuses(url, init) : fetchFrom(world.server)(url, init);
    };
    expect((await run(["undo", first, "--yes", "--concurrency", "1"], { fetch })).code).toBe(8);
    const undo = await newest();
    const { stderr } = await run(["undo", "last", "--yes"]);
    expect(stderr).toContain(
      `${undo}, which undoes ${first}, was refused in part: the last change is ${second}\n`,
    );
    expect(await state()).toBe("A, B, C paused");
  });

  it("undoes the last change even if it belongs to an incident", async () => {
    await run(["automations", "pause", "A", "C", ...local, "--incident", "INC-1", "--yes"]);
    const first = await newest();
    const second = await changed("pause", "B");
    await run(["undo", first, "--yes"], { fetch: refuses });
    const undo = await newest();
    const { code, stderr } = await run(["undo", "last", "--yes"]);
    expect(stderr).toContain(`${undo}, which undoes ${first}, was refused: the last change is ${second}\n`);
    expect({ code, state: await state() }).toEqual({ code: 0, state: "A paused, B, C paused" });
  });
});

describe("herm undo of an unfinished change", () => {
  async function sending() {
    const held = gate(world.server, "PATCH");
    const sent = run(["automations", "pause", "A", "B", "C", ...local], { fetch: held.fetch });
    await held.arrived;
    return { ...held, sent, id: await newest() };
  }

  it("waits with a message until the change is sent, and undoes all of it", async () => {
    const { id, sent, release } = await sending();
    const options = impatient({ stepMs: 100, onLook: (looks) => looks > 50 && release() });
    const [{ code, stderr }] = await Promise.all([run(["undo", id, "--yes"], options), sent]);
    expect(stderr).toMatch(
      new RegExp(`^${id} is still being sent by another herm process \\(.+\\) since \\S+: waiting$`, "m"),
    );
    expect(code).toBe(0);
    expect(await state()).toBe("A, B, C");
  });

  it.each(["the id", "last"])(
    "exits with 6 and the change's id after --max-wait, without a request: %s",
    async (by) => {
      const { id, sent, release } = await sending();
      const words = ["undo", by === "last" ? by : id, "--yes", "--max-wait", "5s"];
      const { code, stderr } = await run(words, impatient());
      expect({ code, stderr }).toEqual({
        code: 6,
        stderr: expect.stringMatching(
          `error: ${id} is still being sent by another herm process \\(.+\\) since \\S+\n`,
        ),
      });
      release();
      expect((await sent).code).toBe(0);
      expect(await state()).toBe("A paused, B paused, C paused");
    },
  );

  it("waits only for open requests if the process no longer exists", async () => {
    const held = gate(world.server, "PATCH");
    void run(["automations", "pause", "A", "B", "C", ...local], { fetch: held.fetch, pid: process.pid + 1 });
    await held.arrived;
    const { code, stderr } = await run(["undo", "last", "--yes"], impatient());
    expect({ code, stderr }).toMatchObject({
      code: 0,
      stderr: expect.not.stringContaining("still being sent"),
    });
    expect(stderr).toMatch(/^\d changes? of c_\w{6} may still take effect: waiting \d+ s$/m);
  });

  it("waits for another undo of the same change", async () => {
    const id = await changed("pause", "A", "B", "C");
    const held = gate(world.server, "PATCH");
    const first = run(["undo", id, "--yes"], { fetch: held.fetch });
    await held.arrived;
    const undo = await newest();
    const { code, stderr } = await run(["undo", id, "--yes", "--max-wait", "5s"], impatient());
    expect({ code, stderr }).toEqual({
      code: 6,
      stderr: expect.stringContaining(`error: ${undo}, which undoes ${id}, is still being sent by`),
    });
    held.release();
    expect((await first).code).toBe(0);
  });
});

describe("herm undo of a deletion", () => {
  it("lists concurrent creates on another machine, and exits with 8", async () => {
    await changed("delete", "A", "B", "--yes");
    const fetch: FetchLike = async (url, init) => {
      const answer = await fetchFrom(world.server)(url, init);
      if (init.method === "POST" && init.body?.includes('"B"')) await world.create({ name: "B" });
      return answer;
    };
    const { code, stdout, stderr } = await run(["undo", "last", "--yes"], { fetch });
    expect(stdout.match(/\tundone\t/g)).toHaveLength(2);
    expect(stderr).toMatch(/^warning: "B" now exists twice in Local: auto_\w+, auto_\w+$/m);
    expect(stderr).toContain("error: somebody else created 1 automation too\n");
    expect(stderr).toContain("; to see them: herm automations list -d dep_local --match B");
    expect(code).toBe(8);
  });

  it("doesn't recreate an automation that another machine recreated identically", async () => {
    const [before] = await world.state();
    const made = [
      { name: "A", instructions: "Do A", thread_id: before?.thread_id },
      { name: "B", instructions: "Else" },
    ];
    await changed("delete", "A", "B", "--yes");
    const id = await newest();
    let lists = 0;
    const fetch: FetchLike = async (url, init) => {
      if (url.includes("/automations?")) lists += 1;
      if (lists === 2) for (const fields of made.splice(0)) await world.create(fields);
      return fetchFrom(world.server)(url, init);
    };
    const { code, stdout } = await run(["undo", id, "--yes"], { fetch });
    expect(stdout).toMatch(/^A\tunchanged\tauto_\w+\t$/m);
    expect(stdout).toMatch(
      /^B\tfailed\tauto_\w+\tan automation with that name has been created since: auto_\w+$/m,
    );
    expect(code).toBe(8);
    expect(await state()).toBe("A, B, C");
    const again = await run(["undo", id, "--yes"]);
    expect(again.stdout).toMatch(/^A\tunchanged\t/m);
    expect(again.stdout).toMatch(
      /^B\tskipped\tauto_\w+\tan automation with that name already exists: auto_\w+$/m,
    );
  });

  it.each([["the last deletion first"], ["the first deletion first"]])(
    "recreates one automation for each command that deleted an identical one: %s",
    async (order) => {
      await world.create({ name: "A", instructions: "Do A" });
      const ids = (await world.state()).flatMap(({ name, automation_id }) =>
        name === "A" ? automation_id : [],
      );
      const deletions = [];
      for (const id of ids) deletions.push(await changed("delete", id, "--yes"));
      expect(await state()).toBe("B, C");
      if (order.startsWith("the last")) deletions.reverse();
      for (const id of deletions) expect((await run(["undo", id, "--yes"])).code).toBe(0);
      expect(await state()).toBe("A, A, B, C");
      for (const id of deletions)
        expect((await run(["undo", id, "--yes"])).stderr).toContain("nothing to undo");
      expect(await state()).toBe("A, A, B, C");
    },
  );

  it("recreates one automation, however often it was deleted and restored", async () => {
    const first = await changed("delete", "A", "--yes");
    await run(["undo", first, "--yes"]);
    const second = await changed("delete", "A", "--yes");
    for (const id of [first, second, first]) expect((await run(["undo", id, "--yes"])).code).toBe(0);
    expect(await state()).toBe("A, B, C");
    const undo = await newest();
    await run(["undo", undo, "--yes"]);
    const again = await newest();
    for (const id of [first, again, second]) expect((await run(["undo", id, "--yes"])).code).toBe(0);
    expect(await state()).toBe("A, B, C");
  });

  it("recreates both of two identical deleted automations", async () => {
    await world.create({ name: "A", instructions: "Do A" });
    const duplicates = (await world.state()).filter(({ name }) => name === "A");
    await changed("delete", ...duplicates.map(({ automation_id }) => automation_id), "--yes");
    expect(await state()).toBe("B, C");
    expect((await run(["undo", "last", "--yes"])).code).toBe(0);
    expect(await state()).toBe("A, A, B, C");
    const again = await run(["undo", "last", "--yes"]);
    expect(again).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^A\tunchanged\t.*\nA\tunchanged\t/),
    });
    expect(await state()).toBe("A, A, B, C");
  });
});
