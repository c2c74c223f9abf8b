import { describe, expect, it } from "vitest";
import type { FetchLike } from "../../src/api/fetch.js";
import { InterruptedError } from "../../src/errors/cli-errors.js";
import { fetchFrom, type HermOptions, herm, temporaryFolder } from "../support/harness.js";
import { startManifestServer } from "./manifest-server.js";

/** Responses to a DELETE that don't show its outcome. */
const answers: Record<string, () => Response> = {
  "a login page": () => new Response("<html>Sign in</html>", { status: 200 }),
  "202": () => new Response("", { status: 202 }),
  "a word": () => Response.json({ deleted: true }),
  "302": () => new Response("", { status: 302, headers: { location: "https://login.test/" } }),
  "303": () => new Response("", { status: 303, headers: { location: "https://login.test/" } }),
  "a proxy's 404": () => new Response("<html>Not found</html>", { status: 404 }),
};

interface Odd {
  answer(): Response;
  /** True if the server gets the request. */
  isDone: boolean;
  /** The response to GETs of one automation from then on. */
  get?(): Response;
}

/** Two automations, and a command on an API that answers a DELETE oddly. */
async function prepare() {
  const { server, cwd, create, state, write } = await startManifestServer();
  const home = temporaryFolder();
  const ids = [await create({ name: "a" }), await create({ name: "b" })].map((each) => each.automation_id);
  const odd = ({ answer, isDone, get }: Odd): FetchLike => {
    const send = fetchFrom(server);
    let isSent = false;
    return async (url, init) => {
      if (init.method === "GET" && isSent && get !== undefined && url.includes("/auto_")) return get();
      if (init.method !== "DELETE") return send(url, init);
      isSent = true;
      if (isDone) await send(url, init);
      return answer();
    };
  };
  const run = (words: string, options: HermOptions = {}) =>
    herm(words.split(" "), { server, home, cwd, env: { HERM_DEPLOYMENT: "dep_local" }, ...options });
  const names = async () => (await state()).map(({ name }) => name);
  return { run, odd, names, ids, write };
}

const cases = Object.entries(answers).flatMap(([name, answer]) =>
  [true, false].map((isDone) => ({ name, answer, isDone, what: isDone ? "done" : "not done" })),
);

describe("an odd response to a DELETE", () => {
  it.each(cases)("is handled for one automation: $name, $what", async ({ name, answer, isDone }) => {
    const { run, odd, names } = await prepare();
    const { code, stdout, stderr } = await run("automations delete a --yes", {
      fetch: odd({ answer, isDone }),
    });
    expect(await names()).toEqual(isDone ? ["b"] : ["a", "b"]);
    if (isDone) {
      expect(code).toBe(name.includes("404") ? 4 : 0);
      return;
    }
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(
      /^error: .*; it still exists\nhint: to see it as it is now: herm automations get dep_local\/auto_\w+\n$/,
    );
    const [{ items }] = JSON.parse((await run("history -o json")).stdout);
    expect(items).toMatchObject([{ result: "failed" }]);
  });

  it.each(cases)("is handled for several: $name, $what", async ({ name, answer, isDone }) => {
    const { run, odd, names } = await prepare();
    const { code, stdout } = await run("automations delete a b --yes --json", {
      fetch: odd({ answer, isDone }),
    });
    const results = JSON.parse(stdout).map(({ result }: { result: string }) => result);
    const is404 = name.includes("404");
    expect(await names()).toEqual(isDone ? [] : ["a", "b"]);
    expect(code).toBe(isDone && !is404 ? 0 : 8);
    expect(new Set(results)).toEqual(new Set([isDone && !is404 ? "deleted" : "failed"]));
  });

  it.each(cases)("is handled in an undo of creates: $name, $what", async ({ answer, isDone }) => {
    const { run, odd, names } = await prepare();
    await run("automations create --name c --schedule @daily --instructions I");
    const { code } = await run("undo last --yes", { fetch: odd({ answer, isDone }) });
    expect(await names()).toEqual(isDone ? ["a", "b"] : ["a", "b", "c"]);
    expect(code).toBe(isDone ? 0 : 1);
  });

  it.each(cases)("is handled in a prune by apply: $name, $what", async ({ answer, isDone }) => {
    const { run, odd, names, write } = await prepare();
    const item = (name: string) => `  - { name: ${name}, schedule: "@daily", instructions: I }\n`;
    write({ "herm.yaml": `automations:\n${item("c")}${item("d")}` });
    await run("adopt -f herm.yaml --record herm.lock.yaml --yes");
    await run("apply -f herm.yaml --record herm.lock.yaml --yes");
    write({ "herm.yaml": `automations:\n${item("c")}` });
    const words = "apply -f herm.yaml --record herm.lock.yaml --prune --yes";
    const { code } = await run(words, { fetch: odd({ answer, isDone }) });
    expect(await names()).toEqual(isDone ? ["a", "b", "c"] : ["a", "b", "c", "d"]);
    expect(code).toBe(isDone ? 0 : 1);
    expect((await run(words)).code).toBe(0);
    expect(await names()).toEqual(["a", "b", "c"]);
  });

  it.each([
    ["a login page", answers["a login page"]],
    ["a proxy's 404", answers["a proxy's 404"]],
    ["an error", () => new Response("", { status: 503 })],
  ])("has an unknown outcome if the check fails too: %s", async (_name, get) => {
    const { run, odd } = await prepare();
    for (const words of ["automations delete a --yes", "automations delete a b --yes"]) {
      const fetch = odd({ answer: () => new Response("<html>", { status: 200 }), isDone: false, get });
      const { code, stdout, stderr } = await run(words, { fetch });
      expect(code).toBe(12);
      expect(stdout + stderr).toContain("the deletion was sent, but may not have taken effect");
    }
  });
});

