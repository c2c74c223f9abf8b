/** The machine's `TZ` as Node received it, if it is set; stored once at the start. */
export const machineZone: { setting?: string | undefined } = {};

/**
 * The zone of a `TZ` that isn't a name, as C programs read it: a file of the zone database
 * (`:/usr/share/zoneinfo/Europe/Rome`), or hours west of Greenwich (`UTC+3`). Undefined: left to Node.
 */
export function zoneNameOf(
  setting: string,
  realPath: (path: string) => string | undefined,
): string | undefined {
  const text = setting.replace(/^:/, "");
  if (text.startsWith("/"))
    return /\/zoneinfo\/(?:(?:posix|right)\/)?(.+)$/.exec(realPath(text) ?? text)?.[1];
  const [, sign, digits] = /^(?:[a-z]{3,}|<[a-z\d+-]{3,}>)([+-]?)(\d{1,2})(?::00)?$/i.exec(text) ?? [];
  if (digits === undefined) return undefined;
  const hoursWest = sign === "-" ? -Number(digits) : Number(digits);
  if (hoursWest === 0) return "UTC";
  if (hoursWest < -14 || hoursWest > 12) return undefined;
  return `Etc/GMT${hoursWest > 0 ? "+" : ""}${hoursWest}`;
}
