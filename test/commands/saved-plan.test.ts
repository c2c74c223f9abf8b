import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { addFault } from "../incident/fleet.js";
import { resealed } from "../manifest/resealed.js";
import { temporaryFolder } from "../support/harness.js";
import { startManifestServer } from "./manifest-server.js";
import { change, here, item, planned, short } from "./saved-plan-world.js";

describe("a saved plan", () => {
  it("is saved with nothing sent, shown, done once, and unchanged the second time", async () => {
    const plan = await planned([item("Kept"), item("Changed"), item("Old name"), item("Gone")], {
      automations: [
        item("Kept"),
        item("Changed", { instructions: "New." }),
        item("New name", { formerly: "Old name", instructions: "Do Old name." }),
        item("Fresh", { enabled: false }),
      ],
      removed: ["Gone"],
    });
    expect(plan.saving).toMatchObject({ code: 9 });
    expect(plan.saving).toMatchObject({
      stdout: expect.stringContaining("\nPlan: "),
      stderr: "4 changes saved in plan.json\n",
    });
    expect(await plan.writes()).toEqual([]);
    expect(statSync(plan.file).mode & 0o777).toBe(0o600);
    const text = readFileSync(plan.file, "utf8");
    expect(text).not.toContain(plan.server.apiKey);
    const shown = await plan.apply(["--dry-run", "-o", "table"]);
    expect(shown.code).toBe(0);
    expect(shown.stderr).toMatch(
      /^plan\.json was made just now\n[\s\S]*\n {2}− Gone {2}auto_\w+ {2}\(removed, enabled\)\n/,
    );
    expect(shown.stdout.split("\n").map((line) => line.split("\t").slice(2, 4).join(" "))).toEqual([
      "update Changed",
      "rename New name",
      "create Fresh",
      "delete Gone",
      "",
    ]);
    const unsure = await plan.apply();
    expect(unsure).toMatchObject({ code: 2 });
    expect(unsure.stderr).toContain("1 deletion needs --yes when herm can't ask");
    expect(await plan.writes()).toEqual([]);
    const first = await plan.apply(["--yes", "--json", "--reason", "INC-7"]);
    expect(first.code).toBe(0);
    expect(short(first.stdout)).toEqual([
      "update Changed done",
      "rename New name done",
      "create Fresh done",
      "delete Gone done",
    ]);
    expect(
      (await plan.state()).map(({ name, instructions, enabled }) => [name, instructions, enabled]),
    ).toEqual([
      ["Changed", "New.", true],
      ["Fresh", "Do Fresh.", false],
      ["Kept", "Do Kept.", true],
      ["New name", "Do Old name.", true],
    ]);
    const { stdout: history } = await plan.runHerm(["history", "--json"]);
    expect(JSON.parse(history)).toMatchObject([
      { reason: "INC-7", command: expect.stringContaining("--plan plan.json") },
    ]);
    await plan.writes();
    const second = await plan.apply(["--yes", "--json", "-q"]);
    expect(second).toMatchObject({ code: 0, stderr: "" });
    expect(short(second.stdout)).toEqual([
      "update Changed unchanged",
      "rename New name unchanged",
      "create Fresh unchanged",
      "delete Gone unchanged",
    ]);
    expect(await plan.writes()).toEqual([]);
  });

  it("says of one without changes that it changes nothing, whoever looks", async () => {
    const plan = await planned([item("Kept")], { automations: [item("Kept")] });
    for (const how of ["--yes", "--dry-run"])
      expect(await plan.apply([how])).toMatchObject({ code: 0, stdout: "nothing to do\n" });
  });

  it("does exactly what nobody changed since", async () => {
    const names = ["A", "B", "C", "D"];
    const plan = await planned(
      names.map((name) => item(name)),
      {
        automations: [
          ...["A", "B", "C"].map((name) => item(name, { instructions: "New." })),
          item("New D", { formerly: "D", instructions: "Do D." }),
          item("E"),
          item("F"),
        ],
      },
    );
    await change(plan, plan.ids.get("A"), { enabled: false });
    await plan.call("DELETE", `/v1/deployments/dep_local/automations/${plan.ids.get("B")}`);
    const other = await plan.create(item("E", { instructions: "Mine." }));
    const taken = await plan.create(item("New D", { instructions: "Mine too." }));
    const done = await plan.apply(["--json"]);
    expect(done.code).toBe(8);
    expect(short(done.stdout)).toEqual([
      "update A failed: changed since the plan: enabled",
      "update B failed: changed since the plan: it is gone",
      "update C done",
      `rename New D failed: changed since the plan: the name now exists (${taken.automation_id})`,
      `create E failed: changed since the plan: the name now exists (${other.automation_id})`,
      "create F done",
    ]);
    expect((await plan.state()).map(({ name, instructions }) => `${name} ${instructions}`)).toEqual([
      "A Do A.",
      "C New.",
      "D Do D.",
      "E Mine.",
      "F Do F.",
      "New D Mine too.",
    ]);
  });

  it("deletes no duplicate of what was changed since", async () => {
    const server = await startManifestServer();
    const first = await server.create(item("A"));
    server.write({ "herm.json": JSON.stringify({ automations: [item("A")] }) });
    await server.run(["adopt", "-f", "herm.json", ...here, "--yes"]);
    await server.create(item("A"));
    const words = ["apply", "-f", "herm.json", ...here, "--remove-duplicates", "--plan-out", "plan.json"];
    expect((await server.run(words)).code).toBe(9);
    await change(server, first.automation_id, { instructions: "Another." });
    const done = await server.run(["apply", "--plan", "plan.json", "--yes", "--json"]);
    expect(done.code).toBe(6);
    expect(short(done.stdout)).toEqual(["delete A failed: changed since the plan: instructions"]);
    expect(await server.state()).toHaveLength(2);
  });

  it("is saved where nothing changes too, in place of an older one", async () => {
    const plan = await planned([item("A")], { automations: [item("A")] });
    expect(plan.saving.code).toBe(0);
    expect(plan.saving).toMatchObject({
      stdout: "no changes: 1 automation matches the files\n",
      stderr: "0 changes saved in plan.json\n",
    });
    expect(await plan.apply(["--dry-run"])).toMatchObject({ code: 0 });
    expect(await plan.apply(["--json", "-q"])).toEqual({ code: 0, stdout: "[]\n", stderr: "" });
  });

  it("leaves out what can't be done, and says so", async () => {
    const { run, write, deploy, failLists } = await startManifestServer();
    const one = await deploy("One");
    const two = await deploy("Two");
    await failLists(two);
    write({ "herm.json": JSON.stringify({ automations: [item("A")] }) });
    const saving = await run([
      ...["apply", "-f", "herm.json", "-d", one, "-d", two, "--plan-out", "plan.json", "--json"],
    ]);
    expect(saving.code).toBe(8);
    const shown = await run(["apply", "--plan", "plan.json", "--dry-run", "--json"]);
    expect(JSON.parse(shown.stdout)).toMatchObject([{ deployment_id: one, action: "create", name: "A" }]);
  });

  it("asks on a terminal, and shows the plan before", async () => {
    const plan = await planned([], { automations: [item("A")] });
    const no = await plan.apply([], { answers: [false] });
    expect(no).toMatchObject({ code: 1, stdout: "" });
    expect(no.stderr).toMatch(
      /plan\.json was made (?:just now|\d+ s ago)\n[\s\S]*\+ A\n[\s\S]*Plan: 1 to create\n/,
    );
    expect(await plan.writes()).toEqual([]);
    expect(await plan.apply([], { answers: [true] })).toMatchObject({
      code: 0,
      stdout: "1 applied\n",
    });
  });

  it("counts deletions, and keeps to a freeze", async () => {
    const names = ["A", "B", "C", "D", "E", "F"];
    const plan = await planned(
      names.map((name) => item(name)),
      { automations: [], removed: names },
    );
    expect(plan.saving.code).toBe(9);
    expect(plan.saving.stderr).toContain("apply would be refused: 6 deletions in dep_local");
    const many = await plan.apply(["--yes"]);
    expect(many).toMatchObject({ code: 6 });
    expect(many.stderr).toContain("--max-deletes 6");
    const frozen = await plan.apply(["--yes"], { env: { HERM_FREEZE: "INC-9" } });
    expect(frozen).toMatchObject({ code: 6, stdout: "" });
    expect(await plan.writes()).toEqual([]);
    expect(await plan.apply(["--yes", "--max-deletes", "6"])).toMatchObject({ code: 0 });
    expect(await plan.state()).toEqual([]);
  });

  it("is shown as it was when it was saved, over many deployments too", async () => {
    const { run, write, deploy, create } = await startManifestServer();
    for (const name of ["One", "Two", "Three"]) await create(item("A"), await deploy(name));
    const automations = [
      item("A", { instructions: "For ${deployment.name}." }),
      item("B of ${team}", { spread: "45m" }),
      item("C"),
    ];
    write({ "herm.json": JSON.stringify({ values: { team: "growth" }, automations }) });
    const words = ["apply", "-f", "herm.json", "--customer", "cus_1", "--plan-out", "plan.json"];
    const saving = await run(words, { tty: true });
    const shown = await run(["apply", "--plan", "plan.json", "--dry-run"], { tty: true });
    const plan = (stdout: string) => stdout.split("\n").slice(1);
    expect(plan(shown.stdout)).toEqual(plan(saving.stdout));
    expect(shown.stdout).toContain("3 versions by their values");
    const verbose = await run(["apply", "--plan", "plan.json", "--dry-run", "--verbose"], { tty: true });
    expect(verbose).toMatchObject({ code: 0, stdout: expect.stringContaining("For Three.") });
  });

  it("creates nothing beside what an incident holds already", async () => {
    const plan = await planned([item("Old")], {
      automations: [item("New", { instructions: "Do Old.", id: "new" })],
    });
    const pause = ["pause", "--all", ...here, "--incident", "INC-1", "--yes"];
    expect((await plan.run(pause)).code).toBe(0);
    const done = await plan.apply(["--json"]);
    expect(done.code).toBe(6);
    expect(short(done.stdout)[0]).toMatch(
      /^create New failed: "Old" \(auto_\w+\), held by INC-1, is the same: no second one is created$/,
    );
  });

  it("goes on by the command that it ends with", async () => {
    const plan = await planned([], { automations: ["A", "B", "C"].map((name) => item(name)) });
    const path = "/v1/deployments/dep_local/automations";
    await addFault(plan.server, { method: "POST", path, count: 1, action: { type: "fail", status: 400 } });
    const some = await plan.apply(["--max-deletes", "7"]);
    expect(some.code).toBe(8);
    expect(some.stderr).toContain("hint: herm apply --plan plan.json --max-deletes 7 finishes it\n");
    const rest = await plan.apply(["--json"]);
    expect(short(rest.stdout)).toEqual(["create A done", "create B unchanged", "create C unchanged"]);
  });

  it("is done once by two at once", async () => {
    const names = ["A", "B", "C", "D"];
    const there = names.map((name) => item(name));
    const automations = [
      ...names.map((name) => item(name, { instructions: "New." })),
      ...["E", "F"].map((name) => item(name)),
    ];
    const plan = await planned(there, { automations });
    const both = await Promise.all([plan.apply(["--json"]), plan.apply(["--json"])]);
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    const state = await plan.state();
    expect(state.map(({ name }) => name)).toEqual(["A", "B", "C", "D", "E", "F"]);
    const posts = (await plan.writes()).filter((write) => write.includes("POST"));
    expect(posts).toEqual(["2 POST /v1/deployments/dep_local/automations"]);
  });

  it("is reported on as files are", async () => {
    const plan = await planned([item("A")], {
      automations: [item("A", { instructions: "New." }), item("B")],
    });
    await change(plan, plan.ids.get("A"), { enabled: false });
    const report = ["--report", "junit=r.xml", "--report", "markdown=r.md"];
    const env = { GITHUB_ACTIONS: "true" };
    const looked = await plan.apply(["--dry-run", ...report], { env });
    expect(looked.code).toBe(0);
    const shown = readFileSync(join(plan.cwd, "r.xml"), "utf8");
    expect(shown).toContain('file="herm.json" line="1"');
    expect(shown).toContain("would be created");
    const done = await plan.apply(report, { env });
    expect(done.code).toBe(8);
    expect(done.stderr).toContain("::error file=herm.json,line=1,col=17::update");
    expect(readFileSync(join(plan.cwd, "r.xml"), "utf8")).toContain("changed since the plan: enabled");
    const failedRow =
      /^\| update \| .* \| <code>failed&#58; changed since the plan&#58; enabled<\/code> \|$/m;
    expect(readFileSync(join(plan.cwd, "r.md"), "utf8")).toMatch(failedRow);
    plan.write({ "plan.json": "{}" });
    const bad = await plan.apply(report, { env });
    expect(bad.stderr).toContain("::error file=plan.json,line=1,col=1::no plan: herm_plan is missing");
    expect(readFileSync(join(plan.cwd, "r.xml"), "utf8")).toContain("no plan: herm_plan is missing");
  });

  it("keeps the record beside its manifest, once it is carried out", async () => {
    const { run, write, cwd } = await startManifestServer();
    write({ "herm.json": JSON.stringify({ automations: [item("A")] }) });
    const words = ["apply", "-f", "herm.json", ...here];
    expect(await run(["adopt", ...words.slice(1), "--yes"])).toMatchObject({ code: 0 });
    const begun = readFileSync(join(cwd, "herm.lock.yaml"), "utf8");
    expect(await run([...words, "--plan-out", "plan.json"])).toMatchObject({ code: 9 });
    expect(readFileSync(join(cwd, "herm.lock.yaml"), "utf8")).toBe(begun);
    expect(await run(["apply", "--plan", "plan.json"])).toMatchObject({ code: 0 });
    const record = readFileSync(join(cwd, "herm.lock.yaml"), "utf8");
    expect(record).toMatch(/auto_\w+/);
    const again = await run([...words, "--json", "--verbose"]);
    expect(short(again.stdout)).toEqual(["unchanged A"]);
    const away = readFileSync(join(cwd, "plan.json"), "utf8").replace("herm.lock.yaml", "../herm.lock.yaml");
    write({ "away.json": resealed(away) });
    const refused = await run(["apply", "--plan", "away.json"]);
    expect(refused).toMatchObject({ code: 2, stdout: "" });
    expect(refused.stderr).toMatch(
      /^away\.json was made just now\nerror: the record of away\.json is outside .*: \.\.\/herm\.lock\.yaml\nhint: /,
    );
    expect(await run(["apply", "--plan", "away.json", "--record", "herm.lock.yaml"])).toMatchObject({
      code: 0,
    });
    expect(readFileSync(join(cwd, "herm.lock.yaml"), "utf8")).toBe(record);
  });

  it("says that a record outside of the repository is to be named again, with the command that does", async () => {
    const { run, write } = await startManifestServer();
    write({ "herm.json": JSON.stringify({ automations: [item("A")] }) });
    const record = join(temporaryFolder(), "herm.lock.yaml");
    const save = ["apply", "-f", "herm.json", ...here, "--plan-out", "plan.json"];
    const adopt = ["adopt", "-f", "herm.json", ...here, "--yes", "--record"];
    for (const each of [record, "sub/herm.lock.yaml"])
      expect(await run([...adopt, each])).toMatchObject({ code: 0 });
    const saved = await run([...save, "--record", record]);
    expect(saved.code).toBe(9);
    const words = `--plan plan.json --record ${record}`;
    expect(saved.stderr).toMatch(/\nhint: the record is outside this folder and its git repository, /);
    expect(saved.stderr).toContain(`: herm apply ${words}\n`);
    expect(await run(["apply", ...words.split(" ")])).toMatchObject({ code: 0 });
    expect(readFileSync(record, "utf8")).toContain('"A"');
    const inside = await run([...save, "--record", "sub/herm.lock.yaml"]);
    expect(inside.stderr).not.toContain("lies outside");
  });

  it("does nothing where the record isn't the one that it was made from, but for what it did itself", async () => {
    const { run, write, cwd, writes, state } = await startManifestServer();
    const files = (...items: object[]) => write({ "herm.json": JSON.stringify({ automations: items }) });
    const words = ["-f", "herm.json", ...here];
    files(item("A"), item("B"));
    expect(await run(["adopt", ...words, "--yes"])).toMatchObject({ code: 0 });
    expect(await run(["apply", ...words])).toMatchObject({ code: 0 });
    const record = readFileSync(join(cwd, "herm.lock.yaml"), "utf8");
    files(item("A2", { id: "a", formerly: "A" }), item("C"));
    expect(await run(["apply", ...words, "--prune", "--plan-out", "plan.json"])).toMatchObject({ code: 9 });
    await writes();
    const apply = ["apply", "--plan", "plan.json", "--yes"];
    const now = new Date();
    for (const [other, why] of [
      [
        record.replace(/.*"A"\n/, ""),
        /doesn't match the plan: .* no longer has auto_\w+:[\s\S]*"A"; nothing/,
      ],
      [record.replace('"A"', '"Z"'), /no longer has auto_\w+: "A"/],
      ["", /herm\.lock\.yaml is empty: nothing was sent/],
    ] as const) {
      write({ "herm.lock.yaml": other });
      const applied = await run(apply, { now });
      expect(applied).toMatchObject({ code: 6, stderr: expect.stringMatching(why) });
      expect(await run(["apply", "--plan", "plan.json", "--dry-run"], { now })).toEqual(applied);
    }
    expect(await writes()).toEqual([]);
    write({ "herm.lock.yaml": `${record}  dep_other/auto_1: "Added since"\n` });
    expect((await run(apply)).code).toBe(0);
    expect((await state()).map(({ name }) => name)).toEqual(["A2", "C"]);
    expect((await run(apply)).code).toBe(0);
  });

  it("is for one API, and good for 7 days", async () => {
    const plan = await planned([], { automations: [item("A")] });
    const daysLater = (days: number) => ({ now: new Date(Date.now() + days * 86_400_000) });
    const old = await plan.apply([], daysLater(7.1));
    expect(old).toMatchObject({ code: 2, stdout: "" });
    expect(old.stderr).toMatch(/^error: plan\.json was made 7 d 2 h ago; plans expire after 7 days\n/);
    const { server } = await startManifestServer();
    const elsewhere = await plan.apply([], { server });
    expect(elsewhere).toMatchObject({ code: 2, stdout: "" });
    expect(elsewhere.stderr).toContain("plan.json is a plan for the local server's store");
    expect(await plan.writes()).toEqual([]);
    expect(await plan.apply([], daysLater(6.9))).toMatchObject({ code: 0 });
  });

  it.each([
    ["-f", "herm.json"],
    ["--values", "v.yaml"],
    ["--var", "a=b"],
    ["--recursive"],
    ["--prune"],
    ["--match", "A*"],
    ["--except", "A"],
    ["--customer", "cus_1"],
    ["--all-deployments"],
    ["-d", "dep_local"],
    ["--plan-out", "other.json"],
    ["--resume-paused"],
    ["--recreate"],
    ["--remove-duplicates"],
    ["--wait-ready", "1m"],
  ])("can't stand with %s", async (...words) => {
    const { run } = await startManifestServer();
    const { code, stderr } = await run(["apply", "--plan", "plan.json", ...words]);
    expect({ code, stderr }).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("can't be used together"),
    });
  });
});
