import { execFile, spawnSync } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { transform } from "esbuild";
import { describe, expect, it } from "vitest";
import { scriptedServer } from "./api/scripted-server.js";
import { command, commandFile, isExecutable } from "./support/command-file.js";
import { temporaryFolder } from "./support/harness.js";
import { openTerminal } from "./support/pty.js";
import { spawnHerm, spawnServer, startHerm } from "./support/spawn.js";

const { version } = JSON.parse(readFileSync(join(import.meta.dirname, "..", "package.json"), "utf8"));

/** An API that never responds, and settings for it. */
async function silentApi() {
  const api = await scriptedServer(() => undefined);
  return { api, env: { HERM_API_URL: api.url, HERM_API_KEY: "key_of_the_tests" } };
}

const waiting = ["automations", "list", "-d", "dep_1"];

describe("herm as a process", () => {
  it.each([[["--version"]], [["-v"]], [["version"]], [["--no-color", "-v"]]])(
    "prints its version for %j",
    async (words) => {
      expect(await spawnHerm(words)).toEqual({ code: 0, stdout: `${version}\n`, stderr: "" });
    },
  );

  // The executable contains its runtime.
  it.skipIf(isExecutable).each(["16.20.2", "18.20.8", "20.18.1"])(
    "rejects Node %s as too old, in one line",
    async (node) => {
      const home = temporaryFolder();
      const older = join(home, "older.cjs");
      const versions = `{ ...process.versions, node: "${node}" }`;
      writeFileSync(older, `Object.defineProperty(process, "versions", { value: ${versions} });`);
      for (const words of [["--version"], ["automations", "list"]]) {
        expect(await spawnHerm(words, { home, env: { NODE_OPTIONS: `--require ${older}` } })).toEqual({
          code: 1,
          stdout: "",
          stderr: `error: herm needs Node 20.19 or newer, and this is Node ${node}\n`,
        });
      }
    },
  );

  it.skipIf(isExecutable)("explains in one line, if it isn't built, how to build it", async () => {
    const clone = temporaryFolder();
    mkdirSync(join(clone, "bin"));
    const root = join(import.meta.dirname, "..");
    for (const file of ["package.json", "bin/herm.cjs"]) copyFileSync(join(root, file), join(clone, file));
    const { status, stderr } = spawnSync(process.execPath, [join(clone, "bin/herm.cjs"), "status"]);
    expect([status, String(stderr)]).toEqual([1, "error: herm isn't built yet: npm run build does it\n"]);
  });

  it("starts with a file that old versions of Node can read", async () => {
    const text = readFileSync(commandFile, "utf8");
    const [old, plain] = await Promise.all(
      ["es2015", "esnext"].map((target) => transform(text, { target, format: "cjs" })),
    );
    expect(old?.code).toBe(plain?.code);
    expect(text).not.toMatch(/^import |require\("node:/m);
  });

  it("shows help on stdout, and suggestions for a wrong command on stderr", async () => {
    const help = await spawnHerm([]);
    expect(help).toMatchObject({ code: 0, stderr: "" });
    expect(help.stdout).toContain("automations");
    const wrong = await spawnHerm(["automations", "lst"]);
    expect(wrong).toEqual({
      code: 2,
      stdout: "",
      stderr:
        'error: unknown command "lst" for herm automations\nhint: did you mean herm automations list?\n',
    });
  });

  it("accepts the dashes that phones type", async () => {
    const { stdout } = await spawnHerm(["schedule", "explain", "Monday – Friday at 9am", "-o", "json"]);
    expect(JSON.parse(stdout)).toMatchObject({ cron: "0 9 * * 1-5" });
  });

  it("works over a socket: create, list, get, update, pause, resume, trigger, delete", async () => {
    const { env } = await spawnServer();
    const run = async (...words: string[]) => {
      const result = await spawnHerm(["automations", ...words], { env });
      expect(result, words.join(" ")).toMatchObject({ code: 0 });
      return result.stdout;
    };
    const created = JSON.parse(
      await run(
        "create",
        "--name",
        "Weekly",
        "--schedule",
        "every Monday at 9am",
        "--instructions",
        "Make five.",
        "--json",
      ),
    );
    expect(await run("list", "-o", "name")).toBe(`${created.automation_id}\n`);
    expect(JSON.parse(await run("get", "Weekly", "--json"))).toMatchObject({ instructions: "Make five." });
    expect(
      JSON.parse(await run("update", "Weekly", "--schedule", "every day at 10am", "--json")),
    ).toMatchObject({ schedule: "0 10 * * *" });
    expect(JSON.parse(await run("pause", "Weekly", "--json"))).toMatchObject({ enabled: false });
    expect(JSON.parse(await run("resume", "Weekly", "--json"))).toMatchObject({ enabled: true });
    expect(JSON.parse(await run("trigger", "Weekly", "--follow", "--json"))).toMatchObject({
      status: "completed",
    });
    expect(JSON.parse(await run("delete", "Weekly", "--yes", "--json"))).toMatchObject({ deleted: true });
    expect(await run("list")).toBe("");
  });

  it.each([
    [":/usr/share/zoneinfo/Asia/Tokyo", "Asia/Tokyo"],
    [":/etc/localtime", "[A-Z]\\w+(/\\w+)?"],
    ["UTC+3", "Etc/GMT\\+3"],
    ["", "UTC"],
  ])("reads TZ=%s as a time zone", async (zone, name) => {
    const words = ["schedule", "explain", "every day at 9am", "--tz", "local", "-o", "json"];
    const { code, stdout, stderr } = await spawnHerm(words, { env: { TZ: zone } });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(JSON.parse(stdout).timezone).toMatch(new RegExp(`^${name}$`));
    expect((await spawnHerm(words.slice(0, -4), { env: { TZ: zone } })).code).toBe(0);
  });

  it("reports in one line that its working folder no longer exists", () => {
    const folder = temporaryFolder();
    const script = 'cd "$0" && rmdir "$0" && exec "$@"';
    const words = ["-c", script, folder, command.file, ...command.args, "config", "list", "-q"];
    const done = spawnSync("sh", words, { encoding: "utf8", env: { PATH: process.env.PATH, HOME: "/" } });
    expect(done).toMatchObject({
      status: 1,
      stdout: "",
      stderr: expect.stringMatching(/^error: [^\n]*\n(hint: [^\n]*\n)?$/),
    });
  });

  it.runIf(existsSync("/dev/full"))("reports in one line that it can't print its version", () => {
    const words = ["-c", '"$0" "$@" > /dev/full', command.file, ...command.args, "--version"];
    const done = spawnSync("sh", words, { encoding: "utf8", env: { PATH: process.env.PATH, HOME: "/" } });
    expect(done.status).toBe(1);
    expect(done.stderr).toMatch(/^error: could not write the output: ENOSPC[^\n]*\n(hint: [^\n]*\n)?$/);
  });

  it("loses no data when its server is killed and restarted", async () => {
    const home = temporaryFolder();
    const data = join(home, "dev.db");
    const first = await spawnServer(["--data", data], { home });
    const created = await spawnHerm(
      ["automations", "create", "--name", "Kept", "--schedule", "@daily", "--instructions", "x"],
      first,
    );
    expect(created.code).toBe(0);
    first.child.kill("SIGKILL");
    await once(first.child, "exit");
    const second = await spawnServer(["--data", data], { home });
    const list = await spawnHerm(["automations", "list", "--json"], second);
    expect(JSON.parse(list.stdout)).toMatchObject([{ name: "Kept" }]);
    expect(second.env.HERM_API_KEY).toBe(first.env.HERM_API_KEY);
  });

  it("exits with 0, silently, when its output pipe closes", async () => {
    const { env } = await spawnServer();
    for (const name of ["a", "b", "c"]) {
      await spawnHerm(
        ["automations", "create", "--name", name, "--schedule", "@daily", "--instructions", "x"],
        { env },
      );
    }
    const script = `"$0" "$@" automations list | head -1; echo "\${PIPESTATUS[0]}" >&2`;
    const { stdout, stderr } = await promisify(execFile)(
      "bash",
      ["-c", script, command.file, ...command.args],
      {
        env: { PATH: process.env.PATH, HOME: temporaryFolder(), ...env },
      },
    );
    expect(stdout.split("\n")).toHaveLength(2);
    expect(stderr).toBe("0\n");
  });

  it("reports an uncaught error in one line, hides the key, and exits with 1", async () => {
    const { api, env } = await silentApi();
    const home = temporaryFolder();
    const when = join(home, "now");
    const ended = spawnHerm(waiting, { home, env: { ...env, TEST_WHEN: when }, preload: "ended-when" });
    await expect.poll(() => api.seen.length).toBe(1);
    writeFileSync(when, "");
    const result = await ended;
    expect(result).toMatchObject({
      code: 1,
      stdout: "",
      stderr: expect.stringMatching(
        /^error: unexpected: boom \^\[\[31m \S*…?\S*( \(at herm:\d+:\d+\))?\nhint: this is a bug in herm: .*\n$/,
      ),
    });
    expect(result.stderr).not.toContain(env.HERM_API_KEY);
  });

  it("stops on a signal, with that signal's exit code", async () => {
    const { api, env } = await silentApi();
    const endings = [
      ["SIGHUP", 129],
      ["SIGINT", 130],
      ["SIGQUIT", 131],
      ["SIGTERM", 143],
    ] as const;
    for (const [at, [signal, code]] of endings.entries()) {
      const child = startHerm(waiting, { env });
      await expect.poll(() => api.seen.length).toBe(at + 1);
      child.kill(signal);
      expect(await once(child, "exit")).toEqual([code, null]);
    }
  });

  it("stops the local server on a hang-up as it does on Ctrl-C", async () => {
    for (const signal of ["SIGHUP", "SIGQUIT"] as const) {
      const { child } = await spawnServer();
      child.kill(signal);
      expect(await once(child, "exit")).toEqual([0, null]);
    }
  });

  it("opens no debugger on SIGUSR1", async () => {
    const { child } = await spawnServer();
    let stderr = "";
    child.stderr.on("data", (chunk) => {
      stderr += String(chunk);
    });
    child.kill("SIGUSR1");
    await new Promise((resolve) => setTimeout(resolve, 300));
    child.kill("SIGTERM");
    expect([await once(child, "exit"), stderr]).toEqual([[0, null], ""]);
  });
});

describe("--local", () => {
  it("shows times by its server's clock, even after the clock is moved", async () => {
    const home = temporaryFolder();
    const local = (...words: string[]) => spawnHerm(["--local", ...words], { home });
    try {
      const create = ["automations", "create", "--instructions", "x", "--schedule", "@hourly", "--name"];
      await local(...create, "often");
      await local(...create, "paused", "--paused");
      await local("automations", "trigger", "paused", "--follow");
      const owner = JSON.parse(
        readFileSync(join(home, ".local/share/herm/dev.db.server/owner.json"), "utf8"),
      );
      await fetch(`${owner.url}/_dev/clock`, {
        method: "POST",
        headers: { authorization: `Bearer ${owner.api_key}`, "content-type": "application/json" },
        body: JSON.stringify({ advance_s: 86_400 }),
      });
      await local("automations", "trigger", "paused", "--follow");
      const runs = await local("runs", "list", "paused", "--since", "5m", "-o", "name");
      expect(runs.stdout.trim().split("\n")).toEqual([expect.stringMatching(/^run_/)]);
      const upcoming = await local("automations", "upcoming", "--within", "61m", "--json");
      // In the first minute of an hour, there are two within 61 minutes.
      expect([1, 2]).toContain(JSON.parse(upcoming.stdout).length);
      const screen = openTerminal(["--local", "automations", "list"], { env: { HOME: home }, columns: 160 });
      const { lines } = await screen.ended;
      expect(lines.find((line) => line.startsWith("paused"))).toMatch(/✓ (now|\d+ s ago) /);
      expect(lines.find((line) => line.startsWith("often"))).toMatch(/in \d+ (min|s)|now/);
    } finally {
      await spawnHerm(["dev", "stop"], { home });
    }
  });

  it("starts one server for ten simultaneous commands, and stops it on request", async () => {
    const home = temporaryFolder();
    const create = (name: string) =>
      spawnHerm(
        [
          "--local",
          "automations",
          "create",
          "--name",
          name,
          "--schedule",
          "every Monday at 9am",
          "--instructions",
          "Make five.",
          "-o",
          "json",
        ],
        { home },
      );
    const created = await Promise.all(Array.from({ length: 10 }, (_, index) => create(`Weekly ${index}`)));
    try {
      expect(created.map(({ code }) => code)).toEqual(Array(10).fill(0));
      expect(created.filter(({ stderr }) => stderr.includes("local server started"))).toHaveLength(1);
      const list = await spawnHerm(["--local", "automations", "list", "--json"], { home });
      expect(JSON.parse(list.stdout)).toHaveLength(10);
    } finally {
      const stopped = await spawnHerm(["dev", "stop"], { home });
      expect(stopped.code).toBe(0);
    }
  });
});
