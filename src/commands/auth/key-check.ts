import type { HermClient } from "../../api/client.js";
import { HermError } from "../../api/errors.js";
import { CliError, exitCodes } from "../../errors/cli-errors.js";
import { exitCodeOf } from "../../errors/exit-code.js";
import { addressHint, explainError } from "../../invocation/report-error.js";
import { printFields } from "../../output/field-list.js";
import type { Printer } from "../../output/printer.js";
import { statusPrefix } from "../../output/status-words.js";
import type { Target } from "../../settings/settings.js";

export type KeyState = "valid" | "refused" | "unreachable" | "none";

export interface KeyReport {
  profile: string;
  origin: string;
  source: Target["keySource"];
  last4: string | null;
  state: KeyState;
}

/** Sends one harmless GET. Throws CliError if the response, such as a 404, doesn't prove that the key is valid. */
export async function checkKey(
  client: HermClient,
  signal: AbortSignal,
): Promise<{ state: KeyState; error?: HermError }> {
  try {
    await client.deployments.list({ limit: 1 }, { signal });
    return { state: "valid" };
  } catch (error) {
    if (!(error instanceof HermError)) throw error;
    const exitCode = exitCodeOf(error);
    if (exitCode === exitCodes.auth) return { state: "refused", error };
    if (exitCode === exitCodes.unreachable) return { state: "unreachable", error };
    throw notChecked(error);
  }
}

function notChecked(error: HermError): CliError {
  const { exitCode, code } = explainError(error);
  return new CliError(`the key couldn't be checked: ${error.message}`, exitCode, code, {
    hint: addressHint,
    cause: error,
  });
}

export function printKeyReport(printer: Printer, report: KeyReport): Promise<void> {
  const { profile, origin, source, last4, state } = report;
  return printFields(printer, {
    piped: [
      ["profile", profile],
      ["origin", origin],
      ["source", source],
      ["last4", last4],
      ["state", state],
    ],
    shown: [
      ["profile", profile],
      ["origin", origin],
      ["key", shownKey(report)],
      ["state", statusPrefix(state === "valid" ? "completed" : "error", printer.style) + state],
    ],
    json: report,
    name: profile,
  });
}

function shownKey({ source, last4 }: KeyReport): string {
  if (source === "none") return "none";
  const from =
    { profile: "of the profile", local: "of the local server" }[String(source)] ?? `from ${source}`;
  return last4 === null ? from : `…${last4} ${from}`;
}
