import { describe, expect, it } from "vitest";
import { addAutomation, addDeployment, addFault, enabledNames, requestCounts } from "../incident/fleet.js";
import { type HermOptions, herm, startServer, temporaryFolder } from "../support/harness.js";

/**
 * Two deployments of two customers, each with `Weekly` and `Daily`, and a manifest that changes both. Each has failed
 * once, for commands that read past runs.
 */
async function start(name = "") {
  const server = await startServer();
  const shop = await addDeployment(server, { name: "Acme shop", customer: "acme:eu 7" });
  const ids = new Map<string, string>();
  for (const deployment of ["dep_local", shop]) {
    for (const name of ["Weekly", "Daily"]) {
      const id = await addAutomation(server, { name, deployment, instructions: "@dev fail no luck" });
      ids.set(`${deployment === shop ? "shop" : "local"} ${name}`, id);
      ids.set(id, `${deployment === shop ? "shop" : "local"} ${name}`);
    }
  }
  const home = temporaryFolder();
  const aheadMs = lookingBack.has(name) ? 8 * 86_400_000 : 0;
  if (aheadMs > 0) await server.advance(aheadMs / 1000);
  const now = new Date(Date.now() + aheadMs);
  const run = (argv: readonly string[], options: HermOptions = {}) =>
    herm(argv, { server, home, now, ...options });
  const item = (name: string) => `  - {name: ${name}, schedule: "0 7 * * *", instructions: Do it.}\n`;
  const stdin = `automations:\n${item("Weekly")}${item("Daily")}`;
  return { server, shop, ids, home, run, stdin };
}

const everywhere = "--all-deployments";
const incident = ["--incident", "INC-1", "--yes"];
const pauseAll = ["automations", "pause", everywhere, ...incident];

/** Every command that accepts a selection, how it is called, and its effect on automations that it doesn't exclude. */
const commands: [string, string[]][] = [
  ["list", ["automations", "list", everywhere]],
  ["upcoming", ["automations", "upcoming", everywhere, "--within", "8d"]],
  ["diff", ["diff", "-f", "-", everywhere]],
  ["apply", ["apply", "-f", "-", everywhere, "--dry-run"]],
  ["pause", ["automations", "pause", everywhere, "--dry-run"]],
  ["resume", ["automations", "resume", "--incident", "INC-1", "--dry-run"]],
  ["status", ["status", everywhere]],
  ["audit", ["automations", "audit", everywhere, "--verbose"]],
  ["audit by automation", ["automations", "audit", everywhere, "--by", "automation"]],
  ["runs list", ["runs", "list", everywhere]],
];
const lookingBack = new Set(["status", "audit", "audit by automation", "runs list"]);
const changing = new Set(["apply", "pause", "resume"]);

