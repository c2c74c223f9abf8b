import { describe, expect, it } from "vitest";
import type { FetchInit, FetchLike } from "../../src/api/fetch.js";
import { InterruptedError } from "../../src/errors/cli-errors.js";
import { fetchFrom, type HermOptions, herm, temporaryFolder } from "../support/harness.js";
import { startManifestServer } from "./manifest-server.js";

const here = ["-d", "dep_local"];
const didnt = "the API answered, but didn't change it";

type Fields = Record<string, unknown>;

interface Bending {
  /** Returns the part of a change's body that reaches the server. */
  taken?(fields: Fields): Fields;
  /** Returns the response to it, given the server's own. */
  answered?(answer: Fields): Fields;
  /** Returns the response to a GET of one automation, given the server's own. */
  read?(automation: Fields): Fields;
  /** Called before each GET of one automation. */
  beforeRead?(): void;
}

/** A server that bends changes as `bending` says, and the times of reads after the last change. */
async function prepare(bending: Bending = {}) {
  const { server, cwd, create, state, write, change } = await withChange();
  const home = temporaryFolder();
  const send = fetchFrom(server);
  let nowMs = 0;
  let changedMs = 0;
  const looks: number[] = [];
  const fetch: FetchLike = async (url, init) => {
    const isOne = /\/auto_\w+$/.test(url);
    if (init.method === "GET") {
      if (!isOne) return send(url, init);
      looks.push(nowMs - changedMs);
      bending.beforeRead?.();
      return bent(await send(url, init), bending.read);
    }
    looks.length = 0;
    changedMs = nowMs;
    return bent(await send(url, withBody(init, bending.taken)), bending.answered);
  };
  const sleep = async (ms: number, signal?: AbortSignal) => {
    signal?.throwIfAborted();
    nowMs += ms;
  };
  const run = (words: readonly string[], options: HermOptions = {}) =>
    herm(["automations", ...words, ...here], {
      server,
      home,
      cwd,
      fetch,
      sleep,
      monotonic: () => nowMs,
      ...options,
    });
  return { run, create, state, write, looks, change };
}

async function withChange() {
  const manifestServer = await startManifestServer();
  const change = (id: string, fields: object) =>
    manifestServer.call("PATCH", `/v1/deployments/dep_local/automations/${id}`, fields);
  return { ...manifestServer, change };
}

function withBody(init: FetchInit, taken: Bending["taken"]): FetchInit {
  if (taken === undefined || init.body === undefined) return init;
  return { ...init, body: JSON.stringify(taken(JSON.parse(init.body))) };
}

async function bent(answer: Awaited<ReturnType<FetchLike>>, bend: Bending["answered"]) {
  if (bend === undefined || !(answer instanceof Response) || !answer.ok || answer.status === 204)
    return answer;
  const fields: Fields = Object(await answer.json());
  return new Response(JSON.stringify(bend(fields)), { status: answer.status });
}

/** An API that answers every PATCH as if it had worked, but changes nothing. */
const ignoring: Bending = { taken: (fields) => ("instructions" in fields && "name" in fields ? fields : {}) };

describe("a successful response that doesn't show the change", () => {
  it("causes a list of the unchanged fields, and a command to undo the rest", async () => {
    const { run, create } = await prepare({ taken: ({ name, instructions }) => ({ name, instructions }) });
    const { automation_id: id } = await create({ name: "a" });
    const updated = await run(["update", id, "--name", "b", "--schedule", "0 7 * * *"]);
    expect({ code: updated.code, stdout: updated.stdout }).toEqual({ code: 1, stdout: "" });
    expect(updated.stderr).toContain(`error: ${didnt}: schedule\n`);
    expect(updated.stderr).toMatch(/^undo: herm undo c_\w{6}$/m);
  });
});

describe("a create that the server stores differently", () => {
  const flags = ["--name=new", "--schedule=0 9 * * *", "--instructions=I"];

  it.each([
    ["paused", ["--paused"], ({ enabled: _, ...fields }: Fields) => fields, "enabled"],
    ["instructions", [], (fields: Fields) => ({ ...fields, instructions: "Other." }), "instructions"],
    [
      "name and schedule",
      [],
      (fields: Fields) => ({ ...fields, name: "n", schedule: "0 1 * * *" }),
      "name, schedule",
    ],
  ])("exits with 1, and lists the fields that differ (%s)", async (_case, more, taken, missed) => {
    const { run, state } = await prepare({ taken });
    const { code, stdout, stderr } = await run(["create", ...flags, ...more]);
    const [made] = await state();
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toContain(
      `error: the API answered, but ${made?.automation_id} differs from what was sent: ${missed}\n` +
        `hint: to see what was created: herm automations get dep_local/${made?.automation_id}\n`,
    );
  });

  it("exits with 1 if the automation doesn't exist", async () => {
    const { run, state } = await prepare({
      answered: (answer) => ({ ...answer, automation_id: "auto_none" }),
    });
    const { code, stderr } = await run(["create", ...flags]);
    expect({ code, made: (await state()).length }).toEqual({ code: 1, made: 1 });
    expect(stderr).toContain("error: the API answered, but auto_none doesn't exist\n");
  });

  it("fails in apply, which explains how to undo it", async () => {
    const { run, state, write } = await prepare({ taken: ({ enabled: _, ...fields }) => fields });
    const item = (name: string, more = "") =>
      `  - { name: ${name}, schedule: "0 9 * * *", instructions: I${more} }\n`;
    write({ "herm.yaml": `automations:\n${item("a", ", enabled: false")}${item("b")}` });
    const { code, stderr } = await run(["apply", "-f", "herm.yaml"]);
    const [a] = (await state()).map(({ automation_id }) => automation_id);
    expect(code).toBe(8);
    expect(stderr).toContain(`the API answered, but ${a} differs from what was sent: enabled`);
    expect(stderr).toMatch(/undo: herm undo c_\w{6}\n/);
  });
});

