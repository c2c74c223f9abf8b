import { describe, expect, it } from "vitest";
import { embeddedUrl } from "../support/harness.js";
import { startAt, startOnMonday } from "./manifest-server.js";

const now = new Date(startAt);
const item = "automations:\n  - {name: A, schedule: every day at 9am, instructions: x}\n";

describe("the targets of a manifest", () => {
  it("are its named deployments, unless flags name others", async () => {
    const { run, deploy, write, state } = await startOnMonday();
    const [named, other] = [await deploy("Three"), await deploy("Four")];
    write({ "herm.yaml": `deployments: ["\${where}"]\n${item}` });
    const applied = await run(["apply", "-f", "herm.yaml", "--var", "where=Three"], { now });
    expect(applied).toMatchObject({ code: 0 });
    expect(await state(named)).toHaveLength(1);
    for (const id of ["dep_local", other]) expect(await state(id)).toEqual([]);
    // Flags replace it, but settings don't.
    const flagged = await run(["diff", "-f", "herm.yaml", "--var", "where=x", "-d", other, "-o", "json"], {
      now,
    });
    expect(JSON.parse(flagged.stdout)).toMatchObject([{ deployment_id: other, action: "create" }]);
    const env = { HERM_DEPLOYMENT: other };
    expect(await run(["diff", "-f", "herm.yaml", "--var", "where=Three"], { now, env })).toMatchObject({
      code: 0,
      stdout: "no changes: 1 automation matches the files\n",
    });
  });

  it("are replaced by flags, with a note if the flags cover more deployments", async () => {
    const { run, deploy, write } = await startOnMonday();
    const [one, other] = [await deploy("One", { customer: "cus_acme" }), await deploy("Two")];
    write({
      "all/a.yaml": `deployments: [${one}]\n${item}`,
      "all/b.yaml": `deployments: [One]\n${item.replace("A", "B").replace("x}", "y}")}`,
      "all/c.yaml": item.replace("A", "C").replace("x}", "z}"),
      "one.yaml": `deployments: [One]\n${item}`,
    });
    const warned = async (...args: string[]) => {
      const { stderr } = await run(["diff", "-f", ...args], { now });
      return stderr.split("\n").filter((line) => line.startsWith("warning: "));
    };
    const says = (flag: string, what: string) => [
      `warning: ${flag} overrides ${what}; omit it to use each file's deployments`,
    ];
    expect(await warned("all", "--all-deployments")).toEqual(
      says("--all-deployments", "deployments: in 2 files"),
    );
    expect(await warned("one.yaml", "--all-deployments")).toEqual(
      says("--all-deployments", "deployments: in 1 file"),
    );
    expect(await warned("all", "-d", other)).toHaveLength(1);
    // These narrow it.
    expect(await warned("all", "-d", one)).toEqual([]);
    expect(await warned("all", "-d", "One")).toEqual([]);
    expect(await warned("one.yaml", "-d", one)).toEqual([]);
    expect(await warned("all/b.yaml", "--customer", "cus_acme")).toEqual([]);
  });

  it("exclude the deployments named by --except", async () => {
    const { run, deploy, write } = await startOnMonday();
    const one = await deploy("One");
    await deploy("Two");
    write({ "herm.yaml": `deployments: [One, Two]\n${item}` });
    const applied = await run(["apply", "-f", "herm.yaml", "--except", "Two", "--json"], { now });
    expect(JSON.parse(applied.stdout)).toMatchObject([{ deployment_id: one, result: "done" }]);
  });

  it("are all reported before any change if they match no deployment or several", async () => {
    const { run, deploy, write, writes } = await startOnMonday();
    const acme = await deploy("Acme", { customer: "cus_acme" });
    const duplicates = [await deploy("Twin"), await deploy("Twin")];
    write({
      "a.yaml": `deployments: [Acmee, Twin, "Ac*", dep_gone, ${acme}]\n${item}`,
      "b.yaml": `deployments: [Nobody, Acme]\nremoved: [X]\n`,
    });
    await writes();
    for (const verb of ["apply", "diff"]) {
      const { code, stdout, stderr } = await run([verb, "-f", "a.yaml", "-f", "b.yaml"], { now });
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
      const duplicate = /\(give one of their ids: (dep_\w+), (dep_\w+)\)/.exec(stderr);
      expect(duplicate?.slice(1).sort()).toEqual(duplicates.toSorted());
      expect(stderr.replace(/dep_\w+, dep_\w+/, "…")).toBe(
        `error: 5 mistakes in the manifest
  a.yaml:1:15: no deployment named "Acmee" (did you mean Acme?)
  a.yaml:1:22: 2 deployments are named "Twin" (give one of their ids: …)
  a.yaml:1:28: no deployment named "Ac*" (use a name, not a glob; to narrow down --all-deployments, use for: {deployments: […]})
  a.yaml:1:35: deployment dep_gone isn't visible to this key (ids differ between environments; export --by-name writes names)
  b.yaml:1:15: no deployment named "Nobody"
hint: to see what exists: herm automations deployments list
`.replace("automations deployments", "deployments"),
      );
    }
    expect(await writes()).toEqual([]);
  });

  it.each([
    [
      "deployments: []\nautomations: []\n",
      "1:14: deployments is empty (omit it to use the current deployment)",
    ],
    ["deployments: dep_1\nautomations: []\n", "1:14: deployments must be a list, not text ([dep_1])"],
    [
      "deployments: [1]\nautomations: []\n",
      '1:15: a deployment must be text, not the number 1 (put it in quotes: "1")',
    ],
    [
      'deployments: ["${deployment.name}"]\nautomations: []\n',
      "1:15: a deployment can't contain a variable of the deployment",
    ],
    ["deployment: dep_1\nautomations: []\n", "1:1: unknown key deployment (did you mean deployments?)"],
    [
      "customers: [cus_1]\nautomations: []\n",
      "1:1: unknown key customers (to narrow down --all-deployments, use for: {customers: […]})",
    ],
    [
      "deployments: [dep_1, dep_2]\nautomations: []\n",
      "1:15: deployment dep_1 isn't visible to this key (ids differ between environments; export --by-name writes names)",
    ],
  ])("are rejected with their position: %s", async (text, says) => {
    const { run, write } = await startOnMonday();
    write({ "herm.yaml": text });
    const { code, stderr } = await run(["diff", "-f", "herm.yaml"], { now });
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(`herm.yaml:${says}\n`) });
  });

  it.each(["", "    for: {customers: [cus_1]}\n"])(
    "are rejected with their position if the only id doesn't exist: %j",
    async (rest) => {
      const { run, write } = await startOnMonday();
      const [head = "", body = ""] = [
        "deployments: [dep_gone]\n",
        item.replace("{", "").replace("}", "").replaceAll(", ", "\n    "),
      ];
      write({ "herm.yaml": head + body + rest });
      for (const verb of ["apply", "diff"]) {
        const { code, stdout, stderr } = await run([verb, "-f", "herm.yaml"], { now });
        expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
        expect(stderr).toMatch(
          /^error: herm\.yaml:1:15: deployment dep_gone isn't visible to this key \(ids differ between environments; .*\)\n/,
        );
      }
      // A flag isn't on any line.
      expect((await run(["diff", "-f", "herm.yaml", "-d", "dep_gone"], { now })).code).toBe(4);
    },
  );

  it("may not include one deployment twice in two files", async () => {
    const { run, write } = await startOnMonday();
    write({ "a.yaml": `deployments: [One]\n${item}`, "b.yaml": `deployments: [One]\n${item}` });
    const { code, stderr } = await run(["diff", "-f", "."], { now });
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining("b.yaml:3:12: ") });
  });

  it("are kept in the retry command, so each file keeps its own deployments", async () => {
    const { run, deploy, write, call } = await startOnMonday();
    const acme = await deploy("Acme", { customer: "cus_acme" });
    await deploy("Beta", { customer: "cus_beta" });
    write({
      "all/acme.yaml": `deployments: [Acme]\n${item}${item.replace("automations:\n", "").replace("A,", "B,")}`,
      "all/beta.yaml": `deployments: [Beta]\n${item.replace("A,", "C,")}`,
    });
    const path = `/v1/deployments/${acme}/automations`;
    await call("POST", "/_dev/faults", {
      method: "POST",
      path,
      count: null,
      action: { type: "fail", status: 400 },
    });
    const failed = await run(["apply", "-f", "all"], { now });
    expect(failed).toMatchObject({ code: 8 });
    expect(failed.stderr).toMatch(/\nhint: to finish it: herm apply --file all\n$/);
    await run(["adopt", "-f", "all", "--record", "lock.yaml", "--yes"], { now });
    const pruned = await run(["apply", "-f", "all", "--record", "lock.yaml", "--prune", "--yes"], { now });
    expect(pruned.stderr).toMatch(
      /\nhint: to finish it: herm apply --file all --record lock\.yaml --prune --yes\n$/,
    );
    const chosen = await run(["apply", "-f", "all", "-d", "Acme", "-d", "Beta"], { now });
    expect(chosen.stderr).toMatch(/\nhint: to finish it: herm apply -d Acme -d Beta --file all\n$/);
  });

  it("are suggested as --all-deployments if the command supports it", async () => {
    const { server, run, runHerm, write, deploy } = await startOnMonday();
    await deploy("Acme");
    write({ "herm.yaml": "automations: []\n" });
    for (const words of [["apply", "-f", "herm.yaml"], ["export"], ["pause", "--all", "--yes"]]) {
      expect(await run(words)).toMatchObject({
        code: 2,
        stderr: expect.stringMatching(
          /^hint: give -d, --all-deployments, or set HERM_DEPLOYMENT: .+ \(dep_\w+\)/m,
        ),
      });
    }
    const create = ["create", "--name", "B", "--schedule", "@daily", "--instructions", "x"];
    expect((await run(create)).stderr).toMatch(/^hint: give -d or set HERM_DEPLOYMENT: .+ \(dep_\w+\)/m);
    const login = ["auth", "login", "--profile", "prod", "--api-url", embeddedUrl, "--with-token"];
    await runHerm(login, { stdin: server.apiKey });
    expect((await run([...create, "--profile", "prod"])).stderr).toMatch(/^hint: give -d: .+ \(dep_\w+\)/m);
    expect((await run(["pause", "A"])).stderr).toMatch(
      /^hint: give -d, <deployment>\/<name>, or set HERM_DEPLOYMENT: .+ \(dep_\w+\)/m,
    );
  });
});
