import { describe, expect, it } from "vitest";
import { fetchFrom, temporaryFolder } from "../support/harness.js";
import { sent, startRunServer, steady, Watched } from "./run-server.js";

describe("automations trigger", () => {
  it.each([
    [
      "json",
      /^\{\n {2}"automation_id": "auto_\w+",\n {2}"deployment_id": "dep_local",\n {2}"run_id": "run_\w+"\n\}\n$/,
    ],
    ["jsonl", /^\{"automation_id":"auto_\w+","deployment_id":"dep_local","run_id":"run_\w+"\}\n$/],
    ["name", /^run_\w+\n$/],
    ["table", /^run_\w+\tauto_\w+\tdep_local\n$/],
  ])("starts a run without following it in a pipe, and prints %s", async (format, expected) => {
    const { run, create } = await startRunServer();
    await create("Weekly", "Make five.");
    const { code, stdout } = await run(["automations", "trigger", "Weekly", "-o", format]);

    expect(code).toBe(0);
    expect(stdout).toMatch(expected);
  });

  it("follows the run in a pipe with --follow: plain lines, empty stderr", async () => {
    const { run, create } = await startRunServer();
    await create("Weekly", "Make five\nvariations.");
    const { code, stdout, stderr } = await run(["automations", "trigger", "Weekly", "--follow"]);

    expect(steady(stdout)).toBe(
      [
        "Working on: Make five",
        "variations.",
        '→ search {"query":"Make five\\nvariations."}',
        "← search 3 results",
        "Done.",
        "✓ completed in TOOK · 1 tool call · herm runs show dep_local/run_1",
        "",
      ].join("\n"),
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  });

  it("follows by default on a terminal, but not with --no-follow", async () => {
    const { run, create } = await startRunServer();
    await create("Weekly", "Make five.");
    const followed = await run(["automations", "trigger", "Weekly"], { tty: true });
    expect(followed.code).toBe(0);
    expect(followed.stdout).toContain("✓ completed in");

    const { code, stdout, stderr } = await run(["automations", "trigger", "Weekly", "--no-follow"], {
      tty: true,
    });
    expect(code).toBe(0);
    expect(steady(stdout)).toBe("✓ Started Weekly  run_1\n");
    expect(steady(stderr)).toBe("hint: to follow it: herm runs watch dep_local/run_1\n");
  });

  it.each([
    [0, 79],
    [24, 23],
  ])("wraps at the terminal's current width, %i columns, at %i", async (columns, longest) => {
    const { run, create } = await startRunServer();
    await create("Weekly", "a ".repeat(120));
    const stdout = Object.assign(new Watched(), { columns });
    await run(["automations", "trigger", "Weekly"], { tty: true, stdout });
    const rows = stdout.text.split("\n").filter((row) => /^(Working on: )?a( a)*$/.test(row));

    expect(Math.max(...rows.map((row) => row.length))).toBe(longest);
  });

  it("prints one object at the end with --follow and json", async () => {
    const { run, create } = await startRunServer();
    const id = await create("Weekly", "Make five.");
    const { code, stdout } = await run(["automations", "trigger", "Weekly", "--follow", "--json"]);

    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      automation_id: id,
      deployment_id: "dep_local",
      run_id: expect.stringMatching(/^run_\w+$/),
      status: "completed",
      text: "Working on: Make five.\nDone.",
      tool_calls: [{ tool: "search", arguments: { query: "Make five." }, result: "3 results" }],
      steering_requests: [],
    });
  });

  it("prints each event unchanged with --follow and jsonl", async () => {
    const { run, create } = await startRunServer();
    await create("Weekly", "Go.");
    const { stdout } = await run(["automations", "trigger", "Weekly", "--follow", "-o", "jsonl"]);
    const events: { event: string; id: string; data: Record<string, unknown> }[] = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));

    expect(events.map(({ event }) => event)).toEqual([
      "run_status",
      "token",
      "token",
      "token",
      "tool_call",
      "tool_result",
      "token",
      "run_status",
    ]);
    expect(events.every(({ id }) => /^evt_\w+$/.test(id))).toBe(true);
    expect(new Set(events.map(({ data }) => data.run_id)).size).toBe(1);
    expect(events.at(-1)?.data).toMatchObject({ status: "completed" });
  });

  it("prints the run's id with --follow and name", async () => {
    const { run, create } = await startRunServer();
    await create("Weekly", "Go.");

    expect((await run(["automations", "trigger", "Weekly", "--follow", "-o", "name"])).stdout).toMatch(
      /^run_\w+\n$/,
    );
  });

  it("exits with 10 if the run fails", async () => {
    const { run, create } = await startRunServer();
    await create("Weekly", "Go.\n@dev fail out of paper");
    const { code, stdout, stderr } = await run(["automations", "trigger", "Weekly", "--follow"]);

    expect(code).toBe(10);
    expect(steady(stdout)).toMatch(
      /✗ failed: out of paper after TOOK · 1 tool call · herm runs show dep_local\/run_1\n$/,
    );
    expect(steady(stderr)).toBe(
      'error: run_1 of "Weekly" failed: out of paper\nhint: to see all of it: herm runs show dep_local/run_1\n',
    );
  });

  it("explains a failure once on a terminal, and says how to see the explanation again", async () => {
    const { run, create } = await startRunServer();
    await create("Weekly", "Go.\n@dev fail out of paper");
    const { code, stdout, stderr } = await run(["automations", "trigger", "Weekly", "--follow"], {
      tty: true,
    });

    expect(code).toBe(10);
    expect(`${stdout}${stderr}`.match(/out of paper/g)).toHaveLength(1);
    expect(stdout).toContain("herm runs show dep_local/");
    expect(steady(stderr)).toBe('error: run_1 of "Weekly" failed\n');
  });

  it("exits with 11 for a waiting run in a pipe, with a hint to answer it", async () => {
    const { run, create } = await startRunServer();
    await create("Weekly", "Go.\n@dev ask Publish all five?");
    const { code, stdout, stderr } = await run(["automations", "trigger", "Weekly", "--follow"]);

    expect(code).toBe(11);
    expect(stdout).toContain("? Publish all five?\n");
    expect(stderr).toContain("is waiting for an answer: Publish all five?\n");
    const command = /hint: herm (.+)\n/.exec(stderr)?.[1]?.split(" ") ?? [];
    const answered = await run([...command, "--follow"]);
    expect(answered.stdout).toContain("Answered: yes\n");
    expect(answered.code).toBe(0);
  });

  it("prints the question in JSON, on stdout and as an error", async () => {
    const { run, create } = await startRunServer();
    await create("Weekly", "Go.\n@dev ask Publish all five?");
    const { code, stdout, stderr } = await run(["automations", "trigger", "Weekly", "--follow", "--json"]);

    expect(code).toBe(11);
    expect(JSON.parse(stdout)).toMatchObject({
      status: "waiting_on_human",
      steering_requests: [{ summary: "Publish all five?" }],
    });
    expect(JSON.parse(stderr)).toMatchObject({
      error: { code: "run_waits", hint: expect.stringMatching(/^herm runs answer dep_local\/run_\w+ yes$/) },
    });
  });

  it("asks the question on a terminal, and continues with the answer", async () => {
    const { run, create, server } = await startRunServer();
    await create("Weekly", "Go.\n@dev ask Publish all five?\n@dev ask Sure?");
    const { code, stdout } = await run(["automations", "trigger", "Weekly"], { answers: ["y", "only two"] });

    expect(code).toBe(0);
    for (const text of [
      "? Publish all five?",
      "Answered: yes",
      "? Sure?",
      "Answered: only two",
      "✓ completed",
    ]) {
      expect(stdout).toContain(text);
    }
    expect(await sent(server, "messages")).toBe(2);
  });

  it("shows the question on stderr if the run isn't shown", async () => {
    const { run, create } = await startRunServer();
    await create("Weekly", "Go.\n@dev ask Publish all five?");
    const { code, stdout, stderr } = await run(["automations", "trigger", "Weekly", "--follow", "--json"], {
      answers: ["y"],
    });

    expect({ code, stderr }).toEqual({ code: 0, stderr: "? Publish all five?\n" });
    expect(JSON.parse(stdout)).toMatchObject({
      status: "completed",
      text: "Working on: Go.\nAnswered: yes\nDone.",
      steering_requests: [{ summary: "Publish all five?" }],
    });
  });

  it("includes the target's flags in suggested commands", async () => {
    const { run, create } = await startRunServer();
    await create("Weekly", "Go.");
    const { stderr } = await run(["automations", "trigger", "Weekly", "--api-url", "http://127.0.0.1"], {});

    expect(stderr).toMatch(
      /^hint: to follow it: herm --api-url http:\/\/127\.0\.0\.1 runs watch dep_local\/run_\w+\n$/,
    );
  });

  it("saves the run in the data folder, readable only by its owner", async () => {
    const { run, create } = await startRunServer();
    await create("Weekly", "Go.");
    const home = temporaryFolder();
    const { stdout } = await run(["automations", "trigger", "Weekly", "-o", "name"], { home });
    const shown = await run(["runs", "show", stdout.trim(), "-o", "name"], {
      home,
      env: { HERM_DEPLOYMENT: "dep_none" },
    });

    expect(shown).toEqual({ code: 0, stdout, stderr: "" });
  });

  it("starts no run during a freeze", async () => {
    const { run, create, server } = await startRunServer();
    await create("Weekly", "Go.");
    const { code, stderr } = await run(["automations", "trigger", "Weekly"], {
      env: { HERM_FREEZE: "incident 12" },
    });

    expect(code).toBe(6);
    expect(stderr).toContain("incident 12");
    expect(await sent(server, "trigger")).toBe(0);
  });

  it.each([
    ["an automation that doesn't exist", ["auto_none"], 4],
    ["a name that doesn't exist", ["Wekly"], 4],
    ["no ref when herm can't ask", [], 2],
    ["an invalid timeout", ["Weekly", "--follow-timeout", "soon"], 2],
    ["a timeout of 0", ["Weekly", "--follow-timeout", "0s"], 2],
    ["an id with .. in it", ["dep_local/auto_x/../y"], 4],
  ])("rejects %s, without starting a run", async (_, words, code) => {
    const { run, create, server } = await startRunServer();
    await create("Weekly", "Go.");
    const result = await run(["automations", "trigger", ...words]);

    expect(result).toMatchObject({ code, stdout: "" });
    expect(await sent(server, "trigger")).toBe(0);
  });

  it("starts no run if the stream can't be opened", async () => {
    const { run, create, server } = await startRunServer();
    await create("Weekly", "Go.");
    const transport = fetchFrom(server);
    const { code } = await run(["automations", "trigger", "Weekly", "--follow"], {
      fetch: async (url, init) => {
        if (url.includes("/events")) throw Object.assign(new Error("refused"), { code: "ECONNREFUSED" });
        return transport(url, init);
      },
      sleep: async () => undefined,
    });

    expect(code).toBe(7);
    expect(await sent(server, "trigger")).toBe(0);
  });

  it.each([
    ["took effect: it is found, and sent only once", true, 0, 1],
    ["had no effect: herm says how to check", false, 12, 0],
  ])("checks a trigger with a lost response, which %s", async (_title, isCommitted, exitCode, arrived) => {
    const { run, create, server } = await startRunServer();
    await create("Weekly", "Go.");
    const transport = fetchFrom(server);
    let sends = 0;
    const { code, stderr, stdout } = await run(["automations", "trigger", "Weekly", "-o", "name"], {
      fetch: async (url, init) => {
        if (!url.endsWith("/trigger")) return transport(url, init);
        sends += 1;
        if (isCommitted) await transport(url, init);
        throw Object.assign(new Error("reset"), { code: "ECONNRESET" });
      },
      sleep: async () => undefined,
    });

    expect({ code, sends, arrived: await sent(server, "trigger") }).toEqual({
      code: exitCode,
      sends: 1,
      arrived,
    });
    if (isCommitted) expect(stdout).toMatch(/^run_\w+\n$/);
    else expect(stderr).toContain("herm runs list dep_local/auto_");
  });
});