describe("a response that doesn't confirm the change", () => {
  it("is completed by one immediate GET if fields are missing", async () => {
    const { run, create, looks } = await prepare({ answered: ({ automation_id }) => ({ automation_id }) });
    await create({ name: "a" });
    const paused = await run(["pause", "a", "--json"]);
    expect(paused).toMatchObject({ code: 0, stderr: expect.not.stringContaining(didnt) });
    expect(JSON.parse(paused.stdout)).toMatchObject({ name: "a", enabled: false });
    expect(looks).toEqual([0]);
    const created = await run(["create", "--name=b", "--schedule=@daily", "--instructions=I", "--json"]);
    expect(created.code).toBe(0);
    expect(JSON.parse(created.stdout)).toMatchObject({ name: "b", schedule: "0 0 * * *" });
    expect(looks).toEqual([0]);
  });

  it("is accepted as soon as a later GET shows the change", async () => {
    let late: (() => Promise<unknown>) | undefined;
    const { run, create, looks, change, state } = await prepare({
      taken: (fields) => {
        late = () => change(id, fields);
        return {};
      },
      beforeRead: () => {
        if (looks.at(-1) === 500) void late?.();
      },
    });
    const { automation_id: id } = await create({ name: "a" });
    expect(await run(["pause", "a"])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("\tpaused\t"),
    });
    expect(looks.filter((ms) => ms > 0)).toEqual([500, 1500]);
    expect(await state()).toMatchObject([{ enabled: false }]);
  });

  it.each<[string, Bending, string[]]>([
    [
      "trailing white space",
      { taken: (fields) => ({ ...fields, instructions: String(fields.instructions).trimEnd() }) },
      ["--instructions=New.\n \n"],
    ],
    [
      "a schedule in another form",
      { taken: () => ({ schedule: "30 18 * * 1-5" }) },
      ["--schedule=every weekday at 18:30", "--as-typed"],
    ],
    [
      "a schedule that herm can't read",
      { taken: () => ({ schedule: "0 3 * * 2" }) },
      ["--schedule=every full moon", "--as-typed"],
    ],
    [
      "a thread that no response contains",
      { read: ({ thread_id: _, ...rest }) => rest },
      ["--thread=THREAD"],
    ],
  ])("is accepted if it doesn't contradict the change: %s", async (_case, bending, flags) => {
    const { run, create, state } = await prepare(bending);
    const { automation_id: id } = await create({ name: "a" });
    await create({ name: "b" });
    const thread = (await state())[1]?.thread_id ?? "";
    const updated = await run(["update", id, ...flags.map((flag) => flag.replace("THREAD", thread))]);
    expect({ code: updated.code, ignored: updated.stderr.includes(didnt) }).toEqual({
      code: 0,
      ignored: false,
    });
  });

  it("leaves the outcome unknown, with exit code 12, if no check is possible", async () => {
    const bending: Bending = { ...ignoring };
    const { run, create } = await prepare(bending);
    await create({ name: "a" });
    let gets = 0;
    bending.beforeRead = () => {
      gets += 1;
      if (gets > 2) throw Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" });
    };
    const updated = await run(["update", "a", "--name", "b"]);
    expect({ code: updated.code, stdout: updated.stdout }).toEqual({ code: 12, stdout: "" });
    expect(updated.stderr).toMatch(/^hint: to see its state now: herm automations get dep_local\/auto_\w+$/m);
    expect(updated.stderr).toMatch(/^undo: herm undo c_\w{6}$/m);
  });

  it("is checked only once more after Ctrl-C", async () => {
    const { run, create, looks } = await prepare(ignoring);
    const { automation_id: id } = await create({ name: "a" });
    const interrupt = new AbortController();
    const updated = await run(["update", id, "--name", "b"], {
      signal: interrupt.signal,
      sleep: async (_ms, signal) => {
        interrupt.abort(new InterruptedError("SIGINT"));
        signal?.throwIfAborted();
      },
    });
    expect(updated.code).toBe(130);
    expect(updated.stderr).toMatch(/^undo: herm undo c_\w{6}$/m);
    expect(looks).toHaveLength(1);
  });
});
