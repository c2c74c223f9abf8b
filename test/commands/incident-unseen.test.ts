import { describe, expect, it } from "vitest";
import type { FetchLike, FetchResponse } from "../../src/api/fetch.js";
import { isObject } from "../../src/api/json.js";
import { textOf } from "../faults/odd-answers.js";
import {
  addAutomation,
  addDeployment,
  call,
  enabledNames,
  requestCounts,
  setEnabled,
} from "../incident/fleet.js";
import { addMany } from "../incident/interruption.js";
import {
  embeddedUrl,
  fetchFrom,
  type HermOptions,
  herm,
  startServer,
  temporaryFolder,
} from "../support/harness.js";

type Server = Awaited<ReturnType<typeof startServer>>;

const jsonOf = async (answer: FetchResponse): Promise<unknown> => JSON.parse(await textOf(answer));

/** An API that isn't on this machine, where only the key distinguishes accounts. */
const origin = "https://api.example.com";

const at = (server: Server, fetch: FetchLike = fetchFrom(server)): HermOptions => ({
  key: server.apiKey,
  fetch: (url, init) => fetch(url.replace(origin, embeddedUrl), init),
});

async function start(count: number) {
  const server = await startServer();
  if (count > 0) await addMany(server, count);
  const home = temporaryFolder();
  const env = { HERM_DEPLOYMENT: "dep_local", HERM_API_URL: origin };
  const run = (words: string, options: HermOptions = at(server)) =>
    herm(words.split(" "), { home, env, ...options });
  const idOf = async (name: string) => {
    const { body } = await call(server, "GET", "/v1/deployments/dep_local/automations");
    const data: { name: string; automation_id: string }[] = Array.isArray(body.data) ? body.data : [];
    return data.find((each) => each.name === name)?.automation_id ?? "";
  };
  return { server, home, run, idOf };
}

const pause = "automations pause --all-deployments --incident INC-1 --yes";
const show = "incidents show INC-1";
const resume = "automations resume --incident INC-1 --yes";
const ok = { code: 0 };

const isList = (url: string, method: string) => method === "GET" && /\/automations(\?|$)/.test(url);

/** Changes each list of automations; `at` counts them. */
function withLists(server: Server, change: (data: unknown[], at: number) => unknown[]): FetchLike {
  let at = 0;
  return async (url, init) => {
    const answer = await fetchFrom(server)(url, init);
    if (!isList(url, init.method)) return answer;
    const body: unknown = await jsonOf(answer);
    if (!isObject(body) || !Array.isArray(body.data)) return answer;
    at += 1;
    return Response.json({ ...body, data: change(body.data, at) });
  };
}

const nameOf = (item: unknown) => (isObject(item) ? item.name : undefined);
const without = (server: Server, ...names: string[]) =>
  withLists(server, (data) => data.filter((item) => !names.includes(String(nameOf(item)))));

describe("an incident seen with another account's key", () => {
  it("has an unknown state, and is never deleted, closed or forgotten", async () => {
    const { server, run } = await start(0);
    const theirs = await addDeployment(server, { name: "Acme" });
    for (const name of ["a", "b", "c", "d"]) await addAutomation(server, { name, deployment: theirs });
    expect(await run(pause)).toMatchObject(ok);
    const other = await startServer();
    const asOther = at(other);

    const shown = await run(show, asOther);
    expect(shown.code).toBe(8);
    expect(shown.stderr).toMatch(/4 unknown/);
    expect(shown.stdout + shown.stderr).not.toMatch(/gone|deleted/);

    const resumed = await run(resume, asOther);
    expect(resumed.code).toBe(8);
    expect(resumed.stderr).toMatch(
      /can't be seen with key …[\w-]{4}; INC-1 was started with the key …[\w-]{4}/,
    );
    expect(resumed.stdout + resumed.stderr).not.toMatch(/deleted|is closed/);

    const undone = await run("undo last --yes", asOther);
    expect(undone.code).toBe(8);

    const again = await run(resume);
    expect(again).toMatchObject(ok);
    expect(again.stderr).toContain("incident INC-1 is closed");
    expect(await enabledNames(server, [theirs])).toHaveLength(4);
  });

  it("reports a deployment hidden from this key, and resumes the others", async () => {
    const { server, run } = await start(2);
    const second = await addDeployment(server, { name: "Second" });
    await addAutomation(server, { name: "theirs", deployment: second });
    expect(await run(pause)).toMatchObject(ok);
    const fetch: FetchLike = async (url, init) => {
      if (url.includes(second)) return Response.json({ error: "forbidden", message: "no" }, { status: 403 });
      const answer = await fetchFrom(server)(url, init);
      if (!/\/deployments(\?|$)/.test(url)) return answer;
      const body: unknown = await jsonOf(answer);
      const data = isObject(body) && Array.isArray(body.data) ? body.data : [];
      return Response.json({
        data: data.filter((each) => isObject(each) && each.deployment_id !== second),
        next_cursor: null,
      });
    };
    expect(await run(show, at(server, fetch))).toMatchObject({ code: 8 });
    const resumed = await run(resume, at(server, fetch));
    expect(resumed.code).toBe(8);
    expect(await enabledNames(server)).toHaveLength(2);
    expect(resumed.stderr).toContain("stays open");
    expect(await run(resume)).toMatchObject(ok);
  });
});

