import { expect, it } from "vitest";
import { startPlace } from "./place.js";

const size = { columns: 80, rows: 24 };
const day = 86_400;

it("herm get fits an automation on one screen, and shows it whole with --verbose", async () => {
  const { open, add, server } = await startPlace();
  const instructions = Array.from({ length: 30 }, (_, at) => `Step ${at + 1}.`).join("\n");
  await add("Daily", { schedule: "0 9 * * *", instructions });
  await add("Short", { instructions: "1\n2\n3\n4" });
  for (let at = 0; at < 8; at += 1) await server.advance(day);
  const shown = async (...words: string[]) =>
    (await open(["get", ...words], size).ended).lines.map((line) => line.trimEnd());
  const lines = await shown("Daily");
  expect(lines.length).toBeLessThan(size.rows);
  expect(lines.filter((line) => /^ {2}(✓|·|!) /.test(line) || line.includes("run_")).length).toBe(5);
  expect(lines.filter((line) => line.startsWith("  Step "))).toEqual(["  Step 1.", "  Step 2.", "  Step 3."]);
  expect(lines).toContain("  … 27 more lines: --verbose");
  expect(lines.at(-1)).toMatch(/^ {2}… \d more runs: --verbose$/);
  expect(lines.join("\n")).toMatch(
    /^Daily\n(?:.*\n)*? {2}schedule .*\n(?:.*\n)*? {2}status .*\n {2}next run .*\n {2}last run /,
  );
  expect(lines).not.toContain("Next times (estimated by herm)");
  const whole = await shown("Daily", "--verbose");
  expect(whole.filter((line) => line.startsWith("  Step "))).toHaveLength(30);
  expect(whole.filter((line) => line.includes("run_")).length).toBeGreaterThan(6);
  expect(whole.join("\n")).toMatch(
    /^ {2}thread .*\n {2}created .*\n(?:.*\n)*Next times \(estimated by herm\)\n/m,
  );
  expect(await shown("Daily", "--next", "2")).toContain("Next times (estimated by herm)");
  expect(await shown("Short")).toEqual(expect.arrayContaining(["  1", "  2", "  3", "  4"]));
});
