import { beforeEach, describe, expect, it } from "vitest";
import { InterruptedError } from "../../src/errors/cli-errors.js";
import { fetchFrom, temporaryFolder } from "../support/harness.js";
import { addDeployment, devCall, type RunServer, sent, startRunServer, steady } from "./run-server.js";

let herm: RunServer;

beforeEach(async () => {
  herm = await startRunServer();
});

async function asking(name: string, question: string, deployment?: string) {
  return herm.trigger(await herm.create(name, `Go.\n@dev ask ${question}`, deployment), deployment);
}

/** Two runs that ask the same question, and one in another deployment that asks a different one. */
async function threeAsking() {
  const other = await addDeployment(herm.server, { name: "Acme", customer_id: "cus_acme" });
  const one = await asking("One", "Publish?");
  const two = await asking("Two", "Publish?");
  const theirs = await asking("Theirs", "Delete all?", other);
  return { other, one, two, theirs };
}

async function statusOf(run: string): Promise<string> {
  await herm.server.advance(1);
  return JSON.parse((await herm.run(["runs", "show", run, "--json"])).stdout).status;
}

/** Calls `meanwhile` right before the first request that `fits`, or the one with that number. */
function inBetween(
  fits: (method: string, path: string) => boolean,
  meanwhile: () => Promise<unknown>,
  number = 1,
) {
  let fitting = 0;
  const through = fetchFrom(herm.server);
  return async (...[url, init]: Parameters<typeof through>) => {
    if (fits(init.method, new URL(url).pathname)) {
      fitting += 1;
      if (fitting === number) await meanwhile();
    }
    return through(url, init);
  };
}

