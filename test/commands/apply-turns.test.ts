import { describe, expect, it } from "vitest";
import { fetchFrom } from "../support/harness.js";
import { startManifestServer } from "./manifest-server.js";

const manifest = JSON.stringify({
  automations: Array.from({ length: 40 }, (_, at) => ({
    name: `A${at}`,
    schedule: "every day at 9am",
    instructions: "x",
  })),
});

/** Applies to two deployments, and returns the requests for each, in order: `list First`, `create Second`. */
async function applyToTwo({ refuses = false }: { refuses?: boolean } = {}) {
  const fleet = await startManifestServer();
  const names = new Map([
    [await fleet.deploy("First", { customer: "cus_two" }), "First"],
    [await fleet.deploy("Second", { customer: "cus_two" }), "Second"],
  ]);
  const send = fetchFrom(fleet.server);
  const asked: string[] = [];
  const { code } = await fleet.run(["apply", "--file", "-", "--customer", "cus_two", "--yes"], {
    stdin: manifest,
    fetch: async (url, init) => {
      const [, deployment = ""] = /\/deployments\/([^/]+)\/automations(\?|$)/.exec(url) ?? [];
      const name = names.get(deployment);
      if (name !== undefined) asked.push(`${init.method === "POST" ? "create" : "list"} ${name}`);
      if (init.method !== "POST" || !refuses) return send(url, init);
      return { status: 403, headers: new Headers(), body: null };
    },
  });
  return { code, asked };
}

describe("an apply to several deployments", () => {
  it("reads each deployment again under its lock, before its first create", async () => {
    const { code, asked } = await applyToTwo();
    expect(code).toBe(0);
    for (const name of ["First", "Second"]) {
      const lists = asked.flatMap((each, at) => (each === `list ${name}` ? [at] : []));
      // Once for the plan, once when it has the lock, and once at the end, for automations that another machine made.
      expect(lists).toHaveLength(3);
      expect(lists[1]).toBeLessThan(asked.indexOf(`create ${name}`));
      expect(lists[2]).toBeGreaterThan(asked.lastIndexOf(`create ${name}`));
    }
  });

  it("locks no second deployment until the first create has succeeded", async () => {
    const { code, asked } = await applyToTwo({ refuses: true });
    expect(code).toBe(3);
    expect(asked.filter((each) => each.startsWith("create"))).toHaveLength(1);
    // Both for the plan, and one with the lock.
    expect(asked.filter((each) => each.startsWith("list"))).toHaveLength(3);
  });
});
