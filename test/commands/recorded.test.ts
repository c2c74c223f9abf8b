import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { fetchFrom, type HermOptions, herm, startServer, temporaryFolder } from "../support/harness.js";

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

/** The lines of the newest change. */
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

describe("what a command changes is recorded", () => {
  it("create", async () => {
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

  it.each([
    ["update", ["--name=Monthly"], { act: "update", before: { name: "Weekly" }, after: { name: "Monthly" } }],
    ["pause", [], { act: "pause", before: { enabled: true }, after: { enabled: false } }],
    ["delete", ["--yes"], { act: "delete", before: { name: "Weekly", enabled: true } }],
    ["trigger", ["--no-follow"], { act: "trigger" }],
  ])("%s of one", async (verb, flags, expected) => {
    const id = await made();
    expect((await run(["automations", verb, id, ...flags, ...local])).code).toBe(0);
    const lines = lastChange();
    const item = lines.find((line) => "item" in line);
    expect(item).toMatchObject({
      deployment_id: "dep_local",
      automation_id: id,
      name: "Weekly",
      ...expected,
    });
    expect(lines.find((line) => "outcome" in line)).toMatchObject({ outcome: 1, result: "done" });
  });

  it("runs answer", async () => {
    const id = await made("--name=Asks", "--instructions=@dev ask Shall I?");
    const started = await run(["automations", "trigger", id, ...local, "-o", "name"]);
    const run_id = started.stdout.trim();
    const waiting = async () =>
      (await run(["runs", "list", "--waiting", "-o", "name", ...local])).stdout.trim();
    await expect.poll(waiting).toBe(run_id);
    expect((await run(["runs", "answer", run_id, "y", "--no-follow", ...local])).code).toBe(0);
    const [, item, , outcome] = lastChange();
    expect(item).toMatchObject({ act: "answer", automation_id: id, run_id, message: "yes" });
    expect(outcome).toMatchObject({ result: "done", run_id });
  });

  it("pause and resume of several in one change, without those that are so already", async () => {
    const ids = [await made(), await made("--allow-duplicate"), await made("--allow-duplicate", "--paused")];
    await run(["automations", "pause", ...ids, ...local]);
    expect(lastChange().filter((line) => "item" in line)).toHaveLength(2);
    await run(["automations", "resume", ...ids, ...local]);
    expect(lastChange().filter((line) => line.act === "resume")).toHaveLength(3);
    expect(lastChange().filter((line) => line.result === "done")).toHaveLength(3);
  });

  it("apply: creates, updates, deletes and switches as one, a text once", async () => {
    const items = ["A", "B", "C"].map((name) => ({ name, schedule: "every day at 9am", instructions: "x" }));
    const apply = ["automations", "apply", "-f", "-", "--yes", "--resume-paused", ...local];
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

  it("a failure with its reason", async () => {
    const id = await made();
    await run(["automations", "pause", id, ...local], {
      fetch: async (url, init) =>
        init.method === "PATCH" ? new Response("", { status: 400 }) : fetchFrom(server)(url, init),
    });
    expect(lastChange().find((line) => "outcome" in line)).toMatchObject({
      result: "failed",
      error: "the API answered 400",
    });
  });

  it("nothing where nothing is to be changed", async () => {
    const id = await made();
    const before = lastChange();
    await run(["automations", "resume", id, ...local]);
    await run(["automations", "update", id, "--name=Weekly", ...local]);
    expect(lastChange()).toEqual(before);
  });

  it("neither secrets nor long texts in its command", async () => {
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

describe("the reason", () => {
  it.each([
    [["--reason=for the launch"], {}, "for the launch"],
    [[], { HERM_REASON: "run 42" }, "run 42"],
    [["--reason=mine"], { HERM_REASON: "run 42" }, "mine"],
    [["--reason="], { HERM_REASON: "run 42" }, undefined],
    [[], {}, undefined],
  ])("of %j with %j is %j", async (flags, env, reason) => {
    await run([...create, ...flags], { env });
    expect(lastChange()[0]?.reason).toBe(reason);
  });

  it.each([
    ["--reason", [`--reason=${"x".repeat(10_001)}`], {}],
    ["HERM_REASON", [], { HERM_REASON: "x".repeat(10_001) }],
  ])("is refused where it is too long (%s)", async (name, flags, env) => {
    const { code, stderr } = await run([...create, ...flags], { env });
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringContaining(`${name} is longer than 10000`),
    });
    expect((await run(["automations", "list", ...local, "-o", "name"])).stdout).toBe("");
  });
});

describe("where nothing can be recorded", () => {
  function closeHistory(): void {
    const folder = join(home, ".local", "share", "herm", "history");
    rmSync(folder, { recursive: true });
    writeFileSync(folder, "");
  }

  it.each([
    ["update", ["--name=Monthly"]],
    ["delete", ["--yes"]],
    ["trigger", ["--no-follow"]],
  ])("%s sends nothing", async (verb, flags) => {
    const id = await made();
    closeHistory();
    const { code, stderr } = await run(["automations", verb, id, ...flags, ...local]);
    expect(code).toBe(6);
    expect(stderr).toContain("nothing was sent, since it can't be recorded");
    expect(stderr).toContain("HERM_DATA_DIR");
  });

  it("apply sends nothing, and ends with 6", async () => {
    await made();
    closeHistory();
    const items = ["A", "B", "C"].map((name) => ({ name, schedule: "every day at 9am", instructions: "x" }));
    const applied = await run(["automations", "apply", "-f", "-", "--yes", ...local], {
      stdin: JSON.stringify({ automations: items }),
    });
    expect(applied).toMatchObject({ code: 6, stderr: expect.stringContaining("HERM_DATA_DIR") });
    const { stdout } = await run(["automations", "list", ...local, "--json"]);
    expect(JSON.parse(stdout)).toHaveLength(1);
  });

  it("pause is sent, with one warning", async () => {
    const ids = [await made(), await made("--allow-duplicate")];
    closeHistory();
    const { code, stderr } = await run(["automations", "pause", ...ids, ...local]);
    expect(code).toBe(0);
    expect(stderr.match(/^warning: .*/gm)).toEqual([
      expect.stringMatching(/the history can't be written: this change won't be in it: /),
    ]);
    expect((await run(["automations", "list", ...local, "--paused", "-o", "name"])).stdout).toBe(
      `${ids.toReversed().join("\n")}\n`,
    );
  });
});
