import { describe, expect, it } from "vitest";
import { type HermOptions, herm, startServer, temporaryFolder } from "../support/harness.js";
import { addDeployment } from "./run-server.js";

/** Two deployments, none chosen: `Digest` in both, `Weekly` in one. */
async function prepare() {
  const server = await startServer();
  const options = { server, home: temporaryFolder() };
  const other = await addDeployment(server, { name: "Luna", customer_id: "cus_luna" });
  const create = (deployment: string, name: string) =>
    herm(
      [
        "automations",
        "create",
        "-d",
        deployment,
        "--name",
        name,
        "--schedule",
        "@daily",
        "--instructions",
        "x",
      ],
      options,
    );
  await create("dep_local", "Digest");
  await create(other, "Digest");
  await create(other, "Weekly");
  return {
    other,
    run: (argv: readonly string[], more: HermOptions = {}) => herm(argv, { ...options, ...more }),
  };
}

describe("a bare name where no deployment is chosen", () => {
  it("is looked up in all of them by what only reads", async () => {
    const { run, other } = await prepare();
    const { code, stdout } = await run(["automations", "get", "Weekly", "--json"]);
    expect({ code, place: JSON.parse(stdout).deployment_id }).toEqual({ code: 0, place: other });
    const several = await run(["automations", "get", "Digest"]);
    expect(several).toMatchObject({ code: 6, stderr: expect.stringContaining("Luna/Digest") });
    expect((await run(["automations", "get", "Nothing"])).code).toBe(4);
  });

  it("is asked about by a change on a terminal, and refused without one", async () => {
    const { run } = await prepare();
    const pause = ["automations", "pause", "Weekly"];
    expect((await run(pause)).code).toBe(2);
    expect((await run(pause, { answers: [false] })).code).toBe(1);
    expect((await run(pause, { answers: [true] })).code).toBe(0);
    expect((await run(["automations", "resume", "Weekly", "--yes"], { answers: [] })).code).toBe(0);
  });
});
