import { describe, expect, it } from "vitest";
import type { FetchLike } from "../../src/api/fetch.js";
import { fetchFrom, herm, startServer, temporaryFolder } from "../support/harness.js";

const create = [
  "automations",
  "create",
  "--name",
  "Weekly",
  "--schedule",
  "every Monday at 9am",
  "--instructions",
  "Do it.",
  "-d",
  "dep_local",
];

/** The app, in which `harm` decides what happens to each POST: before it arrives, or to its response. */
function harmed(
  server: { fetch(request: Request): Promise<Response> },
  harm: (post: () => Promise<Response>) => Promise<Response>,
) {
  const posts: string[] = [];
  const fetch: FetchLike = (url, init) => {
    const send = fetchFrom(server);
    if (init.method !== "POST") return send(url, init);
    posts.push(url);
    const request = () =>
      server.fetch(new Request(url, { method: "POST", headers: init.headers, body: init.body ?? null }));
    return harm(request);
  };
  return { fetch, posts };
}

const reset = () => Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" });
const refused = () => Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
const html = () => new Response("<html>", { status: 200, headers: { "content-type": "text/html" } });

const committed: [string, (post: () => Promise<Response>) => Promise<Response>][] = [
  ["a reset", async (post) => post().then(() => Promise.reject(reset()))],
  ["a page of HTML", async (post) => post().then(html)],
  ["an empty answer", async (post) => post().then(() => new Response(null, { status: 200 }))],
  ["a cut body", async (post) => post().then(() => new Response('{"automation_id": "au', { status: 200 }))],
  ...[500, 502, 503, 504, 408].map(
    (status): [string, (post: () => Promise<Response>) => Promise<Response>] => [
      `a ${status}`,
      async (post) => post().then(() => new Response("", { status })),
    ],
  ),
];

describe("a create whose response is lost", () => {
  it.each(committed)("is confirmed by a check after %s, and sent only once", async (_name, harm) => {
    const server = await startServer();
    const { fetch, posts } = harmed(server, harm);
    const home = temporaryFolder();
    const { code, stdout, stderr } = await herm([...create, "--json"], { server, fetch, home });
    expect({ code, posts: posts.length }).toEqual({ code: 0, posts: 1 });
    expect(stderr).toContain("no answer: checking until");
    const list = JSON.parse(
      (await herm(["automations", "list", "-d", "dep_local", "--json"], { server })).stdout,
    );
    expect(list).toMatchObject([{ automation_id: JSON.parse(stdout).automation_id, name: "Weekly" }]);
  });

  it.each([
    ["a reset", async () => Promise.reject(reset())],
    ["a 500", async () => new Response("", { status: 500 })],
    ["an HTML page", async () => html()],
  ] as [string, () => Promise<Response>][])(
    "exits with 12 and a command to check if %s arrives and no automation appears",
    async (_name, harm) => {
      const server = await startServer();
      const { fetch, posts } = harmed(server, harm);
      const slept: number[] = [];
      const { code, stdout, stderr } = await herm(create, {
        server,
        fetch,
        sleep: async (ms) => void slept.push(ms),
      });
      expect({ code, stdout, posts: posts.length }).toEqual({ code: 12, stdout: "", posts: 1 });
      expect(slept).toEqual([500, 1_000, 2_000, 4_000, 8_000]);
      expect(stderr).toContain("herm automations list -d dep_local --match Weekly");
    },
  );

  it("ignores an older automation with the same name", async () => {
    const server = await startServer();
    expect((await herm(create, { server })).code).toBe(0);
    const { fetch } = harmed(server, async () => Promise.reject(reset()));
    const second = await herm([...create, "--allow-duplicate"], { server, fetch });
    expect(second.code).toBe(12);
  });

  it("has both automations listed if two match", async () => {
    const server = await startServer();
    const { fetch } = harmed(server, async (post) => {
      await post();
      await post();
      throw reset();
    });
    const { code, stderr } = await herm(create, { server, fetch });
    expect(code).toBe(12);
    expect(stderr.match(/auto_\w+/g)).toHaveLength(2);
  });

  it("is found even if it takes effect late", async () => {
    const server = await startServer();
    let late: (() => Promise<Response>) | undefined;
    const { fetch, posts } = harmed(server, async (post) => {
      late = post;
      throw reset();
    });
    let waited = 0;
    const sleep = async (ms: number) => {
      waited += ms;
      if (waited < 7_500) return;
      await late?.();
      late = undefined;
    };
    expect(await herm(create, { server, fetch, sleep })).toMatchObject({ code: 0 });
    expect(posts).toHaveLength(1);
  });

  it("is sent again if it provably never arrived", async () => {
    const server = await startServer();
    let refusals = 2;
    const { fetch, posts } = harmed(server, async (post) => {
      if (refusals === 0) return post();
      refusals -= 1;
      throw refused();
    });
    expect(await herm(create, { server, fetch })).toMatchObject({ code: 0 });
    expect(posts).toHaveLength(3);
    const list = await herm(["automations", "list", "-d", "dep_local", "-o", "name"], { server });
    expect(list.stdout.trim().split("\n")).toHaveLength(1);
  });
});

describe("an unfinished intent", () => {
  const sentAt = new Date("2026-03-02T08:00:00Z");

  it("delays a later create if it may have been sent by a dead process", async () => {
    const server = await startServer();
    const home = temporaryFolder();
    const { fetch } = harmed(server, async () => Promise.reject(reset()));
    await herm(create, { server, fetch, home, now: sentAt });
    const slept: number[] = [];
    const options = { server, home, sleep: async (ms: number) => void slept.push(ms) };
    await herm(create, { ...options, now: new Date(sentAt.getTime() + 4_000) });
    expect(slept).toEqual([12_000]);
    await herm([...create, "--allow-duplicate"], { ...options, now: new Date(sentAt.getTime() + 17_000) });
    expect(slept).toEqual([12_000]);
  });

  it("doesn't delay a create with a different name or schedule", async () => {
    const server = await startServer();
    const home = temporaryFolder();
    const { fetch } = harmed(server, async () => Promise.reject(reset()));
    await herm(create, { server, fetch, home, now: sentAt });
    const slept: number[] = [];
    const options = { server, home, now: sentAt, sleep: async (ms: number) => void slept.push(ms) };
    await herm([...create, "--name=Else"], options);
    await herm([...create, "--schedule=every Monday at 10am"], options);
    expect(slept).toEqual([]);
    await herm([...create, "--schedule=0 9 * * mon"], options);
    expect(slept).toEqual([16_000]);
  });

  it("is timed from its last attempt, even if the clock is set back", async () => {
    const server = await startServer();
    const home = temporaryFolder();
    const now = new Date(sentAt);
    let posts = 0;
    const { fetch } = harmed(server, async () => {
      posts += 1;
      if (posts > 1) throw reset();
      return new Response("", { status: 429, headers: { "retry-after": "10" } });
    });
    const wait = async (ms: number) => void now.setTime(now.getTime() + ms);
    await herm(create, { server, fetch, home, now, sleep: wait });
    const slept: number[] = [];
    const options = { server, home, sleep: async (ms: number) => void slept.push(ms) };
    await herm(create, { ...options, now: new Date(sentAt.getTime() + 20_000) });
    await herm(create, { ...options, now: new Date(sentAt.getTime() + 5_000) });
    expect(slept).toEqual([6_000, 16_000]);
  });
});
