import { describe, expect, it } from "vitest";
import { startAt, startOnMonday } from "./manifest-server.js";

const now = new Date(startAt);
const item = (name: string, rest: string, schedule = "@daily") =>
  `  - {name: ${name}, schedule: "${schedule}", instructions: x, ${rest}}\n`;

const fleet = async () => {
  const server = await startOnMonday();
  const id = await server.deploy("Acme", { customer: "cus_1" });
  const all = ["--all-deployments", "--except", "dep_local"];
  const run = async (command: string, ...words: string[]) => {
    const { code, stderr } = await server.run([command, "-f", "herm.yaml", ...words], { now });
    return code === 0 ? "" : `${code} ${stderr.trimEnd().split("\nhint: ")[0]}`;
  };
  return { ...server, id, all, run };
};

describe("two items with the same name", () => {
  it.each([
    ["the same customer", "for: {customers: [cus_1]}", "for: {customers: [cus_1]}"],
    ["the same deployments in another order", "for: {deployments: [A*, B]}", "for: {deployments: [B, A*]}"],
    ["all but the same customer", "not: {customers: [cus_2]}", "not: {customers: [cus_2]}"],
  ])("are a mistake if both are for %s, even in different files", async (_title, one, other) => {
    const { run, write, call } = await fleet();
    const before = await call("GET", "/_dev/requests");
    const text = `automations:\n${item("A", one)}`;
    write({ "herm.yaml": `${text}${item("A", other)}`, "b.yaml": text });
    for (const command of ["lint", "diff", "apply"]) {
      expect(await run(command)).toMatch(
        /^2 error: herm.yaml:3:\d+: "A" appears twice \(the other one: line 2\)$/m,
      );
      write({ "herm.yaml": text });
      expect(await run(command, "-f", "b.yaml")).toMatch(
        /^2 error: b.yaml:2:\d+: "A" appears twice \(the other one: herm.yaml:2\)$/,
      );
      write({ "herm.yaml": `${text}${item("A", other)}` });
    }
    expect(await call("GET", "/_dev/requests")).toEqual(before);
  });

  it("are a mistake in a plan if equally specific; otherwise the narrower wins", async () => {
    const { run, write, id, all, state } = await fleet();
    const [byName, byId] = ["for: {deployments: [Acme]}", `for: {deployments: [${id}]}`];
    write({ "herm.yaml": `automations:\n${item("A", byName)}${item("A", byId)}` });
    expect(await run("lint")).toBe("");
    for (const command of ["diff", "apply"])
      expect(await run(command, ...all)).toMatch(
        /^2 error: herm.yaml:3:\d+: in Acme: "A" appears twice \(the other one: line 2\)$/m,
      );
    const glob = "for: {deployments: [Ac*], customers: [cus_1]}";
    write({ "herm.yaml": `automations:\n${item("A", glob)}${item("A", byName, "@hourly")}` });
    expect(await run("apply", ...all)).toBe("");
    expect(await state(id)).toMatchObject([{ name: "A", schedule: "0 * * * *" }]);
  });

  it("are a mistake among the values of a file", async () => {
    const { run, write, id, all } = await fleet();
    const entry = (whose: string, hour: number) => `  - {for: {${whose}}, hour: ${hour}}\n`;
    const items = `automations:\n${item("A", "enabled: true", "0 ${hour:-9} * * *")}`;
    write({
      "herm.yaml": `values:\n${entry("customers: [cus_1]", 1)}${entry("customers: [cus_1]", 2)}${items}`,
    });
    for (const command of ["lint", "diff", "apply"])
      expect(await run(command)).toBe("2 error: herm.yaml:3:39: hour appears twice (the other one: line 2)");
    write({
      "herm.yaml": `values:\n${entry("deployments: [Acme]", 1)}${entry(`deployments: [${id}]`, 2)}${items}`,
    });
    expect(await run("lint")).toBe("");
    for (const command of ["diff", "apply"])
      expect(await run(command, ...all)).toMatch(
        /^2 error: herm.yaml:3:\d+: in Acme: hour appears twice \(the other one: line 2\)$/m,
      );
    write({
      "values.yaml": "for: {customers: [cus_1]}\nhour: 3\n",
      "herm.yaml": `values:\n${entry("customers: [cus_1]", 1)}${items}`,
    });
    expect(await run("apply", ...all, "--values", "values.yaml")).toBe("");
  });
});

describe("a `for` that matches no deployment", () => {
  it("causes a note, and --prune keeps its recorded automations", async () => {
    const { run, write, all, id, list } = await fleet();
    const text = (whose: string, name = "A") =>
      `automations:\n${item(name, `for: {deployments: [${whose}]}`)}${item("B", "enabled: true")}`;
    const record = ["--record", "herm.lock.yaml"];
    write({ "herm.yaml": text("Acme") });
    expect(await run("adopt", ...all, ...record, "--yes")).toBe("");
    expect(await run("apply", ...all, ...record)).toBe("");
    for (const name of ["A", "'${x:-A}'"]) {
      write({ "herm.yaml": text("Amce", name) });
      for (const words of [all, ["-d", id], ["-d", "Acme"]])
        expect(await run("apply", ...words, ...record, "--prune", "--yes")).toMatch(
          /^8 error: 1 automation not deleted: its for: matches no deployment/,
        );
      expect(await run("diff", ...all, ...record, "--prune")).toMatch(/^8 /);
    }
    expect(await run("apply", ...all, ...record)).toBe("");
    expect(await list(id)).toHaveLength(2);
    write({ "herm.yaml": text("Amce", "Another") });
    expect(await run("apply", ...all, ...record, "--prune", "--yes")).toBe("");
    expect(await list(id)).toHaveLength(1);
  });
});
