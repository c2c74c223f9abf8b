import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { renderJunit } from "../../src/commands/manifest/report/junit.js";
import { renderMarkdown } from "../../src/commands/manifest/report/markdown.js";
import type { FinalReport } from "../../src/commands/manifest/report/report-data.js";
import type { ChangeRow } from "../../src/commands/manifest/view/change-rows.js";
import { readXml, xmlElements } from "../support/xml.js";

const hostile = [
  "@ada",
  "#1",
  "|",
  "```",
  "</details>",
  "<b>",
  "[x](y)",
  "\n",
  "]]>",
  "\0",
  "\u202e",
  "[[ATTACHMENT|x]]",
];
const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.array(fc.constantFrom(...hostile), { maxLength: 8 }).map((parts) => parts.join(" ")),
  fc.constantFrom(...["@", "*", "`", "x\n", "😀"].map((each) => each.repeat(5_000))),
);
const position = fc.record({ file: text, line: fc.nat(), column: fc.nat() });
const row: fc.Arbitrary<ChangeRow> = fc.record(
  {
    deployment_id: fc.constantFrom("dep_1", "dep_2"),
    deployment: text,
    action: fc.constantFrom("create", "update", "rename", "delete", "unchanged", "skipped"),
    name: text,
    automation_id: text,
    changes: fc.record({
      schedule: fc.record({ from: fc.option(text), to: text }),
      instructions: fc.record({ from: fc.option(text), to: text }),
    }),
    reason: text,
    result: fc.constantFrom("done", "failed", "unknown"),
    error: text,
    position,
    isDifference: fc.boolean(),
  },
  { requiredKeys: ["deployment_id", "deployment", "action", "name", "isDifference"] },
);
const final: fc.Arbitrary<FinalReport> = fc
  .record({
    rows: fc.array(row, { maxLength: 40 }),
    mistakes: fc.array(fc.record({ position, message: text }), { maxLength: 20 }),
    warnings: fc.array(fc.record({ kind: fc.constant("peak"), text, position }), { maxLength: 20 }),
    error: fc.option(text, { nil: undefined }),
  })
  .map(({ rows, warnings, ...others }) => ({
    ...others,
    command: "herm diff",
    report: { title: "herm: differences", counts: "some", rows, warnings },
    started_at: new Date(0),
    tookMs: 0,
    redact: (given) => given,
    fileOf: (file) => file,
  }));

describe("a report with arbitrary texts", () => {
  it("is valid XML, with a case for each result", async () => {
    await fc.assert(
      fc.asyncProperty(final, async (given) => {
        const xml = readXml(await renderJunit(given));
        const { report, mistakes, error } = given;
        const known = (report?.rows.length ?? 0) + (report?.warnings?.length ?? 0) + mistakes.length;
        const whole = error !== undefined || known === 0 ? 1 : 0;
        expect(xmlElements(xml, "testcase")).toHaveLength(known + whole);
        expect(xml.attributes.tests).toBe(String(known + whole));
        expect(JSON.stringify(xml)).not.toContain("[[ATT");
      }),
      { numRuns: 30 },
    );
  });

  it("is short, inert Markdown with intact rows", async () => {
    await fc.assert(
      fc.asyncProperty(final, async (given) => {
        const markdown = await renderMarkdown(given);
        expect(markdown.length).toBeLessThan(65_000);
        const open: string[] = [];
        const outside = markdown.split("\n").filter((line) => {
          const fence = /^(`{3,})(diff)?$/.exec(line)?.[1];
          const [current] = open;
          if (fence !== undefined && current === undefined) open.push(fence);
          else if (fence !== undefined && fence === current) open.pop();
          else return current === undefined;
          return false;
        });
        expect(open).toEqual([]);
        const live = /@|`|\[x\]|<b>|[\0\u202e]| #1/;
        expect(outside.filter((line) => live.test(line))).toEqual([]);
        const widths = outside.filter((line) => line.startsWith("|")).map((line) => line.split("|").length);
        expect(widths.filter((width) => width !== 8 && width !== 4)).toEqual([]);
        expect(markdown.match(/^<details>/gm)?.length ?? 0).toBe(
          outside.filter((line) => line === "</details>").length,
        );
      }),
      { numRuns: 30 },
    );
  });
});
