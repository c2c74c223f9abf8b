import { describe, expect, it, onTestFinished } from "vitest";
import { call } from "../incident/fleet.js";
import { type FaultProxy, faultProxy, type ProxyFault } from "../support/fault-proxy.js";
import { startServer } from "../support/harness.js";
import { spawnHerm } from "../support/spawn.js";
import { third } from "../support/third.js";
import { runProxied } from "./proxied.js";
import { type Place, readTruth, settle, type Truth } from "./truth.js";

describe("a command on a connection that may break anywhere", () => {
  it.each(["automations create", "automations trigger", "runs answer"])(
    "reaches the server at most once, and reports its real change: %s",
    async (command) => {
      const problems: string[] = [];
      const seeds = Array.from({ length: 20 }, (_, at) => at + 1);
      for (const seed of third(seeds)) problems.push(...(await runProxied(command, seed)));
      expect(problems).toEqual([]);
    },
  );
});

interface Broken {
  place: Place;
  proxy: FaultProxy;
  run(words: readonly string[]): ReturnType<typeof spawnHerm>;
  truth(): Promise<Truth>;
  fail(fault: object): Promise<unknown>;
}

/** The built command, on a server whose connections can be broken. */
async function prepare(): Promise<Broken> {
  const server = await startServer();
  const { url } = await server.listen();
  const proxy = await faultProxy(url);
  onTestFinished(() => proxy.close());
  const place = await settle(server);
  const env = { HERM_API_URL: proxy.url, HERM_API_KEY: server.apiKey, HERM_DEPLOYMENT: "dep_local" };
  return {
    place,
    proxy,
    run: (words) => spawnHerm(words, { env }),
    truth: () => readTruth(server),
    fail: (fault) => call(server, "POST", "/_dev/faults", fault),
  };
}

const create = ["automations", "create", "--name=new", "--schedule=@daily", "--instructions=I", "-o", "name"];
const down = (type: ProxyFault["type"], atByte = 0): ProxyFault => ({ type, atByte, direction: "down" });
const lost: [string, ProxyFault][] = [
  ["reset before the response", down("reset")],
  ["closed before the response", down("close")],
  ["reset inside the headers", down("reset", 40)],
  ["closed inside the body", down("close", 350)],
  ["garbage before the response", down("garbage")],
  ["an HTML page instead of the response", down("html")],
];

describe("the built command", () => {
  it.each(lost)("checks whether a create took effect: %s", async (_name, fault) => {
    const { proxy, run, truth } = await prepare();
    proxy.faults.push({ ...fault, request: /^POST/ });
    const { code, stdout, stderr } = await run(create);
    const made = (await truth()).automations.filter(({ name }) => name === "new");
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${made[0]?.automation_id}\n` });
    expect(made).toHaveLength(1);
    expect(stderr).toMatch(
      /^no answer: checking until \S+ whether it was done\nconfirmed by a check: auto_/m,
    );
  });

  it.each(lost)("checks whether a trigger took effect: %s", async (_name, fault) => {
    const { place, proxy, run, truth } = await prepare();
    proxy.faults.push({ ...fault, request: /^POST/ });
    const { code, stdout } = await run(["automations", "trigger", place.a, "-o", "name"]);
    const { automations } = await truth();
    const runs = automations.find(({ automation_id }) => automation_id === place.a)?.recent_runs ?? [];
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${runs[0]?.run_id}\n` });
    expect(runs).toHaveLength(1);
  });

  it.each([
    ["drips", down("drip")],
    ["arrives late", { type: "latency", direction: "down", ms: 60 }],
  ] as [string, ProxyFault][])("waits for a response that %s", async (_name, fault) => {
    const { proxy, run, truth } = await prepare();
    proxy.faults.push(fault, fault);
    const { code, stderr } = await run(create);
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringMatching(/^undo: herm undo c_\w{6}\n$/),
    });
    expect((await truth()).automations.filter(({ name }) => name === "new")).toHaveLength(1);
  });

  it.each([
    ["a pause", "pause", (after: Truth, { a }: Place) => isPaused(after, a)],
    ["a delete", "delete", (after: Truth, { a }: Place) => isGone(after, a)],
  ] as const)("retries %s until its outcome is known", async (_name, verb, isDone) => {
    const { place, proxy, run, truth } = await prepare();
    const request = /^(PATCH|DELETE)/;
    proxy.faults.push({ ...down("reset"), request }, { ...down("close", 20), request });
    const flags = verb === "delete" ? ["--yes"] : [];
    expect(await run(["automations", verb, place.a, "-q", ...flags])).toMatchObject({ code: 0, stderr: "" });
    expect(isDone(await truth(), place)).toBe(true);
  });

  it.each([
    ["a reset", down("reset", 100)],
    ["a response cut in the middle", down("close", 400)],
    ["a request cut in the middle", { type: "truncate", direction: "up", atByte: 60 }],
  ] as [string, ProxyFault][])("reads again after %s, and prints the whole list", async (_name, fault) => {
    const { proxy, run } = await prepare();
    const list = ["automations", "list", "-o", "jsonl"];
    const whole = await run(list);
    proxy.faults.push(fault);
    expect(await run(list)).toEqual({ ...whole, stderr: "" });
  });

  it("recognises a change made before a server failure, and sends it only once", async () => {
    const { run, truth, fail } = await prepare();
    const path = "/v1/deployments/*/automations";
    await fail({ method: "POST", path, count: null, action: { type: "commit_then_fail", status: 503 } });
    expect(await run(create)).toMatchObject({ code: 0 });
    expect((await truth()).automations.filter(({ name }) => name === "new")).toHaveLength(1);
  });
});

const isPaused = ({ automations }: Truth, id: string) =>
  automations.some(({ automation_id, enabled }) => automation_id === id && !enabled);
const isGone = ({ automations }: Truth, id: string) =>
  automations.every(({ automation_id }) => automation_id !== id);
