import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { FetchLike } from "../../src/api/fetch.js";
import { whileWritten } from "../support/being-written.js";
import { canFillDisk, fillDisk, freeDisk } from "../support/full-disk.js";
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
const names = Array.from({ length: 60 }, (_, at) => `A${at}`);
const manifest = JSON.stringify({
  automations: names.map((name) => ({ name, schedule: "every day at 9am", instructions: "x" })),
});

/** Ways in which the files in a data folder can fail while a response is on its way. */
const harms: [string, (dataDir: string) => void][] = [
  ["the disk is full", () => fillDisk()],
  [
    "the data folder is gone, and a file in its place",
    (dataDir) => {
      rmSync(dataDir, { recursive: true, force: true });
      writeFileSync(dataDir, "");
    },
  ],
  [
    "each of its files is a folder",
    (dataDir) => {
      const files = readdirSync(dataDir, { recursive: true, withFileTypes: true }).filter((at) =>
        at.isFile(),
      );
      for (const file of files) {
        const path = join(file.parentPath, file.name);
        rmSync(path);
        mkdirSync(path);
      }
    },
  ],
];

const trials = harms.filter(([name]) => canFillDisk || !name.includes("disk"));

describe.each(trials)("the correct report of a completed change although %s", (harmName, harm) => {
  /**
   * Runs a command whose files fail once the first request of this kind is answered, before the command sees the
   * response.
   */
  async function harmed(server: Server, method: string, words: readonly string[], options: HermOptions = {}) {
    const home = temporaryFolder();
    const dataDir = join(home, ".local", "share", "herm");
    const fetch = harmedAfter(options.fetch ?? fetchFrom(server), method, () => harm(dataDir));
    return herm(words, { ...options, server, home, fetch }).finally(freeDisk);
  }

  it("covers a create with a lost response", async () => {
    const server = await startServer();
    const lose: FetchLike = async (url, init) => {
      const answer = await fetchFrom(server)(url, init);
      return init.method === "POST" ? new Response("", { status: 502 }) : answer;
    };
    const made = await harmed(server, "POST", [...create, "-o", "name"], { fetch: lose });
    const [{ automation_id }] = await listed(server);
    expect(made).toMatchObject({ code: 0, stdout: `${automation_id}\n` });
  });

  it("covers a create with an unknown outcome", async () => {
    const server = await startServer();
    const refuse: FetchLike = async (url, init) =>
      init.method === "POST" ? new Response("", { status: 502 }) : fetchFrom(server)(url, init);
    const made = await harmed(server, "POST", create, { fetch: refuse });
    expect(made).toMatchObject({
      code: 12,
      stderr: expect.stringContaining("check before you retry"),
    });
  });

  it("covers an incident's pause and its count", async () => {
    const server = await startServer();
    await herm(["apply", "-f", "-", ...local], { server, stdin: manifest });
    const pause = ["automations", "pause", "--all", "--yes", "--incident=INC", ...local];
    const { code, stderr } = await harmed(server, "PATCH", pause);
    const paused = (await listed(server)).filter(({ enabled }: { enabled: boolean }) => !enabled).length;
    expect(paused).toBeGreaterThan(0);
    const room = harmName === "the disk is full" ? "free some space, then " : "";
    if (code === 0) expect(paused).toBe(names.length);
    else {
      expect(stderr).toMatch(
        new RegExp(`hint: ${paused} of 60 (was|were) already paused; ${room}run the same command`),
      );
      expect(code).toBe(6);
    }
  });
});

describe.runIf(canFillDisk)("a disk that fills up just before a change", () => {
  async function tried(words: readonly string[]) {
    const server = await startServer();
    const home = temporaryFolder();
    await herm(create, { server, home });
    const before = await listed(server);
    const start = () => herm([...words, ...local], { server, home });
    const ended = await whileWritten(home, { start, act: fillDisk }).finally(freeDisk);
    return { ...ended, before, after: await listed(server) };
  }

  it.each([
    ["create", ["automations", "create", "--name=b", "--schedule=every day at 9am", "--instructions=I"]],
    ["update", ["automations", "update", "Weekly", "--name=b"]],
    ["trigger", ["automations", "trigger", "Weekly", "--no-follow"]],
    ["delete", ["automations", "delete", "Weekly", "--yes"]],
  ])("prevents %s from being sent", async (_, words) => {
    const { code, stderr, before, after } = await tried(words);
    expect(stderr).toMatch(/^error: nothing was sent, because it couldn't be recorded: .* \(EFBIG\)$/m);
    expect(code).toBe(6);
    expect(after).toEqual(before);
  });

  it("allows a pause, with a warning", async () => {
    const { code, stderr, after } = await tried(["automations", "pause", "Weekly"]);
    expect(stderr).toMatch(
      /^warning: the history can't be written: this change won't be in it: .* \(EFBIG\)$/m,
    );
    expect(code).toBe(0);
    expect(after).toMatchObject([{ name: "Weekly", enabled: false }]);
  });
});

type Server = Awaited<ReturnType<typeof startServer>>;

async function listed(server: Server) {
  const { stdout } = await herm(["automations", "list", ...local, "--json"], { server });
  return JSON.parse(stdout);
}

/** Calls `harm` once, when the response to the first request with this method has arrived but isn't yet delivered. */
function harmedAfter(send: FetchLike, method: string, harm: () => void): FetchLike {
  let isHarmed = false;
  return async (url, init) => {
    const answer = await send(url, init);
    if (init.method !== method || isHarmed) return answer;
    isHarmed = true;
    harm();
    return answer;
  };
}
