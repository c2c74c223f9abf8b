import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { FetchInit, FetchLike } from "../../src/api/fetch.js";
import { addFault } from "../incident/fleet.js";
import { fetchFrom, temporaryFolder } from "../support/harness.js";
import { inShort, startAt, startOnMonday } from "./manifest-server.js";

const now = new Date(startAt);
const local = ["-d", "dep_local"];

const item = (name: string, rest = "", instructions = "x") =>
  `  - name: ${name}\n    schedule: every day at 9am\n    instructions: ${instructions}\n${rest}`;
const manifest = (...items: string[]) => `automations:\n${items.join("")}`;

describe("apply", () => {
  it("creates missing automations, and changes nothing the second time", async () => {
    const { run, write, state, writes } = await startOnMonday();
    write({
      "herm.yaml": `automations:
  - name: Weekly report
    schedule: every Monday at 9am
    instructions: |
      Look at last week.
      Write it up.
  - name: Daily digest
    schedule: every day at 9am
    tz: Europe/Berlin
    instructions: Sum up.
    enabled: false
`,
    });
    const first = await run(["apply", "-f", "herm.yaml", ...local, "-o", "table"], { now });
    expect(first.code).toBe(0);
    expect(first.stdout).toMatch(
      /^dep_local\tdep_local\tcreate\tWeekly report\tauto_\w+\tname,schedule,instructions\t\tdone\t\ndep_local\tdep_local\tcreate\tDaily digest\tauto_\w+\tname,schedule,instructions,enabled\t\tdone\t\n$/,
    );
    expect(first.stderr).toMatch(
      /^default · 127\.0\.0\.1 · key …\S{4} · 1 of 1 deployment\ndep_local\n {2}\+ Weekly report\n {6}schedule {2}every Monday at 09:00 UTC \(0 9 \* \* 1\)\n {6}\+ Look at last week\.\n {6}\+ Write it up\.\n {2}\+ Daily digest\n {6}schedule {2}every day at 08:00 UTC \(0 8 \* \* \*\)\n {6}enabled {2}false\n {6}\+ Sum up\.\n\nPlan: 2 to create\n2 applied\nundo: herm undo c_\w{6}\n$/,
    );
    expect(await state()).toMatchObject([
      { name: "Daily digest", schedule: "0 8 * * *", enabled: false, instructions: "Sum up." },
      {
        name: "Weekly report",
        schedule: "0 9 * * 1",
        enabled: true,
        instructions: "Look at last week.\nWrite it up.\n",
      },
    ]);
    await writes();
    const second = await run(["apply", "-f", "herm.yaml", ...local, "--json"], { now });
    const stderr = "no changes: 2 automations match the files\n";
    expect(second).toEqual({ code: 0, stdout: "[]\n", stderr });
    const rows = await run(["apply", "-f", "herm.yaml", ...local, "--json", "--verbose"], { now });
    expect(inShort(rows.stdout)).toEqual(["unchanged Weekly report", "unchanged Daily digest"]);
    expect(await writes()).toEqual([]);
  });

  it("prints with -o name only the ids that it changed or would change", async () => {
    const { server, run, create, state } = await startOnMonday();
    await create({ name: "Same" });
    const changed = await create({ name: "Changed", instructions: "old" });
    const failing = await create({ name: "Failing", instructions: "old" });
    const stdin = manifest(item("Same"), item("Changed"), item("Failing"), item("New"));
    const words = ["apply", "-f", "-", ...local, "-o", "name"];
    const planned = await run([...words, "--dry-run"], { now, stdin });
    expect(planned.stdout).toBe(`${changed.automation_id}\n${failing.automation_id}\n`);
    const path = `/v1/deployments/dep_local/automations/${failing.automation_id}`;
    await addFault(server, { method: "PATCH", path, action: { type: "fail", status: 400 } });
    const applied = await run(words, { now, stdin });
    expect(applied.code).toBe(8);
    const made = (await state()).find(({ name }) => name === "New");
    expect(applied.stdout).toBe(`${changed.automation_id}\n${made?.automation_id}\n`);
    expect((await run(words, { now, stdin: manifest(item("Same")) })).stdout).toBe("");
  });

  it("renames and removes, keeps manual pauses, and ignores the customer's own automations", async () => {
    const { run, write, state, create, call, writes } = await startOnMonday();
    const own = await create({ name: "My own", schedule: "0 7 * * 1" });
    const old = await create({ name: "Old name" });
    await create({ name: "Gone" });
    const moved = await create({ name: "Moved", schedule: "0 6 * * 6" });
    write({
      "herm.yaml": `${manifest(
        item("Paused", "    enabled: true\n"),
        item("New name", "    formerly: Old name\n"),
        item("Moved", "    initial: true\n"),
      )}removed: [Gone]\n`,
    });
    const words = ["apply", "-f", "herm.yaml", ...local, "--yes", "--json", "--verbose"];
    const first = await run(words, { now });
    expect(inShort(first.stdout)).toEqual([
      "create Paused done",
      "rename New name done",
      "unchanged Moved",
      "delete Gone (removed, enabled) done",
    ]);
    const [paused] = (await state()).filter(({ name }) => name === "Paused");
    await call("PATCH", `/v1/deployments/dep_local/automations/${paused?.automation_id}`, { enabled: false });
    await writes();
    const second = await run(words, { now });
    expect(second.code).toBe(0);
    expect(inShort(second.stdout)).toEqual([
      "skipped Paused (paused)",
      "unchanged New name",
      "unchanged Moved",
    ]);
    expect(await writes()).toEqual([]);
    expect(await state()).toMatchObject([
      { automation_id: moved.automation_id, name: "Moved", schedule: "0 6 * * 6" },
      { automation_id: own.automation_id, name: "My own", schedule: "0 7 * * 1", updated_at: own.updated_at },
      { automation_id: old.automation_id, name: "New name" },
      { name: "Paused", enabled: false },
    ]);
    const third = await run(["apply", "-f", "herm.yaml", ...local, "--resume-paused", "--json"], { now });
    expect(inShort(third.stdout)[0]).toBe("update Paused done");
    expect((await state()).map(({ enabled }) => enabled)).toEqual([true, true, true, true]);
  });

  it("lists three mistakes and where they are, and sends no change", async () => {
    const { run, write, call } = await startOnMonday();
    write({
      "herm.yaml":
        "automations:\n  - name: A\n    shedule: every hour\n    instructions: ${who}\n    enabled: yes\n    schedule: every hour\n",
    });
    const { code, stdout, stderr } = await run(["apply", "-f", "herm.yaml"], { now });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toBe(`error: 3 mistakes in the manifest
  herm.yaml:3:5: unknown key shedule (did you mean schedule?)
  herm.yaml:4:19: the variable who isn't set (to set it, use --values <file> or --var who=…; for a literal \${, write $\${)
  herm.yaml:5:14: enabled must be true or false, not text (did you mean true?)
hint: to print its JSON Schema, for editors: herm apply --print-schema
`);
    expect(await call("GET", "/_dev/requests")).toEqual([]);
  });

  it("substitutes --var and deployment variables, and lists any unused --var", async () => {
    const { run, write, state, deploy } = await startOnMonday();
    const acme = await deploy("Acme", { customer: "cus_9" });
    write({
      "herm.yaml": manifest(
        item(
          "Report for ${deployment.name}",
          "",
          "You are ${team} for ${deployment.customer_id} in ${deployment.id}. $${team}",
        ),
      ),
    });
    const words = ["apply", "-f", "herm.yaml", "-d", acme, "--var", "team=growth", "--var", "tema=x"];
    const { code, stderr } = await run(words, { now });
    expect(code).toBe(0);
    expect(stderr).toContain("warning: --var tema is not used anywhere in the manifests\n");
    expect(await state(acme)).toMatchObject([
      { name: "Report for Acme", instructions: `You are growth for cus_9 in ${acme}. \${team}` },
    ]);
  });

  it("sends each file to its own deployments, unless flags name others", async () => {
    const { run, write, state, deploy } = await startOnMonday();
    const [acme, beta] = [await deploy("Acme"), await deploy("Beta")];
    write({
      "set/1.yaml": `deployments: [Acme, ${beta}]\n${manifest(item("A"))}`,
      "set/2.yaml": `deployments: [Beta]\n${manifest(item("B"))}`,
      "set/3.json": JSON.stringify({
        automations: [{ name: "C", schedule: "every hour", instructions: "x" }],
      }),
    });
    const env = { HERM_DEPLOYMENT: "dep_local" };
    expect((await run(["apply", "-f", "set"], { now, env })).code).toBe(0);
    const names = async (id: string) => (await state(id)).map(({ name }) => name);
    expect([await names(acme), await names(beta), await names("dep_local")]).toEqual([
      ["A"],
      ["A", "B"],
      ["C"],
    ]);
    expect((await run(["apply", "-f", "set", "-d", "Acme"], { now, env })).code).toBe(0);
    expect([await names(acme), await names("dep_local")]).toEqual([["A", "B", "C"], ["C"]]);
    const missing = await run(["apply", "-f", "set", "-d", "Acm"], { now });
    expect(missing).toMatchObject({ code: 4, stdout: "" });
  });

  it("repeats its selection in the retry command if many deployments failed", async () => {
    const { run, write, server, deploy } = await startOnMonday();
    for (let at = 0; at < 6; at += 1) await deploy(`D${at}`);
    write({ "herm.yaml": manifest(item("A"), item("B")) });
    const apply = "apply --file herm.yaml --customer cus_1 --max-deletes 9 --yes";
    const refused = { method: "POST", count: null, action: { type: "fail", status: 400 } } as const;
    await addFault(server, refused);
    const failed = await run(apply.split(" "), { now });
    expect(failed.stderr).toContain(`hint: to finish it: herm ${apply}\n`);
  });

  it("skips a deployment with an ambiguous name, with exit code 6 or 8", async () => {
    const { run, write, state, create, deploy } = await startOnMonday();
    const acme = await deploy("Acme");
    const duplicates = [await create({ name: "A" }, acme), await create({ name: "A" }, acme)];
    const ids = duplicates
      .map(({ automation_id }) => automation_id)
      .reverse()
      .join(", ");
    write({ "herm.yaml": manifest(item("A"), item("B")) });
    const alone = await run(["apply", "-f", "herm.yaml", "-d", acme, "--json"], { now });
    expect(alone.code).toBe(6);
    expect(JSON.parse(alone.stdout)).toMatchObject([
      { action: "skipped", name: "A", result: "failed", error: `2 automations have this name: ${ids}` },
      {
        action: "skipped",
        name: "B",
        result: "failed",
        error: `stopped by "A": 2 automations have this name: ${ids}`,
      },
    ]);
    expect(await state(acme)).toHaveLength(2);
    const both = await run(["apply", "-f", "herm.yaml", "--all-deployments"], { now });
    expect(both.code).toBe(8);
    expect(both.stderr).toContain(
      `error: 2 of 4 failed; first: 2 automations have this name: ${ids}\nhint: resolve the conflict, then run the same command again\n`,
    );
    const decides = "hint: rename or delete one there";
    expect(both.stderr.split(decides)).toHaveLength(2);
    const compared = await run(["diff", "-f", "herm.yaml", "--all-deployments"], { now });
    expect(compared.stderr.split(decides)).toHaveLength(2);
    expect([await state(acme), await state()].map((all) => all.length)).toEqual([2, 2]);
  });

  it("deletes at most 5 automations per deployment, and none without --yes in a pipe", async () => {
    const { run, runHerm, write, state, create, writes, deploy } = await startOnMonday();
    const numbers = ["1", "2", "3", "4", "5", "6"];
    for (const name of numbers) await create({ name, instructions: "own" });
    const own = manifest(...numbers.map((name) => item(`"${name}"`)));
    write({ "herm.yaml": manifest(item("A")), "own.yaml": own });
    await writes();
    const record = ["--record", "lock.yaml"];
    await run(["adopt", "-f", "own.yaml", "--different", ...local, ...record, "--yes"], { now });
    const words = ["apply", "-f", "herm.yaml", ...local, ...record, "--prune"];
    expect(await run(words, { now })).toMatchObject({
      code: 2,
      stderr: "error: --prune needs --yes when herm can't ask\n",
    });
    const over = await run([...words, "--yes"], { now });
    expect(over.code).toBe(8);
    expect(over.stderr).toContain("6 deletions here, and the limit is 5: --max-deletes 6 allows them");
    const dry = await run([...words, "--dry-run"], { now });
    expect(dry.code).toBe(8);
    expect(dry.stdout + dry.stderr).toContain(
      "6 deletions here, and the limit is 5: --max-deletes 6 allows them",
    );
    const flagged = await run([...words, "--yes", "--max-deletes", "5"], { now });
    expect(flagged).toMatchObject({
      code: 6,
      stderr:
        "error: 6 deletions, over --max-deletes 5; nothing was changed\nhint: to allow this: --max-deletes 6\n",
    });
    const acme = await deploy("Acme");
    const others = ["apply", "-f", "herm.yaml", "--all-deployments", ...record, "--prune"];
    expect(await run([...others, "--dry-run"], { now })).toMatchObject({ code: 8 });
    expect(await writes()).toEqual(["1 POST /v1/deployments"]);
    expect(await run([...others, "--yes"], { now })).toMatchObject({ code: 8 });
    expect([(await state()).length, (await state(acme)).map(({ name }) => name)]).toEqual([6, ["A"]]);
    const done = await run([...words, "--yes", "--max-deletes", "6", "--except", "3", "--json"], { now });
    expect(done.code).toBe(0);
    expect((await state()).map(({ name }) => name)).toEqual(["3", "A"]);
    const undo = /^undo: herm undo (c_\w{6})/m.exec(done.stderr)?.[1] ?? "";
    expect((await runHerm(["undo", undo, "--yes"], { now })).code).toBe(0);
    expect((await state()).map(({ name }) => name)).toEqual(["1", "2", "3", "4", "5", "6"]);
  });

  it("doesn't prune existing names without a record, and suggests an alternative", async () => {
    const { run, write, create } = await startOnMonday();
    await create({ name: "A" });
    write({ "herm.yaml": manifest(item("A")) });
    for (const command of [["diff"], ["apply", "--yes"]]) {
      const { code, stderr } = await run([...command, "-f", "herm.yaml", ...local, "--prune"], { now });
      expect(code).toBe(6);
      expect(stderr).toMatch(/^error: --prune needs a record, .*\nhint: .*removed: .*: herm .*adopt /);
    }
  });

  it("needs --yes to delete automations listed in `removed`, before any change", async () => {
    const { run, write, create, writes } = await startOnMonday();
    await create({ name: "Gone" });
    await writes();
    write({ "herm.yaml": `${manifest(item("A"))}removed: [Gone]\n` });
    const { code, stderr } = await run(["apply", "-f", "herm.yaml", ...local, "-q"], { now });
    expect(code).toBe(2);
    expect(stderr).toBe("error: 1 deletion needs --yes when herm can't ask; nothing was changed\n");
    expect(await writes()).toEqual([]);
  });

  it("asks on a terminal, accepts a no, and asks only about changes", async () => {
    const { run, write, writes } = await startOnMonday();
    write({ "herm.yaml": manifest(item("A")) });
    const no = await run(["apply", "-f", "herm.yaml", ...local], { now, answers: [false] });
    expect(no).toMatchObject({ code: 1, stdout: "" });
    expect(no.stderr).toContain("Plan: 1 to create; runs a day: 0 → 1\n");
    expect(no.stderr).toContain("nothing changed\n");
    expect(await writes()).toEqual([]);
    const yes = await run(["apply", "-f", "herm.yaml", ...local], { now, answers: [true] });
    expect(yes).toMatchObject({ code: 0, stdout: "1 applied\n" });
    const again = await run(["apply", "-f", "herm.yaml", ...local], { now, tty: true });
    expect(again).toMatchObject({
      code: 0,
      stdout: "no changes: 1 automation matches the files\n",
    });
  });

  it("reads a manifest from stdin, and still asks on the terminal", async () => {
    const { run, state } = await startOnMonday();
    const stdin = manifest(item("A"));
    expect((await run(["apply", "-f", "-", ...local], { now, stdin, answers: [true] })).code).toBe(0);
    expect(await state()).toHaveLength(1);
  });

  it("creates missing initial items, but never changes existing ones", async () => {
    const { run, write, create, state } = await startOnMonday();
    await create({ name: "A", instructions: "other", schedule: "0 8 * * *", enabled: false });
    const enabled = "    enabled: true\n    initial: true\n";
    write({ "herm.yaml": manifest(item("A", enabled), item("B", enabled)) });
    const words = ["apply", "-f", "herm.yaml", ...local, "--resume-paused", "--json", "--verbose"];
    const { stdout } = await run(words, {
      now,
    });
    expect(inShort(stdout)).toEqual(["unchanged A", "create B done"]);
    expect(await state()).toMatchObject([{ instructions: "other", enabled: false }, { name: "B" }]);
  });

  it("adjusts to daylight saving when rerun", async () => {
    const { run, write, state } = await startOnMonday();
    write({ "herm.yaml": manifest(item("A", "    tz: Europe/Berlin\n")) });
    await run(["apply", "-f", "herm.yaml", ...local], { now });
    expect(await state()).toMatchObject([{ schedule: "0 8 * * *" }]);
    const summer = new Date("2026-07-01T08:00:00Z");
    const diff = await run(["diff", "-f", "herm.yaml", ...local, "--json"], { now: summer });
    expect(diff.code).toBe(0);
    expect(inShort(diff.stdout)).toEqual(["update A (dst)"]);
    expect((await run(["diff", "-f", "herm.yaml", ...local, "--strict"], { now: summer })).code).toBe(9);
    const applied = await run(["apply", "-f", "herm.yaml", ...local, "--json"], { now: summer });
    expect(inShort(applied.stdout)).toEqual(["update A (dst) done"]);
    expect(await state()).toMatchObject([{ schedule: "0 7 * * *" }]);
  });

  it("skips a selected deployment that isn't ready, but waits for a named one", async () => {
    const { run, write, state, deploy, server } = await startOnMonday();
    write({ "herm.yaml": manifest(item("A")) });
    const slow = await deploy("Slow", { prompt: "@dev wait 60", isReady: false });
    const all = await run(["apply", "-f", "herm.yaml", "--all-deployments", "--json"], { now });
    expect(all.code).toBe(0);
    expect(inShort(all.stdout)).toEqual(["skipped A (deployment not ready)", "create A done"]);
    expect(all.stderr).toContain(`warning: Slow (${slow}) isn't ready: skipped\n`);
    const words = ["apply", "-f", "herm.yaml", "-d", slow, "--json"];
    const late = await run([...words, "--wait-ready", "10s"], { now });
    expect(late).toMatchObject({ code: 6 });
    expect(late.stderr).toContain(`${slow} is still provisioning after 10s`);
    const waited = await run(words, { now, sleep: async (ms) => server.advance(ms / 1000) });
    expect(waited.code).toBe(0);
    expect(await state(slow)).toHaveLength(1);
  });

  it("sends a single request if the key is refused", async () => {
    const { run, write, deploy, server } = await startOnMonday();
    await deploy("Acme");
    write({ "herm.yaml": `deployments: [dep_local]\n${manifest(item("A"), item("B"))}` });
    let requests = 0;
    const wrong = await run(["apply", "-f", "herm.yaml"], {
      now,
      key: "herm_wrong_key_123",
      fetch: async (url, init) => {
        requests += 1;
        return server.fetch(new Request(url, { method: init.method, headers: init.headers }));
      },
    });
    expect(wrong.code).toBe(3);
    expect(requests).toBe(1);
  });

  it("stops after the first change that is refused for lack of permission", async () => {
    const { run, write, call, writes } = await startOnMonday();
    write({ "herm.yaml": manifest(item("A"), item("B"), item("C")) });
    await call("POST", "/_dev/faults", {
      method: "POST",
      count: null,
      action: { type: "fail", status: 403 },
    });
    const { code, stdout } = await run(["apply", "-f", "herm.yaml", ...local, "--json"], { now });
    expect(code).toBe(3);
    expect(inShort(stdout)).toEqual([
      "create A failed",
      "skipped B (key refused)",
      "skipped C (key refused)",
    ]);
    expect((await writes()).filter((line) => line.includes("/v1/"))).toEqual([
      "1 POST /v1/deployments/dep_local/automations",
    ]);
  });

  it("ends with a working command that retries only the failures", async () => {
    const { run, write, call, state } = await startOnMonday();
    write({ "herm.yaml": manifest(item("A"), item("B two"), item("C")) });
    const fault = { method: "POST", skip: 1, action: { type: "fail", status: 400 } };
    await call("POST", "/_dev/faults", fault);
    const { code, stdout, stderr } = await run(["apply", "-f", "herm.yaml", ...local, "--yes"], { now });
    expect(code).toBe(8);
    expect(stdout).toMatch(/"B two".*a simulated fault \(400, request \w+\)\n/);
    const hint = "hint: to finish it: herm apply -d dep_local --file herm.yaml --yes\n";
    expect(stderr.endsWith(`error: 1 of 3 failed: a simulated fault\n${hint}`)).toBe(true);
    const rest = ["apply", ...local, "--file", "herm.yaml", "--yes", "--json"];
    const again = await run(rest, { now });
    expect(again.code).toBe(0);
    expect(inShort(again.stdout)).toEqual(["create B two done"]);
    expect(await state()).toHaveLength(3);
  });

  it("sends a create once despite a lost response, and finds its result", async () => {
    const { run, write, call, state, writes } = await startOnMonday();
    write({ "herm.yaml": manifest(item("A"), item("B")) });
    await call("POST", "/_dev/faults", {
      method: "POST",
      count: null,
      action: { type: "commit_then_fail", status: 500 },
    });
    const { code, stdout, stderr } = await run(["apply", "-f", "herm.yaml", ...local, "--json"], { now });
    expect(code).toBe(0);
    expect(inShort(stdout)).toEqual(["create A done", "create B done"]);
    expect(stderr).toMatch(/^no answer to 2 changes: checking until \S+ whether they were done$/m);
    expect(stderr.match(/no answer/g)).toHaveLength(1);
    expect(await state()).toHaveLength(2);
    expect(await writes()).toContain("2 POST /v1/deployments/dep_local/automations");
  });

  it("reports an unknown outcome, not a failure, and exits with 12", async () => {
    const { run, write, call, writes } = await startOnMonday();
    write({ "herm.yaml": manifest(item("A"), item("B")) });
    await call("POST", "/_dev/faults", { method: "POST", action: { type: "fail", status: 500 } });
    const { code, stdout, stderr } = await run(["apply", "-f", "herm.yaml", ...local, "--json"], { now });
    expect(code).toBe(12);
    expect(inShort(stdout)).toEqual(["create A unknown", "create B done"]);
    expect(stderr).toContain("the outcome of 1 is unknown");
    expect(await writes()).toContain("2 POST /v1/deployments/dep_local/automations");
  });

  it("finishes requests in progress on Ctrl-C, and explains how to continue", async () => {
    const { run, write, state, server } = await startOnMonday();
    write({ "herm.yaml": manifest(...Array.from({ length: 30 }, (_, at) => item(`A${at}`))) });
    const abort = new AbortController();
    const { InterruptedError } = await import("../../src/errors/cli-errors.js");
    let creates = 0;
    const cut = await run(["apply", "-f", "herm.yaml", ...local, "--json"], {
      now,
      signal: abort.signal,
      fetch: async (url, { method, headers, body }) => {
        if (method === "POST") creates += 1;
        if (creates === 3) abort.abort(new InterruptedError());
        return server.fetch(new Request(url, { method, headers, ...(body === undefined ? {} : { body }) }));
      },
    });
    expect(cut.code).toBe(130);
    const rows = inShort(cut.stdout);
    const done = rows.filter((row) => row.endsWith("done")).length;
    expect(done).toBe((await state()).length);
    expect(rows.filter((row) => row.endsWith("(interrupted)"))).toHaveLength(30 - done);
    expect(cut.stderr).toContain("to finish it: herm apply -d dep_local --file herm.yaml");
    expect((await run(["apply", "-f", "herm.yaml", ...local], { now })).code).toBe(0);
    expect(await state()).toHaveLength(30);
  });

  it("is prevented by HERM_FREEZE, except for a dry run", async () => {
    const { run, write, writes } = await startOnMonday();
    write({ "herm.yaml": manifest(item("A")) });
    const env = { HERM_FREEZE: "incident 42: ask on-call" };
    const words = ["apply", "-f", "herm.yaml", ...local];
    const frozen = await run(words, { now, env });
    expect(frozen).toMatchObject({ code: 6, stdout: "" });
    expect(frozen.stderr).toContain("incident 42: ask on-call");
    expect((await run([...words, "--dry-run"], { now, env })).code).toBe(0);
    expect(await writes()).toEqual([]);
  });

  it("groups identical changes in several deployments, with a count and the first names", async () => {
    const { run, write, create, deploy } = await startOnMonday();
    const ids = [await deploy("Acme"), await deploy("Beta"), await deploy("Gamma"), await deploy("Delta")];
    for (const id of ids)
      await create({ name: "Old", schedule: "0 9 * * *", instructions: "one\ntwo\nthree" }, id);
    write({
      "herm.yaml": `${manifest(item("New", "    formerly: Old\n", '"one\\nTWO\\nthree"'), item("Off", "    enabled: false\n"))}`,
    });
    const { code, stdout, stderr } = await run(
      ["apply", "-f", "herm.yaml", "--all-deployments", "--dry-run"],
      {
        now,
        tty: true,
      },
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout.replace(/key …\S+/, "key …0000")).toBe(`default · 127.0.0.1 · key …0000 · 5 of 5 deployments
  ~ New  in 4 deployments: Delta, Gamma, Beta and 1 more
      name  Old → New
      instructions
          one
        - two
        + TWO
          three
  + Off  in 5 deployments: Delta, Gamma, Beta and 2 more
      schedule  every day at 09:00 UTC (0 9 * * *)
      enabled  false
      + x
  + New  in Local
      schedule  every day at 09:00 UTC (0 9 * * *)
      + one
      + TWO
      + three

Plan: 6 to create, 4 to rename in 5 deployments; runs a day: 4 → 5
`);
  });

  it("reports blocked deployments and paused automations once", async () => {
    const { run, write, create, deploy } = await startOnMonday();
    const acme = await deploy("Acme");
    const duplicates = [await create({ name: "B" }, acme), await create({ name: "B" }, acme)];
    const ids = duplicates.map(({ automation_id }) => automation_id).reverse();
    await create({ name: "A", enabled: false });
    const items = ["A", "B", "C", "D"].map((name) => item(name));
    write({ "herm.yaml": manifest(...items) });
    const words = ["apply", "-f", "herm.yaml", "--all-deployments"];
    const { code, stdout, stderr } = await run(words, { now, tty: true, answers: [true] });
    expect(code).toBe(8);
    expect(stdout.split("\n").slice(-2)).toEqual(["3 applied · 1 skipped · 4 failed", ""]);
    const why = `2 automations have this name: ${ids.join(", ")}`;
    expect(stderr.slice(stderr.indexOf("  ! "), stderr.indexOf("\n  + B"))).toBe(
      [
        "  ! A and 2 more  in Acme (cus_1)",
        `      stopped by "B": 2 automations have this name: ${ids[0]},`,
        `        ${ids[1]}`,
        "  ! B  in Acme (cus_1)",
        `      ${why}`,
      ].join("\n"),
    );
    expect(stderr).toContain("\n  = A  in Local  (paused)\n\nPlan: ");
    expect(stderr.slice(stderr.indexOf("hint: ")).split("\n")).toEqual([
      "hint: rename or delete one there",
      expect.stringMatching(/^undo: herm undo c_\w{6}$/),
      'error: 4 of 8 failed; first: stopped by "B": 2 automations have this name:',
      `  ${ids.join(", ")}`,
      "hint: resolve the conflict, then run the same command again",
      "",
    ]);
  });

  it("rejects an unreadable schedule, even an existing one, which export omits", async () => {
    const { run, write, create, server, writes } = await startOnMonday();
    await create({ name: "A", schedule: "0 9 * * *" });
    await writes();
    const options = {
      now,
      // A platform that understands more words than we do, and returns them unchanged.
      fetch: async (url: string, { method, headers }: FetchInit) => {
        const answer = await server.fetch(new Request(url, { method, headers }));
        return new Response((await answer.text()).replaceAll("0 9 * * *", "at every full moon"), answer);
      },
    };
    const moon = (name: string, schedule: string) =>
      `  - name: ${name}\n    schedule: ${schedule}\n    instructions: x\n`;
    const exported = await run(["export", ...local], options);
    expect(exported).toMatchObject({ code: 0, stdout: expect.stringMatching(/\nautomations: \[\]\n$/) });
    expect(exported.stderr).toMatch(
      /^warning: skipped in dep_local, because herm can't read the schedule: auto_\w+ \(at every full moon\)\n$/,
    );
    write({
      "other.yaml": manifest(item("B"), moon("A", "at every new moon"), moon("C", "at every full moon")),
    });
    for (const command of ["apply", "diff", "lint"]) {
      const other = await run([command, "-f", "other.yaml", ...local], options);
      expect({ code: other.code, stdout: other.stdout }).toEqual({ code: 2, stdout: "" });
      expect(other.stderr.split("\n").slice(0, 3)).toEqual([
        "error: 2 mistakes in the manifest",
        expect.stringMatching(/^ {2}other\.yaml:6:15: the schedule "at every new moon" can't be read: /),
        expect.stringMatching(/^ {2}other\.yaml:9:15: the schedule "at every full moon" can't be read: /),
      ]);
    }
    expect(await writes()).toEqual([]);
  });

  it("neutralises control characters from servers and manifests", async () => {
    const { run, create } = await startOnMonday();
    const evil = "\u001b[2J\u202etxt";
    await create({ name: `Old ${evil}`, instructions: `one\n${evil}` });
    const stdin = JSON.stringify({
      automations: [
        {
          name: `New ${evil}`,
          formerly: `Old ${evil}`,
          schedule: "every day at 9am",
          instructions: `two\n${evil}`,
        },
      ],
    });
    const { code, stdout, stderr } = await run(["apply", "-f", "-", ...local], {
      now,
      stdin,
      answers: [true],
    });
    expect(code).toBe(0);
    expect(stdout + stderr).not.toMatch(/[\u001b\u202e]/);
    expect(stderr).toContain("~ New ^[[2J<U+202E>txt");
  });

  it("adds annotations in GitHub Actions and writes a step summary", async () => {
    const { run, write, call, create } = await startOnMonday();
    await create({ name: "B|B", instructions: "old" });
    const summary = join(temporaryFolder(), "summary.md");
    const env = { GITHUB_ACTIONS: "true", GITHUB_STEP_SUMMARY: summary, CI: "true" };
    write({ "ci/herm.yaml": manifest(item("A"), item("B|B").replace("instructions: x", "instructions: y")) });
    const diff = await run(["diff", "-f", "ci/herm.yaml", ...local, "-q"], { now, env });
    expect(diff.code).toBe(9);
    expect(diff.stderr).toBe(
      '::warning file=ci/herm.yaml,line=2,col=5::"A" in dep_local would be created\n::warning file=ci/herm.yaml,line=5,col=5::"B|B" in dep_local differs in instructions\n',
    );
    await call("POST", "/_dev/faults", { method: "POST", action: { type: "fail", status: 400 } });
    const applied = await run(["apply", "-f", "ci/herm.yaml", ...local], { now, env });
    expect(applied.code).toBe(8);
    expect(applied.stderr).toMatch(
      /^::error file=ci\/herm\.yaml,line=2,col=5::create "A" in dep_local: .+$/m,
    );
    write({ "ci/herm.yaml": manifest(item("A", "    color: red\n")) });
    const refused = await run(["apply", "-f", "ci/herm.yaml", ...local], { now, env });
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain(
      "::error file=ci/herm.yaml,line=5,col=5::unknown key color (known here: ",
    );
    const text = readFileSync(summary, "utf8");
    expect(text).toContain("### herm: differences\n\n1 to create, 1 to update; runs a day: 1 → 2\n");
    expect(text).toContain(
      "| update | <code>dep_local</code> | <code>B&#124;B</code> | instructions | <code>ci/herm.yaml:5</code> |  |\n",
    );
    expect(text).toContain("### herm: applied\n");
    expect(text).toContain("### herm: apply\n\n1 mistake in the manifests; nothing was changed\n");
  });

  it("annotates identical changes once, and ignores shifts due to daylight saving", async () => {
    const { run, write, deploy, create } = await startOnMonday();
    const ids = [await deploy("Acme"), await deploy("Beta"), await deploy("Gamma")];
    for (const id of ids) await create({ name: "Z", schedule: "0 8 * * *" }, id);
    const summary = join(temporaryFolder(), "summary.md");
    const env = { GITHUB_ACTIONS: "true", GITHUB_STEP_SUMMARY: summary, CI: "true" };
    const other = item("A").replace("instructions: x", "instructions: y");
    write({ "herm.yaml": manifest(item("Z", "    tz: Europe/Berlin\n"), other) });
    const words = ["diff", "-f", "herm.yaml", "--all-deployments", "-q"];
    const both = await run(words, { now: new Date("2026-07-01T08:00:00Z"), env });
    expect(both).toMatchObject({
      code: 9,
      stderr: [
        '::warning file=herm.yaml,line=6,col=5::"A" in 4 deployments (Gamma, Beta, Acme and 1 more) would be created\n',
        '::warning file=herm.yaml,line=2,col=5::"Z" in Local would be created\n',
      ].join(""),
    });
    expect(readFileSync(summary, "utf8").split("\n<details>")[0]).toBe(`### herm: differences

5 to create, 3 to update in 4 deployments; runs a day: 3 → 8

| | deployments | automation | fields | place | |
| --- | --- | --- | --- | --- | --- |
| update | <code>Gamma, Beta, Acme</code> | <code>Z</code> | schedule | <code>herm.yaml:2</code> | <code>dst</code> |
| create | <code>Gamma, Beta, Acme and 1 more</code> | <code>A</code> |  | <code>herm.yaml:6</code> |  |
| create | <code>Local</code> | <code>Z</code> |  | <code>herm.yaml:2</code> |  |
`);
  });

  it("prints the manifest's JSON Schema without a manifest or a key", async () => {
    const { run, write } = await startOnMonday();
    const { code, stdout } = await run(["apply", "--print-schema"], { key: null });
    const schema = JSON.parse(stdout);
    expect(code).toBe(0);
    write({ "herm.yaml": "automations:\n  - {x: 1}\ny: 2\n" });
    const { stderr } = await run(["apply", "-f", "herm.yaml"]);
    const known = [...stderr.matchAll(/known here: ([^)]+)\)/g)].map(([, keys = ""]) =>
      keys.split(", ").sort(),
    );
    expect(known).toEqual([
      Object.keys(schema.$defs.automation.properties).sort(),
      Object.keys(schema.properties).sort(),
    ]);
  });

  it.each([
    [[], "no manifest given"],
    [["-f", ""], "-f is empty"],
    [["-f", "x", "--var", "novalue"], '--var needs name=value, not "novalue"'],
    [
      ["-f", "x", "--var", "deployment.id=1"],
      "--var can't set deployment.id: each deployment has its own deployment.*",
    ],
    [["-f", "x", "--max-deletes", "many"], '--max-deletes must be a whole number, 0 or more, not "many"'],
    [
      ["-f", "x", "--wait-ready", "soon"],
      '--wait-ready must be a duration such as 90s, 15m, 24h or 7d, not "soon"',
    ],
  ])("rejects the flags %j", async (flags, message) => {
    const { run } = await startOnMonday();
    const { code, stdout, stderr } = await run(["apply", ...flags], { now });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr.split("\n")[0]).toBe(`error: ${message}`);
  });
});

describe("a key revoked during an apply", () => {
  it("is reported, with a command that needs another key to continue", async () => {
    const { run, write, server } = await startOnMonday();
    const names = ["A", "B", "C", "D"];
    const items = names.map(
      (name) => `  - {name: ${name}, schedule: daily at 9am, instructions: "Look: ${name}"}\n`,
    );
    write({ "herm.yaml": `automations:\n${items.join("")}` });
    let creates = 0;
    const fetch: FetchLike = async (url, init) => {
      if (init.method === "POST") creates += 1;
      return init.method === "POST" && creates > 1
        ? Response.json({ error: "unauthorized", message: "no such key" }, { status: 401 })
        : fetchFrom(server)(url, init);
    };
    const result = await run(["apply", "-f", "herm.yaml", "-d", "dep_local", "--yes"], { now, fetch });
    expect(result.code).toBe(8);
    expect(result.stderr).toMatch(
      /error: no such key; 1 of 4 applied, 3 failed\nhint: with another key, to finish it: herm apply .*; to see which key is used: herm auth status\n/,
    );
  });
});
