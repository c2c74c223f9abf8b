import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { type ManifestServer, startAt, startOnMonday } from "./manifest-server.js";

const now = new Date(startAt);
const item = (name: string, rest = "") =>
  `  - name: ${name}\n    schedule: every day at 9am\n    instructions: Do it.\n${rest}`;
const manifest = (...items: string[]) => `automations:\n${items.join("")}`;
const files = ["-f", "herm.yaml", "--all-deployments", "--record", "herm.lock.yaml"];
const apply = ["apply", ...files, "--yes"];

async function start(...items: string[]): Promise<ManifestServer> {
  const server = await startOnMonday();
  server.write({ "herm.yaml": manifest(...items) });
  expect((await server.run(["adopt", ...files, "--yes"], { now })).code).toBe(0);
  expect((await server.run(apply, { now })).code).toBe(0);
  return server;
}

it("a hint adopts automations that match the files, or with --different those that differ", async () => {
  const server = await start(item("A"));
  const acme = await server.deploy("Acme");
  await server.create({ name: "A", schedule: "0 9 * * *", instructions: "Do it." }, acme);
  const adopt = `herm adopt --file herm.yaml --record herm.lock.yaml --all-deployments`;
  for (const words of [["diff", ...files], apply]) {
    const { code, stderr } = await server.run([...words, "--strict"], { now });
    expect(code).toBe(8);
    expect(stderr).toContain(`hint: to skip it, add not: to the item; to adopt it before apply: ${adopt}\n`);
  }
  const other = await server.deploy("Other");
  await server.create({ name: "A", instructions: "Mine." }, other);
  const { stderr } = await server.run([...apply, "--strict"], { now });
  expect(stderr).toContain(
    `hint: to skip them, add not: to the item; to adopt them before apply (with other texts: "A" in Other): ${adopt} --different\n`,
  );
});

it("a hint deletes duplicates, ten at a time", async () => {
  const server = await start(item("A"));
  for (const more of [1, 11]) {
    for (let at = 0; at < more; at += 1)
      await server.create({ name: "A", schedule: "0 9 * * *", instructions: "Do it." });
    const { code, stderr } = await server.run([...apply, "--strict"], { now });
    const [, them, command = ""] = /\nhint: to delete (it|the first 10): herm (.*)\n$/.exec(stderr) ?? [];
    expect({ code, them }).toEqual({ code: 8, them: more === 1 ? "it" : "the first 10" });
    expect((await server.runHerm([...command.split(" "), "--yes"], { now })).code).toBe(0);
  }
  expect(await server.state()).toHaveLength(2);
  expect((await server.run([...apply, "--strict"], { now })).code).toBe(8);
});

it("diff suggests `formerly` for a likely rename, once for all deployments", async () => {
  const server = await start(item("A", "    spread: 2h\n"), item("B").replace("Do it", "Do B"));
  await server.deploy("Acme");
  await server.run(apply, { now });
  server.write({
    "herm.yaml": manifest(item("New", "    spread: 2h\n"), item("Else").replace("it", "more")),
  });
  const { stderr } = await server.run(["diff", ...files, "--prune"], { now });
  expect(stderr).toContain(
    'warning: in 2 deployments, "A" is deleted and created again as "New"; to rename it and keep its runs, add formerly: A\n',
  );
  expect(stderr).not.toContain('"B"');
});

it("apply rejects a deletion of over 20 automations and over a quarter of its record", async () => {
  const names = ["A", "B", "C", "D"];
  const server = await startOnMonday();
  for (const at of Array(6).keys()) await server.deploy(`D${at}`);
  server.write({ "herm.yaml": manifest(...names.map((name) => item(name))) });
  await server.run(["adopt", ...files, "--yes"], { now });
  await server.run(apply, { now });
  server.write({ "herm.yaml": manifest(item("A")) });
  await server.writes();
  const prune = [...apply, "--prune"];
  const refused = await server.run(prune, { now });
  expect(refused).toMatchObject({
    code: 6,
    stderr: expect.stringContaining(
      "error: 21 deletions of 28 recorded automations: over 20, and over a quarter; nothing was changed\nhint: to allow this: --max-deletes 21\n",
    ),
  });
  expect(await server.writes()).toEqual([]);
  await server.run([...prune, "--report", "markdown=plan.md"], { now });
  expect(readFileSync(join(server.cwd, "plan.md"), "utf8")).toMatch(
    /^### herm: what apply would do\n\nFailed: <code>21 deletions .*\n\nHint: .*--max-deletes 21<\/code>\n\n21 to delete, 7 unchanged[\s\S]*\n\| delete \| .* \| <code>D<\/code> \|/,
  );
  const dry = await server.run([...prune.filter((word) => word !== "--yes"), "--dry-run"], { now });
  expect(dry.code).toBe(6);
  expect(dry.stderr).toContain("warning: apply would be refused: 21 deletions of 28 recorded automations");
  const diff = await server.run(["diff", ...files, "--prune"], { now });
  expect(diff).toMatchObject({
    code: 9,
    stderr: expect.stringMatching(/^warning: apply would be refused: 21 /),
  });
  const all = `not: {deployments: [D0, D1, D2, D3, D4, D5]}\n${manifest(...names.map((name) => item(name)))}`;
  server.write({ "herm.yaml": all });
  const leaving = await server.run([...prune.filter((word) => word !== "--yes"), "--dry-run"], { now });
  expect(leaving).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/; 24 deletions, leaving: D\d, D\d, D\d and 3 more; /),
  });
  server.write({ "herm.yaml": manifest(item("A")) });
  expect((await server.run([...prune, "--max-deletes", "21"], { now })).code).toBe(0);
});
