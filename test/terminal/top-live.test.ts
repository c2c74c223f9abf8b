import { describe, expect, it } from "vitest";
import { addAutomation, addDeployment, addFault, call } from "../incident/fleet.js";
import { leaveTop, type Place, startPlace, until } from "./place.js";

const endsWith = (text: RegExp) => (lines: string[]) => text.test(lines[0] ?? "");
const isLive = endsWith(/ updated \d\d:\d\d:\d\d, live$/);

/** From now on, reading everything takes until the test ends, so news can only come through a stream. */
async function stopReadings({ server }: Place, deployment_id: string): Promise<void> {
  const path = `/v1/deployments/${deployment_id}/automations`;
  await addFault(server, { method: "GET", path, count: 100, action: { type: "delay", ms: 600_000 } });
  await expect
    .poll(async () => (await call(server, "GET", "/_dev/faults")).body)
    .toContainEqual(expect.objectContaining({ count: 99 }));
}

/** The requested paths with this ending, with the number of requests. */
async function asked({ server }: Place, end: string): Promise<{ path: string; count: number }[]> {
  const { body } = await call(server, "GET", "/_dev/requests");
  const counts: { method?: unknown; path?: unknown; count?: unknown }[] = Array.isArray(body) ? body : [];
  return counts
    .filter(({ method, path }) => method === "GET" && String(path).endsWith(end))
    .map(({ path, count }) => ({ path: String(path), count: Number(count) }));
}

/** The deployments whose events have been requested so far. */
async function streamsOf(place: Place): Promise<string[]> {
  return (await asked(place, "/events")).flatMap(({ path }) => path.split("/").at(-2) ?? []);
}

describe("the events on the live screen", () => {
  it("show runs that start, ask, fail and end, without other requests", async () => {
    const place = await startPlace({ stepDelayMs: 300 });
    const other = await addDeployment(place.server, { name: "Other" });
    await addAutomation(place.server, { name: "Theirs", deployment: other });
    const ids = [
      await place.add("Digest", { instructions: "Make five.\n@dev wait 60" }),
      await place.add("Asks", { instructions: "@dev ask Publish five?" }),
      await place.add("Fails", { instructions: "@dev fail no more quota" }),
    ];
    const terminal = place.open(["top", "--all-deployments"], { columns: 120 });
    await until(terminal, isLive);
    await stopReadings(place, other);
    const trigger = (id = "") =>
      call(place.server, "POST", `/v1/deployments/dep_local/automations/${id}/trigger`);
    await trigger(ids[0]);
    await terminal.shows("● now");
    await place.server.advance(60);
    await until(terminal, (lines) => lines.some((line) => /Digest .*✓/.test(line)));
    await trigger(ids[1]);
    await terminal.shows("? waiting");
    await trigger(ids[2]);
    await terminal.shows("✗ failing");
    expect(terminal.lines()[1]).toBe("1 waiting · 1 failing · 2 enabled");
    await leaveTop(terminal);
  });

  it("reload details only for their own automation, even for an older run", async () => {
    const place = await startPlace({ stepDelayMs: 300 });
    const other = await addDeployment(place.server, { name: "Other" });
    await addAutomation(place.server, { name: "Theirs", deployment: other });
    const asks = await place.add("Asks", { instructions: "@dev ask Publish five?" });
    const digest = await place.add("Digest", { instructions: "Make five." });
    const path = `/v1/deployments/dep_local/automations/${asks}`;
    await call(place.server, "POST", `${path}/trigger`);
    const terminal = place.open(["top", "--all-deployments"], { columns: 120, rows: 30 });
    await until(terminal, isLive);
    await terminal.shows("asks      Publish five?");
    await stopReadings(place, other);
    const before = await asked(place, path);
    await call(place.server, "POST", `/v1/deployments/dep_local/automations/${digest}/trigger`);
    await until(terminal, (lines) => lines.some((line) => /Digest .*✓/.test(line)));
    expect(await asked(place, path)).toEqual(before);

    await call(place.server, "PATCH", path, { instructions: "Make five." });
    await call(place.server, "POST", `${path}/trigger`);
    await terminal.shows("✓ completed · an older run is waiting");
    const { thread_id } = (await call(place.server, "GET", path)).body;
    await call(place.server, "POST", "/v1/deployments/dep_local/messages", { content: "yes", thread_id });
    await until(terminal, (lines) => !lines.join("\n").includes("an older run is waiting"));
    await leaveTop(terminal);
  });

  it("are replaced by polling if the API lacks them, with one note", async () => {
    const place = await startPlace();
    const id = await place.add("Digest");
    const path = "/v1/deployments/*/events";
    const body = { error: "forbidden", message: "the key lacks\u001b[2J the scope" };
    await addFault(place.server, { path, count: null, action: { type: "fail", status: 403, body } });
    const terminal = place.open(["top"], { columns: 130 });
    const said =
      /^Local is refreshed every few seconds instead: its events can't be followed \(.*the key lacks/;
    await until(terminal, (lines) => said.test(lines.at(-1) ?? ""));
    expect(terminal.lines()[0]).toMatch(/ updated \d\d:\d\d:\d\d$/);
    await call(place.server, "POST", `/v1/deployments/dep_local/automations/${id}/trigger`);
    await until(terminal, (lines) => lines.some((line) => /Digest .*✓/.test(line)));
    terminal.type("j");
    await until(terminal, (lines) => lines.at(-1)?.startsWith("? keys") === true);
    await leaveTop(terminal);
    expect(await asked(place, "/events")).toMatchObject([{ count: 1 }]);
  });

  it("cause no message if the key is rejected, because reads report it", async () => {
    const place = await startPlace();
    await place.add("Digest");
    const terminal = place.open(["top"], { columns: 120 });
    await until(terminal, isLive);
    const action = { type: "fail", status: 401 };
    await addFault(place.server, { method: "GET", path: "/v1/**", count: null, action });
    await addFault(place.server, { method: "GET", path: "/v1/**/events", count: 1, action: { type: "cut" } });
    await terminal.shows("Local (~) doesn't respond: ");
    expect(terminal.written()).not.toContain("can't be followed");
    await call(place.server, "DELETE", "/_dev/faults");
    await until(terminal, endsWith(/ updated \d\d:\d\d:\d\d(, live)?$/));
    await leaveTop(terminal);
  });

  it("resume after an interruption, including the missed events", async () => {
    const place = await startPlace();
    const other = await addDeployment(place.server, { name: "Other" });
    await addAutomation(place.server, { name: "Theirs", deployment: other });
    const id = await place.add("Digest");
    const path = "/v1/deployments/dep_local/events";
    // Its first event ends it, and it isn't reopened at once.
    await addFault(place.server, { path, action: { type: "cut", after_bytes: 60 } });
    await addFault(place.server, { path, count: 2, action: { type: "fail", status: 503 } });
    const terminal = place.open(["top", "--all-deployments"], { columns: 120 });
    await terminal.shows("Digest");
    await until(terminal, (lines) => /, live/.test(lines[0] ?? ""));
    await stopReadings(place, other);
    await call(place.server, "POST", `/v1/deployments/dep_local/automations/${id}/trigger`);
    await until(terminal, endsWith(/, 1 live, 1 slower/));
    await terminal.shows("✓");
    await until(terminal, isLive);
    await leaveTop(terminal);
  });

  it("come from at most eight visible deployments, none of them scrolled away", async () => {
    const place = await startPlace();
    const ids: string[] = [];
    for (let number = 10; number < 70; number += 1) {
      const deployment = await addDeployment(place.server, { name: `Customer ${number}` });
      await addAutomation(place.server, { name: `Report ${number}`, deployment });
      ids.push(deployment);
    }
    const terminal = place.open(["top", "--all-deployments"], { columns: 120 });
    await until(terminal, endsWith(/ of 60 .*, 8 live, 53 slower/));
    // The order of the rows is random, and the first is selected.
    terminal.type("g");
    await terminal.shows("› Customer 10");
    // The selected one's above all.
    await expect.poll(() => streamsOf(place)).toContain(ids[0]);
    const before = new Set(await streamsOf(place));
    // In one piece, because on a busy machine, keys sent one by one scroll for longer than a stream waits.
    terminal.type("\x1b[B".repeat(70));
    await terminal.shows("› Customer 69");
    await expect.poll(() => streamsOf(place)).toContain(ids.at(-1));
    await until(terminal, endsWith(/ 47–60 of 60 .*, 8 live, 53 slower/));
    const passed = new Set(ids.slice(14, 46).filter((id) => !before.has(id)));
    expect((await streamsOf(place)).filter((id) => passed.has(id))).toEqual([]);
    await leaveTop(terminal);
  });
});

