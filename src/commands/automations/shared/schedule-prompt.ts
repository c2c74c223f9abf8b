import type { Context } from "../../../context/context.js";
import { factSeparator, plainStyle } from "../../../output/style.js";
import { livePreview } from "../../schedule/preview-lines.js";

/**
 * Asks for a schedule: what was typed is previewed below the line, and refused in place in the flag's own words. `present`: the
 * default, taken even if it can't be read.
 */
export async function askForSchedule(
  context: Context,
  { present }: { present?: string } = {},
): Promise<string> {
  const [{ loadPreviewSchedule }, { firstForms }] = await Promise.all([
    import("../../../schedule/preview.js"),
    import("../../../schedule/known-forms.js"),
  ]);
  const previewNow = await loadPreviewSchedule();
  const read = (text: string) => previewNow({ text, now: context.now() });
  const style = { ...plainStyle, isInWords: context.io.inWords !== undefined };
  return context.prompts.input({
    message: "Schedule (UTC)",
    default: present,
    validate: (text) => {
      if (text === present) return true;
      const preview = read(text);
      return preview.ok || [preview.reason, preview.hint].filter(Boolean).join(factSeparator(style));
    },
    preview: (text) => {
      if (text.trim() === "") return `for example: ${firstForms.join(factSeparator(style))}`;
      // Plain: the prompt makes a preview safe as a whole.
      return livePreview(read(text), { style, columns: context.io.columns, now: context.now() });
    },
  });
}
