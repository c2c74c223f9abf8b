import { describe, expect, it } from "vitest";
import type { FetchLike } from "../../src/api/fetch.js";
import { addAutomation, call } from "../incident/fleet.js";
import { fetchFrom, herm, startServer, temporaryFolder } from "../support/harness.js";
import { useMachineZone } from "../support/machine-zone.js";

const start = Date.parse("2026-03-02T00:30:00Z");
const served = new Date(start + 5.5 * 3_600_000);

/** A server whose clock was moved to 2 March, 06:00, with a run each hour, and a run that is waiting. */
async function prepare() {
  const server = await startServer({ startAt: start, now: () => start });
  await addAutomation(server, { name: "Hourly", schedule: "0 * * * *" });
  await addAutomation(server, { name: "Asks", schedule: "30 */2 * * *", instructions: "@dev ask May I?" });
  await server.advance(5.5 * 3600);
  const { body } = await call(server, "GET", "/v1/deployments/dep_local/automations");
  const ids = (body.data as { automation_id: string }[]).map(({ automation_id }) => automation_id);
  return { server, ids };
}

const offset = [0, -250 * 86_400_000, 250 * 86_400_000];

describe("a local server, reached by address, with a different clock", () => {
  // In some zones, 04:00 is still in the future at that time.
  useMachineZone("UTC");

  it.each([
    "automations audit --since 3h --verbose",
    "automations audit --since 3h --verbose --all-deployments",
    "automations audit Hourly --since 02:00 --until 04:00 -o json",
    "automations audit {id} --since 3h --verbose",
    "automations catch-up --since 3h --dry-run",
    "automations list",
    "automations list --overdue --columns name,last",
    "automations list --overdue --all-deployments -o json",
    "automations get {id}",
    "automations upcoming --within 3h",
    "automations create --name New --schedule @hourly --instructions x --dry-run",
    "status",
    "runs list --since 2h",
    "runs list {id} --since 2h --until 1h",
    "runs list --since today --limit 2",
    "automations audit --since 4h --by automation",
    "deployments list",
  ])("determines the times that herm shows: %s", async (words) => {
    const { server, ids } = await prepare();
    const argv = words.replace("{id}", `dep_local/${ids[0]}`).split(" ");
    const env: Record<string, string> = words.includes("--all") ? {} : { HERM_DEPLOYMENT: "dep_local" };
    const shown = [];
    for (const offMs of offset)
      for (const tty of [false, true]) {
        const now = new Date(served.getTime() + offMs);
        shown.push(await herm(argv, { server, now, env, tty, columns: 120, home: temporaryFolder() }));
      }
    const [piped, onScreen, ...others] = shown;
    expect(piped?.code).toBe(0);
    expect(others).toEqual([piped, onScreen, piped, onScreen]);
    expect(`${piped?.stderr}${onScreen?.stderr}`).not.toContain("warning");
  });

  it("determines which times are rejected as future", async () => {
    const { server } = await prepare();
    const env = { HERM_DEPLOYMENT: "dep_local" };
    const now = new Date("2026-11-28T12:00:00Z");
    for (const words of ["automations audit", "runs list"]) {
      const { code, stderr } = await herm([...words.split(" "), "--since", "2026-06-01"], {
        server,
        env,
        now,
      });
      expect({ code, stderr }).toMatchObject({
        code: 2,
        stderr: expect.stringContaining("is in the future"),
      });
    }
  });

  it("is reported by doctor", async () => {
    const { server } = await prepare();
    const now = new Date("2026-11-28T12:00:00Z");
    const { stdout } = await herm(["doctor"], { server, now });
    expect(stdout).toContain("ok\tclock\tthe local server's own: 2026-03-02T06:00:00Z\t\n");
  });
});

describe("a server of another kind on this machine", () => {
  it("is reported, with its clock, if the clock is far off", async () => {
    const { server } = await prepare();
    const whole = fetchFrom(server);
    const fetch: FetchLike = async (url, init) => {
      const answer = await whole(url, init);
      const headers = { date: answer.headers.get("date") ?? "", "content-type": "application/json" };
      return new Response(await (answer as Response).text(), { status: answer.status, headers });
    };
    const env = { HERM_DEPLOYMENT: "dep_local" };
    for (const [minutes, off] of [
      [5, "5 min ahead of the server's"],
      [-180, "3 h behind the server's"],
    ] as const) {
      const now = new Date(served.getTime() + minutes * 60_000);
      const { code, stderr } = await herm(["automations", "list", "-q"], { server, fetch, now, env });
      const warning = `warning: this machine's clock is ${off}: times estimated here are off\n`;
      expect({ code, stderr }).toEqual({ code: 0, stderr: warning });
    }
  });
});
