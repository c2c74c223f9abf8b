import { UsageError } from "../errors/cli-errors.js";

export const localProfile = "local";
/** The profile of a local server with example data. */
export const exampleProfile = "example";
export const defaultProfile = "default";

export const profileNamePattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$";

/** True for the profile of a local server, which has no URL or key of its own. */
export function isBuiltIn(name: string): boolean {
  return name === localProfile || name === exampleProfile;
}

export function flagsOfBuiltIn(name: string): { local: boolean; profile?: string } {
  return name === localProfile ? { local: true } : { local: false, profile: name };
}

/** `prod (--profile)`, `default`. */
export function describeProfile(target: { profile: string; profileSource: string }): string {
  const { profile, profileSource } = target;
  return profile === profileSource ? profile : `${profile} (${profileSource})`;
}

export function checkProfileName(text: string, source: string): string {
  if (new RegExp(profileNamePattern).test(text)) return text;
  throw new UsageError(`${source}: ${JSON.stringify(text)} isn't a valid profile name`, {
    hint: "up to 64 letters, digits, dots, hyphens and underscores, starting with a letter or digit",
  });
}

/** True if HERM_DEPLOYMENT applies, which it doesn't for the local server or a profile on the command line. */
export function heedsVariable({ name, source }: { name: string; source: string }): boolean {
  return name !== localProfile && source !== "--profile";
}
