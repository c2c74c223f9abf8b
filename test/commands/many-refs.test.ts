import { expect, it } from "vitest";
import { fetchFrom, herm, startServer } from "../support/harness.js";

it.each([
  ["pause", "PATCH", []],
  ["delete", "DELETE", ["--yes"]],
])("%s of many references limits its concurrent requests", async (verb, method, flags) => {
  const server = await startServer();
  const names = Array.from({ length: 40 }, (_, at) => ({
    name: `A${at}`,
    schedule: "@daily",
    instructions: "x",
  }));
  const here = ["-d", "dep_local"];
  const stdin = JSON.stringify({ automations: names });
  await herm(["apply", "-f", "-", "--yes", ...here], { server, stdin });
  const { stdout } = await herm(["automations", "list", "-o", "name", ...here], { server });
  let [underWay, most, sent] = [0, 0, 0];
  const changed = await herm(["automations", verb, ...stdout.trim().split("\n"), ...flags, ...here], {
    server,
    fetch: async (url, init) => {
      underWay += 1;
      most = Math.max(most, underWay);
      if (init.method === method) sent += 1;
      try {
        await new Promise((resolve) => setImmediate(resolve));
        return await fetchFrom(server)(url, init);
      } finally {
        underWay -= 1;
      }
    },
  });
  expect({ code: changed.code, sent }).toEqual({ code: 0, sent: 40 });
  expect(most).toBeLessThanOrEqual(8);
});
