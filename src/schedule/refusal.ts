/** A refusal: one sentence with the reason and the place, and the nearest valid forms. */
export interface ScheduleRefusal {
  ok: false;
  reason: string;
  hint?: string;
  isNever?: true;
}

export function createRefusal(reason: string, hint?: string): ScheduleRefusal {
  return { ok: false, reason, hint };
}

/** Thrown to stop reading at any depth. */
export class Refused extends Error {
  constructor(
    readonly refusal: ScheduleRefusal,
    /** True if it explains the whole mistake, and so is better than any known impossible form. */
    readonly isFinal = false,
    /** The unknown word, and names that it may mean. */
    readonly misfit?: { at: number; length: number; names: readonly string[] },
  ) {
    super(refusal.reason);
  }
}

export function orRefusal<T>(read: () => T): T | Refused {
  try {
    return read();
  } catch (error) {
    if (error instanceof Refused) return error;
    throw error;
  }
}

/** The start of a hint that contains no schedule to write. */
export const canSay = "a cron can express";

/** Quotes a part of the user's text, cut so that a reason fits on one line. */
export function quote(text: string): string {
  return `"${cutTo(text, 24)}"`;
}

export function cutTo(text: string, most: number): string {
  const characters = [...text];
  return characters.length > most ? `${characters.slice(0, most).join("")}…` : text;
}

/** `a, b and c`. */
export function enumerated(items: readonly string[], conjunction = "and"): string {
  if (items.length < 2) return items.join("");
  return `${items.slice(0, -1).join(", ")} ${conjunction} ${items.slice(-1).join("")}`;
}