it("an odd response to a DELETE is checked once after Ctrl-C, then the outcome is unknown", async () => {
  const { run, odd } = await prepare();
  const interrupt = new AbortController();
  const looks: string[] = [];
  const through = odd({ answer: () => new Response("<html>", { status: 200 }), isDone: false });
  const { code, stderr } = await run("automations delete a --yes", {
    signal: interrupt.signal,
    fetch: (url, init) => {
      looks.push(init.method);
      return through(url, init);
    },
    sleep: async (_ms, signal) => {
      interrupt.abort(new InterruptedError("SIGINT"));
      signal?.throwIfAborted();
    },
  });
  expect({ code, looks: looks.slice(looks.indexOf("DELETE")) }).toEqual({
    code: 130,
    looks: ["DELETE", "GET", "GET"],
  });
  expect(stderr).toMatch(/^undo: herm undo c_\w{6}$/m);
});

describe("a redirected change", () => {
  const redirecting = (fetch: FetchLike, status: number, isDone: boolean): FetchLike => {
    return async (url, init) => {
      if (init.method === "GET") return fetch(url, init);
      if (isDone) await fetch(url, init);
      return new Response("", { status, headers: { location: "https://login.test/" } });
    };
  };
  const words = {
    pause: "automations pause a",
    create: "automations create --name c --schedule @daily --instructions I",
    delete: "automations delete a --yes",
    trigger: "automations trigger a --no-follow",
  };

  it.each(Object.values(words))("has no effect with 301, 307 and 308, and exits with 5: %s", async (line) => {
    const { run, odd } = await prepare();
    const through = odd({ answer: () => new Response(null, { status: 204 }), isDone: true });
    for (const status of [301, 307, 308]) {
      const { code, stderr } = await run(line, { fetch: redirecting(through, status, false) });
      expect({ code, stderr }).toEqual({
        code: 5,
        stderr: `error: 127.0.0.1 redirects (${status}): not followed\n`,
      });
    }
  });

  it.each([302, 303])("is checked after a %d, whether it took effect or not", async (status) => {
    const { run, odd, names } = await prepare();
    const through = odd({ answer: () => new Response(null, { status: 204 }), isDone: true });
    const result = async (line: string, isDone: boolean) =>
      (await run(line, { fetch: redirecting(through, status, isDone) })).code;
    expect([await result(words.pause, false), await result(words.pause, true)]).toEqual([1, 0]);
    expect([await result(words.create, false), await result(words.create, true)]).toEqual([12, 0]);
    expect([await result(words.trigger, false), await result(words.trigger, true)]).toEqual([12, 0]);
    expect([await result(words.delete, false), await result(words.delete, true)]).toEqual([1, 0]);
    expect(await names()).toEqual(["b", "c"]);
  });
});
