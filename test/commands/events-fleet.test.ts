import { beforeEach, describe, expect, it } from "vitest";
import { InterruptedError } from "../../src/errors.js";
import { fetchFrom } from "../support/harness.js";
import { show } from "../support/terminal.js";
import {
  addDeployment,
  devCall,
  type RunServer,
  startRunServer,
  steady,
  untilStreams,
  Watched,
} from "./run-server.js";

let herm: RunServer;

beforeEach(async () => {
  herm = await startRunServer();
});

/** Starts `herm events` over many deployments; it goes on until `end`. */
function follow(flags: readonly string[], more: Parameters<RunServer["run"]>[1] = {}) {
  const interrupt = new AbortController();
  const stdout = new Watched();
  const ended = herm.run(["events", ...flags], { stdout, signal: interrupt.signal, ...more });
  return {
    stdout,
    async end() {
      interrupt.abort(new InterruptedError("SIGINT"));
      return { ...(await ended), stdout: stdout.text };
    },
  };
}

const streams = (count: number) => untilStreams(herm.server, count);

async function deployments(count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let number = 1; number <= count; number += 1) {
    ids.push(await addDeployment(herm.server, { name: `Customer ${number}`, customer_id: `cus_${number}` }));
  }
  return ids;
}

describe("events of many deployments", () => {
  it("are rows with their deployment's id in a pipe", async () => {
    const [acme = ""] = await deployments(1);
    const here = await herm.create("Here", "Go.\n@dev fail no paper");
    const there = await herm.create("There", "Go.\n@dev fail no ink", acme);
    const { stdout, end } = follow(["--all-deployments"]);
    await streams(2);
    await herm.trigger(here);
    await herm.trigger(there, acme);
    await stdout.until("no paper");
    await stdout.until("no ink");
    const { code, stderr } = await end();

    const rows = stdout.text
      .trimEnd()
      .split("\n")
      .map((line) => line.split("\t"));
    expect(rows.map((row) => row.length)).toEqual(rows.map(() => 5));
    expect(
      rows
        .filter(([id]) => id === acme)
        .at(-1)
        ?.slice(2),
    ).toEqual(["run_status", expect.any(String), "error no ink"]);
    expect(
      rows
        .filter(([id]) => id === "dep_local")
        .at(-1)
        ?.slice(2),
    ).toEqual(["run_status", expect.any(String), "error no paper"]);
    expect({ code, stderr }).toEqual({ code: 130, stderr: "" });
  });

  it("carry their deployment as JSON lines, and of one deployment they don't", async () => {
    const [acme = ""] = await deployments(1);
    const id = await herm.create("There", "Go.", acme);
    const many = follow(["-d", "dep_local", "-d", acme, "-o", "jsonl"]);
    const one = follow(["-d", acme, "-o", "jsonl"]);
    await streams(3);
    await herm.trigger(id, acme);
    await Promise.all([many.stdout.until("completed"), one.stdout.until("completed")]);
    await many.end();
    await one.end();

    const [first = ""] = many.stdout.text.split("\n");
    expect(JSON.parse(first)).toEqual({
      event: "run_status",
      id: expect.stringMatching(/^evt_/),
      data: { run_id: expect.any(String), status: "running" },
      deployment_id: acme,
      deployment_name: "Customer 1",
    });
    expect(Object.keys(JSON.parse(one.stdout.text.split("\n")[0] ?? ""))).toEqual(["event", "id", "data"]);
  });

  it("are lines on a terminal that begin with the deployment's name", async () => {
    const [acme = ""] = await deployments(1);
    const there = await herm.create("There", "Go.\n@dev fail no ink", acme);
    const { stdout, end } = follow(["--all-deployments"], { tty: true });
    await streams(2);
    await herm.trigger(there, acme);
    await stdout.until("no ink");
    await end();

    const { lines } = await show(stdout.text, { rows: 30 });
    const found = lines.map(steady).map((line) => line.trimEnd());
    expect([found[0], found.at(-1)]).toEqual([
      "Customer 1  run_1  run_status  running",
      "Customer 1  run_1  run_status  error no ink",
    ]);
  });

  it("are followed eight at a time, which is reported, and the next one begins where one ends", async () => {
    const ids = await deployments(9);
    const gone = ids.at(-1) ?? "";
    const through = fetchFrom(herm.server);
    const { end } = follow(["--all-deployments"], {
      fetch: async (url, init) => {
        if (!url.includes(`/${gone}/events`)) return through(url, init);
        return new Response('{"error":"not_found","message":"no such deployment"}', { status: 404 });
      },
    });
    await streams(8);
    const { stderr } = await end();

    expect(stderr).toContain(
      "following 8 of 10 deployments: Customer 9, Customer 8, Customer 7, Customer 6, Customer 5, Customer 4, Customer 3, Customer 2\n",
    );
    expect(stderr).toContain("warning: Customer 9 is no longer followed: ");
    expect(stderr).toContain("following Customer 1 now\n");
    expect(stderr).not.toContain("following Local now");
  });

  it("go on where one of them breaks, and no event is lost or twice", async () => {
    const [acme = ""] = await deployments(1);
    const here = await herm.create("Here", "Go.\n@dev fail no paper");
    const there = await herm.create("There", "Go.\n@dev fail no ink", acme);
    await devCall(herm.server, "faults", {
      path: `/v1/deployments/${acme}/events`,
      action: { type: "cut", after_bytes: 300 },
    });
    const { stdout, end } = follow(["--all-deployments"]);
    await streams(2);
    await herm.trigger(there, acme);
    await herm.trigger(here);
    await stdout.until("no paper");
    await stdout.until("no ink");
    const { stderr } = await end();

    expect(stderr).toBe("Customer 1: connection lost, reconnecting …\n");
    const ids = stdout.text
      .trimEnd()
      .split("\n")
      .filter((line) => line.startsWith(acme))
      .map((line) => line.split("\t")[1]);
    expect(ids).toHaveLength(7);
    expect(new Set(ids).size).toBe(7);
  });

  it("are tried again where one can't be opened at first", async () => {
    const [acme = ""] = await deployments(1);
    const there = await herm.create("There", "Go.\n@dev fail no ink", acme);
    let refusals = 0;
    const through = fetchFrom(herm.server);
    const { stdout, end } = follow(["--all-deployments", "--max-wait", "1s"], {
      sleep: async (_, signal) => {
        await new Promise((resolve) => setTimeout(resolve, 1));
        signal?.throwIfAborted();
      },
      fetch: async (url, init) => {
        if (!url.includes(`/${acme}/events`) || refusals >= 12) return through(url, init);
        refusals += 1;
        return new Response("", { status: 503 });
      },
    });
    await streams(2);
    await herm.trigger(there, acme);
    await stdout.until("no ink");
    const { stderr } = await end();

    expect(stderr.match(/retrying/g)).toHaveLength(1);
    expect(stderr).toContain("Customer 1: ");
  });

  it("leave out a deployment that isn't ready", async () => {
    await addDeployment(herm.server, { name: "Slow", customer_id: "cus_slow", wait: false });
    const id = await herm.create("Here", "Go.");
    const { stdout, end } = follow(["--all-deployments"]);
    await streams(2);
    await herm.trigger(id);
    await stdout.until("completed");

    expect((await end()).stderr).toMatch(/^warning: Slow \(dep_\w+\) isn't ready: skipped\n$/);
  });

  it("end with 3 when the key is refused everywhere, and with 8 when nothing is left to follow", async () => {
    await deployments(1);
    const refusing = (statusOf: (url: string) => number): Parameters<RunServer["run"]>[1] => ({
      fetch: async (url, init) => {
        if (!url.endsWith("/events")) return fetchFrom(herm.server)(url, init);
        return new Response('{"error":"no","message":"no"}', { status: statusOf(url) });
      },
    });

    const refused = await herm.run(
      ["events", "--all-deployments"],
      refusing(() => 401),
    );
    expect(refused.code).toBe(3);
    const mixed = await herm.run(
      ["events", "--all-deployments"],
      refusing((url) => (url.includes("dep_local") ? 404 : 403)),
    );
    expect(mixed.code).toBe(8);
    expect(mixed.stderr).toContain("error: 2 of 2 deployments could not be followed");
  });

  it("end with 0 and without a word when nobody reads any more", async () => {
    const [acme = ""] = await deployments(1);
    const id = await herm.create("There", "Go.", acme);
    const stdout = new Watched();
    const ended = herm.run(["events", "--all-deployments"], { stdout });
    await streams(2);
    stdout.destroy(Object.assign(new Error("write EPIPE"), { code: "EPIPE" }));
    await herm.trigger(id, acme);

    expect(await ended).toMatchObject({ code: 0, stderr: "" });
  });
});
