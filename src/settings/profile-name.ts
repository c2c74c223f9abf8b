import { UsageError } from "../errors.js";

/** The profile of the local server. */
export const localProfile = "local";
/** That of a local server with a fleet to try. */
export const exampleProfile = "example";
/** The profile where nothing names one. */
export const defaultProfile = "default";

export const profileNamePattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$";

/** Whether a profile is that of a local server: built in, without settings or keys of its own. */
export function isBuiltIn(name: string): boolean {
  return name === localProfile || name === exampleProfile;
}

/** The global flags that choose a local server's profile. */
export function flagsOfBuiltIn(name: string): { local: boolean; profile?: string } {
  return name === localProfile ? { local: true } : { local: false, profile: name };
}

/** A profile, and what named it: `prod (--profile)`, `default`. */
export function describeProfile(target: { profile: string; profileSource: string }): string {
  const { profile, profileSource } = target;
  return profile === profileSource ? profile : `${profile} (${profileSource})`;
}

/** Throws UsageError unless the text can name a profile. `source` is what the error blames. */
export function checkProfileName(text: string, source: string): string {
  if (new RegExp(profileNamePattern).test(text)) return text;
  throw new UsageError(`${source}: ${JSON.stringify(text)} can't be a profile's name`, {
    hint: "up to 64 letters, digits, dots, hyphens and underscores, beginning with a letter or digit",
  });
}
