import fc from "fast-check";
import type { WrittenAutomation } from "../../src/manifest/export/manifest-text.js";
import { plan } from "../../src/manifest/plan/plan.js";
import { desiredIn, readText } from "./desired-items.js";

/** Texts made of everything that could trip up YAML. */
export const hardText = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ..."\n \t\r:#-?*&!|>'\"%@`{}[],\\$~",
        "${",
        "$${",
        ": ",
        " #",
        "---",
        "\n---\n",
        "...",
        "\n\n",
        "true",
        "null",
        "0",
        "1e3",
        "\u0000",
        "\u0085",
        "\u2028",
        "\ufeff",
        "\ufffe",
        "\u200d",
        "\ud800",
        "\u{e0001}",
        "é",
        "漢字",
        "😀",
        "word",
      ),
      fc.string({ unit: "binary", maxLength: 3 }),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(""));

export const automation = (rest: Partial<WrittenAutomation>): WrittenAutomation => ({
  automation_id: "auto_1",
  name: "Weekly report",
  schedule: "0 9 * * 1",
  enabled: true,
  instructions: "Look.\n  Then think.\n",
  ...rest,
});

const text = hardText.filter((each) => each.trim() !== "");
const schedules = fc.constantFrom("0 9 * * 1", "*/15 * * * *", "every Monday at 9am", "@daily");
export const anyAutomations = fc
  .array(
    fc.record({
      name: fc.oneof(fc.constantFrom("A", "B"), text),
      schedule: schedules,
      enabled: fc.boolean(),
      instructions: text,
    }),
    { maxLength: 6 },
  )
  .map((all) => all.map((fields, index) => automation({ ...fields, automation_id: `auto_${index}` })));

/** The plan for applying the text to the automations; `resume`: with everything that an apply may ever do. */
export async function planOf(manifest: string, automations: readonly WrittenAutomation[]): Promise<string[]> {
  const { manifests, readSchedule } = await readText(manifest);
  const values = { "deployment.id": "dep_1", "deployment.name": "Acme", "deployment.customer_id": "cus_1" };
  const changes = plan(desiredIn(manifests, { values, readSchedule }), automations, {
    prune: true,
    resumePaused: true,
  });
  return changes.map(({ action, automation_id }) => `${action} ${automation_id}`);
}
