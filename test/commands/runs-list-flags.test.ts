import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { fetchFrom } from "../support/harness.js";
import { watching } from "../support/watching.js";
import { addDeployment, devCall, type RunServer, startRunServer } from "./run-server.js";

let herm: RunServer;

beforeEach(async () => {
  herm = await startRunServer();
});

/** One run an hour, the last one an hour ago, by the names of their automations. */
async function hourlyRuns(names: readonly string[]): Promise<Date> {
  for (const name of names) {
    await herm.trigger(await herm.create(name, name.startsWith("Bad") ? "Go.\n@dev fail no paper" : "Go."));
    await devCall(herm.server, "clock", { advance_s: 3600 });
  }
  const clock: { now: string } = JSON.parse(
    await (await devCall(herm.server, "clock", { advance_s: 0 })).text(),
  );
  return new Date(clock.now);
}

async function named(flags: readonly string[], now: Date): Promise<string[]> {
  const { stdout } = await herm.run(["runs", "list", ...flags, "--json"], { now });
  const rows: { name: string }[] = JSON.parse(stdout);
  return rows.map(({ name }) => name);
}

describe("a name in several deployments", () => {
  it("lists the runs from all those deployments", async () => {
    const acme = await addDeployment(herm.server, { name: "Acme", customer_id: "cus_acme" });
    await herm.trigger(await herm.create("Report", "Go."));
    await herm.trigger(await herm.create("Report", "Go.", acme), acme);
    const words = ["runs", "list", "Report", "-d", "dep_local", "-d", acme, "-o", "json"];
    const { code, stdout } = await herm.run(words);
    const rows: { deployment_id: string }[] = JSON.parse(stdout);
    expect([code, rows.map(({ deployment_id }) => deployment_id).sort()]).toEqual([
      0,
      [acme, "dep_local"].sort(),
    ]);
  });
});

describe("the time window of runs list", () => {
  it("starts with --since and ends before --until", async () => {
    const now = await hourlyRuns(["First", "Second", "Third"]);

    expect(await named(["--since", "150m"], now)).toEqual(["Third", "Second"]);
    expect(await named(["--until", "150m"], now)).toEqual(["First"]);
    expect(await named(["--since", "150m", "--until", "90m"], now)).toEqual(["Second"]);
  });

  it("is read in local time", async () => {
    const now = await hourlyRuns(["First", "Second", "Third"]);
    const clockText = (at: Date) => `${at.getHours()}:${String(at.getMinutes()).padStart(2, "0")}`;
    const halfAnHourAfterFirst = new Date(now.getTime() - 150 * 60_000);

    expect(await named(["--since", clockText(halfAnHourAfterFirst)], now)).toEqual(["Third", "Second"]);
    expect(await named(["--until", clockText(halfAnHourAfterFirst)], now)).toEqual(["First"]);
  });

  it("is rejected with a precise error", async () => {
    const stderrOf = async (...flags: string[]) => (await herm.run(["runs", "list", ...flags])).stderr;

    expect(await stderrOf("--since", "soon")).toBe(
      'error: --since must be a time such as 2h, yesterday, 9am, mon 09:00 or 2026-03-02, not "soon"\n',
    );
    expect(await stderrOf("--since", "2120-01-01")).toBe("error: --since is in the future: 2120-01-01\n");
    expect(await stderrOf("--since", "1h", "--until", "yesterday")).toBe(
      "error: --since 1h is after --until yesterday\n",
    );
  });

  it("keeps the newest runs under --limit", async () => {
    const now = await hourlyRuns(["First", "Second", "Third"]);

    expect(await named(["--until", "90m", "--limit", "1"], now)).toEqual(["Second"]);
  });

  it("reports the oldest known runs if it ends before them", async () => {
    const id = await herm.create("Busy", "Go.");
    for (let run = 0; run < 25; run += 1) {
      await herm.trigger(id);
      await devCall(herm.server, "clock", { advance_s: 60 });
    }
    const { stdout, stderr } = await herm.run(["runs", "list", "--until", "2020-01-01"]);

    expect(stdout).toBe("");
    expect(stderr).toMatch(/^no runs in that period\nBusy: last 20 runs only, from /);
  });
});

