import { describe, expect, it } from "vitest";
import type { HermClient } from "../../src/api/client.js";
import {
  type Answerer,
  json,
  outcomeOf,
  reset,
  type ScriptedServer,
  scriptedServer,
  testClient,
  text,
} from "./scripted-server.js";
import { settle, VirtualTime } from "./virtual-time.js";

const found = { automation_id: "auto_1", name: "Weekly", schedule: "0 9 * * 1", enabled: true };
const there = json(200, found);
const gone = json(404, { error: "not_found", message: "no such automation" });
const foreign404 = text(404, "<html>404 Not Found</html>");
const redirect = (status: number) => text(status, "", { location: "https://login.test/" });

const remove = (herm: HermClient) => herm.automations.delete("dep_1", "auto_1");
const update = (herm: HermClient) => herm.automations.update("dep_1", "auto_1", { enabled: false });
const create = (herm: HermClient) =>
  herm.automations.create("dep_1", { name: "Weekly", schedule: "0 9 * * 1", instructions: "I" });
const trigger = (herm: HermClient) => herm.automations.trigger("dep_1", "auto_1");
const send = (herm: HermClient) => herm.deployments.messages.send("dep_1", { content: "yes" });

/** The outcome of a call, the requests sent for it, and the waits between them. */
async function outcomeFrom(call: (herm: HermClient) => PromiseLike<unknown>, ...script: Answerer[]) {
  const server = await scriptedServer(...script);
  const { herm, sleptMs } = testClient(server.url);
  const outcome = await outcomeOf(call(herm));
  return { outcome, methods: methodsOf(server), sleptMs };
}

function methodsOf({ seen }: ScriptedServer): string {
  return seen.map(({ method }) => method).join(" ");
}

const allLooks = { methods: "DELETE GET GET GET GET", sleptMs: [500, 1000, 2000] };

const plainAnswers: [string, Answerer][] = [
  ["204", text(204, "")],
  ["200 with an empty body", text(200, "")],
  ["201 with an empty body", text(201, "")],
  ["205 with an empty body", text(205, "")],
];

/** Ambiguous responses, each tried for a deletion that was carried out and for one that wasn't. */
const oddAnswers: [string, Answerer, string][] = [
  ["202 with an empty body", text(202, ""), "the API answered 202"],
  ["200 with the deleted automation", there, "the API answered 200"],
  ["200 with white space", text(200, "\n"), "the API answered 200"],
  ["200 with a login page", text(200, "<html>Sign in</html>"), "the API answered 200 with HTML"],
  ["203 with a proxy's text", text(203, "cached"), "the API answered 203"],
  [
    "200 with a truncated body",
    (response) => {
      response.writeHead(200, { "content-length": "100" });
      response.write("<html>", () => response.socket?.resetAndDestroy());
    },
    "the API answered 200, and only in part",
  ],
  ["302", redirect(302), "127.0.0.1 redirects (302): not followed"],
  ["303", redirect(303), "127.0.0.1 redirects (303): not followed"],
  ["404 with a proxy's page", foreign404, "the API answered 404"],
  ["404 for an existing automation", gone, "the API answered 404"],
];