describe("--except", () => {
  it.each(commands)("means the same to %s as to every other command", async (name, argv) => {
    const { run, shop, ids, stdin } = await start(name);
    if (name === "resume") expect((await run(pauseAll)).code).toBe(0);
    const all = ["local Daily", "local Weekly", "shop Daily", "shop Weekly"];
    const left = async (...excepts: string[]) => {
      const flags = excepts.flatMap((except) => ["--except", except]);
      const { stdout, stderr } = await run([...argv, ...flags, "-o", "json"], { stdin });
      expect(stderr).not.toContain("matches nothing");
      const told = JSON.parse(stdout);
      const rows: { automation_id: string; reason?: string }[] = told.needs_attention ?? told;
      const kept = rows.filter(({ reason }) => reason !== "excluded by --except");
      return [...new Set(kept.map(({ automation_id }) => ids.get(automation_id) ?? automation_id))].sort();
    };
    const ofLocal = all.slice(0, 2);
    expect(await left()).toEqual(all);
    expect(await left(shop)).toEqual(ofLocal);
    expect(await left("Acme shop")).toEqual(ofLocal);
    expect(await left("acme:eu 7")).toEqual(ofLocal);
    expect(await left(ids.get("shop Daily") ?? "")).toEqual([...ofLocal, "shop Weekly"]);
    expect(await left("W*ly")).toEqual(["local Daily", "shop Daily"]);
    expect(await left("Daily", "acme:eu 7")).toEqual(["local Weekly"]);
  });

  it.each(commands)("matches a single deployment by customer and by name in %s", async (name, argv) => {
    const { run, shop, stdin } = await start(name);
    if (name === "resume") await run([...pauseAll.slice(0, 2), "-d", shop, "--all", ...incident]);
    const single = argv.flatMap((word) => (word === everywhere ? ["-d", shop] : [word]));
    const wanted = name === "pause" ? [...single, "--all"] : single;
    for (const except of ["acme:eu 7", "Acme shop"]) {
      const { stdout, stderr } = await run([...wanted, "--except", except, "-o", "name"], { stdin });
      expect({ stdout, stderr }).toEqual({
        stdout: "",
        stderr: expect.not.stringContaining("matches nothing"),
      });
    }
  });

  it.each(commands)("is reported by %s if it matches nothing", async (name, argv) => {
    const { run, stdin } = await start(name);
    if (name === "resume") await run(pauseAll);
    const told = await run([...argv, "--except", "Wekly", "-o", "name"], { stdin });
    if (!changing.has(name))
      return expect(told.stderr).toContain('warning: --except "Wekly" matches nothing\n');
    expect(told).toMatchObject({ code: 4, stdout: "" });
    expect(told.stderr).toContain(
      `--except "Wekly" matches nothing in ${name === "resume" ? "the incident" : "the selection"}`,
    );
    expect(told.stderr).toContain('did you mean "Weekly"?');
  });

  it("prevents every change by apply, pause and resume if it matches nothing", async () => {
    const { server, run, stdin } = await start();
    const paused = await run([...pauseAll, "--except", "cus_none"]);
    const applied = await run(["apply", "-f", "-", everywhere, "--yes", "--except", "dep_gone"], { stdin });
    expect([paused.code, applied.code]).toEqual([4, 4]);
    expect(await requestCounts(server)).not.toHaveProperty("PATCH");
    await run(pauseAll);
    const resumed = await run(["automations", "resume", ...incident, "--except", "auto_gone"]);
    expect(resumed).toMatchObject({ code: 4, stdout: "" });
    expect(await enabledNames(server, ["dep_local"])).toEqual([]);
  });

  it("stops runs answer before its questions if it matches nothing", async () => {
    const { run } = await start();
    const refused = await run(["runs", "answer", everywhere, "--except", "Wekly"], { answers: [] });
    expect(refused).toMatchObject({ code: 4, stdout: "" });
    expect(refused.stderr).toContain('--except "Wekly" matches nothing in the selection');
  });

  it("causes only a warning if it might match something in an unread deployment", async () => {
    const { server, shop, run } = await start();
    const id = await addAutomation(server, { name: "Billing", deployment: shop });
    await addFault(server, {
      method: "GET",
      path: `/v1/deployments/${shop}/automations`,
      count: null,
      action: { type: "fail", status: 400 },
    });
    const { code, stderr } = await run([...pauseAll, "--except", id]);
    expect(code).toBe(8);
    expect(stderr).toContain(`warning: --except "${id}" matches none of the automations that could be read`);
    expect(await enabledNames(server, ["dep_local"])).toEqual([]);
  });

  it("matches an automation that a manifest is about to create", async () => {
    const { server, run, stdin } = await start();
    const made = `${stdin}  - {name: Fresh, schedule: "0 7 * * *", instructions: Do it.}\n`;
    const applied = await run(["apply", "-f", "-", everywhere, "--yes", "--except", "Fresh"], {
      stdin: made,
    });
    expect(applied.code).toBe(0);
    expect(await enabledNames(server, ["dep_local"])).toEqual(["Daily", "Weekly"]);
  });
});
