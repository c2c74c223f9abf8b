import { beforeEach, describe, expect, it } from "vitest";
import { temporaryFolder } from "../support/harness.js";
import { addDeployment, devCall, type RunServer, sent, startRunServer, steady } from "./run-server.js";

let herm: RunServer;

beforeEach(async () => {
  herm = await startRunServer();
});

/** Three automations, each with one run: completed, failed, waiting. */
async function threeRuns() {
  const done = await herm.trigger(await herm.create("Done", "Go."));
  const failed = await herm.trigger(await herm.create("Failed", "Go.\n@dev fail no paper"));
  const waiting = await herm.trigger(await herm.create("Waiting", "Go.\n@dev ask Publish?"));
  return { done, failed, waiting };
}

describe("runs list", () => {
  it("prints tab-separated rows in a pipe, newest first", async () => {
    await threeRuns();
    const { code, stdout, stderr } = await herm.run(["runs", "list"]);

    expect(stdout.split("\n").map((line) => steady(line).split("\t"))).toEqual(
      expect.arrayContaining([
        ["Waiting", "waiting_on_human", "manual", "TIME", "", "", "run_1"],
        ["Failed", "error", "manual", "TIME", "TIME", "no paper", "run_1"],
        ["Done", "completed", "manual", "TIME", "TIME", "", "run_1"],
        [""],
      ]),
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  });

  it("prints a table with marks, words and a total on a terminal", async () => {
    await threeRuns();
    const { stdout, stderr } = await herm.run(["runs", "list"], { tty: true, columns: 120 });

    expect(stdout).toMatch(/^NAME +STATUS +TRIGGER +AGO +TOOK +ERROR +RUN\s/);
    expect(stdout).toMatch(/Failed +✗ error +manual .+ no paper +run_\w+/);
    expect(stdout).toMatch(/Waiting +\? waiting /);
    expect(stderr).toBe("3 runs\n");
  });

  it("prints the API object as JSON, with its deployment and automation", async () => {
    const id = await herm.create("Failed", "Go.\n@dev fail no paper");
    const run = await herm.trigger(id);
    const { stdout } = await herm.run(["runs", "list", "--json"]);

    expect(JSON.parse(stdout)).toEqual([
      {
        run_id: run,
        deployment_id: "dep_local",
        automation_id: id,
        name: "Failed",
        thread_id: expect.stringMatching(/^thr_/),
        status: "error",
        trigger: "manual",
        started_at: expect.any(String),
        completed_at: expect.any(String),
        error: "no paper",
      },
    ]);
    expect((await herm.run(["runs", "list", "-o", "name"])).stdout).toBe(`${run}\n`);
    expect(JSON.parse((await herm.run(["runs", "list", "-o", "jsonl"])).stdout)).toMatchObject({
      run_id: run,
    });
  });

  it.each([
    [["--failed"], ["failed"]],
    [["--waiting"], ["waiting"]],
    [["--running"], []],
    [
      ["--failed", "--waiting"],
      ["failed", "waiting"],
    ],
    [["Done"], ["done"]],
    [["--match", "*e*", "--except", "Failed"], ["done"]],
    [
      ["--since", "1h"],
      ["done", "failed", "waiting"],
    ],
    [
      ["--since", "2020-01-01"],
      ["done", "failed", "waiting"],
    ],
    [["--completed"], ["done"]],
    [
      ["--completed", "--failed"],
      ["done", "failed"],
    ],
    [["--until", "2020-01-01T00:00:00Z"], []],
    [
      ["--since", "2h", "--until", "2120-01-01"],
      ["done", "failed", "waiting"],
    ],
  ] as const)("lists with %j %j", async (flags, expected) => {
    const runs = await threeRuns();
    const { code, stdout } = await herm.run(["runs", "list", ...flags, "-o", "name"]);

    expect(code).toBe(0);
    expect(stdout.trim().split("\n").filter(Boolean).sort()).toEqual(
      expected.map((name) => runs[name]).sort(),
    );
  });

  it("limits its list to the newest runs", async () => {
    const id = await herm.create("Done", "Go.");
    await herm.trigger(id);
    await devCall(herm.server, "clock", { advance_s: 60 });
    const newest = await herm.trigger(id);

    expect((await herm.run(["runs", "list", id, "--limit", "1", "-o", "name"])).stdout).toBe(`${newest}\n`);
  });

  it("exits with 9 under --exit-code if it lists any run", async () => {
    await threeRuns();

    expect((await herm.run(["runs", "list", "--failed", "--exit-code"])).code).toBe(9);
    expect((await herm.run(["runs", "list", "--running", "--exit-code"])).code).toBe(0);
  });

  it("explains how to start the first run, or that no run matches", async () => {
    expect((await herm.run(["runs", "list"], { tty: true })).stderr).toBe(
      "no runs yet: no automations were found\n",
    );
    const first = await herm.create("First", "Go.");
    const starts = "no runs yet; to start one: herm automations trigger\n";
    expect((await herm.run(["runs", "list"], { tty: true })).stderr).toBe(starts);
    const trigger = `herm automations trigger dep_local/${first}`;
    expect((await herm.run(["runs", "list", first], { tty: true })).stderr).toBe(
      `no runs yet; to start one: ${trigger}\n`,
    );
    expect((await herm.run(["automations", "get", first], { tty: true })).stdout).toContain(
      `none yet; to run it now: ${trigger}\n`,
    );
    expect((await herm.run(["runs", "list", "--json"])).stdout).toBe("[]\n");
    await threeRuns();
    expect((await herm.run(["runs", "list", "--running"], { tty: true })).stderr).toBe(
      "nothing to list: 3 runs, none running\n",
    );
  });

  it("lists runs of many deployments, each with its deployment", async () => {
    await threeRuns();
    const other = await addDeployment(herm.server, { name: "Acme", customer_id: "cus_acme" });
    await herm.trigger(await herm.create("Theirs", "Go.\n@dev fail x", other), other);
    const flags = ["runs", "list", "--failed", "--since", "12h", "--all-deployments"];

    expect(JSON.parse((await herm.run([...flags, "--json"])).stdout)).toMatchObject([
      { deployment_id: other, deployment_name: "Acme", customer_id: "cus_acme", name: "Theirs" },
      { deployment_id: "dep_local", name: "Failed" },
    ]);
    expect((await herm.run([...flags, "-o", "name"])).stdout).toMatch(
      new RegExp(`^${other}/run_\\w+\ndep_local/run_\\w+\n$`),
    );
    expect((await herm.run([...flags], { tty: true, columns: 140 })).stdout).toMatch(/^DEPLOYMENT .*\nAcme /);
  });

  it("shows progress across a fleet on a terminal, then removes it", async () => {
    await threeRuns();
    for (let number = 2; number <= 12; number += 1) {
      await addDeployment(herm.server, { name: `Team ${number}`, customer_id: "cus_1" });
    }
    const flags = ["runs", "list", "--failed", "--all-deployments"];
    const { stderr } = await herm.run(flags, { tty: true, columns: 140 });
    const piped = await herm.run(flags);

    expect(stderr).toMatch(/^\rReading deployments .* 0\/12\r/);
    expect(stderr).toMatch(/\r +\r1 run\n$/);
    expect(piped.stderr).toBe("");
  });

  it("omits a deployment that isn't ready, and says so", async () => {
    await threeRuns();
    await addDeployment(herm.server, { name: "New", customer_id: "cus_new", wait: false });
    const { code, stderr, stdout } = await herm.run([
      "runs",
      "list",
      "--failed",
      "--all-deployments",
      "-o",
      "name",
    ]);

    expect({ code, lines: stdout.split("\n").length }).toEqual({ code: 0, lines: 2 });
    expect(stderr).toMatch(/^warning: New \(dep_\w+\) isn't ready: skipped\n$/);
  });

  it("prints readable runs and exits with 8 if some failed", async () => {
    const { done } = await threeRuns();
    await devCall(herm.server, "faults", {
      method: "GET",
      path: "/v1/deployments/*/automations/*",
      skip: 1,
      count: null,
      action: { type: "fail", status: 500 },
    });
    const { code, stdout, stderr } = await herm.run(["runs", "list", "-o", "name"], {
      sleep: async () => undefined,
    });

    expect(code).toBe(8);
    expect(stdout.trim().split("\n")).toHaveLength(1);
    expect(stderr).toContain("error: 2 automations could not be read\n");
    expect(done).toMatch(/^run_/);
  });

  it.each([
    ["a limit of 0", ["--limit", "0"], 2],
    ["an invalid time", ["--since", "tomorrow"], 2],
    ["an invalid end", ["--until", ""], 2],
    ["a start in the future", ["--since", "2120-01-01T00:00:00Z"], 2],
    ["a start after the end", ["--since", "1h", "--until", "2h"], 2],
    ["a column that doesn't exist", ["--columns", "name,colour"], 2],
    ["an order that doesn't exist", ["--sort", "colour"], 2],
    ["--watch in a pipe", ["--watch"], 2],
    ["--watch with --exit-code", ["--watch", "--exit-code"], 2],
    ["a ref and a selection", ["Done", "--all-deployments"], 2],
    ["a deployment and --all-deployments", ["-d", "dep_local", "--all-deployments"], 2],
    ["an automation that doesn't exist", ["Dune"], 4],
    ["a customer that doesn't exist", ["--customer", "cus_none"], 4],
    ["a deployment that doesn't exist", ["-d", "dep_none"], 4],
    ["deployments that don't exist", ["-d", "dep_none", "-d", "dep_nowhere"], 4],
    ["an unknown flag", ["--faild"], 2],
  ])("rejects %s", async (_, flags, code) => {
    await herm.create("Done", "Go.");

    const refused = await herm.run(["runs", "list", ...flags]);
    expect(refused).toMatchObject({ code, stdout: "" });
    expect(refused.stderr).toMatch(/^error: /);
  });

  it("needs a valid key", async () => {
    expect((await herm.run(["runs", "list"], { key: null })).code).toBe(3);
    expect((await herm.run(["runs", "list"], { key: "wrong" })).code).toBe(3);
  });
});

describe("runs show", () => {
  it("shows everything about a run on a terminal", async () => {
    const { failed } = await threeRuns();
    const { stdout, stderr, code } = await herm.run(["runs", "show", failed], { tty: true });

    expect(stdout).toMatch(
      /^Failed\n {2}run {9}run_\w+\n {2}automation {2}auto_\w+\n {2}deployment {2}dep_local\n/,
    );
    expect(stdout).toMatch(/ {2}status {6}✗ error\n {2}error {7}no paper\n {2}trigger {5}manual\n/);
    expect(stdout).toMatch(
      /Messages\n {2}user\n {4}Go\.\n {4}@dev fail no paper\n\n {2}agent\n {4}Working on: Go\.\n$/,
    );
    expect({ stderr, code }).toEqual({ stderr: "", code: 0 });
  });

  it("prints fields and messages as lines in a pipe", async () => {
    const { failed } = await threeRuns();
    const { stdout } = await herm.run(["runs", "show", failed]);

    expect(stdout.split("\n").map((line) => steady(line).split("\t"))).toEqual([
      ["run_id", "run_1"],
      ["deployment_id", "dep_local"],
      ["automation_id", "auto_1"],
      ["name", "Failed"],
      ["thread_id", "thr_1"],
      ["status", "error"],
      ["trigger", "manual"],
      ["started_at", "TIME"],
      ["completed_at", "TIME"],
      ["error", "no paper"],
      ["message", "user", "TIME", "Go.\\n@dev fail no paper"],
      ["message", "agent", "TIME", "Working on: Go.\\n"],
      ["tool_call", "search", '{"query":"Go."}', "3 results"],
      [""],
    ]);
  });

  it("prints the run with its messages as JSON", async () => {
    const { waiting } = await threeRuns();
    const { stdout } = await herm.run(["runs", "show", waiting, "--json"]);

    expect(JSON.parse(stdout)).toMatchObject({
      run_id: waiting,
      name: "Waiting",
      status: "waiting_on_human",
      messages: [{ role: "user" }, { role: "agent" }, { role: "agent", content: "Publish?" }],
    });
  });

  it("shows an automation's newest run, or a run given with its deployment", async () => {
    const { done } = await threeRuns();

    expect((await herm.run(["runs", "show", "Done", "-o", "name"])).stdout).toBe(`${done}\n`);
    expect((await herm.run(["runs", "show", `dep_local/${done}`, "-o", "name"])).stdout).toBe(`${done}\n`);
  });

  it("needs one GET for a known run, and otherwise searches the automations", async () => {
    const { done } = await threeRuns();
    const folder = temporaryFolder();
    const gets = async () => {
      const list: { method: string; count: number }[] = JSON.parse(
        await (await devCall(herm.server, "requests")).text(),
      );
      return list.filter(({ method }) => method === "GET").reduce((sum, { count }) => sum + count, 0);
    };
    const before = await gets();
    await herm.run(["runs", "show", done, "-o", "name"], { home: folder });
    const searched = (await gets()) - before;
    await herm.run(["runs", "show", done, "-o", "name"], { home: folder });

    expect((await gets()) - before - searched).toBe(1);
    expect(searched).toBeGreaterThan(2);
  });

  it.each([
    ["a run that doesn't exist", "run_none", 4],
    ["a run of another deployment", "dep_none/run_1", 4],
    ["an automation without runs", "Idle", 4],
    ["an automation that doesn't exist", "Nobody", 4],
    ["a run's id with .. in it", "run_1/../x", 4],
  ])("rejects %s", async (_, ref, code) => {
    await herm.create("Idle", "Go.");

    expect(await herm.run(["runs", "show", ref])).toMatchObject({ code, stdout: "" });
  });

  it("requires a run in a pipe, and offers automations on a terminal", async () => {
    const { done } = await threeRuns();

    expect((await herm.run(["runs", "show"])).code).toBe(2);
    const picked = await herm.run(["runs", "show", "-o", "name"], { answers: ["Done"] });
    expect(picked).toMatchObject({ code: 0, stdout: `${done}\n` });
  });
});

describe("runs answer", () => {
  it("shows the question, sends the answer, and prints the response", async () => {
    const { waiting } = await threeRuns();
    const { code, stdout, stderr } = await herm.run(["runs", "answer", waiting, "y", "--json"]);

    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      deployment_id: "dep_local",
      run_id: waiting,
      status: "running",
    });
    expect(stderr).toBe("? Publish?\n");
    await herm.server.advance(1);
    const shown = JSON.parse((await herm.run(["runs", "show", waiting, "--json"])).stdout);
    expect(shown.status).toBe("completed");
    expect(shown.messages[3]).toMatchObject({ role: "user", content: "yes" });
  });

  it.each([
    ["y", "yes"],
    ["n", "no"],
    ["Y", "Y"],
    ["only the first two", "only the first two"],
    ["constructor", "constructor"],
    ["__proto__", "__proto__"],
  ])("sends %j as %j", async (text, content) => {
    const { waiting } = await threeRuns();
    const { stdout } = await herm.run(["runs", "answer", "Waiting", text]);
    expect(steady(stdout)).toBe("run_1\tthr_1\trunning\n");
    const { messages } = JSON.parse((await herm.run(["runs", "show", waiting, "--json"])).stdout);

    expect(messages[3].content).toBe(content);
  });

  it("follows on a terminal, and with --follow in a pipe", async () => {
    const id = await herm.create("Waiting", "Go.\n@dev ask Publish?");
    await herm.trigger(id);
    const { code, stdout } = await herm.run(["runs", "answer", "Waiting", "n"], { tty: true });

    expect(code).toBe(0);
    expect(stdout).toContain("Answered: no\n");
    expect(stdout).toContain("✓ completed");
    const again = await herm.trigger(id);
    const followed = await herm.run(["runs", "answer", again, "n", "--follow", "--json"]);
    expect(JSON.parse(followed.stdout)).toMatchObject({
      run_id: again,
      status: "completed",
      text: "Answered: no\nDone.",
    });
  });

  it("asks for the answer on a terminal", async () => {
    const { waiting } = await threeRuns();
    const { code, stdout } = await herm.run(["runs", "answer", waiting, "--no-follow"], {
      answers: ["y", true],
    });

    expect({ code, stdout: steady(stdout) }).toEqual({ code: 0, stdout: "✓ Answered Waiting  run_1\n" });
  });

  it("sends no answer to a run that isn't waiting", async () => {
    const { done } = await threeRuns();
    const running = await herm.trigger(await herm.create("Slow", "Go.\n@dev wait 60"));
    for (const ref of [done, "Done", running, "Slow"]) {
      expect(await herm.run(["runs", "answer", ref, "yes"])).toMatchObject({ code: 6, stdout: "" });
    }

    expect(await sent(herm.server, "messages")).toBe(0);
  });

  it("sends a message to a running run with --steer", async () => {
    const running = await herm.trigger(await herm.create("Slow", "Go.\n@dev wait 60"));
    const { code, stdout } = await herm.run(["runs", "answer", "Slow", "hurry", "--steer", "-o", "name"]);

    expect({ code, stdout }).toEqual({ code: 0, stdout: `${running}\n` });
    const { messages } = JSON.parse((await herm.run(["runs", "show", running, "--json"])).stdout);
    expect(messages).toEqual(
      expect.arrayContaining([expect.objectContaining({ role: "user", content: "hurry" })]),
    );
  });

  it("reports if the response is about a different run", async () => {
    const { waiting } = await threeRuns();
    await devCall(herm.server, "faults", {
      method: "POST",
      action: {
        type: "fail",
        status: 200,
        body: { run_id: "run_other", thread_id: "thr_x", status: "running" },
      },
    });
    const { code, stderr } = await herm.run(["runs", "answer", waiting, "y"]);

    expect(code).toBe(12);
    expect(stderr).toContain("run_other");
  });

  it("asks about each selected run in turn, and skips a run if the answer is empty", async () => {
    await threeRuns();
    const other = await addDeployment(herm.server, { name: "Acme", customer_id: "cus_acme" });
    await herm.trigger(await herm.create("Theirs", "Go.\n@dev ask Theirs too?", other), other);
    const { code, stdout, stderr } = await herm.run(["runs", "answer", "--all-deployments"], {
      answers: ["", "y", true],
    });

    expect(code).toBe(0);
    expect(stderr).toContain("1 of 2 Theirs · Acme · ");
    expect(stderr).toContain("? Theirs too?\n");
    expect(stderr).toContain("2 of 2 Waiting · Local · dep_local/run_");
    expect(steady(stdout)).toBe("✓ Answered Local/Waiting  run_1\n");
    expect(await sent(herm.server, "messages")).toBe(1);
  });

  it("prints the answers to several runs as a JSON array", async () => {
    const { waiting } = await threeRuns();
    const { stdout } = await herm.run(["runs", "answer", "--json"], { answers: ["y", true] });
    expect(JSON.parse(stdout)).toMatchObject([{ deployment_id: "dep_local", run_id: waiting }]);

    const none = await herm.run(["runs", "answer", "--json"], { answers: [] });
    expect(none).toMatchObject({ code: 0, stdout: "[]\n", stderr: "no run is waiting for an answer\n" });
  });

  it.each([
    ["no run when herm can't ask", [], 2],
    ["no answer when herm can't ask", ["Waiting"], 2],
    ["an empty answer", ["Waiting", " "], 2],
    ["a ref and a selection", ["Waiting", "yes", "--match", "W*"], 2],
    ["--follow with several runs", ["--follow"], 2],
    ["a run that doesn't exist", ["run_none", "yes"], 4],
  ])("rejects %s, without sending an answer", async (_, words, code) => {
    await threeRuns();

    expect(await herm.run(["runs", "answer", ...words])).toMatchObject({ code, stdout: "" });
    expect(await sent(herm.server, "messages")).toBe(0);
  });
});
