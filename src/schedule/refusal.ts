/** Why a schedule is refused: one sentence that says what and where, and the nearest forms that are valid. */
export interface ScheduleRefusal {
  ok: false;
  reason: string;
  hint?: string;
  /** It can be read, and is a date that no year has. */
  isNever?: true;
}

export function refuse(reason: string, hint?: string): ScheduleRefusal {
  return { ok: false, reason, hint };
}

/** How a hint begins that says what a cron can do instead, without another schedule to write. */
export const canSay = "a cron can say";

const quotedLength = 24;

/** A piece of the person's text inside a reason: in quotes, cut so that the reason stays one line. */
export function quote(text: string): string {
  const characters = [...text];
  const shown =
    characters.length > quotedLength ? `${characters.slice(0, quotedLength).join("")}…` : characters.join("");
  return `"${shown}"`;
}

/** `a, b and c`, or with another word before the last. */
export function enumerated(items: readonly string[], conjunction = "and"): string {
  if (items.length < 2) return items.join("");
  return `${items.slice(0, -1).join(", ")} ${conjunction} ${items.slice(-1).join("")}`;
}