describe("deployments that appear or disappear during the live screen", () => {
  const quick = { preload: "quick-clock", env: { TEST_NOW: String(Date.now()) } } as const;

  it("are shown by default, and stay, marked, when they become invisible", async () => {
    const place = await startPlace();
    await place.add("Digest");
    const terminal = place.open(["top", "--all-deployments"], quick);
    await until(terminal, (lines) => lines[0]?.startsWith("herm top · Local · ") === true);
    const other = await addDeployment(place.server, { name: "Other" });
    await addAutomation(place.server, { name: "Theirs", deployment: other });
    await terminal.shows("› Local       Digest");
    expect(terminal.lines().join("\n")).toMatch(/^herm top · 2 deployments · [\s\S]*^ {2}Other {7}Theirs /m);
    const body = { data: [{ deployment_id: "dep_local", name: "Local" }], next_cursor: null };
    const action = { type: "fail", status: 200, body };
    await addFault(place.server, { path: "/v1/deployments", count: null, action });
    const path = `/v1/deployments/${other}/automations`;
    const notFound = {
      type: "fail",
      status: 404,
      body: { error: "not_found", message: "no such deployment" },
    };
    await addFault(place.server, { path, count: null, action: notFound });
    await terminal.shows(`Other (~) doesn't respond: ${other} can't be seen with key …`);
    expect(terminal.lines().join("\n")).toMatch(/^herm top · 2 deployments · [\s\S]*^ ~Other {7}Theirs /m);
    await leaveTop(terminal);
  });

  it("stay unchanged while their list fails or is empty", async () => {
    const place = await startPlace();
    await place.add("Digest");
    const terminal = place.open(["top", "--all-deployments"], quick);
    await terminal.shows("Digest");
    await addFault(place.server, {
      path: "/v1/deployments",
      count: 1,
      action: { type: "fail", status: 403 },
    });
    const body = { data: [], next_cursor: null };
    await addFault(place.server, {
      path: "/v1/deployments",
      count: 1,
      action: { type: "fail", status: 200, body },
    });
    const faults = async () => (await call(place.server, "GET", "/_dev/faults")).body;
    // Both come one after the other, which takes long beside other work.
    await expect.poll(faults, { timeout: 90_000 }).toHaveLength(0);
    await place.add("Later");
    await terminal.shows("Later");
    expect(terminal.lines().join("\n")).toMatch(/^herm top · Local · [\s\S]*^› Digest/m);
    await leaveTop(terminal);
  });
});