describe("runs answer --text", () => {
  it("shows each question with its runs, asks once, and answers all", async () => {
    const { one, other, theirs } = await threeAsking();
    const { code, stdout, stderr } = await herm.run(["runs", "answer", "--text", "y", "--all-deployments"], {
      answers: [true],
    });

    expect(code).toBe(0);
    expect(stderr).toContain(
      "? Publish?\n  2 runs · Local/Two · Local/One\n? Delete all?\n  1 run · Acme/Theirs\n",
    );
    expect(stdout).toBe("3 answered\n");
    expect(await statusOf(one)).toBe("completed");
    expect(await statusOf(`${other}/${theirs}`)).toBe("completed");
    expect(await sent(herm.server, "messages")).toBe(3);
  });

  it("is recorded in the history with each answered run", async () => {
    const id = await herm.create("One", "Go.\n@dev ask Publish?");
    for (const _ of [1, 2]) await herm.trigger(id);
    const home = temporaryFolder();
    await herm.run(["runs", "answer", "--text", "y", "--yes"], { home });
    const change = (await herm.run(["history", "-o", "name"], { home })).stdout.trim();
    const { stdout } = await herm.run(["history", change], { home, tty: true });
    expect(stdout.match(/✓ answered One$/gm)).toHaveLength(2);
  });

  it("sends no answer after a no", async () => {
    await threeAsking();
    const { code, stdout } = await herm.run(["runs", "answer", "--text", "y"], { answers: [false] });

    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(await sent(herm.server, "messages")).toBe(0);
  });

  it("selects by name, and prints rows in a pipe", async () => {
    await threeAsking();
    const { code, stdout, stderr } = await herm.run([
      "runs",
      "answer",
      "--text",
      "go",
      "--yes",
      "--match",
      "T*",
    ]);

    expect(code).toBe(0);
    expect(steady(stdout)).toBe("Two\tanswered\trun_1\t\n");
    expect(steady(stderr)).toBe(
      "only what matches T* in Local: 1 other deployment not changed\n1 run to answer in 1 deployment\n? Publish?\n  1 run · Two\n1 answered\n",
    );
  });

  it("prints the deployment first if there are several, and JSON like other bulk results", async () => {
    const { other, theirs } = await threeAsking();
    const { stdout } = await herm.run(["runs", "answer", "--text", "go", "--yes", "--customer", "cus_acme"]);
    expect(stdout).toBe(`Theirs\tanswered\t${theirs}\t\n`);

    const { stdout: json } = await herm.run([
      "runs",
      "answer",
      "--text",
      "go",
      "--yes",
      "--all-deployments",
      "--json",
    ]);
    expect(JSON.parse(json)).toEqual(
      ["Two", "One"].map((name) => ({
        deployment_id: "dep_local",
        automation_id: expect.stringMatching(/^auto_/),
        name,
        run_id: expect.stringMatching(/^run_/),
        result: "answered",
        customer_id: expect.anything(),
        deployment_name: "Local",
      })),
    );
    expect(json).not.toContain(other);
  });

  it("skips, and lists, a run that was answered in the meantime", async () => {
    await threeAsking();
    const { code, stdout } = await herm.run(["runs", "answer", "--text", "go", "--yes"], {
      fetch: inBetween(
        (method, path) => method === "POST" && path.endsWith("messages"),
        () => herm.run(["runs", "answer", "One", "no"]),
      ),
    });

    expect(code).toBe(0);
    expect(steady(stdout)).toBe("Two\tanswered\trun_1\t\nOne\tskipped\trun_2\tit is no longer waiting\n");
    expect(await sent(herm.server, "messages")).toBe(2);
  });

  it.each([
    [
      "every read of its automation returns 404",
      404,
      "",
      "unknown",
      () => "it is listed, but the API reports that it doesn't exist",
    ],
    [
      "its automation lists only other runs",
      200,
      '{"automation_id":"auto_1","recent_runs":[]}',
      "failed",
      (run: string) => `${run} can't be found any more; nothing was sent`,
    ],
  ])("doesn't claim that a run has ended if %s", async (_, status, body, result, why) => {
    await asking("One", "Publish?");
    await asking("Two", "Publish?");
    let isAsked = false;
    const through = fetchFrom(herm.server);
    const { code, stdout } = await herm.run(["runs", "answer", "--text", "go", "--yes"], {
      fetch: async (url, init) => {
        isAsked ||= url.includes("/threads/");
        return isAsked && /auto_\w+$/.test(url) ? new Response(body, { status }) : through(url, init);
      },
    });
    expect({ code, stdout: steady(stdout) }).toEqual({
      code: 8,
      stdout: [`Two\t${result}\trun_1\t${why("run_1")}\n`, `One\t${result}\trun_2\t${why("run_2")}\n`].join(
        "",
      ),
    });
    expect(await sent(herm.server, "messages")).toBe(0);
  });

  it("skips a run whose question has changed since it was shown", async () => {
    const run = await herm.trigger(await herm.create("Twice", "Go.\n@dev ask Publish?\n@dev ask Really?"));
    const fetch = inBetween(
      (method, path) => method === "GET" && path.includes("/threads/"),
      async () => {
        await herm.run(["runs", "answer", run, "yes"]);
        await herm.server.advance(1);
      },
      2,
    );
    const { code, stdout } = await herm.run(["runs", "answer", "--text", "yes", "--yes", "--json"], {
      fetch,
    });

    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject([
      { name: "Twice", result: "skipped", reason: "its question has changed" },
    ]);
    expect(await sent(herm.server, "messages")).toBe(1);
  });

  it("sends no answer to a run with an unreadable question", async () => {
    await asking("One", "Publish?");
    const through = fetchFrom(herm.server);
    const { code, stdout } = await herm.run(["runs", "answer", "--text", "yes", "--yes"], {
      fetch: async (url, init) => {
        if (!url.includes("/threads/")) return through(url, init);
        return new Response('{"error":"not_found","message":"no such thread"}', { status: 404 });
      },
    });

    expect({ code, stdout: steady(stdout) }).toEqual({
      code: 0,
      stdout: "One\tskipped\trun_1\tits question can't be read\n",
    });
    expect(await sent(herm.server, "messages")).toBe(0);
  });

  it("exits with 8 if some answers failed, with the next step", async () => {
    await threeAsking();
    await devCall(herm.server, "faults", {
      method: "POST",
      path: "/v1/deployments/*/messages",
      action: { type: "fail", status: 402, body: { error: "insufficient_credits", message: "no credits" } },
    });
    const { code, stdout, stderr } = await herm.run(["runs", "answer", "--text", "yes", "--yes", "--json"]);

    expect(code).toBe(8);
    const rows: { result: string }[] = JSON.parse(stdout);
    expect(rows.map(({ result }) => result)).toEqual(["failed", "not started"]);
    expect(stderr).toContain("to finish it: herm runs answer --text yes --yes");
  });

  it("exits with 12 if an answer may be lost, and never resends it", async () => {
    await asking("One", "Publish?");
    await asking("Two", "Publish?");
    await devCall(herm.server, "faults", {
      method: "POST",
      path: "/v1/deployments/*/messages",
      action: { type: "fail", status: 500 },
    });
    const { code, stdout } = await herm.run(["runs", "answer", "--text", "yes", "--yes", "--json"], {
      sleep: async (_, signal) => signal?.throwIfAborted(),
    });

    expect(code).toBe(12);
    const rows: { result: string }[] = JSON.parse(stdout);
    expect(rows.map(({ result }) => result).sort()).toEqual(["answered", "unknown"]);
    expect(await sent(herm.server, "messages")).toBe(2);
  });

  it("finishes the answers in progress on Ctrl-C, and reports the rest", async () => {
    for (const name of ["One", "Two", "Three"]) await asking(name, "Publish?");
    const abort = new AbortController();
    const { code, stdout } = await herm.run(["runs", "answer", "--text", "yes", "--yes", "--json"], {
      signal: abort.signal,
      fetch: inBetween(
        (method, path) => method === "POST" && path.endsWith("messages"),
        async () => abort.abort(new InterruptedError()),
      ),
    });

    expect(code).toBe(130);
    const rows: { result: string; reason?: string }[] = JSON.parse(stdout);
    expect(rows.map(({ result }) => result)).toEqual(["answered", "not started", "not started"]);
    expect(await sent(herm.server, "messages")).toBe(1);
  });

  it("shows at most five runs per question", async () => {
    for (let number = 1; number <= 7; number += 1) await asking(`Run ${number}`, "Publish?");
    const { stderr } = await herm.run(["runs", "answer", "--text", "yes", "--yes"]);

    expect(stderr).toContain("  7 runs · Run 7 · Run 6 · Run 5 · Run 4 · Run 3 · … and 2 more\n");
  });

  it("answers named runs and automations once, without a question", async () => {
    const { one, other, theirs } = await threeAsking();
    const idle = await herm.create("Idle", "Go.");
    await herm.trigger(idle);
    await herm.server.advance(1);
    const { code, stdout } = await herm.run([
      "runs",
      "answer",
      one,
      "Two",
      "One",
      `${other}/${theirs}`,
      "Idle",
      "--text",
      "y",
    ]);
    expect(code).toBe(0);
    expect(stdout.split("\n").map((row) => row.split("\t").slice(1, 3).join(" "))).toEqual([
      "One answered",
      "Two answered",
      "Theirs answered",
      "Idle skipped",
      "",
    ]);
    expect(stdout).toContain("\tit isn't waiting for an answer\n");
    expect(await sent(herm.server, "messages")).toBe(3);
  });

  it("answers a single run just as without --text, and supports --dry-run", async () => {
    await asking("One", "Publish?");
    const shown = await herm.run(["runs", "answer", "One", "--text", "yes", "--dry-run"]);
    expect(shown).toMatchObject({ code: 0, stdout: expect.stringMatching(/^One\tplanned\trun_\w+\t\n$/) });
    expect(await sent(herm.server, "messages")).toBe(0);
    const { code, stdout } = await herm.run(["runs", "answer", "One", "--text", "yes"]);
    expect({ code, stdout: steady(stdout) }).toEqual({ code: 0, stdout: "run_1\tthr_1\trunning\n" });
  });

  it("reports that no run is waiting", async () => {
    expect(await herm.run(["runs", "answer", "--text", "yes", "--yes", "--json"])).toMatchObject({
      code: 0,
      stdout: "[]\n",
      stderr: "nothing to answer\n",
    });
    expect(await herm.run(["runs", "answer", "--text", "yes"], { answers: [] })).toMatchObject({ code: 0 });
  });

  it.each([
    ["several runs in a pipe without --yes", ["--text", "yes"], 2],
    ["an empty text", ["--text", "", "--yes"], 2],
    ["a run and a selection", ["One", "--text", "yes", "--match", "T*"], 2],
    ["an answer of several words without quotes", ["One", "go", "ahead"], 2],
    ["several runs if one doesn't exist", ["One", "Tow", "--text", "yes"], 4],
    ["--steer with several runs", ["--text", "yes", "--yes", "--steer"], 2],
    ["--follow with several runs", ["--text", "yes", "--yes", "--follow"], 2],
    ["--yes without --text", ["One", "yes", "--yes"], 2],
    ["an exception that matches nothing", ["--text", "yes", "--yes", "--except", "Tow"], 4],
    ["a customer that doesn't exist", ["--text", "yes", "--yes", "--customer", "cus_none"], 4],
  ])("rejects %s, without sending an answer", async (_, flags, code) => {
    await asking("One", "Publish?");

    expect(await herm.run(["runs", "answer", ...flags])).toMatchObject({ code, stdout: "" });
    expect(await sent(herm.server, "messages")).toBe(0);
  });

  it("suggests the full command if an answer isn't quoted", async () => {
    expect(await herm.run(["runs", "answer", "run_8Qk2", "go", "ahead"])).toEqual({
      code: 2,
      stdout: "",
      stderr: "error: put an answer of several words in quotes\nhint: herm runs answer run_8Qk2 'go ahead'\n",
    });
  });
});
