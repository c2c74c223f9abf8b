/** The suite must not see the settings of the person who runs it: no key, no URL, no config folder. */
for (const name of Object.keys(process.env)) {
  if (name !== "HERM_COMMAND" && /^(HERM_|PRISM_|XDG_|GITHUB_)/.test(name)) delete process.env[name];
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

/** As the command does: what asked or saved settings before would let a full disk end the worker with all its tests. */
if (process.listenerCount("SIGXFSZ") === 0) process.on("SIGXFSZ", () => undefined);
