import { describe, expect, it } from "vitest";
import { planRows } from "../../src/commands/manifest/file-flags.js";
import { changeColumns } from "../../src/commands/manifest/view/change-rows.js";
import { resultFields } from "../../src/operations/change-flags.js";
import { resultColumns } from "../../src/operations/rows/result-rows.js";
import { deploymentFirst, pipedFields } from "../../src/output/columns.js";

describe("the fields in a pipe, as listed in help", () => {
  it("match the fields of result rows", () => {
    expect(resultFields).toBe(`${pipedFields(resultColumns)} ${deploymentFirst}`);
  });

  it("match the fields of plan rows", () => {
    expect(planRows.replaceAll("deployment id", "deployment_id")).toMatch(`${pipedFields(changeColumns())};`);
  });
});