describe("a deletion", () => {
  it.each(plainAnswers)("succeeds on %s, without another request", async (_name, answer) => {
    expect(await outcomeFrom(remove, answer, there)).toEqual({
      outcome: "ok",
      methods: "DELETE",
      sleptMs: [],
    });
  });

  it.each(oddAnswers.filter(([name]) => !name.startsWith("404")))(
    "succeeds after %s if a GET finds no automation",
    async (_name, answer) => {
      const decided = { outcome: "ok", methods: "DELETE GET", sleptMs: [] };
      expect(await outcomeFrom(remove, answer, gone)).toEqual(decided);
    },
  );

  it("is reported as not found if a GET confirms a proxy's 404", async () => {
    const { outcome, methods } = await outcomeFrom(remove, foreign404, gone);
    expect(outcome).toMatchObject({ name: "NotFoundError", message: "no such automation" });
    expect(methods).toBe("DELETE GET");
  });

  it.each(oddAnswers)(
    "succeeds after %s if the last check finds the automation gone",
    async (name, answer) => {
      const { outcome, ...looks } = await outcomeFrom(remove, answer, there, reset, there, gone);
      expect(looks).toEqual(allLooks);
      if (name.startsWith("404")) expect(outcome).toMatchObject({ name: "NotFoundError" });
      else expect(outcome).toBe("ok");
    },
  );

  it.each(oddAnswers)("fails after %s if the automation still exists", async (_name, answer, why) => {
    const { outcome, ...looks } = await outcomeFrom(remove, answer, there);
    expect(looks).toEqual(allLooks);
    expect(outcome).toMatchObject({
      name: "UnchangedError",
      message: expect.stringMatching(/; it still exists$/),
      sent: { kind: "delete", automation_id: "auto_1" },
    });
    expect(String(outcome).replace(/127\.0\.0\.1:\d+/, "127.0.0.1")).toBe(
      `UnchangedError: ${why}; it still exists`,
    );
  });

  it.each([
    ["the connection breaks", reset],
    ["a proxy returns 404", foreign404],
    ["a login page is returned", text(200, "<html>Sign in</html>")],
    ["a redirect is returned", redirect(302)],
    ["access is refused", text(403, "")],
  ])("has an unknown outcome if the check fails: %s", async (_name, answer) => {
    const { outcome, ...looks } = await outcomeFrom(remove, text(200, "<html>"), answer);
    expect(looks).toEqual(allLooks);
    expect(outcome).toMatchObject({
      name: "AmbiguousError",
      message: "the deletion was sent, but may not have taken effect: the API answered 200 with HTML",
    });
  });

  it("succeeds if a retry returns the API's own 404, not a proxy's", async () => {
    expect(await outcomeFrom(remove, text(503, ""), gone)).toMatchObject({
      outcome: "ok",
      methods: "DELETE DELETE",
    });
    const { outcome, methods } = await outcomeFrom(remove, text(503, ""), foreign404);
    expect(outcome).toMatchObject({ name: "AmbiguousError" });
    expect(methods).toBe("DELETE DELETE");
  });

  it.each([301, 307, 308])("has no effect after a %d, and needs no GET", async (status) => {
    const { outcome, methods } = await outcomeFrom(remove, redirect(status), there);
    expect(outcome).toMatchObject({ name: "RedirectError", status });
    expect(methods).toBe("DELETE");
  });

  it("times out even while a slow body arrives, and is checked afterwards", async () => {
    const time = new VirtualTime();
    let isOver = false;
    const drip: Answerer = (response) => {
      response.writeHead(200, { "content-type": "text/html" });
      const go = () => {
        if (isOver || response.destroyed) return;
        response.write(" ");
        void settle()
          .then(() => time.advance(1000))
          .then(go);
      };
      go();
    };
    const server = await scriptedServer(drip, gone);
    const { sleep, now, monotonic, timer } = time;
    const { herm } = testClient(server.url, { sleep, now, monotonic, timer, timeoutMs: 10_000 });
    const outcome = await outcomeOf(remove(herm));
    isOver = true;
    expect({ outcome, methods: methodsOf(server) }).toEqual({ outcome: "ok", methods: "DELETE GET" });
    expect(time.monotonic()).toBeLessThanOrEqual(11_000);
  });

  it("has an unknown outcome if the caller stops during its check", async () => {
    const stop = new AbortController();
    const server = await scriptedServer(text(200, "<html>"), there);
    const { herm } = testClient(server.url, {
      sleep: async (_ms, signal) => {
        stop.abort(new Error("stopped"));
        signal?.throwIfAborted();
      },
    });
    const options = { stopSignal: stop.signal };
    expect(await outcomeOf(herm.automations.delete("dep_1", "auto_1", options))).toMatchObject({
      name: "AmbiguousError",
    });
    expect(methodsOf(server)).toBe("DELETE GET GET");
  });
});

describe("an update", () => {
  const done = json(200, { ...found, enabled: false });

  it.each([302, 303])("is checked, like a deletion, after a %d", async (status) => {
    const answer = redirect(status);
    expect(await outcomeFrom(update, answer, there, there, done)).toMatchObject({
      outcome: "ok",
      methods: "PATCH GET GET GET",
      sleptMs: [500, 1000],
    });
    const left = await outcomeFrom(update, answer, there);
    expect(left).toMatchObject({ ...allLooks, methods: "PATCH GET GET GET GET" });
    expect(left.outcome).toMatchObject({
      name: "UnchangedError",
      message: expect.stringMatching(/ redirects \(30[23]\): not followed; it wasn't changed$/),
    });
    const lost = await outcomeFrom(update, answer, reset);
    expect(lost.outcome).toMatchObject({ name: "AmbiguousError" });
  });

  it("is checked, like a deletion, after a login page", async () => {
    const page = text(200, "<html>Sign in</html>");
    expect(await outcomeFrom(update, page, there, done)).toMatchObject({ outcome: "ok", sleptMs: [500] });
    const { outcome } = await outcomeFrom(update, page, there);
    expect(outcome).toMatchObject({
      name: "UnchangedError",
      message: "the API answered 200 with HTML instead of JSON; it wasn't changed",
    });
  });

  it.each([301, 307, 308])("has no effect after a %d, and needs no GET", async (status) => {
    const { outcome, methods } = await outcomeFrom(update, redirect(status), done);
    expect(outcome).toMatchObject({ name: "RedirectError", status });
    expect(methods).toBe("PATCH");
  });

  it("may have taken effect if a failure precedes the redirect", async () => {
    const { outcome, methods } = await outcomeFrom(update, text(503, ""), redirect(301));
    expect(outcome).toMatchObject({ name: "AmbiguousError" });
    expect(methods).toBe("PATCH PATCH");
  });
});

describe.each<[string, (herm: HermClient) => PromiseLike<unknown>]>([
  ["create", create],
  ["trigger", trigger],
  ["message", send],
])("a %s", (_name, call) => {
  it.each([302, 303])("may have taken effect after a %d", async (status) => {
    const { outcome, methods } = await outcomeFrom(call, redirect(status), there);
    expect(outcome).toMatchObject({ name: "AmbiguousError", cause: { name: "RedirectError", status } });
    expect(methods).toBe("POST");
  });

  it.each([301, 307, 308])("has no effect after a %d", async (status) => {
    const { outcome, methods } = await outcomeFrom(call, redirect(status), there);
    expect(outcome).toMatchObject({ name: "RedirectError", status });
    expect(methods).toBe("POST");
  });
});
