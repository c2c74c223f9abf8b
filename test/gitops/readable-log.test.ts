import { beforeEach, describe, expect, it } from "vitest";
import { type ManifestServer, startManifestServer } from "../commands/manifest-server.js";

const manifest = `automations:
  - name: Weekly report
    schedule: every monday at 9am
    instructions: Look at last week.
`;
const words = ["-f", "herm.yaml", "--all-deployments"];

let server: ManifestServer;
let acme: string;
beforeEach(async () => {
  server = await startManifestServer();
  acme = await server.deploy("Acme", { customer: "cus_42" });
  server.write({ "herm.yaml": manifest });
});

const isRow = (line: string) => line.includes("\t");
const rowsOf = (text: string) => text.split("\n").filter(isRow);

describe("the log of apply and diff", () => {
  it("contains the plan as its result, and rows only if a format is named", async () => {
    for (const command of [["diff"], ["apply", "--dry-run"]]) {
      const plain = await server.run([...command, ...words]);
      expect(plain.stdout).toContain("  + Weekly report  in 2 deployments: ");
      expect(plain.stdout).toContain("\nPlan: 2 to create in 2 deployments\n");
      expect(rowsOf(plain.stdout + plain.stderr)).toEqual([]);

      const named = await server.run([...command, ...words, "-o", "table"]);
      expect(rowsOf(named.stdout)).toHaveLength(2);
      expect(named.stdout).not.toContain("Plan:");
      expect(named.stderr).toContain("\nPlan: 2 to create in 2 deployments\n");

      const quiet = await server.run([...command, ...words, "-q"]);
      expect([quiet.stdout, quiet.stderr]).toEqual(["", ""]);
    }
  });

  it("contains the plan before the requests, and then the results", async () => {
    const { stdout, stderr } = await server.run(["apply", ...words]);
    expect(stderr).toContain("\nPlan: 2 to create in 2 deployments\n");
    expect(stdout).toBe("2 applied\n");
    const again = await server.run(["apply", ...words]);
    expect(again.stdout).toBe("no changes: 2 automations in 2 deployments match the files\n");
  });

  it("names customer, status and request of each failure, even without the plan", async () => {
    await server.call("POST", "/_dev/faults", {
      method: "POST",
      path: `/v1/deployments/${acme}/automations`,
      action: { type: "fail", status: 422 },
    });
    const { code, stdout } = await server.run(["apply", ...words, "-q"]);
    expect(code).toBe(8);
    expect(stdout).toMatch(
      /^failed: "Weekly report" in Acme \(cus_42\): a simulated fault \(422, request \w+\)\n1 applied · 1 failed\n$/,
    );
    await server.call("POST", "/_dev/faults", {
      method: "GET",
      path: `/v1/deployments/${acme}/automations`,
      count: null,
      action: { type: "fail", status: 403 },
    });
    const diff = await server.run(["diff", ...words]);
    expect(diff.code).toBe(8);
    expect(diff.stdout).toMatch(
      /! Weekly report {2}in Acme \(cus_42\)\n {6}a simulated fault \(403, request \w+\)\n/,
    );
    const [row] = JSON.parse((await server.run(["diff", ...words, "--json"])).stdout).filter(
      ({ result }: { result?: string }) => result === "failed",
    );
    expect(row).toMatchObject({ customer_id: "cus_42", status: 403, request_id: expect.any(String) });
  });

  it("suggests no undo in CI, which loses its history", async () => {
    const { stderr } = await server.run(["apply", ...words], { env: { CI: "true" } });
    expect(stderr).not.toContain("undo:");
    server.write({ "herm.yaml": manifest.replace("9am", "8am") });
    expect((await server.run(["apply", ...words])).stderr).toContain("\nundo: herm undo c_");
  });

  it("suggests the schema only for an unknown key", async () => {
    server.write({ "herm.yaml": manifest.replace("9am", "25pm") });
    expect((await server.run(["diff", ...words])).stderr).not.toContain("--print-schema");
    server.write({ "herm.yaml": manifest.replace("schedule", "shedule") });
    expect((await server.run(["diff", ...words])).stderr).toContain("--print-schema");
  });
});
