import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { addDeployment } from "../incident/fleet.js";
import { fetchFrom, herm, startServer, temporaryFolder } from "../support/harness.js";
import { useMachineZone } from "../support/machine-zone.js";

const weekly = [
  "--name",
  "Weekly videos",
  "--schedule",
  "every Monday at 9am",
  "--instructions",
  "Make five.",
];

async function createOne(server: Awaited<ReturnType<typeof startServer>>, flags: readonly string[] = weekly) {
  const created = await herm(["automations", "create", ...flags, "-d", "dep_local", "--json"], { server });
  expect(created).toMatchObject({ code: 0, stderr: expect.stringMatching(/^undo: herm undo c_\w+\n$/) });
  return JSON.parse(created.stdout);
}

describe("automations create", () => {
  useMachineZone("UTC");

  it("warns about a schedule that runs too often", async () => {
    const server = await startServer();
    const often = ["--name", "Poll", "--schedule", "*/2 * * * *", "--instructions", "Look.", "--paused"];
    const created = await herm(["automations", "create", ...often, "-d", "dep_local"], { server });
    expect(created).toMatchObject({
      code: 0,
      stderr: expect.stringContaining("720 runs a day, 2 minutes apart\n"),
    });
    const shown = await herm(["automations", "get", "Poll", "-d", "dep_local"], { server, tty: true });
    expect(shown.stdout).toMatch(/^ {2}runs +720 a day$/m);
  });

  it("creates an automation from flags, and prints the API's response", async () => {
    const server = await startServer();
    const automation = await createOne(server);
    expect(automation).toMatchObject({
      deployment_id: "dep_local",
      name: "Weekly videos",
      schedule: "0 9 * * 1",
      enabled: true,
    });
    const got = await herm(["automations", "get", automation.automation_id, "-d", "dep_local", "--json"], {
      server,
    });
    expect(JSON.parse(got.stdout)).toMatchObject({
      ...automation,
      instructions: "Make five.",
      recent_runs: [],
    });
  });

  it("prints a tab-separated row in a pipe, and the id with -o name", async () => {
    const server = await startServer();
    const row = await herm(["automations", "create", ...weekly, "-d", "dep_local"], { server });
    expect(row.stdout).toMatch(
      /^Weekly videos\t0 9 \* \* 1\tenabled\t\t\d{4}-\d\d-\d\dT09:00:00(\.000)?Z\tauto_\w+\n$/,
    );
    const name = await herm(
      ["automations", "create", ...weekly, "--allow-duplicate", "-d", "dep_local", "-o", "name"],
      { server },
    );
    expect(name.stdout).toMatch(/^auto_\w+\n$/);
  });

  it("reports the new automation and its next runs on a terminal", async () => {
    const now = new Date("2025-12-30T08:00:00Z");
    const server = await startServer({ now: () => now.getTime() });
    const create = ["automations", "create", ...weekly, "-d", "dep_local"];
    const shown = await herm(create, { server, now, tty: true });
    expect(shown.code).toBe(0);
    expect(shown.stdout).toContain("✓ Created Weekly videos  auto_");
    expect(shown.stdout).toContain("next run 5 Jan 2026 09:00 UTC · in 6 d");
  });

  it("shows a schedule only once if the server stores it in words", async () => {
    const server = await startServer();
    const flags = ["--name", "a", "--schedule", "every 2 hours", "--as-typed", "--instructions", "x"];
    const shown = await herm(["automations", "create", ...flags, "-d", "dep_local"], { server, tty: true });
    expect(shown.stdout).toContain("\n  every 2 hours\n");
  });

  it("sends the thread, the paused state and the schedule as typed", async () => {
    const server = await startServer();
    const read = async (ref: string) =>
      JSON.parse((await herm(["automations", "get", ref, "-d", "dep_local", "--json"], { server })).stdout);
    await createOne(server);
    const { thread_id } = await read("Weekly videos");
    const flags = ["--schedule", "every 2 hours", "--as-typed", "--thread", thread_id, "--paused"];
    const automation = await createOne(server, ["--name", "a", "--instructions", "x", ...flags]);
    expect(automation).toMatchObject({ enabled: false, next_run_at: null });
    expect(await read("a")).toMatchObject({ thread_id });
  });

  it("reads the instructions from stdin, and leaves them unchanged", async () => {
    const server = await startServer();
    const flags = [
      "automations",
      "create",
      "--name",
      "a",
      "--schedule",
      "@daily",
      "--instructions-file",
      "-",
      "-d",
      "dep_local",
      "--json",
    ];
    const created = await herm(flags, { server, stdin: "  one\n\ttwo \n" });
    const got = await herm(["automations", "get", "a", "-d", "dep_local", "--json"], { server });
    expect(created.code).toBe(0);
    expect(JSON.parse(got.stdout).instructions).toBe("  one\n\ttwo \n");
  });

  it("asks for all fields if there are no flags, and prints the equivalent command", async () => {
    const server = await startServer();
    const shown = await herm(["automations", "create", "--json"], {
      server,
      answers: ["Local", "It's weekly", "every day at 9am", "Do it.\nTwice.", "paused", false],
    });
    expect(shown.code).toBe(0);
    const { automation_id, ...made } = JSON.parse(shown.stdout);
    expect(made).toMatchObject({ name: "It's weekly", schedule: "0 9 * * *", enabled: false });
    expect(shown.stderr).toContain("\n  name         It's weekly\n");
    expect(shown.stderr).toContain("  cron         0 9 * * *\n  instructions\n    Do it.\n    Twice.\n");
    const line = /^the same in one line:\s+(herm .*)$/m.exec(shown.stderr)?.[1] ?? "";
    const words = execFileSync("sh", ["-c", `herm() { printf '%s\\0' "$@"; }; ${line}`]).toString();
    const again = await herm([...words.split("\0").slice(0, -1), "--allow-duplicate", "--json"], { server });
    const {
      automation_id: _id,
      created_at: _at,
      updated_at: _changed,
      thread_id: _thread,
      ...same
    } = JSON.parse(again.stdout);
    expect(made).toMatchObject(same);
  });

  it("asks only for missing fields, and lets the user reject the summary", async () => {
    const server = await startServer();
    const flags = ["automations", "create", "--name", "a", "--schedule", "@daily", "-d", "dep_local"];
    const asked = await herm([...flags, "--json"], { server, answers: ["Do it."] });
    expect(JSON.parse(asked.stdout)).toMatchObject({ name: "a" });
    const declined = await herm(["automations", "create", "-d", "dep_local"], {
      server,
      answers: ["b", "@daily", "x", "no"],
    });
    expect(declined).toMatchObject({
      code: 1,
      stdout: "",
      stderr: expect.stringMatching(
        /to create it:\s+herm automations create --name b --schedule '0 0 \* \* \*' --instructions x -d dep_local\nnothing changed\n$/,
      ),
    });
    const list = await herm(["automations", "list", "-d", "dep_local", "-o", "name"], { server });
    expect(list.stdout.trim().split("\n")).toHaveLength(1);
  });

  it("asks once about an existing name, immediately, with its deployment", async () => {
    const server = await startServer();
    const { automation_id } = await createOne(server);
    await addDeployment(server, { name: "Acme", customer: "cus_acme" });
    const create = ["automations", "create"];
    const no = await herm(create, { server, answers: ["Local", "Weekly videos", false], columns: 200 });
    expect(no).toMatchObject({
      code: 1,
      stdout: "",
      stderr: "to continue: herm automations create -d dep_local --name 'Weekly videos'\nnothing changed\n",
    });
    const unanswered = await herm(create, { server, answers: ["Local", "Weekly videos"], columns: 200 });
    expect(unanswered.stderr).toContain(
      `There is already an automation named "Local/Weekly videos" (${automation_id}). Create another?`,
    );
    const answers = ["Local", "Weekly videos", true, "@daily", "Do it.", "yes", false];
    expect((await herm(create, { server, answers })).code).toBe(0);
  });

  it("shows the first lines of a long text, once", async () => {
    const server = await startServer();
    const text = Array.from({ length: 200 }, (_, line) => `line ${line + 1}`).join("\n");
    const words = ["automations", "create", "-d", "dep_local"];
    const { code, stderr } = await herm(words, { server, answers: ["a", "@daily", text, "yes", false] });
    expect(code).toBe(0);
    expect(stderr).toContain("  instructions\n    line 1\n    line 2\n    line 3\n    … 197 more\n\n");
    expect(stderr).not.toContain("line 4");
    const five = text.split("\n", 5).join("\n");
    const whole = await herm(words, { server, answers: ["b", "@daily", five, "yes"] });
    expect(whole.stderr).toContain("    line 4\n    line 5\n\n");
    expect(whole.stderr).toContain("the same in one line:");
  });

  it("previews a schedule in plain text on a coloured terminal", async () => {
    const server = await startServer();
    const { code } = await herm(
      ["automations", "create", "--name", "W", "--instructions", "x", "-d", "dep_local"],
      {
        server,
        answers: ["every day at 9am", true],
        env: { NO_COLOR: "", FORCE_COLOR: "1" },
      },
    );
    expect(code).toBe(0);
  });

  it("rejects an existing name, and shows its id", async () => {
    const server = await startServer();
    const { automation_id } = await createOne(server);
    const again = await herm(["automations", "create", ...weekly, "-d", "dep_local"], { server });
    expect(again).toMatchObject({ code: 6, stdout: "" });
    expect(again.stderr).toContain(`there is already an automation named "Weekly videos": ${automation_id}`);
    const declined = await herm(["automations", "create", ...weekly, "-d", "dep_local"], {
      server,
      answers: [false],
    });
    expect(declined).toMatchObject({ code: 1, stderr: expect.stringContaining("nothing changed") });
    const list = JSON.parse(
      (await herm(["automations", "list", "-d", "dep_local", "--json"], { server })).stdout,
    );
    expect(list).toHaveLength(1);
  });

  const mib = 1024 * 1024;
  it.each<[string, string, string | Buffer, string]>([
    ["a large file", "large.md", "x".repeat(mib + 1), "the text from large.md is larger than 1 MiB"],
    ["a large text on stdin", "-", "x".repeat(mib + 1), "the text from stdin is larger than 1 MiB"],
    ["an endless file", "/dev/zero", "", "the text from /dev/zero is larger than 1 MiB"],
    ["a file that isn't text", "bytes.md", Buffer.from([0x80]), "the text from bytes.md is not UTF-8"],
    ["a folder", ".", "", "can't read the instructions from .: can't be read (EISDIR)"],
  ])("rejects instructions from %s before any request", async (_what, source, content, message) => {
    const home = temporaryFolder();
    if (source.endsWith(".md")) writeFileSync(join(home, source), content);
    const flags = ["--name", "a", "--schedule", "@daily", "--instructions-file", source];
    const refused = await herm(["automations", "create", ...flags], { home, stdin: String(content) });
    expect(refused).toEqual({ code: 2, stdout: "", stderr: `error: ${message}\n` });
  });

  it("accepts instructions up to 1 MiB, minus the size of the other fields", async () => {
    const server = await startServer();
    const flags = ["-d", "dep_local", "--name", "a", "--schedule", "@daily", "--instructions-file", "-"];
    const stdin = "x".repeat(mib - 1024);
    const { code, stdout } = await herm(["automations", "create", ...flags, "--json"], { server, stdin });
    expect({ code, id: JSON.parse(stdout).automation_id }).toEqual({
      code: 0,
      id: expect.stringMatching(/^auto_/),
    });
  });

  it.each([
    [["create"], "missing: --name, --schedule, --instructions"],
    [["create", "--name", "a", "--schedule", "@daily"], "missing: --instructions"],
    [["create", "--name", "", "--schedule", "@daily", "--instructions", "x"], "--name is empty"],
    [["create", "--name", "a", "--schedule", "banana", "--instructions", "x"], 'schedule "banana"'],
    [["create", "--name", "a", "--schedule", "61 * * * *", "--instructions", "x"], 'schedule "61 * * * *"'],
    [["create", "--name", "a", "--schedule", "@daily", "--instructions", " "], "the instructions are empty"],
    [
      ["create", "--name", "a", "--schedule", "@daily", "--instructions-file", "gone.md"],
      "can't read the instructions from gone.md",
    ],
    [["create", "--name", "a", "--tz", "local", "--instructions", "x"], "--tz needs --schedule"],
    [
      ["create", "--name", "a", "--schedule", "@daily", "--tz", "local", "--as-typed", "--instructions", "x"],
      "--tz and --as-typed can't be used together",
    ],
    [["create", "--nam", "a"], "unknown flag --nam"],
    [["lst"], 'unknown command "lst"'],
    [["list", "--limit", "0"], "--limit must be a whole number, 1 or more"],
    [["list", "--enabled", "--paused"], "--enabled and --paused can't be used together"],
    [["list", "--all-deployments", "-d", "dep_local"], "-d and --all-deployments can't be used together"],
    [["list", "--columns", "name,nonsense"], 'there is no column "nonsense"'],
    [["update", "auto_1"], "nothing to change"],
    [["get"], "no automation given"],
    [["pause"], "no automation given"],
    [["delete", "--all"], "deleting a selection needs --yes when herm can't ask"],
    [["get", "../x"], 'no automation named "../x"'],
  ])("rejects %j before any request", async (words, message) => {
    const server = await startServer();
    const refused = await herm(["automations", ...words], { server, env: { HERM_DEPLOYMENT: "dep_local" } });
    expect(refused.stderr).toContain(message);
    expect(refused).toMatchObject({ code: words[1] === "../x" ? 4 : 2, stdout: "" });
  });
});