describe("runs list", () => {
  it("sorts by a column, then limits", async () => {
    const now = await hourlyRuns(["Bad", "Charlie", "Alpha"]);

    expect(await named(["--sort", "name"], now)).toEqual(["Alpha", "Bad", "Charlie"]);
    expect(await named(["--sort", "name", "--limit", "2"], now)).toEqual(["Alpha", "Bad"]);
    expect(await named(["--sort", "started"], now)).toEqual(["Bad", "Charlie", "Alpha"]);
    expect(await named(["--sort", "status"], now)).toEqual(["Alpha", "Charlie", "Bad"]);
    const { stderr } = await herm.run(["runs", "list", "--sort", "name", "--limit", "2"], { now, tty: true });
    expect(stderr).toBe("2 of 3 runs\n");
  });

  it("sorts by duration, with unfinished runs by their age", async () => {
    const slow = await herm.create("Slow", "Go.\n@dev wait 60");
    await herm.trigger(slow);
    await devCall(herm.server, "clock", { advance_s: 600 });
    await herm.trigger(await herm.create("Quick", "Go."));
    await herm.trigger(await herm.create("Asking", "Go.\n@dev ask Publish?"));
    await devCall(herm.server, "clock", { advance_s: 7200 });

    const now = new Date(Date.now() + 8_000_000);
    expect(await named(["--sort", "took"], now)).toEqual(["Quick", "Slow", "Asking"]);
  });

  it("prints only the requested columns, in their order", async () => {
    await hourlyRuns(["First", "Second"]);
    const piped = await herm.run(["runs", "list", "--columns", "status, name"]);
    expect(piped.stdout).toBe("completed\tSecond\ncompleted\tFirst\n");

    const shown = await herm.run(["runs", "list", "--columns", "status,name"], { tty: true });
    expect(shown.stdout).toBe("STATUS       NAME\n✓ completed  Second\n✓ completed  First\n");
  });

  it("shows the deployment's column on request, even for one deployment", async () => {
    await hourlyRuns(["First"]);
    await addDeployment(herm.server, { name: "Acme", customer_id: "cus_acme" });

    expect((await herm.run(["runs", "list", "--columns", "deployment"])).stdout).toBe("dep_local\n");
    const { stdout } = await herm.run(["runs", "list", "--columns", "deployment,name", "--all-deployments"]);
    expect(stdout).toBe("dep_local\tFirst\n");
  });
});

/** Watches while there are actions to take between two reads; returns the screen at each read. */
async function watched(
  flags: readonly string[],
  between: (() => Promise<unknown>)[],
  more: Parameters<RunServer["run"]>[1] = {},
) {
  const { options, drawn, screens } = watching(between);
  const ended = await herm.run(["runs", "list", "--watch", ...flags], { ...options, ...more });
  return { ended, screens: await screens(), drawn };
}

/** The line below the rows. */
const ending = (text: string) =>
  expect.stringMatching(new RegExp(`^${text} · Ctrl-C ends · updated \\d\\d:\\d\\d:\\d\\d$`));

