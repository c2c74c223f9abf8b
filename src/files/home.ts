import { readFileSync } from "node:fs";
import { homedir, userInfo } from "node:os";
import { isAbsolute } from "node:path";

/** Stands for the home of a user who has none: nothing is there, and nothing is made there (`makeFolders`). */
export const noHome = "/nonexistent";

/**
 * The user's home: HOME, or what the system has for the user where HOME is missing or isn't absolute, since what is
 * kept there must not depend on the working folder.
 */
export function homeFolder(): string {
  for (const read of [homedir, () => listedUser()?.homedir ?? "", () => userInfo().homedir]) {
    try {
      const home = read();
      if (isAbsolute(home)) return home;
    } catch {
      // Neither HOME nor an entry for the user.
    }
  }
  return noHome;
}

/** The user whose process this is, as the system knows them: $USER is anybody's to set, and often missing in a container. */
export function systemUser(): string | undefined {
  try {
    return (listedUser() ?? userInfo()).username || undefined;
  } catch {
    // The system has no entry for the user.
    return undefined;
  }
}

/**
 * The user's line in the list of users. Bun's `userInfo` takes all but the id from the environment; who is listed elsewhere
 * (a directory, macOS) is called there what $USER says.
 */
function listedUser(): { username: string; homedir: string } | undefined {
  const { uid } = userInfo();
  const lines = textOf("/etc/passwd").split("\n");
  const [username, , , , , homedir] =
    lines.map((line) => line.split(":")).find((fields) => fields[2] === String(uid)) ?? [];
  return username === undefined || homedir === undefined ? undefined : { username, homedir };
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
