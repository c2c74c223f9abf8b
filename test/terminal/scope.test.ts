import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { addDeployment } from "../incident/fleet.js";
import { herm, temporaryFolder } from "../support/harness.js";
import { leaveTop, startPlace, until } from "./place.js";

const wholeTitle = /^herm top · 2 deployments · /;
const partTitle = /^herm top · only Local: 1 other deployment not shown · /;

it.each([
  ["nothing", ""],
  ["deployments use", ""],
  ["HERM_DEPLOYMENT", "dep_local"],
  [".herm.json", ""],
])("top covers the fleet even if %s chose a deployment, unless -d names one", async (how, inUse) => {
  const { open, add, server } = await startPlace();
  await add("Digest");
  await addDeployment(server, { name: "Other" });
  const home = temporaryFolder();
  const cwd = join(home, "project");
  mkdirSync(cwd);
  if (how === "deployments use")
    expect((await herm(["deployments", "use", "dep_local"], { server, home })).code).toBe(0);
  if (how === ".herm.json") writeFileSync(join(cwd, how), JSON.stringify({ deployment: "dep_local" }));
  const at = { cwd, env: { HOME: home, HERM_DEPLOYMENT: inUse } };
  if (how !== "nothing") {
    const { lines } = await open(["automations", "list", "--failing"], at).ended;
    expect(lines).toContain("only Local: 1 other deployment not shown");
  }

  const whole = open(["top"], at);
  await until(whole, ([title = ""]) => wholeTitle.test(title));
  expect(await leaveTop(whole)).toMatch(/^2 deployments: 1 enabled · /);
  const part = open(["top", "-d", "Local"], at);
  await until(part, ([title = ""]) => partTitle.test(title));
  expect(await leaveTop(part)).toMatch(/^Local: 1 enabled · /);
});
