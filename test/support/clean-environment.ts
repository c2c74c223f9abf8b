import fc from "fast-check";
import { seed } from "./seed.js";

/** Variables with the tested executable, and the cases. */
const kept = ["HERM_COMMAND", "HERM_FAULTS", "HERM_SEED", "HERM_TEST_MODE", "HERM_TEST_THIRD"];

/** The suite must not see the settings of the person who runs it: no key, no URL, no config folder. */
for (const name of Object.keys(process.env)) {
  if (!kept.includes(name) && /^(HERM_|PRISM_|XDG_|GITHUB_)/.test(name)) delete process.env[name];
}
for (const name of [
  "NO_COLOR",
  "FORCE_COLOR",
  "HTTPS_PROXY",
  "HTTP_PROXY",
  "NO_PROXY",
  "NODE_EXTRA_CA_CERTS",
  "TERM",
]) {
  delete process.env[name];
  delete process.env[name.toLowerCase()];
}

fc.configureGlobal({ seed: seed() });

/**
 * As in the command: without it, after code that asked or saved settings, a full disk would end the worker with all of
 * its tests.
 */
if (process.listenerCount("SIGXFSZ") === 0) process.on("SIGXFSZ", () => undefined);
