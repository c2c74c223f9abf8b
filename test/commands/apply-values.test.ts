import { describe, expect, it } from "vitest";
import type { FetchLike } from "../../src/api/fetch.js";
import { startAt, startOnMonday } from "./manifest-server.js";

const now = new Date(startAt);
const local = ["-d", "dep_local"];

const templated = `automations:
  - name: Report of \${team:-nobody}
    schedule: every day at \${hour:-9}am
    tz: \${zone:-Europe/Berlin}
    instructions: Write \${what:-}it.
    enabled: \${prod:-false}
`;

describe("variables in manifests", () => {
  it("work in every field, and may have defaults", async () => {
    const { run, write, state } = await startOnMonday();
    write({ "herm.yaml": templated });
    expect((await run(["apply", "-f", "herm.yaml", ...local], { now })).code).toBe(0);
    const vars = ["team=growth", "hour=7", "zone=UTC", "what=", "prod=true"];
    const words = ["apply", "-f", "herm.yaml", ...local, ...vars.flatMap((each) => ["--var", each])];
    expect((await run(words, { now })).code).toBe(0);
    expect(await state()).toMatchObject([
      { name: "Report of growth", schedule: "0 7 * * *", instructions: "Write it.", enabled: true },
      { name: "Report of nobody", schedule: "0 8 * * *", instructions: "Write it.", enabled: false },
    ]);
  });

  it.each([
    ["with a default", "${hour:-9}", ""],
    ["without a default", "${hour}", ""],
    [
      "with a default for some deployments",
      "${hour:-9}",
      "values:\n  - for: {deployments: [Acme]}\n    hour: 6\n",
    ],
  ])("are rejected if only the environment sets a variable %s", async (_title, hour, values) => {
    const { run, write, call } = await startOnMonday();
    write({ "herm.yaml": `${templated.replace("${hour:-9}", hour)}${values}` });
    const env = { HERM_VAR_hour: "7", HERM_VAR_unused: "x" };
    const files = ["-f", "herm.yaml"];
    for (const words of [["lint"], ["diff", ...local], ["apply", ...local, "--yes"]])
      expect(await run([...words, ...files], { now, env })).toMatchObject({
        code: 2,
        stderr: "error: herm.yaml:3:28: HERM_VAR_hour isn't read (to set it, use --var hour=…)\n",
      });
    expect(await call("GET", "/_dev/requests")).toEqual([]);
    const lint = ["lint", ...files];
    expect((await run([...lint, "--var", "hour=7"], { now, env })).code).toBe(0);
    write({ "values.yaml": "hour: 7\n" });
    expect((await run([...lint, "--values", "values.yaml"], { now, env })).code).toBe(0);
    const empty = await run(lint, { now, env: { HERM_VAR_hour: "" } });
    expect(empty.code).toBe(hour === "${hour}" ? 2 : 0);
    expect(empty.stderr).not.toContain("HERM_VAR");
  });

  it("are rejected if invalid, before any change", async () => {
    const { run, write, call } = await startOnMonday();
    write({ "herm.yaml": templated });
    const vars = ["team=x\n", "zone=Nowhere", "prod=yes"].flatMap((each) => ["--var", each]);
    const { code, stderr } = await run(["apply", "-f", "herm.yaml", ...local, ...vars], { now });
    expect(code).toBe(2);
    expect(stderr.trimEnd().split("\n")).toEqual([
      "error: 3 mistakes in the manifest",
      "  --var team: the value of team puts a newline in name; used in herm.yaml:2 (to leave it out, use |- instead of |)",
      '  --var zone: "Nowhere" isn\'t a time zone; used in herm.yaml:4 (for example Europe/Berlin)',
      '  --var prod: enabled must be true or false, not "yes"; used in herm.yaml:6',
    ]);
    expect(await call("GET", "/_dev/requests")).toEqual([]);
  });

  it("are resolved for several deployments at once, with a progress bar", async () => {
    const { run, write, deploy, server } = await startOnMonday();
    for (let number = 1; number <= 12; number += 1) await deploy(`Team ${number}`);
    write({ "herm.yaml": templated.replace("${team:-nobody}", "${deployment.customer_id}") });
    let underWay = 0;
    let most = 0;
    const fetch: FetchLike = async (url, { method, headers }) => {
      const { pathname } = new URL(url);
      const isOfOne = /^\/v1\/deployments\/\w+$/.test(pathname);
      if (isOfOne) most = Math.max(most, ++underWay);
      const response = await server.fetch(new Request(url, { method, headers }));
      if (isOfOne) underWay -= 1;
      if (pathname !== "/v1/deployments") return response;
      const text = (await response.text()).replaceAll(/"customer_id": *"\w+"/g, '"customer_id":null');
      return new Response(text, response);
    };
    const words = ["apply", "-f", "herm.yaml", "--all-deployments", "--dry-run"];
    const { code, stdout, stderr } = await run(words, { now, fetch, tty: true, columns: 100 });
    expect(code).toBe(0);
    expect(stdout).toContain("2 versions by their values");
    expect(most).toBeGreaterThan(1);
    expect(stderr.match(/Reading deployments \S+ 0\/13/g)).toHaveLength(2);
  });

  it("are reported once if wrong for some deployments, before any change", async () => {
    const { run, write, deploy, writes } = await startOnMonday();
    for (const name of ["false", "Acme", "Beta"]) await deploy(name, { customer: "cus_9" });
    await writes();
    write({ "herm.yaml": templated.replace("${prod:-false}", "${deployment.name}") });
    const { code, stderr } = await run(["apply", "-f", "herm.yaml", "--customer", "cus_9"], { now });
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: `error: 2 mistakes in the manifest
  herm.yaml:6:14: in Beta: enabled must be true or false, not "Beta"
  herm.yaml:6:14: in Acme: enabled must be true or false, not "Acme"
`,
    });
    expect(await writes()).toEqual([]);
    write({ "herm.yaml": templated.replace("${zone:-Europe/Berlin}", "${deployment.customer_id}") });
    const other = await run(["apply", "-f", "herm.yaml", "--customer", "cus_9"], { now });
    expect(other.stderr).toMatch(
      /^error: herm\.yaml:4:9: in Beta and 2 more deployments: "cus_9" isn't a time zone/,
    );
  });
});

