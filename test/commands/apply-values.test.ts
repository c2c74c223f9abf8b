import { describe, expect, it } from "vitest";
import { startManifestServer } from "./manifest-server.js";

const startAt = Date.parse("2026-03-02T08:00:00Z");
const now = new Date(startAt);
const local = ["-d", "dep_local"];

const start = () => startManifestServer({ startAt });

const templated = `automations:
  - name: Report of \${team:-nobody}
    schedule: every day at \${hour:-9}am
    tz: \${zone:-Europe/Berlin}
    instructions: Write \${what:-}it.
    enabled: \${prod:-false}
`;

describe("variables in manifests", () => {
  it("stand in every field, and have defaults", async () => {
    const { run, write, state } = await start();
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

  it("are refused where they make no sense, before anything is sent", async () => {
    const { run, write, call } = await start();
    write({ "herm.yaml": templated });
    const vars = ["team= ", "zone=Nowhere", "prod=yes"].flatMap((each) => ["--var", each]);
    const { code, stderr } = await run(["apply", "-f", "herm.yaml", ...local, ...vars], { now });
    expect(code).toBe(2);
    expect(stderr).toContain('herm.yaml:4:9: "Nowhere" isn\'t a time zone');
    expect(stderr).toContain('herm.yaml:6:14: enabled must be true or false, not "yes"\n');
    expect(await call("GET", "/_dev/requests")).toEqual([]);
  });

  it("that are wrong only for some deployments are told once, and nothing is changed", async () => {
    const { run, write, deploy, writes } = await start();
    for (const name of ["false", "Acme", "Beta"]) await deploy(name, { customer: "cus_9" });
    await writes();
    write({ "herm.yaml": templated.replace("${prod:-false}", "${deployment.name}") });
    const { code, stderr } = await run(["apply", "-f", "herm.yaml", "--customer", "cus_9"], { now });
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: `error: 2 mistakes in the manifest, nothing was changed
  herm.yaml:6:14: in Beta: enabled must be true or false, not "Beta"
  herm.yaml:6:14: in Acme: enabled must be true or false, not "Acme"
hint: herm automations apply --print-schema prints its JSON Schema, for editors
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