describe("an incident with incomplete lists", () => {
  it("requests missing automations to find and resume the paused ones", async () => {
    const { server, run, idOf } = await start(3);
    expect(await run(pause)).toMatchObject(ok);
    const id = await idOf("a2");
    await setEnabled(server, id, true);
    const shown = await run(show, at(server, without(server, "a2")));
    expect(shown).toMatchObject({ code: 8, stderr: expect.stringContaining("1 enabled") });
    await setEnabled(server, id, false);
    const empty = withLists(server, () => []);
    const resumed = await run(resume, at(server, empty));
    expect(resumed.stdout).not.toContain("deleted");
    expect(await enabledNames(server)).toEqual(expect.arrayContaining(["a0", "a1"]));
  });

  it("counts automations as deleted if a GET returns 404, and then closes", async () => {
    const { server, run, idOf } = await start(2);
    expect(await run(pause)).toMatchObject(ok);
    await call(server, "DELETE", `/v1/deployments/dep_local/automations/${await idOf("a1")}`);
    expect(await run(show)).toMatchObject({ code: 0, stderr: expect.stringContaining("1 gone") });
    const resumed = await run(resume);
    expect(resumed).toMatchObject({ code: 0, stderr: expect.stringContaining("INC-1 is closed") });
    expect(resumed.stdout).toContain("deleted");
  });

  it("stays open while an automation can't be checked", async () => {
    const { server, run } = await start(2);
    expect(await run(pause)).toMatchObject(ok);
    const hidden = without(server, "a1");
    const fetch: FetchLike = async (url, init) => {
      const isOne = /automations\/auto_\w+$/.test(url) && init.method === "GET";
      if (!isOne) return hidden(url, init);
      const body = await jsonOf(await fetchFrom(server)(url, init));
      return nameOf(body) === "a1" ? new Response("<html>gone</html>", { status: 404 }) : Response.json(body);
    };
    const shown = await run(show, at(server, fetch));
    expect(shown).toMatchObject({ code: 8, stderr: expect.stringContaining("1 unknown") });
    const resumed = await run(resume, at(server, fetch));
    expect(resumed).toMatchObject({ code: 8, stderr: expect.stringContaining("stays open") });
    expect(resumed.stderr).toContain("1 resumed · 1 unknown");
    expect(await run(resume)).toMatchObject({ code: 0, stderr: expect.stringContaining("is closed") });
  });

  it("needs no extra request if the lists are complete", async () => {
    const { server, run } = await start(5);
    expect(await run(pause)).toMatchObject(ok);
    const before = await requestCounts(server);
    expect(await run(show)).toMatchObject(ok);
    const after = await requestCounts(server);
    // The deployments, the list, and runs since the pause, with nothing else to request.
    expect((after.GET ?? 0) - (before.GET ?? 0)).toBeLessThanOrEqual(3);
  });
});

describe("an automation resumed by reference", () => {
  it("counts as resumed for its incident, even after later changes", async () => {
    const { run, server } = await start(3);
    expect(await run(pause)).toMatchObject(ok);
    const refused = await run("automations resume a1");
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('"a1" is held by INC-1') });
    expect(await run("automations resume a1 --yes")).toMatchObject(ok);
    expect(await run(show)).toMatchObject({
      code: 8,
      stderr: expect.stringMatching(
        /1 resumed · 0 runs still going\nresumed by ref: a1; to pause it again: herm automations pause --all-deployments --incident INC-1\n/,
      ),
    });
    const { stdout: shown } = await run(show, { ...at(server), tty: true });
    expect(shown).toMatch(/^a1 +resumed\b.* by ref$/m);
    expect(shown).not.toMatch(/^a[02]\b/m);
    const listed = await run("incidents list --json");
    expect(JSON.parse(listed.stdout)).toMatchObject([{ incident: "INC-1", paused: 2 }]);
    expect(await run("automations resume a0 a2 --yes")).toMatchObject(ok);
    expect(await run(show)).toMatchObject({
      code: 0,
      stderr: expect.stringContaining(
        "\neverything is resumed; to close the incident: herm incidents close INC-1\n",
      ),
    });
    expect(await run("automations pause a1")).toMatchObject(ok);
    expect(await run(resume)).toMatchObject({ code: 0, stderr: expect.stringContaining("is closed") });
    expect(await run(show)).toMatchObject({ code: 0, stderr: expect.stringContaining("2 resumed") });
  });

  it("isn't listed as paused once its incident closes", async () => {
    const { run } = await start(2);
    await run(pause);
    await run("automations resume a1 --yes");
    expect(await run(resume)).toMatchObject({ code: 0, stderr: expect.stringContaining("is closed") });
    expect((await run("incidents list")).stdout).toMatch(/^INC-1\tclosed\t0\t/);
    expect(JSON.parse((await run("incidents list --json")).stdout)).toMatchObject([{ paused: 0 }]);
  });
});

