import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { type HermOptions, herm, startServer, temporaryFolder } from "../support/harness.js";

const local = ["-d", "dep_local"];
const create = [
  "automations",
  "create",
  "--name=Weekly",
  "--schedule=every Monday at 9am",
  "--instructions=Do it.",
  ...local,
];

let home: string;
let server: Awaited<ReturnType<typeof startServer>>;

beforeEach(async () => {
  home = temporaryFolder();
  server = await startServer();
});

const run = (words: readonly string[], options: HermOptions = {}) =>
  herm(words, { server, home, ...options });

/** The lines in the newest change. */
function lastChange(): Record<string, unknown>[] {
  const folder = join(home, ".local", "share", "herm", "history");
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".jsonl"),
  );
  return readFileSync(join(folder, files.toSorted().at(-1) ?? ""), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
}

async function made(...flags: string[]): Promise<string> {
  const given = new Set(flags.map((flag) => flag.split("=")[0]));
  const words = create.filter((word) => !given.has(word.split("=")[0]));
  const { stdout } = await run([...words, ...flags, "-o", "name"]);
  return stdout.trim();
}

describe("a recorded change", () => {
  it("may be a create", async () => {
    const id = await made();
    const [head, text, item, , outcome, closed] = lastChange();
    expect(head).toMatchObject({
      change: expect.stringMatching(/^c_/),
      command: expect.stringMatching(/^herm automations create --name=Weekly '--schedule=every Monday/),
      target: { origin: "http://127.0.0.1", store_id: expect.any(String) },
    });
    expect(text).toMatchObject({ is: "Do it." });
    expect(item).toMatchObject({
      act: "create",
      automation_id: null,
      name: "Weekly",
      after: { name: "Weekly" },
    });
    expect(outcome).toMatchObject({ result: "done", automation_id: id });
    expect(closed).toMatchObject({ ended: true });
  });

  it("may be an apply with several kinds of changes, and stores each text only once", async () => {
    const items = ["A", "B", "C"].map((name) => ({ name, schedule: "every day at 9am", instructions: "x" }));
    const apply = ["apply", "-f", "-", "--yes", "--resume-paused", ...local];
    await run(apply, { stdin: JSON.stringify({ automations: items }) });
    expect(lastChange().filter((line) => line.act === "create")).toHaveLength(3);
    expect(lastChange().filter((line) => "text" in line)).toHaveLength(1);
    await run(["automations", "pause", "B", ...local]);
    const [a, b] = items;
    const changed = [
      { ...a, schedule: "every day at 10am" },
      { ...b, enabled: true },
    ];
    await run(apply, { stdin: JSON.stringify({ automations: changed, removed: ["C"] }) });
    const acts = lastChange().flatMap((line) => ("item" in line ? [`${line.name} ${line.act}`] : []));
    expect(acts.toSorted()).toEqual(["A update", "B resume", "C delete"]);
    expect(lastChange().filter((line) => line.result === "done")).toHaveLength(3);
  });

  it("must change a value", async () => {
    const id = await made();
    const before = lastChange();
    await run(["automations", "resume", id, ...local]);
    await run(["automations", "update", id, "--name=Weekly", ...local]);
    expect(lastChange()).toEqual(before);
  });

  it("contains no secrets or long texts in its command line", async () => {
    const long = `--instructions=${"long ".repeat(100)}`;
    const words = [...create.filter((word) => !word.startsWith("--instructions")), long];
    const env = { HTTPS_PROXY: "http://ada:of-the-proxy-77@proxy.test:3128" };
    await run([...words, "--thread=thr_of-the-proxy-77"], { env });
    const { command } = lastChange()[0] ?? {};
    expect(command).toContain("long long");
    expect(command).toContain("…");
    expect(command).toContain("--thread=thr_");
    expect(command).not.toContain("of-the-proxy");
    expect(String(command).length).toBeLessThan(400);
  });
});

describe("the reason of a change", () => {
  it.each([
    [["--reason=for the launch"], {}, "for the launch"],
    [[], { HERM_REASON: "run 42" }, "run 42"],
    [["--reason=mine"], { HERM_REASON: "run 42" }, "mine"],
    [["--reason="], { HERM_REASON: "run 42" }, undefined],
    [[], {}, undefined],
  ])("for %j with %j is %j", async (flags, env, reason) => {
    await run([...create, ...flags], { env });
    expect(lastChange()[0]?.reason).toBe(reason);
  });

  it.each([
    ["--reason", [`--reason=${"x".repeat(10_001)}`], {}],
    ["HERM_REASON", [], { HERM_REASON: "x".repeat(10_001) }],
  ])("is rejected if too long (%s)", async (name, flags, env) => {
    const { code, stderr } = await run([...create, ...flags], { env });
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringContaining(`${name} is longer than 10000`),
    });
    expect((await run(["automations", "list", ...local, "-o", "name"])).stdout).toBe("");
  });
});