describe("automations list", () => {
  it("prints rows in a pipe, a table on a terminal, JSON objects, or ids", async () => {
    const server = await startServer();
    const { automation_id } = await createOne(server);
    const list = ["automations", "list", "-d", "dep_local"];
    expect((await herm(list, { server })).stdout).toMatch(
      /^Weekly videos\t0 9 \* \* 1\tenabled\t\t\S+Z\tauto_\w+\n$/,
    );
    expect((await herm([...list, "-o", "name"], { server })).stdout).toBe(`${automation_id}\n`);
    const [item] = JSON.parse((await herm([...list, "-o", "json"], { server })).stdout);
    expect(item).toMatchObject({
      automation_id,
      deployment_id: "dep_local",
      name: "Weekly videos",
      last_run_at: null,
    });
    const screen = await herm(list, { server, tty: true, columns: 120 });
    expect(screen.stdout.split("\n")[0]).toMatch(/^NAME +SCHEDULE \(UTC\) +STATUS +NEXT +ID$/);
    expect(screen.stdout).toContain("◉ enabled");
    expect(screen.stderr).toBe("1 automation\n");
  });

  it("explains how to create the first automation", async () => {
    const server = await startServer();
    const empty = await herm(["automations", "list", "-d", "dep_local"], { server, tty: true });
    expect(empty).toMatchObject({ code: 0, stdout: "" });
    expect(empty.stderr).toContain("no automations yet. To create the first:\n  herm automations create");
    const there = ["automations", "list", "-d", "dep_local", "--api-url", "http://127.0.0.1"];
    expect((await herm(there, { server, tty: true })).stderr).toContain(
      "\n  herm --api-url http://127.0.0.1 automations create",
    );
    expect((await herm(["automations", "list", "-d", "dep_local", "--json"], { server })).stdout).toBe(
      "[]\n",
    );
  });

  it("filters first, then sorts, then limits", async () => {
    const server = await startServer();
    for (const name of ["c", "a", "b"])
      await createOne(server, ["--name", name, "--schedule", "@daily", "--instructions", "x"]);
    await herm(["automations", "pause", "b", "-d", "dep_local"], { server });
    const names = async (...flags: string[]) => {
      const { stdout } = await herm(
        ["automations", "list", "-d", "dep_local", "--columns", "name", ...flags],
        { server },
      );
      return stdout.trim().split("\n");
    };
    expect(await names("--sort", "name")).toEqual(["a", "b", "c"]);
    expect(await names("--sort", "name", "--enabled", "--limit", "1")).toEqual(["a"]);
    expect(await names("--paused")).toEqual(["b"]);
    expect(await names("--match", "[ab]")).toEqual([""]);
    expect(await names("--match", "?", "--except", "a", "--sort", "name")).toEqual(["b", "c"]);
  });

  it("reads 250 automations page by page", async () => {
    const server = await startServer();
    for (let count = 0; count < 250; count += 1) {
      const body = JSON.stringify({ name: `a${count}`, schedule: "0 0 * * *", instructions: "x" });
      const headers = { authorization: `Bearer ${server.apiKey}`, "content-type": "application/json" };
      const url = "http://127.0.0.1/v1/deployments/dep_local/automations";
      await server.fetch(new Request(url, { method: "POST", headers, body }));
    }
    const { stdout } = await herm(["automations", "list", "-d", "dep_local", "-o", "name"], { server });
    expect(new Set(stdout.trim().split("\n")).size).toBe(250);
  });

  it("exits with 9 under --exit-code if it lists any automation", async () => {
    const server = await startServer();
    const list = ["automations", "list", "-d", "dep_local", "--exit-code"];
    expect((await herm(list, { server })).code).toBe(0);
    await createOne(server);
    expect(await herm(list, { server })).toMatchObject({ code: 9, stderr: "" });
  });
});

