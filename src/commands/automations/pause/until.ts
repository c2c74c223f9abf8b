import { resolve } from "node:path";
import { commandLine, flagWords } from "../../../command-line/next-command.js";
import type { Context } from "../../../context.js";
import type { Ledger } from "../../../incident/ledger.js";
import { fold } from "../../../output/fold.js";
import type { Printer } from "../../../output/printer.js";
import { errWidth } from "../../../output/sink.js";
import { crontabLine } from "../../incidents/crontab.js";
import { standsUntil } from "../../incidents/until-words.js";
import type { PreparedPause } from "./prepared.js";

/** Says until when it stands, that nothing ends it by itself, and, where this call set the time, what does. */
export function tellUntil(
  context: Context,
  printer: Printer,
  { ledger, options }: { ledger: Ledger; options: PreparedPause["options"] },
): void {
  const { state, place } = ledger;
  if (state?.until === undefined) return;
  const at = new Date(state.until);
  const note = (text: string) => printer.note(fold(text, errWidth(context)));
  note(standsUntil(state.until, context.now()));
  if (options.until === undefined) return;
  const path = options.ledger && resolve(context.settings.places.cwd, options.ledger);
  const words = [
    "automations",
    "resume",
    "--due",
    ...(path === undefined ? [] : flagWords("--ledger", path)),
  ];
  const line = crontabLine(context, [...words, "--yes"], at);
  printer.note(`this brings it back, run then or later: ${commandLine(context, words)}`);
  if (line !== undefined) {
    note("as a line of this machine's crontab, to be taken out afterwards:");
    // In one piece, to be copied.
    printer.note(line);
  }
  const { keySource } = context.settings.target();
  if (line !== undefined && /_API_KEY$/.test(keySource))
    note(`${keySource} has to be set in the crontab too`);
  note(
    path === undefined
      ? "CI has to keep the ledger from one job to the next: give --ledger <file> to pause and to resume --due"
      : `CI has to keep ${place.path} from one job to the next`,
  );
}