describe("an incident that closed itself", () => {
  it("is checked again, and reopens if an automation is still paused", async () => {
    const { server, run } = await start(3);
    expect(await run(pause)).toMatchObject(ok);
    expect(await run(resume)).toMatchObject(ok);
    const again = await run("automations resume --incident INC-1");
    expect(again).toMatchObject({ code: 0, stderr: expect.stringContaining("INC-1 is closed") });
    expect(await enabledNames(server)).toHaveLength(3);
  });

  it.each([
    ["was true only briefly", true, "is closed"],
    ["was never true", false, "stays open"],
  ])("doesn't count an automation as resumed because it seemed enabled, which %s", async (_, isSo, end) => {
    const { server, run, idOf } = await start(3);
    expect(await run(pause)).toMatchObject(ok);
    const id = await idOf("a1");
    let isFirst = true;
    const seenEnabled: FetchLike = async (url, init) => {
      const isLook = init.method === "GET" && url.endsWith(id) && isFirst;
      if (!isLook) return fetchFrom(server)(url, init);
      isFirst = false;
      if (isSo) await setEnabled(server, id, true);
      const seen = { ...Object(await jsonOf(await fetchFrom(server)(url, init))), enabled: true };
      if (isSo) await setEnabled(server, id, false);
      return Response.json(seen);
    };
    const resumed = await run(resume, at(server, seenEnabled));
    expect(resumed).toMatchObject({ code: 8, stderr: expect.stringContaining("2 resumed · 1 failed") });
    expect(resumed.stdout).toMatch(/^a1\tfailed\t.*\tpaused again when checked$/m);
    expect(resumed.stderr).toContain(end);
    if (isSo) return;
    expect(await run(resume)).toMatchObject({ code: 0, stderr: expect.stringContaining("is closed") });
    expect(await enabledNames(server)).toHaveLength(3);
  });

  it("stays open if reads contradict the responses, and prints a hint to finish it", async () => {
    const { server, run } = await start(3);
    expect(await run(pause)).toMatchObject(ok);
    const lying: FetchLike = async (url, init) => {
      if (init.method !== "PATCH") return fetchFrom(server)(url, init);
      const answer = await fetchFrom(server)(url, { ...init, method: "GET", body: undefined });
      return Response.json({ ...Object(await jsonOf(answer)), enabled: true });
    };
    const resumed = await run(resume, at(server, lying));
    expect(resumed.code).toBe(8);
    expect(resumed.stderr).toContain("3 failed");
    expect(resumed.stderr).toContain("3 still paused");
    expect(resumed.stderr).not.toContain("is closed");
    expect(resumed.stderr).toContain("to resume the rest: herm automations resume --incident INC-1");
    expect(await run(resume)).toMatchObject({ code: 0, stderr: expect.stringContaining("is closed") });
    expect(await enabledNames(server)).toHaveLength(3);
  });
});

describe("lists that lag behind changes", () => {
  it("don't cause a pause or resume to fail", async () => {
    const { server, run } = await start(4);
    /** Always shows the first state. */
    const lagging = () => {
      let first: unknown[] | undefined;
      return withLists(server, (data) => (first ??= data));
    };
    expect(await run(pause, at(server, lagging()))).toMatchObject({
      code: 0,
      stderr: expect.stringContaining("0 enabled"),
    });
    expect(await enabledNames(server)).toEqual([]);
    const resumed = await run(resume, at(server, lagging()));
    expect(resumed).toMatchObject({ code: 0, stderr: expect.stringContaining("is closed") });
    expect(await enabledNames(server)).toHaveLength(4);
  });
});

describe("an unreadable deployment", () => {
  it("has its name shortened in the middle by incidents show at 80 columns", async () => {
    const { server, run } = await start(1);
    const places: string[] = [];
    for (const name of ["Blumengroßhandel Rheinland EU", "Blumengroßhandel Rheinland US"])
      places.push(await addDeployment(server, { name }));
    for (const deployment of places) await addAutomation(server, { deployment, name: "Digest" });
    expect(await run(pause)).toMatchObject(ok);
    const refused: FetchLike = async (url, init) =>
      url.includes(`${places[1]}/automations`)
        ? new Response("", { status: 403 })
        : fetchFrom(server)(url, init);
    const { code, stdout } = await run(show, { ...at(server, refused), tty: true, columns: 80 });
    expect(code).toBe(8);
    expect(stdout).toMatch(/^Blumeng…and US: 1 {2}unknown/m);
  });
});
