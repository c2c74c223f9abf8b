import { describe, expect, it } from "vitest";
import type { FetchLike } from "../../src/api/fetch.js";
import { InterruptedError } from "../../src/errors/cli-errors.js";
import { whileWritten } from "../support/being-written.js";
import { fetchFrom, type HermOptions, herm, startServer, temporaryFolder } from "../support/harness.js";

const here = ["-d", "dep_local"];
const lost = () => Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" });

/** A server with automations, and `run` on it. */
async function prepare(names: readonly string[]) {
  const server = await startServer();
  const home = temporaryFolder();
  const run = (argv: readonly string[], options: HermOptions = {}) =>
    herm([...argv, ...here], { server, home, ...options });
  const ids: string[] = [];
  for (const name of names) {
    const flags = [`--name=${name}`, "--schedule=0 9 * * 1", "--instructions=I"];
    ids.push((await run(["automations", "create", ...flags, "-o", "name"])).stdout.trim());
  }
  const list = async () => JSON.parse((await run(["automations", "list", "--json"])).stdout);
  const send = fetchFrom(server);
  /** From the first change on, there are no more responses; the change itself takes effect if `isCommitted`. */
  const silent = (isCommitted: boolean): FetchLike => {
    let isDown = false;
    return async (url, init) => {
      if (init.method !== "GET") {
        if (isCommitted && !isDown) await send(url, init);
        isDown = true;
      }
      if (isDown) throw lost();
      return send(url, init);
    };
  };
  return { server, home, run, ids, list, send, silent };
}

describe("an unknown outcome after all attempts and a GET", () => {
  it("is a success if the server stores an equivalent schedule", async () => {
    const { run, ids, send } = await prepare(["a"]);
    const [id = ""] = ids;
    const fetch: FetchLike = async (url, init) => {
      if (init.method !== "PATCH") return send(url, init);
      await send(url, { ...init, body: JSON.stringify({ schedule: "30 18 * * 1-5" }) });
      throw lost();
    };
    const flags = ["--schedule", "every weekday at 18:30", "--as-typed"];
    const { code, stderr } = await run(["automations", "update", id, ...flags, "-q"], { fetch });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  });
});

describe("Ctrl-C during the check for a lost create", () => {
  it("explains how to check later", async () => {
    const { run, send } = await prepare([]);
    const interrupt = new AbortController();
    const fetch: FetchLike = async (url, init) => {
      if (init.method === "GET") return send(url, init);
      throw lost();
    };
    const words = ["automations", "create", "--name=b", "--schedule=0 9 * * 1", "--instructions=I"];
    const { code, stderr } = await run(words, {
      fetch,
      signal: interrupt.signal,
      sleep: async (_ms, signal) => {
        interrupt.abort(new InterruptedError("SIGINT"));
        signal?.throwIfAborted();
      },
    });
    expect(code).toBe(130);
    expect(stderr.replace(/\d\d:\d\d:\d\d/, "<time>")).toBe(
      "no answer: checking until <time> whether it was done\n" +
        "error: the automation was sent, but may not have taken effect: 127.0.0.1: the connection broke (ECONNRESET)\n" +
        "hint: check before you retry: herm automations list -d dep_local --match b\n",
    );
  });
});

describe("Ctrl-C during a write to the history", () => {
  it.each([
    ["create", ["automations", "create", "--name=b", "--schedule=0 9 * * 1", "--instructions=I"]],
    ["trigger", ["automations", "trigger", "a", "--no-follow"]],
  ])("stops the %s, which the history shows as never sent", async (_, words) => {
    const { home, run, send } = await prepare(["a"]);
    const interrupt = new AbortController();
    const sent: string[] = [];
    const fetch: FetchLike = (url, init) => {
      if (init.method !== "GET") sent.push(init.method);
      return send(url, init);
    };
    const { code } = await whileWritten(home, {
      start: () => run(words, { fetch, signal: interrupt.signal }),
      act: () => interrupt.abort(new InterruptedError("SIGINT")),
    });
    expect(code).toBe(130);
    expect(sent).toEqual([]);
    const [newest] = JSON.parse((await herm(["history", "--json"], { home })).stdout);
    expect(newest.items).toMatchObject([{ act: words[1], result: "skipped" }]);
  });
});

describe("the metadata of the server's responses", () => {
  const api = "https://api.example.com";

  it.each([
    ["5 min ahead of the server's", 5],
    ["3 h behind the server's", -180],
    ["", 1],
    ["", -1],
  ])("reveals a wrong clock (%s)", async (off, minutes) => {
    const date = new Date(Date.UTC(2026, 2, 2, 12));
    const fetch: FetchLike = async () =>
      new Response('{"data":[],"next_cursor":null}', { headers: { date: date.toUTCString() } });
    const now = new Date(date.getTime() + minutes * 60_000);
    const { code, stderr } = await herm(["automations", "list", ...here, "-q"], {
      fetch,
      now,
      key: "hk_test",
      env: { HERM_API_URL: api },
    });
    const warning = `warning: this machine's clock is ${off}: times estimated here are off\n`;
    expect({ code, stderr }).toEqual({ code: 0, stderr: off === "" ? "" : warning });
  });

  it("stops retries at once after a Retry-After beyond their limit", async () => {
    let sent = 0;
    const fetch: FetchLike = async () => {
      sent += 1;
      return new Response("", { status: 429, headers: { "retry-after": "3600" } });
    };
    const now = new Date("2026-03-02T12:00:00.500Z");
    const { code, stderr } = await herm(["automations", "list", ...here], { fetch, now, key: "hk_test" });
    expect({ code, sent }).toEqual({ code: 7, sent: 1 });
    expect(stderr).toContain("hint: the API accepts no requests until 2026-03-02T13:00:00Z\n");
  });
});
