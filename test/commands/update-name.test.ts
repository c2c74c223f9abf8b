import { describe, expect, it } from "vitest";
import type { FetchLike } from "../../src/api/fetch.js";
import { fetchFrom, type HermOptions, herm, startServer, temporaryFolder } from "../support/harness.js";

/** A deployment with `Daily` and `Weekly`. */
async function prepare() {
  const server = await startServer();
  const options = { server, home: temporaryFolder(), env: { HERM_DEPLOYMENT: "dep_local" } };
  const sent: string[] = [];
  const fetch: FetchLike = (url, init) => {
    if (init.method !== "GET") sent.push(`${init.method} ${init.body ?? ""}`);
    return fetchFrom(server)(url, init);
  };
  const run = (argv: readonly string[], more: HermOptions = {}) => herm(argv, { ...options, fetch, ...more });
  const create = (name: string) =>
    run(["automations", "create", "--name", name, "--schedule", "@daily", "--instructions", "x"]);
  await create("Daily");
  await create("Weekly");
  sent.length = 0;
  const update = (argv: readonly string[], more: HermOptions = {}) =>
    run(["automations", "update", ...argv], more);
  return { run, create, update, sent };
}

const taken = /there is already an automation named "Weekly": auto_\w+/;

describe("update --name", () => {
  it.each([[[]], [["--dry-run"]]])(
    "rejects an existing name %j, except with --allow-duplicate",
    async (more) => {
      const { update, sent } = await prepare();
      const { code, stderr } = await update(["Daily", "--name", "Weekly", ...more]);
      expect({ code, sent }).toEqual({ code: 6, sent: [] });
      expect(stderr).toMatch(taken);
      expect(stderr).toContain("--allow-duplicate");
      expect((await update(["Daily", "--name", "Weekly", "--allow-duplicate", ...more])).code).toBe(0);
      expect(sent).toEqual(more.length === 0 ? ['PATCH {"name":"Weekly"}'] : []);
    },
  );

  it("accepts the automation's own name, or an unused name", async () => {
    const { update, sent } = await prepare();
    expect((await update(["Daily", "--name", "Daily"])).code).toBe(0);
    expect((await update(["Daily", "--name", "Monthly"])).code).toBe(0);
    expect(sent).toEqual(['PATCH {"name":"Monthly"}']);
  });

  it("rejects one name for two automations, unless allowed", async () => {
    const { update, sent } = await prepare();
    const both = ["Daily", "Weekly", "--name", "News"];
    expect(await update(both)).toMatchObject({
      code: 6,
      stderr: expect.stringContaining('2 automations in dep_local would be named "News"'),
    });
    expect(sent).toEqual([]);
    expect((await update([...both, "--allow-duplicate"])).code).toBe(0);
    expect(sent).toHaveLength(2);
  });

  it("asks on a terminal", async () => {
    const { update, sent } = await prepare();
    expect((await update(["Daily", "--name", "Weekly"], { answers: [false] })).code).toBe(1);
    expect(sent).toEqual([]);
    expect((await update(["Daily", "--name", "Weekly"], { answers: [true] })).code).toBe(0);
    expect(sent).toHaveLength(1);
  });

  it("asks after --edit, and saves the text after a no", async () => {
    const { update, sent } = await prepare();
    const rename = (text: string) => text.replace("name: Daily", "name: Weekly");
    const { code, stderr } = await update(["Daily", "--edit"], { answers: [rename, false] });
    expect({ code, sent }).toEqual({ code: 1, sent: [] });
    expect(stderr).toMatch(/your text is saved in[^;]*;\s+to continue, run the same command and paste it in/);
  });
});

describe("the undo of a rename", () => {
  it("doesn't restore a name that another automation uses", async () => {
    const { run, create, update, sent } = await prepare();
    const { stderr } = await update(["Daily", "--name", "Monthly"]);
    const change = /herm undo (c_\w+)/.exec(stderr)?.[1] ?? "";
    await create("Daily");
    sent.length = 0;
    const refused = await run(["undo", change, "--yes"]);
    expect(refused.stdout).toMatch(/\tskipped\t.*an automation with that name already exists: auto_\w+/);
    expect(sent).toEqual([]);
    await run(["automations", "delete", "Daily", "--yes"]);
    expect((await run(["undo", change, "--yes"])).stdout).toContain("\tundone\t");
    expect(sent.at(-1)).toBe('PATCH {"name":"Daily"}');
  });
});
