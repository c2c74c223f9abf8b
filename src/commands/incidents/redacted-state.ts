import { LedgerState } from "../../incident/ledger-state.js";
import { redactTexts } from "../../settings/redact.js";
import type { Settings } from "../../settings/settings.js";

/** A ledger's state for printing, without any key. */
export function redactedState(state: LedgerState, settings: Pick<Settings, "redact">): LedgerState {
  const { head, scopes } = state;
  return Object.assign(new LedgerState(head), state, redactTexts({ head, scopes }, settings));
}