describe("runs list --watch", () => {
  it("groups identical failures like a list, and loses none", async () => {
    const bad = await herm.create("Bad", "Go.\n@dev fail no paper");
    await herm.trigger(bad);
    const again = () => herm.trigger(bad);
    const { screens } = await watched(["--columns", "name,status,id"], [again, again]);
    expect(screens.slice(0, 3).map((lines) => lines.slice(1))).toEqual([
      [expect.stringMatching(/^ {3}Bad {3}✗ error +run_\w+$/), ending("1 run")],
      [expect.stringMatching(/^\* {2}Bad {3}✗ error ×2 +run_\w+$/), ending("2 runs")],
      [expect.stringMatching(/^\* {2}Bad {3}✗ error ×3 +run_\w+$/), ending("3 runs")],
    ]);
    const each = await watched(["--columns", "name,status", "--verbose"], [again]);
    expect(each.screens[1]).toHaveLength(6);
  });

  it("redraws in place, marks changes, and leaves its last frame", async () => {
    await herm.trigger(await herm.create("Asking", "Go.\n@dev ask Publish?"));
    const other = await herm.create("Other", "Go.\n@dev fail no paper");
    const { ended, screens, drawn } = await watched(
      ["--columns", "name,status"],
      [
        async () => {
          await herm.run(["runs", "answer", "Asking", "yes"]);
          await herm.server.advance(1);
        },
        () => herm.trigger(other),
      ],
    );

    expect(ended).toMatchObject({ code: 130, stderr: "" });
    expect(screens[0]).toEqual(["   NAME    STATUS", "   Asking  ? waiting", ending("1 run")]);
    expect(screens[1]).toEqual(["   NAME    STATUS", "*  Asking  ✓ completed", ending("1 run")]);
    expect(screens[2]).toEqual([
      "   NAME    STATUS",
      "+  Other   ✗ error",
      "   Asking  ✓ completed",
      ending("2 runs"),
    ]);
    expect(drawn.at(-1)).toMatch(/\u001b\[\?1049l.*^2 runs · updated \d\d:\d\d:\d\d\n$/ms);
  });

  it("leaves the list in place when a read fails, with the reason below", async () => {
    await herm.trigger(await herm.create("Done", "Go."));
    let isDown = false;
    const { screens } = await watched(
      ["--columns", "name"],
      [
        async () => {
          isDown = true;
        },
      ],
      {
        random: () => 0,
        fetch: (url, init) => {
          if (isDown) throw Object.assign(new Error("refused"), { code: "ECONNREFUSED" });
          return fetchFrom(herm.server)(url, init);
        },
      },
    );

    expect(screens[1]?.slice(0, 3)).toEqual(screens[0]);
    expect(screens[1]).toHaveLength(4);
  });

  it("shows readable runs of a fleet, and counts unreadable deployments", async () => {
    await herm.trigger(await herm.create("Done", "Go."));
    const other = await addDeployment(herm.server, { name: "Acme", customer_id: "cus_acme" });
    const { ended, screens } = await watched(["--all-deployments", "--columns", "name"], [async () => {}], {
      fetch: (url, init) => {
        if (!url.includes(`/${other}/automations`)) return fetchFrom(herm.server)(url, init);
        return Promise.resolve(new Response('{"error":"validation_error","message":"no"}', { status: 400 }));
      },
    });

    expect(screens[1]).toEqual(["   NAME", "   Done", ending("1 run"), "1 deployment could not be read"]);
    expect(ended.code).toBe(130);
  });

  it("advances its time window", async () => {
    await herm.trigger(await herm.create("Done", "Go."));
    vi.useFakeTimers({ toFake: ["Date"] });
    onTestFinished(() => void vi.useRealTimers());
    const { screens } = await watched(
      ["--since", "1h", "--columns", "name"],
      [async () => void vi.setSystemTime(Date.now() + 2 * 3_600_000)],
    );

    expect(screens[0]).toContain("   Done");
    expect(screens[1]).toEqual([ending("0 runs · 1 no longer listed")]);
  });
});

describe("the question of a waiting run", () => {
  async function twoWaiting(): Promise<void> {
    await herm.trigger(await herm.create("Drafts", "@dev ask Publish all five?"));
    await herm.trigger(await herm.create("Digest", "@dev ask Send it?"));
    await herm.trigger(await herm.create("Other", "Go."));
  }

  it("is shown by --waiting, in JSON and in a pipe", async () => {
    await twoWaiting();
    const words = ["runs", "list", "--waiting", "--sort", "name"];
    const table = await herm.run(words, { tty: true });
    expect(table.stdout).toMatch(
      /RUN +QUESTION\nDigest .*run_\w+ +Send it\?\nDrafts .*run_\w+ +Publish all five\?\n/,
    );
    const piped = await herm.run(words);
    expect(piped.stdout.split("\n").map((line) => line.split("\t").at(-1))).toEqual([
      "Send it?",
      "Publish all five?",
      "",
    ]);
    const rows: { question: string }[] = JSON.parse((await herm.run([...words, "--json"])).stdout);
    expect(rows.map(({ question }) => question)).toEqual(["Send it?", "Publish all five?"]);
  });

  it("is an optional column for other runs, read only on request", async () => {
    await twoWaiting();
    const threadsRead = async () => {
      const paths: { path: string; count: number }[] = JSON.parse(
        await (await devCall(herm.server, "requests")).text(),
      );
      const threads = paths.filter(({ path }) => path.includes("/threads/"));
      return threads.reduce((sum, { count }) => sum + count, 0);
    };
    const all = await herm.run(["runs", "list", "--sort", "name"]);
    expect([all.stdout.includes("Send it?"), await threadsRead()]).toEqual([false, 0]);
    const { stdout } = await herm.run(["runs", "list", "--sort", "name", "--columns", "name,question"]);
    expect(stdout).toBe("Digest\tSend it?\nDrafts\tPublish all five?\nOther\t–\n");
    expect(await threadsRead()).toBe(2);
  });

  it("is shown as – if its thread can't be read", async () => {
    await twoWaiting();
    await devCall(herm.server, "faults", {
      method: "GET",
      path: "/v1/deployments/*/threads/*",
      count: null,
      action: { type: "fail", status: 403 },
    });
    const rows: { question: null }[] = JSON.parse(
      (await herm.run(["runs", "list", "--waiting", "--json"])).stdout,
    );
    expect(rows.map(({ question }) => question)).toEqual([null, null]);
  });
});