const hourly = `values:
  - hour: 9
    team: support
  - {for: {customers: [cus_acme]}, hour: 7}
  - {for: {deployments: ["* test"]}, hour: 3}
automations:
  - name: Report
    schedule: every day at \${hour}am
    instructions: For \${team}.
  - name: Report
    for: {deployments: [Acme prod]}
    schedule: every day at \${hour}am
    instructions: For \${team} in prod.
  - name: Extra
    not: {customers: [cus_acme], deployments: ["* test"]}
    schedule: every day at noon
    instructions_file: texts/\${team}.md
`;

const fleet = async () => {
  const server = await startOnMonday();
  const { deploy, state, write } = server;
  const ids = {
    prod: await deploy("Acme prod", { customer: "cus_acme" }),
    test: await deploy("Acme test", { customer: "cus_acme" }),
    beta: await deploy("Beta", { customer: "cus_beta" }),
    betaTest: await deploy("Beta test", { customer: "cus_beta" }),
  };
  write({ "herm.yaml": hourly, "texts/support.md": "Help.\n", "texts/growth.md": "Grow, ${team}.\n" });
  const all = ["--all-deployments", "--except", "dep_local"];
  const texts = async () =>
    Object.fromEntries(
      await Promise.all(
        Object.entries(ids).map(async ([name, id]) => [
          name,
          (await state(id)).map(
            ({ name: of, schedule, instructions }) =>
              `${of}: ${schedule?.split(" ")[1]} ${instructions?.trim()}`,
          ),
        ]),
      ),
    );
  return { ...server, ids, all, texts };
};

