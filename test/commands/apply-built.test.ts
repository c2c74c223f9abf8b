import { describe, expect, it } from "vitest";
import { startServer } from "../support/harness.js";
import { spawnHerm } from "../support/spawn.js";

const manifest = `automations:
  - name: Weekly report
    schedule: every Monday at 9am
    tz: Europe/Berlin
    instructions: Look back.
`;

describe("the built command", () => {
  it("applies manifests, and finds no change in its own export", async () => {
    const server = await startServer();
    const { url } = await server.listen();
    const env = { HERM_API_URL: url, HERM_API_KEY: server.apiKey, HERM_DEPLOYMENT: "dep_local" };
    const herm = (words: string[], stdin?: string) =>
      spawnHerm(["automations", ...words], { env, ...(stdin === undefined ? {} : { stdin }) });
    const applied = await herm(["apply", "--file", "-", "-o", "table"], manifest);
    expect(applied).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^dep_local\tdep_local\tcreate\tWeekly report\tauto_\w+\t.+\tdone\t\n$/),
    });
    const { stdout } = await herm(["export"]);
    expect(await herm(["diff", "--file", "-"], stdout)).toMatchObject({
      code: 0,
      stdout: "no changes: 1 automation matches the files\n",
    });
    const refused = await herm(["apply", "--file", "-"], "automations: [*x]\n");
    expect(refused).toMatchObject({ code: 2, stdout: "" });
  });
});
