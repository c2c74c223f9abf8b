import { describe, expect, it } from "vitest";
import type { FetchLike } from "../../src/api/fetch.js";
import { answer } from "../support/fake-api.js";
import { type HermOptions, herm, nobodyListens, temporaryFolder } from "../support/harness.js";

const now = new Date("2026-03-02T09:00:00Z");
const sound =
  '{"automation_id":"auto_1","name":"Report","schedule":"0 9 * * 1","enabled":true,"next_run_at":"2026-03-09T09:00:00Z"}';
const entries = [
  sound,
  "null",
  '{"name":"no id","enabled":true}',
  '{"automation_id":"auto_2","name":7,"schedule":{"cron":"@daily"},"enabled":null,"next_run_at":"soon","last_run_at":12345678901234567890,"last_run_status":[]}',
  '{"automation_id":"auto_3"}',
];

const deployment =
  '{"deployment_id":"dep_1","customer_id":"cus_1","name":"Shop","status":"ready","created_at":"2026-01-01T00:00:00Z"}';

/** An API with these entries, whose response to a PATCH contains only the id. */
function odd(items: readonly string[] = entries): HermOptions & { patched: string[] } {
  const patched: string[] = [];
  const fetch: FetchLike = async (url, { method, body }) => {
    const { pathname } = new URL(url);
    const [, , , , room, id] = pathname.split("/");
    if (method === "PATCH") {
      patched.push(`${id} ${body}`);
      return answer(
        200,
        `{"automation_id":"${id}","name":"Report","enabled":${JSON.parse(body ?? "{}").enabled}}`,
      );
    }
    if (pathname === "/v1/deployments")
      return answer(200, `{"data":[${deployment},null],"next_cursor":null}`);
    if (room === "automations" && id === undefined)
      return answer(200, `{"data":[${items.join(",")}],"next_cursor":null}`);
    if (room === "automations") return answer(200, items.find((item) => item.includes(`"${id}"`)) ?? "{}");
    return answer(200, deployment);
  };
  return { fetch, key: "key_of_the_tests", now, patched };
}

describe("items with unreadable fields", () => {
  it("are listed with dashes", async () => {
    const { stdout } = await herm(["automations", "list", "-d", "dep_1"], odd());
    expect(stdout.split("\n")).toEqual([
      "Report\t0 9 * * 1\tenabled\t\t2026-03-09T09:00:00Z\tauto_1",
      "–\t–\t–\t\t\tauto_2",
      "–\t–\t–\t\t\tauto_3",
      "–\t–\t–\t\t\t–",
      "–\t–\t–\t\t\t–",
      "",
    ]);
    const shown = await herm(["automations", "list", "-d", "dep_1"], { ...odd(), tty: true, columns: 100 });
    expect(shown.stdout).toMatch(/^– +– +– +– +auto_2$/m);
  });

  it("are unchanged in JSON, with their deployment if they have an id", async () => {
    const { stdout } = await herm(["automations", "list", "-d", "dep_1", "-o", "jsonl"], odd());
    const where = ',"deployment_id":"dep_1","state":null}';
    expect(stdout.split("\n")).toEqual([
      sound.replace(/}$/, where.replace("null", '"enabled"')),
      entries[3]?.replace(/}$/, where),
      entries[4]?.replace(/}$/, where),
      "null",
      '{"name":"no id","enabled":true}',
      "",
    ]);
  });

  it("are omitted from -o name without a readable id", async () => {
    const { stdout } = await herm(["automations", "list", "-d", "dep_1", "-o", "name"], odd());
    expect(stdout).toBe("auto_1\nauto_2\nauto_3\n");
  });

  it("match neither --enabled nor --paused", async () => {
    for (const flag of ["--enabled", "--paused"]) {
      const { stdout } = await herm(["automations", "list", "-d", "dep_1", flag, "-o", "name"], odd());
      expect(stdout).toBe(flag === "--enabled" ? "auto_1\n" : "");
    }
  });

  it("are shown by get with dashes, and unchanged in JSON", async () => {
    const piped = await herm(["automations", "get", "dep_1/auto_2"], odd());
    expect(piped.stdout).toContain("name\t–\nschedule\t–\nenabled\t–\nnext_run_at\t\n");
    const shown = await herm(["automations", "get", "dep_1/auto_2", "--verbose"], { ...odd(), tty: true });
    expect(shown.stdout).toContain("next run    –\n");
    expect(shown.stdout).toContain(
      "Next times (estimated by herm)\n  unknown: only the platform can read this schedule",
    );
    const json = await herm(["automations", "get", "dep_1/auto_2", "-o", "json"], odd());
    expect(json.stdout).toContain('"last_run_at": 12345678901234567890,');
    expect(json.stdout).toContain('"name": 7,');
  });

  it("may be deployments, and are listed with dashes", async () => {
    const { stdout } = await herm(["deployments", "list"], odd());
    expect(stdout).toBe("Shop\tready\tcus_1\t2026-01-01T00:00:00Z\tdep_1\n–\t–\t–\t–\t–\n");
  });

  it("are paused if possibly enabled, but resumed only by name", async () => {
    const options = {
      ...odd([sound, '{"automation_id":"auto_3","name":"Report 3","schedule":"@daily"}']),
      home: temporaryFolder(),
    };
    const paused = await herm(
      ["automations", "pause", "--all", "-d", "dep_1", "--incident", "i", "--yes"],
      options,
    );
    expect(paused.code).toBe(8);
    expect(options.patched).toEqual(['auto_1 {"enabled":false}', 'auto_3 {"enabled":false}']);
    const shown = await herm(["incidents", "show", "i", "-o", "json"], options);
    expect(shown.code).toBe(8);
    expect(JSON.parse(shown.stdout).items).toMatchObject([
      { state: "enabled" },
      { automation_id: "auto_3", state: "unknown" },
    ]);
    options.patched.length = 0;
    const resumed = await herm(["automations", "resume", "--incident", "i", "--yes"], options);
    expect(resumed.stdout).toContain("unknown whether it was enabled before");
    expect(options.patched).toEqual([]);
  });

  it("don't make a fleet's pause fail unless they can't be paused", async () => {
    const options = { ...odd([sound, "null"]), home: temporaryFolder() };
    const { code, stdout } = await herm(
      ["automations", "pause", "--all", "-d", "dep_1", "--incident", "i", "--yes"],
      options,
    );
    expect(code).toBe(8);
    expect(options.patched).toEqual(['auto_1 {"enabled":false}']);
    expect(stdout).toContain("1 of its automations has no id and can't be changed");
  });

  it("are counted even in a deployment missing from the list", async () => {
    const { fetch = nobodyListens, ...options } = odd([sound]);
    const unlisted: FetchLike = async (url, init) =>
      url.includes("/deployments?") ? answer(200, '{"data":[],"next_cursor":null}') : fetch(url, init);
    const words = ["automations", "catch-up", "dep_1/auto_1", "--since", "1d", "--dry-run"];
    const { code, stderr } = await herm(words, { ...options, fetch: unlisted });
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining(" · 1 of 1 deployment\n") });
  });

  it("are omitted from manifests, with a note", async () => {
    const whole = sound.replace(/}$/, ',"instructions":"Do it."}');
    const { code, stdout, stderr } = await herm(["export", "-d", "dep_1"], odd([whole, ...entries.slice(1)]));
    expect(code).toBe(0);
    expect(stdout).toContain("name: Report\n");
    expect(stderr).toContain(
      "skipped in dep_1, because the API omits fields that a manifest needs: auto_2, auto_3",
    );
  });
});