describe("automations update, pause, resume and delete", () => {
  it("send only changed fields", async () => {
    const server = await startServer();
    const { automation_id } = await createOne(server);
    const seen: string[] = [];
    const fetch: ReturnType<typeof fetchFrom> = (url, init) => {
      if (init.method === "PATCH") seen.push(init.body ?? "");
      return fetchFrom(server)(url, init);
    };
    const update = ["automations", "update", automation_id, "-d", "dep_local", "--name", "Weekly videos"];
    await herm([...update, "--schedule", "0 9 * * MON"], { server, fetch });
    expect(seen).toEqual([]);
    const changed = await herm([...update, "--schedule", "every weekday at 18:30", "--json"], {
      server,
      fetch,
    });
    expect(seen).toEqual(['{"schedule":"30 18 * * 1-5"}']);
    expect(JSON.parse(changed.stdout)).toMatchObject({
      automation_id,
      schedule: "30 18 * * 1-5",
      deployment_id: "dep_local",
    });
  });

  it("pause and resume by name, and print a command to undo the change", async () => {
    const server = await startServer();
    const { automation_id } = await createOne(server);
    const paused = await herm(["automations", "pause", "Weekly videos", "-d", "dep_local", "--json"], {
      server,
    });
    expect(JSON.parse(paused.stdout)).toMatchObject({ automation_id, enabled: false, next_run_at: null });
    expect(paused.stderr).toMatch(/^undo: herm undo c_\w{6}\n$/);
    const again = await herm(["automations", "pause", "Weekly videos", "-d", "dep_local"], {
      server,
      tty: true,
    });
    expect(again.stdout).toContain("Already paused:");
    const resumed = await herm(["automations", "resume", `dep_local/${automation_id}`, "--json"], { server });
    expect(JSON.parse(resumed.stdout)).toMatchObject({ enabled: true });
  });

  it("resolve several references before any change", async () => {
    const server = await startServer();
    for (const name of ["a", "b"])
      await createOne(server, ["--name", name, "--schedule", "@daily", "--instructions", "x"]);
    const missing = await herm(["automations", "pause", "a", "c", "-d", "dep_local"], { server });
    expect(missing).toMatchObject({ code: 4, stdout: "" });
    const enabled = await herm(["automations", "list", "-d", "dep_local", "--enabled", "-o", "name"], {
      server,
    });
    expect(enabled.stdout.trim().split("\n")).toHaveLength(2);
    await herm(["automations", "pause", "b", "-d", "dep_local"], { server });
    const both = await herm(["automations", "pause", "a", "b", "-d", "dep_local", "--json"], { server });
    const rows: { automation_id: string; result: string }[] = JSON.parse(both.stdout);
    expect(rows.map(({ result }) => result)).toEqual(["paused", "unchanged"]);
    expect(both.stderr).toMatch(/^1 paused · 1 already paused\nundo: herm undo c_\w{6}\n$/);
  });

  it("delete after asking, or with --yes", async () => {
    const server = await startServer();
    const { automation_id } = await createOne(server);
    const declined = await herm(["automations", "delete", "Weekly videos", "-d", "dep_local"], {
      server,
      answers: [false],
    });
    expect(declined).toMatchObject({ code: 1, stdout: "" });
    const deleted = await herm(
      ["automations", "delete", "Weekly videos", "-d", "dep_local", "--yes", "--json"],
      { server },
    );
    expect(JSON.parse(deleted.stdout)).toEqual({ deployment_id: "dep_local", automation_id, deleted: true });
    const gone = await herm(["automations", "get", automation_id, "-d", "dep_local"], { server });
    expect(gone).toMatchObject({ code: 4, stdout: "" });
  });

  it("reject an ambiguous name, and show the ids", async () => {
    const server = await startServer();
    const first = await createOne(server);
    const second = await createOne(server, [...weekly, "--allow-duplicate"]);
    const refused = await herm(["automations", "pause", "Weekly videos", "-d", "dep_local"], { server });
    expect(refused.code).toBe(6);
    expect(refused.stderr).toContain(first.automation_id);
    expect(refused.stderr).toContain(second.automation_id);
  });

  it("ask for --yes in a pipe only once the automation is found", async () => {
    const server = await startServer();
    const run = (ref: string) => herm(["automations", "delete", ref, "-d", "dep_local"], { server });
    const { automation_id } = await createOne(server);
    const needsYes = expect.stringContaining("delete needs --yes when herm can't ask");
    expect(await run(automation_id)).toMatchObject({ code: 2, stdout: "", stderr: needsYes });
    expect(await run("Weekly")).toMatchObject({ code: 4, stdout: "" });
    await createOne(server, [...weekly, "--allow-duplicate"]);
    expect(await run("Weekly videos")).toMatchObject({
      code: 6,
      stderr: expect.stringContaining(automation_id),
    });
  });

  it("suggest similar names for an unknown name", async () => {
    const server = await startServer();
    await createOne(server);
    const refused = await herm(["automations", "get", "Weekly video", "-d", "dep_local"], { server });
    expect(refused).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('did you mean "Weekly videos"?'),
    });
  });
});

