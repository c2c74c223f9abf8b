import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../support/harness.js";
import { pathOf, writeProgram } from "./installer.js";
import { sha256 } from "./release-host.js";
import { runStep, stepOf, workflow } from "./steps.js";

const tarball = "herm-cli-1.2.3.tgz";

/** A folder with an `npm` that records its arguments; its `install` makes a `herm` that does the same. */
function machine() {
  const folder = temporaryFolder();
  const log = join(folder, "log");
  mkdirSync(join(folder, "tools"));
  const tried = `#!/bin/sh\\necho herm "$@" >>${log}`;
  const npm = `echo npm "$@" >>${log}
    if [ $1 = pack ]; then echo packed >dist-binary/${tarball}; fi
    if [ $1 = install ]; then mkdir -p npm/bin; printf '${tried}\\n' >npm/bin/herm; chmod +x npm/bin/herm; fi`;
  writeProgram(join(folder, "tools", "npm"), npm);
  const PATH = `${join(folder, "tools")}:${process.env.PATH}`;
  const asked = () => (existsSync(log) ? readFileSync(log, "utf8").trimEnd().split("\n") : []);
  return { folder, asked, env: { PATH, RUNNER_TEMP: folder } };
}

const isMissing = ["bash", "sha256sum"].some((name) => pathOf(name) === undefined);

describe.skipIf(isMissing)("the publication on npm", () => {
  it("uses the tarball packed and tested together with the executables", async () => {
    const { folder, asked, env } = machine();
    mkdirSync(join(folder, "dist-binary"));
    expect(
      await runStep(stepOf("build", "Pack what npm gets, and try it"), { cwd: folder, env }),
    ).toMatchObject({ code: 0 });
    expect(asked()).toEqual([
      "npm pack --pack-destination dist-binary",
      `npm install --global --prefix ${folder}/npm ./dist-binary/${tarball}`,
      "herm --version",
      "herm schedule explain every weekday at 18:30",
      "herm --local automations list",
      "herm dev stop",
    ]);
    const names = workflow.jobs.build?.steps.map(({ name = "", run }) => name || run) ?? [];
    const order = ["npm run build:binary -- --all", "Pack what npm gets, and try it"];
    order.push("Add install.sh with the address of the releases");
    expect(names.filter((name) => order.includes(name ?? ""))).toEqual(order);
  });

  it("waits for approval, and needs no token", () => {
    const { environment, permissions, steps = [] } = workflow.jobs.publish ?? {};
    expect(environment).toBe("npm");
    expect(permissions).toEqual({ "id-token": "write" });
    expect(steps.map(({ name, uses }) => name ?? uses?.replace(/@.*/, ""))).toEqual([
      "actions/download-artifact",
      "actions/setup-node",
      "Publish the tarball",
    ]);
  });

  it.each([
    ["v1.2.3", "herm-cli-1.2.3.tgz", "latest"],
    ["v1.2.3-rc.1", "herm-cli-1.2.3-rc.1.tgz", "next"],
  ])("uploads, for %s, %s as %s, with provenance", async (GITHUB_REF_NAME, file, tag) => {
    const { folder, asked, env } = machine();
    mkdirSync(join(folder, "release"));
    writeFileSync(join(folder, "release", file), "packed");
    writeFileSync(join(folder, "release", "SHA256SUMS"), `${sha256("packed")}  ${file}\n`);
    const step = stepOf("publish", "Publish the tarball");
    const publish = () => runStep(step, { cwd: folder, env: { ...env, GITHUB_REF_NAME } });
    expect(await publish()).toMatchObject({ code: 0 });
    expect(asked()).toEqual([`npm publish ./${file} --provenance --access public --tag ${tag}`]);
    writeFileSync(join(folder, "release", file), "another");
    expect(await publish()).toMatchObject({ code: 1, log: expect.stringContaining(`${file}: FAILED`) });
    expect(asked()).toHaveLength(1);
  });
});