describe("a manifest's values", () => {
  it("apply to all or some deployments; the narrowest or last value wins", async () => {
    const { run, write, texts, ids, all } = await fleet();
    const { code, stderr } = await run(["apply", "-f", "herm.yaml", ...all], { now });
    expect({ code, warned: stderr.includes("warning") }).toEqual({ code: 0, warned: false });
    expect(await texts()).toEqual({
      prod: ["Report: 7 For support in prod."],
      test: ["Report: 7 For support."],
      beta: ["Extra: 12 Help.", "Report: 9 For support."],
      betaTest: ["Report: 3 For support."],
    });
    write({
      "prod.yaml": `team: growth\n`,
      "beta.json": JSON.stringify({ for: { deployments: [ids.beta] }, team: "beta" }),
      "texts/beta.md": "B.\n",
    });
    const files = ["--values", "prod.yaml", "--values", "beta.json"];
    files.push("--var", "hour=5");
    expect((await run(["apply", "-f", "herm.yaml", ...all, ...files], { now })).code).toBe(0);
    expect(await texts()).toEqual({
      prod: ["Report: 5 For growth in prod."],
      test: ["Report: 5 For growth."],
      beta: ["Extra: 12 B.", "Report: 5 For beta."],
      betaTest: ["Report: 5 For growth."],
    });
    const words = ["diff", "-f", "herm.yaml", ...all, ...files, "--var", "team=growth", "-o", "name"];
    expect((await run(words, { now })).stdout.split("\n")).toHaveLength(3);
  });

  it("are reported before any change, with their position, if unset or without a file", async () => {
    const { run, write, writes, all } = await fleet();
    await writes();
    const words = ["apply", "-f", "herm.yaml", ...all, "--values", "values.yaml"];
    write({ "values.yaml": "for: {customers: [cus_acme]}\nteam: growth\nplace: here\n" });
    write({ "herm.yaml": hourly.replace("support", "none") });
    expect((await run(words, { now })).stderr).toMatch(
      /^error: herm.yaml:3:11: texts\/none.md isn't there; used in herm.yaml:17\n/,
    );
    write({ "herm.yaml": hourly.replace("For ${team}.", "At ${place}.") });
    const { code, stderr } = await run(words, { now });
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: `error: herm.yaml:9:22: in Beta test and 1 more deployment: the variable place isn't set (values.yaml:3:8 sets it only for other deployments)
`,
    });
    expect(await writes()).toEqual([]);
  });

  it("are reported together with all other mistakes, before any change", async () => {
    const { run, write, call } = await startOnMonday();
    write({
      "herm.yaml": templated.replace("name: Report", "nam: Report"),
      "bad.yaml": "team: ${other}\nteam: 2\nkey: 'prism_live_1234567890abcdef'\n",
      "empty.yaml": "",
      "alias.yaml": "a: &a x\nb: *a\n",
    });
    const files = ["bad.yaml", "none.yaml", "empty.yaml", "alias.yaml", "."].flatMap((each) => [
      "--values",
      each,
    ]);
    const env = { PRISM_API_KEY: "prism_live_1234567890abcdef" };
    const { code, stderr } = await run(["apply", "-f", "herm.yaml", ...local, ...files], { now, env });
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: `error: 9 mistakes in the manifest
  herm.yaml:2:5: unknown key nam (did you mean name?)
  herm.yaml:2:5: this automation has no name
  bad.yaml:1:7: a variable isn't allowed here (for a literal \${, write $\${)
  bad.yaml:2:1: team is given twice (first on line 1)
  bad.yaml:3:7: this text contains an API key (anyone who reads the automation could use it)
  none.yaml:1:1: no such file
  empty.yaml:1:1: it is empty
  alias.yaml:2:4: *a is an alias, which a values file can't contain (write it out)
  .:1:1: is a folder
hint: to print its JSON Schema, for editors: herm apply --print-schema
`,
    });
    expect(await call("GET", "/_dev/requests")).toEqual([]);
  });

  it("may not select deployments through other values", async () => {
    const { run, write } = await startOnMonday();
    write({
      "herm.yaml": templated,
      "values.yaml": `- for: {deployments: ["\${team}"]}\n  not: {customers: ["\${x:-cus_1}"]}\n  team: a\n`,
    });
    const words = ["apply", "-f", "herm.yaml", ...local, "--values", "values.yaml", "--var", "team=b"];
    const refused = "a variable isn't allowed here (for a literal ${, write $${)";
    expect(await run(words, { now })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(`\n  values.yaml:1:24: ${refused}\n  values.yaml:2:22: ${refused}\n`),
    });
  });

  it("are reported if unused", async () => {
    const { run, write } = await startOnMonday();
    write({
      "herm.yaml": `${templated}values: {own: 1}\n`,
      "values.yaml": "team: a\nunused: 1\nmore: 2\n",
    });
    const words = [
      "apply",
      "-f",
      "herm.yaml",
      ...local,
      "--dry-run",
      "--values",
      "values.yaml",
      "--var",
      "x=1",
    ];
    const { code, stderr } = await run([...words, "-q", "--var", "what=x"], { now });
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: `warning: herm.yaml sets own, which is not used anywhere in the manifests
warning: values.yaml sets unused, more, which are not used anywhere in the manifests
warning: --var x is not used anywhere in the manifests
`,
    });
  });

  it("may come from stdin, or from a file among the manifests", async () => {
    const { run, write, state } = await startOnMonday();
    write({ "set/herm.yaml": templated, "set/values.yaml": "team: a\n" });
    const set = ["-f", "set", ...local, "--values", "set/values.yaml", "--record", "lock.yaml", "--yes"];
    expect((await run(["adopt", ...set], { now })).code).toBe(0);
    const words = ["apply", ...set, "--prune"];
    expect((await run(words, { now })).code).toBe(0);
    expect(await state()).toMatchObject([{ name: "Report of a" }]);
    const piped = ["apply", "-f", "set/herm.yaml", ...local, "--values", "-"];
    expect((await run(piped, { now, stdin: "{team: b, prod: true, hour: 7}" })).code).toBe(0);
    expect(await state()).toMatchObject([{ name: "Report of a" }, { name: "Report of b", enabled: true }]);
    const both = ["apply", "-f", "-", ...local, "--values", "-"];
    expect(await run(both, { now, stdin: "" })).toMatchObject({
      code: 2,
      stderr: "error: -f and --values can't both read stdin (-)\n",
    });
  });

  it("are repeated in the command that retries failures", async () => {
    const { run, write, call } = await startOnMonday();
    const two = `${templated}  - {name: B, schedule: every hour, instructions: x}\n`;
    write({ "herm.yaml": two, "values.yaml": "team: a\n" });
    await call("POST", "/_dev/faults", {
      method: "POST",
      path: "/v1/deployments/dep_local/automations",
      count: 1,
      action: { type: "fail", status: 400 },
    });
    const words = ["apply", "-f", "herm.yaml", ...local, "--values", "values.yaml", "--var", "hour=8"];
    const { stderr } = await run(words, { now });
    expect(stderr).toContain("--values values.yaml --var hour=8");
  });
});
