import { saysNotThere } from "../api/answers.js";
import { AmbiguousError } from "../api/errors.js";
import { laterLooksMs, longestLookMs, lookAgain } from "../api/retry/look-again.js";
import type { Automation, AutomationFields } from "../api/types.js";
import { ChangeIgnoredError } from "../errors/errors.js";
import { type FieldName, isSameField, sentFields } from "./fields.js";
import type { ChangesContext } from "./sending.js";

/** Fields that the API documents in every answer. Instructions and thread come with GET, where they come at all. */
const documented: ReadonlySet<FieldName> = new Set(["name", "schedule", "enabled"]);

interface AnsweredChange {
  deployment_id: string;
  sent: Partial<AutomationFields>;
  answer: Automation;
  kind: "create" | "update";
}

/**
 * Accepts an answer that shows what was sent, compared by meaning; else reads until the automation shows it. Returns
 * the answer with what it lacked, or the automation as found. Throws ChangeIgnoredError where it doesn't show it,
 * AmbiguousError where it couldn't be read or Ctrl-C came first, and the API's NotFoundError where what was updated no
 * longer exists.
 */
export async function confirmChange(context: ChangesContext, change: AnsweredChange): Promise<Automation> {
  const { answer, sent } = change;
  const { lacking, differing } = compare(answer, sent);
  if (lacking.length + differing.length === 0) return answer;
  let last: Check = { missed: [] };
  // An answer that only lacks something is no sign of a delay: it is checked at once.
  const afterMs = differing.length === 0 ? [0, ...laterLooksMs] : laterLooksMs;
  for await (const interruption of lookAgain(context, { afterMs, signal: context.signal })) {
    last = await checkOnce(context, change);
    if ("stored" in last)
      return differing.length === 0 ? { ...answer, ...documentedOf(last.stored, lacking) } : last.stored;
    if (interruption !== undefined) last = { cause: interruption };
  }
  if (!("cause" in last)) throw ignored(change, last.missed);
  const { deployment_id, kind } = change;
  const { automation_id } = answer;
  throw new AmbiguousError({
    sent: { kind, deployment_id, automation_id, fields: sent },
    sentAt: context.now(),
    cause: last.cause,
  });
}

/** The automation that shows what was sent; the fields that it doesn't show, undefined where it isn't there; or why it can't be read. */
type Check = { stored: Automation } | { missed: FieldName[] | undefined } | { cause: unknown };

async function checkOnce(
  context: ChangesContext,
  { deployment_id, sent, answer, kind }: AnsweredChange,
): Promise<Check> {
  const client = await context.client();
  const options = { stopSignal: context.signal, maxWaitMs: longestLookMs };
  try {
    const stored = await client.automations.get(deployment_id, answer.automation_id, options);
    const { lacking, differing } = compare(stored, sent);
    const missed = [...lacking.filter((field) => documented.has(field)), ...differing];
    return missed.length === 0 ? { stored } : { missed };
  } catch (cause) {
    if (!saysNotThere(cause)) return { cause };
    if (kind === "update") throw cause;
    return { missed: undefined };
  }
}

/** A schedule in words may come back as cron: where nobody can tell, it counts as shown. */
function compare(
  shown: Automation,
  sent: Partial<AutomationFields>,
): Record<"lacking" | "differing", FieldName[]> {
  const fields = sentFields(sent);
  const isLacking = (field: FieldName) => shown[field] === undefined || shown[field] === null;
  return {
    lacking: fields.filter(isLacking),
    differing: fields.filter(
      (field) => !isLacking(field) && isSameField(field, sent[field], shown[field]) === false,
    ),
  };
}

function documentedOf(stored: Automation, fields: readonly FieldName[]): Partial<Automation> {
  return Object.fromEntries(
    fields.filter((field) => documented.has(field)).map((field) => [field, stored[field]]),
  );
}

function ignored(
  { deployment_id, answer: { automation_id }, sent, kind }: AnsweredChange,
  missed: FieldName[] | undefined,
): ChangeIgnoredError {
  const ref = `${deployment_id}/${automation_id}`;
  if (missed === undefined)
    return new ChangeIgnoredError(`the API answered, but ${automation_id} isn't there`);
  if (kind === "create") {
    return new ChangeIgnoredError(
      `the API answered, but ${automation_id} isn't what was sent: ${missed.join(", ")}`,
      {
        createdId: automation_id,
        hint: (herm) => `${herm("automations", "get", ref)} shows what was created`,
      },
    );
  }
  const isWhole = missed.length === sentFields(sent).length;
  return new ChangeIgnoredError(
    `the API answered, but didn't change it${isWhole ? "" : `: ${missed.join(", ")}`}`,
    { isPartial: !isWhole, hint: (herm) => `${herm("automations", "get", ref)} shows it now` },
  );
}
