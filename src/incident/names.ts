import { UsageError } from "../errors.js";

/** Throws UsageError unless the text can name an incident (src/incident/README.md, "Names and ledgers"). */
export function checkIncidentName(text: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(text)) return text;
  throw new UsageError(`${JSON.stringify(text)} can't name an incident`, {
    hint: "up to 64 letters, digits, dots, dashes and underscores, the first a letter or digit: INC-42",
  });
}

/** Names are compared without case; this is what is compared. */
export function incidentKey(name: string): string {
  return name.toLowerCase();
}

/** A name from date and time, in UTC: `20251201-031502`; with a number behind it where that is taken. */
export function makeIncidentName(now: Date, isTaken: (name: string) => boolean): string {
  const [date = "", time = ""] = now.toISOString().split("T");
  return freeName(`${date.replaceAll("-", "")}-${time.slice(0, 8).replaceAll(":", "")}`, isTaken);
}

/** This name, with a number behind it where it is taken. */
export function freeName(base: string, isTaken: (name: string) => boolean): string {
  for (let count = 1; ; count += 1) {
    const name = count === 1 ? base : `${base.slice(0, 60)}-${count}`;
    if (!isTaken(name)) return name;
  }
}