describe("a failure before the API responds", () => {
  it("explains, if the key is missing, both ways to provide one", async () => {
    const refused = await herm(["automations", "list", "-d", "dep_local"], {
      key: null,
      env: { HERM_API_URL: "" },
    });
    expect(refused).toMatchObject({ code: 3, stdout: "" });
    expect(refused.stderr).toContain("herm auth login");
    expect(refused.stderr).toContain("--local");
  });

  it("exits with 3 for a wrong key, 4 for a wrong deployment, otherwise 7", async () => {
    const server = await startServer();
    const list = ["automations", "list", "-d", "dep_local"];
    expect((await herm(list, { server, key: "wrong-key-0123456789" })).code).toBe(3);
    expect((await herm(["automations", "list", "-d", "dep_gone"], { server })).code).toBe(4);
    expect((await herm(list, { key: "some-key-0123456789" })).code).toBe(7);
    const html = await herm(list, {
      key: "some-key-0123456789",
      fetch: async () => new Response("<html>hi</html>", { headers: { "content-type": "text/html" } }),
    });
    expect(html.code).toBe(7);
    expect(html.stderr).toContain("hint:");
  });

  it("is the last line of stderr, as JSON if requested", async () => {
    const server = await startServer();
    const refused = await herm(["automations", "get", "auto_gone", "-d", "dep_local", "--json"], { server });
    const line = JSON.parse(refused.stderr.trim().split("\n").at(-1) ?? "");
    expect(line).toMatchObject({ error: { code: "not_found", status: 404, message: expect.any(String) } });
    const usage = await herm(["automations", "list", "--limit", "0", "--json"], { server });
    expect(JSON.parse(usage.stderr)).toMatchObject({ error: { code: "usage" } });
  });

  it("prevents every start while HERM_FREEZE is set", async () => {
    const server = await startServer();
    const env = { HERM_FREEZE: "INC-7: talk to #ops" };
    for (const words of [
      ["create", ...weekly],
      ["resume", "x"],
    ]) {
      const refused = await herm(["automations", ...words, "-d", "dep_local"], { server, env });
      expect(refused).toMatchObject({
        code: 6,
        stdout: "",
        stderr: expect.stringContaining("INC-7: talk to #ops"),
      });
    }
  });
});

describe("deployments list and deployments use", () => {
  it("list deployments, and save the default one", async () => {
    const server = await startServer();
    const home = temporaryFolder();
    const list = await herm(["deployments", "list", "-o", "name"], { server });
    expect(list.stdout).toBe("dep_local\n");
    const used = await herm(["deployments", "use", "dep_local"], { server, home });
    expect(used).toMatchObject({ code: 0, stdout: "dep_local\n" });
    const kept = await herm(["automations", "list", "--json"], { server, home });
    expect(kept).toMatchObject({ code: 0, stdout: "[]\n" });
    const wrong = await herm(["deployments", "use", "dep_gone"], { server, home });
    expect(wrong.code).toBe(4);
  });

  it("let the user choose on a terminal, and list the choices in a pipe", async () => {
    const server = await startServer();
    const refused = await herm(["automations", "list"], { server });
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining("dep_local") });
    const asked = await herm(["automations", "list", "--json"], { server, answers: ["Local", false] });
    expect(asked).toMatchObject({ code: 0, stdout: "[]\n" });
  });
});
