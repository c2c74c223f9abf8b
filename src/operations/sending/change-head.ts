import { hostname } from "node:os";
import { withoutUser } from "../../command-line/next-command.js";
import { quoteForShells } from "../../command-line/shell-quote.js";
import type { Context } from "../../context/context.js";
import { systemUser } from "../../files/machine.js";
import type { ChangeHead } from "../../history/change.js";
import type { ApiIdentity } from "../../history/incident-lines.js";

/** What the history stores about this command before its items, without any key. */
export function changeHead(
  context: Context,
  {
    id,
    at,
    api,
    ...options
  }: { id: string; at: Date; api: ApiIdentity } & Pick<ChangeHead, "undoes" | "record">,
): ChangeHead {
  return {
    id,
    at: at.toISOString(),
    by: currentUser(context),
    command: commandText(context),
    target: { ...api, profile: context.settings.target().profile },
    reason: context.reason,
    ...options,
  };
}

export function currentUser({ settings }: Pick<Context, "settings">): { user: string; host: string } {
  const user = systemUser() ?? settings.env("USER") ?? settings.env("USERNAME") ?? "unknown";
  return { user: settings.redact(user), host: settings.redact(hostname()) };
}

const mostOfWord = 120;
const mostInAll = 2_000;

/** This call's command for the history, without any key. It can be pasted, unless long texts were cut. */
function commandText({ words, settings }: Pick<Context, "words" | "settings">): string {
  const shown = words.map((word) => quoteForShells(cut(settings.redact(withoutUser(word)), mostOfWord)));
  return cut(["herm", ...shown].join(" "), mostInAll);
}

function cut(text: string, most: number): string {
  const characters = [...text];
  return characters.length <= most ? text : `${characters.slice(0, most - 1).join("")}…`;
}
